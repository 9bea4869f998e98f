//! The server's word about itself, at each address it answers, and the words that are not believed.

use grantwire::grant::ClientCredentials;
use grantwire::jose::Algorithm;
use grantwire::metadata::{Announced, Metadata, MetadataRequest, WellKnown};
use grantwire::reply::{FailureClass, ReplyErrorKind, Unusable};
use grantwire::{Client, Endpoint, ReplyError};
use serde_json::{Value, json};

use crate::case::{Case, key};
use crate::clients;
use crate::expect;

const FORMS: [WellKnown; 3] = [WellKnown::OAuth, WellKnown::OpenId, WellKnown::OpenIdInserted];

fn ask(case: &Case, request: &MetadataRequest) -> Result<Metadata, ReplyError> {
    case.exchange(request)
}

fn metadata(case: &Case) -> Metadata {
    ask(case, &MetadataRequest::new(case.server.issuer(), WellKnown::OAuth)).expect("metadata")
}

#[track_caller]
fn unusable(answer: Result<Metadata, ReplyError>, why: Unusable) -> ReplyError {
    let error = answer.expect_err("not believed");
    assert_eq!(error.kind(), &ReplyErrorKind::Unusable(why));
    error
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn at_every_address() {
    let case = Case::start();
    for form in FORMS {
        let issuer = case.server.issuer();
        let metadata = ask(&case, &MetadataRequest::new(issuer, form)).expect("metadata");
        assert_eq!(metadata.issuer().as_str(), issuer);
        assert_eq!(metadata.deviations(), []);
        assert_eq!(metadata.unusable_endpoints(), []);
        // This server says nothing of how long it may be kept.
        assert_eq!(metadata.max_age(), None);
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn every_endpoint_is_where_the_server_has_it() {
    let case = Case::start();
    let metadata = metadata(&case);
    let document = case.server.get_json("/.well-known/oauth-authorization-server");
    let shown = format!("{:?}", metadata.server());
    let (announced, absent): (Vec<&Endpoint>, Vec<&Endpoint>) =
        Endpoint::ALL.iter().partition(|endpoint| document.get(endpoint.name()).is_some());
    for endpoint in announced {
        let url = document[endpoint.name()].as_str().expect("an address");
        assert!(url.starts_with(case.server.issuer()));
        assert!(shown.contains(endpoint.name()), "{} was not taken over", endpoint.name());
    }
    // There is one for attested clients only where an attester is believed.
    assert_eq!(absent, [&Endpoint::Challenge]);
    assert!(!shown.contains("challenge_endpoint"));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn what_is_supported_is_answered_by_name() {
    let case = Case::start();
    let metadata = metadata(&case);
    for method in ["none", "client_secret_basic", "client_secret_jwt", "private_key_jwt"] {
        assert_eq!(metadata.auth_method(method), Announced::Yes);
    }
    assert_eq!(metadata.auth_method("self_signed_tls_client_auth"), Announced::No);
    assert_eq!(metadata.grant_type("urn:openid:params:grant-type:ciba"), Announced::Yes);
    assert_eq!(metadata.grant_type("password"), Announced::No);
    assert_eq!(metadata.code_challenge_method("S256"), Announced::Yes);
    assert_eq!(metadata.code_challenge_method("plain"), Announced::No);
    assert_eq!(metadata.dpop_algorithm("ES256"), Announced::Yes);
    assert_eq!(metadata.dpop_algorithm("HS256"), Announced::No);
    assert!(!metadata.requires_pushed_requests());
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn members_it_does_not_know_are_there_for_the_asking() {
    let case = Case::start();
    let more = json!({ "vendor": { "of": ["anything", 1, null] } });
    let case_with = Case::start_with(&json!({ "discovery": more }));
    assert_eq!(metadata(&case).extra::<Value>("vendor"), None);
    let metadata = metadata(&case_with);
    assert_eq!(metadata.extra::<Value>("vendor").as_ref(), Some(&more["vendor"]));
    assert_eq!(metadata.extra::<u64>("vendor"), None, "of another type");
    let jwks: Option<String> = metadata.extra("jwks_uri");
    assert_eq!(jwks, Some(format!("{}/jwks", case_with.server.issuer())));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn another_issuers_is_not_believed_unless_the_two_are_known_to_be_one() {
    let case = Case::start();
    // The same server under another name: the document names the one it was configured with.
    let nickname = case.server.issuer().replace("127.0.0.1", "localhost");
    for form in FORMS {
        let request = MetadataRequest::new(nickname.as_str(), form);
        let error = unusable(ask(&case, &request), Unusable::IssuerMismatch);
        assert_eq!(error.class(), FailureClass::Indeterminate);
        assert_eq!(error.raw().status().as_u16(), 200);

        let accepted = request.accept_issuer(case.server.issuer());
        let metadata = ask(&case, &accepted).expect("one and the same");
        assert_eq!(metadata.issuer().as_str(), case.server.issuer());
    }
    // A slash at the end is another issuer, though it is asked at the same address.
    let slash = format!("{}/", case.server.issuer());
    let request = MetadataRequest::new(slash.as_str(), WellKnown::OAuth);
    unusable(ask(&case, &request), Unusable::IssuerMismatch);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn nothing_there() {
    let case = Case::start();
    // An issuer with a path that this server does not serve, at each address made from it.
    let tenant = format!("{}/tenant", case.server.issuer());
    for form in FORMS {
        let request = MetadataRequest::new(tenant.as_str(), form);
        let error = ask(&case, &request).expect_err("nothing");
        assert!(matches!(error.kind(), ReplyErrorKind::Unusable(_)), "{error:?}");
        assert_eq!(error.raw().status().as_u16(), 404);
        assert!(!error.credential_is_dead());
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn longer_than_the_limit() {
    let case = Case::start();
    let request = MetadataRequest::new(case.server.issuer(), WellKnown::OpenId).body_limit(512);
    let error = unusable(ask(&case, &request), Unusable::BodyTooLarge { limit: 512 });
    assert_eq!(error.raw().expose_body().len(), 512);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_client_made_from_it_alone_gets_a_code_and_tokens() {
    let case = Case::start();
    let row = clients::client("public");
    let client = Client::new(metadata(&case).server().clone(), row.id);
    let request = client.token(case.code(&client, "openid"));
    expect::granted(case.ask(&request), "openid", 300);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn what_is_chosen_from_it_is_taken() {
    let case = Case::start();
    let metadata = metadata(&case);
    let able = ["tls_client_auth", "private_key_jwt", "client_secret_basic"];
    assert_eq!(metadata.choose_auth_method(&able), Some("private_key_jwt"));
    assert_eq!(metadata.choose_auth_method(&["tls_client_auth"]), None);
    for (name, able) in [
        ("key-es512", [Algorithm::Es512, Algorithm::Rs256]),
        ("key-ed25519", [Algorithm::Ed25519, Algorithm::Es256]),
    ] {
        let chosen = metadata.choose_signing_algorithm(&able).expect("one of the two");
        assert_eq!(chosen, key(name).algorithm());
        let request = case.client(name).token(ClientCredentials::new()).scope("api:read");
        expect::granted(case.ask(&request), "api:read", 300);
    }
    // This server has no list of its own for its other doors, and takes the same there.
    let said = metadata.auth_method_at(Endpoint::Revocation, "private_key_jwt");
    assert_eq!(said, Announced::Unsaid);
    case.exchange(&case.client("key-es512").revoke("45ghiukldjahdnhzdauz")).expect("revoked");
}
