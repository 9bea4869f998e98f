//! Client authentication, method by method, at the token endpoint.

use std::time::Duration;

use grantwire::client::{
    AssertionAudience, ClientAuthentication, ClientSecretBasic, ClientSecretJwt, ClientSecretPost,
    Credentials, PrivateKeyJwt,
};
use grantwire::grant::ClientCredentials;
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::reply::ErrorCode;
use grantwire::{BuildError, Client, Resend};

use crate::case::{Answer, Case, key};
use crate::clients;
use crate::expect;

fn ask(case: &Case, client: &Client) -> Answer {
    case.ask(&client.token(ClientCredentials::new()).scope("api:read"))
}

#[track_caller]
fn accepted(case: &Case, client: &Client) {
    expect::granted(ask(case, client), "api:read", 300);
}

fn secret(name: &str) -> String {
    clients::client(name).secret.expect("a secret")
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn basic_in_each_encoding() {
    let case = Case::start();
    // This server splits at the first colon, takes `+` for a space and decodes percent-encoding. The
    // secrets hold every character that one of the three could trip over.
    let hostile = case.named("hostile");
    let basic = || ClientSecretBasic::new(secret("hostile"));
    accepted(&case, &hostile.clone().auth(basic()));
    accepted(&case, &hostile.clone().auth(basic().form_encoded()));
    accepted(&case, &hostile.clone().auth(basic().with_body_client_id()));

    // Raw: a colon in the identifier cannot be sent at all, and a plain secret goes through as is.
    let raw = hostile.auth(basic().raw()).token(ClientCredentials::new());
    let error = case.entropy(|entropy| raw.request(Case::now(), entropy)).expect_err("no request");
    assert!(matches!(error, BuildError::Invalid { parameter, .. } if parameter == "client_id"));
    let plain = ClientSecretBasic::new(secret("basic")).raw();
    accepted(&case, &case.named("basic").auth(plain));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_raw_secret_that_the_server_decodes_is_refused_as_the_clients_fault() {
    let case = Case::start();
    // A client registered for post may use Basic at this server; its secret holds `%` and `+`.
    let basic = ClientSecretBasic::new(secret("post"));
    accepted(&case, &case.named("post").auth(basic.clone()));
    let answer = ask(&case, &case.named("post").auth(basic.raw()));
    expect::bad_request(answer, ErrorCode::InvalidRequest);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn post() {
    let case = Case::start();
    accepted(&case, &case.named("post").auth(ClientSecretPost::new(secret("post"))));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn client_secret_jwt_with_each_algorithm() {
    let case = Case::start();
    for (name, algorithm) in [
        ("secret-jwt-hs256", Algorithm::Hs256),
        ("secret-jwt-hs384", Algorithm::Hs384),
        ("secret-jwt-hs512", Algorithm::Hs512),
    ] {
        let method = ClientSecretJwt::new(algorithm, secret(name));
        accepted(&case, &case.named(name).auth(method.clone()));
        accepted(&case, &case.named(name).auth(method.with_client_id()));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn private_key_jwt_with_each_algorithm() {
    let case = Case::start();
    for name in [
        "key-es256",
        "key-es384",
        "key-es512",
        "key-rs256",
        "key-ps256",
        "key-eddsa",
        "key-ed25519",
    ] {
        let method = PrivateKeyJwt::new(key(name));
        accepted(&case, &case.named(name).auth(method.clone()));
        accepted(&case, &case.named(name).auth(method.with_client_id()));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn the_two_names_of_one_curve_are_two_algorithms() {
    let case = Case::start();
    for (name, other) in [("key-eddsa", Algorithm::Ed25519), ("key-ed25519", Algorithm::EdDsa)] {
        let jwk = clients::client(name).private_jwk.expect("a key");
        let key = LocalKey::from_jwk(other, &jwk).expect("the same curve");
        expect::unknown_client(ask(&case, &case.named(name).auth(PrivateKeyJwt::new(key))));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn every_request_has_an_assertion_of_its_own() {
    let case = Case::start();
    let request = case.client("key-es256").token(ClientCredentials::new()).scope("api:read");
    let draft = case.entropy(|entropy| request.draft(Case::now(), entropy)).expect("a draft");
    assert_eq!(draft.duties().resend, Resend::OnlyIfNotSent, "its jti is good once");
    for _ in 0..3 {
        expect::granted(case.ask(&request), "api:read", 300);
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn an_older_servers_assertion_is_there_by_name() {
    let case = Case::start();
    // One client is checked as strictly as the drafts ask, the other as RFC 7523 left it.
    let older: [fn(PrivateKeyJwt) -> PrivateKeyJwt; 5] = [
        |method| method.typ("JWT"),
        PrivateKeyJwt::without_typ,
        |method| method.audience(AssertionAudience::TokenEndpoint),
        |method| method.audience(AssertionAudience::RequestEndpoint),
        |method| method.lifetime(Duration::from_secs(3600)),
    ];
    for change in older {
        let method = |name| change(PrivateKeyJwt::new(key(name)));
        accepted(&case, &case.named("key-lenient").auth(method("key-lenient")));
        let strict = case.named("key-es256").auth(method("key-es256"));
        expect::unknown_client(ask(&case, &strict));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn one_request_may_authenticate_in_another_way() {
    let case = Case::start();
    let client = case.named("basic").auth(ClientSecretBasic::new("wrong"));
    let request = client.token(ClientCredentials::new()).scope("api:read");
    expect::unknown_client(case.ask(&request));
    let request = request.auth(ClientSecretPost::new(secret("basic")));
    expect::granted(case.ask(&request), "api:read", 300);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_method_of_the_callers_own() {
    /// `client_secret_post`, as somebody else would write it.
    struct Own(String);

    impl ClientAuthentication for Own {
        fn name(&self) -> &str {
            "own"
        }

        fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
            to.send_client_id()?;
            to.parameter("client_secret", self.0.as_str())
        }
    }

    let case = Case::start();
    accepted(&case, &case.named("post").auth(Own(secret("post"))));
}
