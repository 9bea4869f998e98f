//! Where a token will be used, and for what exactly: resource indicators and authorization details.

use grantwire::AuthorizationDetails;
use grantwire::authorization::Callback;
use grantwire::grant::ClientCredentials;
use grantwire::reply::ErrorCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::browser;
use crate::case::Case;
use crate::expect;

const API: &str = "https://api.example/";

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_token_for_one_resource() {
    let case = Case::start_with(&json!({ "accessTokens": "jwt" }));
    let client = case.client("public");
    let request = case.authorization(&client, "openid api:read").resource(API);
    let started = case.begin(request);
    let callback = Callback::from_url(&browser::approve(&started.url));
    let code = started.pending.code(callback).expect("a code");
    let tokens = expect::granted(case.ask(&client.token(code).resource(API)), "api:read", 300);

    let claims = expect::claims(tokens.access_token().expose());
    assert_eq!(claims["aud"], API);
    assert_eq!(claims["scope"], "api:read");
    assert_eq!(claims["client_id"], client.id().as_str());
    // It opens that resource and no other.
    expect::dead_token(case.userinfo(tokens.access_token()));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_clients_own_token_for_one_resource() {
    let case = Case::start_with(&json!({ "accessTokens": "jwt" }));
    let client = case.client("key-es256");
    let request = client.token(ClientCredentials::new()).scope("api:read api:write").resource(API);
    let tokens = expect::granted(case.ask(&request), "api:read api:write", 300);
    assert_eq!(expect::claims(tokens.access_token().expose())["aud"], API);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_resource_the_server_does_not_know() {
    let case = Case::start();
    let request = case.client("basic").token(ClientCredentials::new());
    let answer = case.ask(&request.resource("https://unknown.example/"));
    expect::bad_request(answer, ErrorCode::InvalidTarget);

    let client = case.client("public");
    let started =
        case.begin(case.authorization(&client, "openid").resource("https://unknown.example/"));
    let callback = Callback::from_url(&browser::approve(&started.url));
    let error = started.pending.code(callback).expect_err("a no");
    assert_eq!(error.refusal().expect("a refusal").code(), &ErrorCode::InvalidTarget);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn authorization_details_as_a_parameter_of_the_callers_own() {
    let case = Case::start();
    let client = case.client("public");
    let asked = json!([{ "type": "payment", "actions": ["initiate"], "amount": "12.50" }]);
    let request = case
        .authorization(&client, "openid api:read")
        .resource(API)
        .parameter("authorization_details", asked.to_string());
    let started = case.begin(request);
    let callback = Callback::from_url(&browser::approve(&started.url));
    let code = started.pending.code(callback).expect("a code");
    let tokens = expect::granted(case.ask(&client.token(code).resource(API)), "api:read", 300);
    assert_eq!(tokens.extra::<Value>("authorization_details"), Some(asked));

    let malformed = json!([{ "type": "payment", "actions": "initiate" }]).to_string();
    let request = client.clone().authorization().redirect_uri(case.server.redirect_uri());
    let request = request.resource(API).parameter("authorization_details", malformed);
    let started = case.begin(request.scope("openid"));
    let callback = Callback::from_url(&browser::approve(&started.url));
    let error = started.pending.code(callback).expect_err("a no");
    let code = error.refusal().expect("a refusal").code();
    assert_eq!(code.as_str(), "invalid_authorization_details");
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn authorization_details_of_the_callers_own_type() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Payment {
        r#type: String,
        actions: Vec<String>,
        amount: String,
    }

    let case = Case::start();
    let client = case.client("public");
    let payment = |actions: &[&str]| Payment {
        r#type: "payment".into(),
        actions: actions.iter().map(|&action| action.to_owned()).collect(),
        amount: "12.50".into(),
    };
    let both = payment(&["initiate", "cancel"]);
    let asked = AuthorizationDetails::new(&[&both]).expect("details");
    let request = case.authorization(&client, "openid api:read").resource(API);
    let started = case.begin(request.authorization_details(asked));
    let callback = Callback::from_url(&browser::approve(&started.url));
    let code = started.pending.code(callback).expect("a code");
    // Less than was granted, for this one token.
    let fewer = payment(&["initiate"]);
    let request = client.token(code).resource(API);
    let request =
        request.authorization_details(AuthorizationDetails::new(&[&fewer]).expect("details"));
    let tokens = expect::granted(case.ask(&request), "api:read", 300);
    assert_eq!(tokens.authorization_details::<Payment>(), Some(vec![fewer]));
}
