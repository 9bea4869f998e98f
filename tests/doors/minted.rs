//! `jwt-bearer` with an assertion made here (RFC 7523 sections 2.1 and 3), and callers without a client
//! identifier (RFC 7521 section 4.1).

use std::time::Duration;

use grantwire::client::AssertionAudience;
use grantwire::client::{BearerToken, ClientSecretPost, PrivateKeyJwt, Unidentified};
use grantwire::grant::{Grant, JwtAssertion};
use grantwire::jose::{Algorithm, LocalKey, Signer};
use grantwire::reply::FailureClass;
use grantwire::{AuthorizationServer, BuildError, Client, CredentialUse, Resend};
use http::Request;
use serde_json::{Value, json};

use crate::given::*;
use crate::{asked, house};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn remote() -> Signer {
    Signer::remote(Algorithm::Rs256).key_id("370ab79b")
}

fn local() -> LocalKey {
    LocalKey::generate(Algorithm::Es256).unwrap()
}

fn claims_of(request: &Request<Vec<u8>>) -> Value {
    let sent = pairs_of(request);
    let (_, assertion) = sent.iter().find(|(name, _)| name == "assertion").expect("an assertion");
    let payload = assertion.split('.').nth(1).expect("a payload");
    let bytes = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, payload).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// RFC 7523 section 4, and its successor's example: the members and their values.
#[test]
fn the_claims_of_the_rfc() {
    let server = AuthorizationServer::new()
        .issuer("https://authz.example.net")
        .token_endpoint("https://authz.example.net/token.oauth2");
    let grant = JwtAssertion::new("https://jwt-idp.example.com", local())
        .subject("mailto:mike@example.com")
        .lifetime(Duration::from_secs(3600))
        .claim("http://claims.example.com/member", true);
    let request = built(&Client::unidentified(server).token(grant));
    assert_eq!(names_of(&request), ["grant_type", "assertion"]);
    assert_eq!(pairs_of(&request)[0], ("grant_type".into(), GRANT.into()));
    let mut claims = claims_of(&request);
    let jti = claims.as_object_mut().unwrap().remove("jti").expect("a jti");
    assert_eq!(jti.as_str().unwrap().len(), 43);
    let expected = json!({
        "iss": "https://jwt-idp.example.com",
        "sub": "mailto:mike@example.com",
        "aud": "https://authz.example.net",
        "iat": 1_800_000_000,
        "exp": 1_800_003_600,
        "http://claims.example.com/member": true,
    });
    assert_eq!(claims, expected);
}

/// As Google documents its service accounts: the token endpoint as the audience, the scope as a claim, no
/// client and no `jti`.
#[test]
fn as_google_wants_it() {
    let server = AuthorizationServer::new().token_endpoint("https://oauth2.googleapis.com/token");
    let scope = "https://www.googleapis.com/auth/devstorage.read_only";
    let grant = JwtAssertion::new("svc@project.iam.gserviceaccount.com", remote())
        .audience(AssertionAudience::TokenEndpoint)
        .lifetime(Duration::from_secs(3600))
        .without_jti()
        .claim("scope", scope);
    let exchange = Client::unidentified(server).token(grant);
    let mut draft = exchange.draft(now(), &mut entropy()).unwrap();
    let unsigned = draft.unsigned().unwrap().clone();
    assert_eq!((unsigned.algorithm(), unsigned.key_id()), (Algorithm::Rs256, Some("370ab79b")));
    let text = std::str::from_utf8(unsigned.input()).unwrap();
    let header = base64::Engine::decode(
        &base64::prelude::BASE64_URL_SAFE_NO_PAD,
        text.split('.').next().unwrap(),
    );
    assert_eq!(header.unwrap(), br#"{"typ":"JWT","alg":"RS256","kid":"370ab79b"}"#);
    draft.sign(&unsigned.signed([1; 256])).unwrap();
    let request = draft.finish().unwrap();
    assert_eq!(names_of(&request), ["grant_type", "assertion"]);
    let expected = json!({
        "iss": "svc@project.iam.gserviceaccount.com",
        "scope": scope,
        "aud": "https://oauth2.googleapis.com/token",
        "exp": 1_800_003_600,
        "iat": 1_800_000_000,
    });
    assert_eq!(claims_of(&request), expected);
}

/// With the key elsewhere the parameter stands where it stands with the key here, whatever is around it.
#[test]
fn the_order_does_not_depend_on_where_the_key_is() {
    let ask =
        |grant: JwtAssertion, client: Client| client.token(grant).scope("a").resource("urn:r");
    for post in [false, true] {
        let client = || match post {
            true => client().auth(ClientSecretPost::new("s")),
            false => Client::unidentified(server()),
        };
        let here = built(&ask(JwtAssertion::new("i", local()), client()));
        let exchange = ask(JwtAssertion::new("i", remote()), client());
        let mut draft = exchange.draft(now(), &mut entropy()).unwrap();
        draft.sign(&draft.unsigned().unwrap().signed([1; 256])).unwrap();
        let elsewhere = draft.finish().unwrap();
        assert_eq!(names_of(&here), names_of(&elsewhere));
        assert_eq!(names_of(&here)[..4], ["grant_type", "assertion", "scope", "resource"]);
    }
}

/// Two signatures in one request: the grant's and the client's.
#[test]
fn beside_a_client_assertion() {
    let method = PrivateKeyJwt::new(Signer::remote(Algorithm::Es256).key_id("client"));
    let exchange = client().auth(method).token(JwtAssertion::new("i", remote())).scope("a");
    let mut draft = exchange.draft(now(), &mut entropy()).unwrap();
    for (key, length) in [("370ab79b", 256), ("client", 64)] {
        let unsigned = draft.unsigned().unwrap().clone();
        assert_eq!(unsigned.key_id(), Some(key));
        draft.sign(&unsigned.signed(vec![1; length])).unwrap();
    }
    let request = draft.finish().unwrap();
    let expected =
        ["grant_type", "assertion", "scope", "client_assertion", "client_assertion_type"];
    assert_eq!(names_of(&request), expected);
}

/// Each request has an assertion of its own, so asking again is harmless, and the same bytes are not sent
/// twice.
#[test]
fn each_request_has_its_own() {
    let grant = Grant::from(JwtAssertion::new("i", local()));
    assert_eq!(grant.credential_use(), CredentialUse::Repeated);
    let exchange = client().token(grant);
    let mut entropy = entropy();
    let mut jti = || claims_of(&exchange.request(now(), &mut entropy).unwrap())["jti"].clone();
    assert_ne!(jti(), jti());
    let draft = exchange.draft(now(), &mut entropy).unwrap();
    assert_eq!(draft.duties().resend, Resend::OnlyIfNotSent);
    let lost = exchange.read(&answer(504, &[], "")).unwrap_err();
    assert_eq!(lost.class(), FailureClass::Transient);
}

#[test]
fn what_cannot_be_made_is_said() {
    let why = |grant: JwtAssertion| build(&client().token(grant)).unwrap_err();
    let empty = BuildError::Empty { parameter: "iss".into() };
    assert_eq!(why(JwtAssertion::new("", local())), empty);
    assert_eq!(why(JwtAssertion::new("i", remote())), BuildError::NeedsSignature);
    let twice = BuildError::ParameterRepeated { parameter: "sub".into() };
    assert_eq!(why(JwtAssertion::new("i", local()).subject("s").claim("sub", "t")), twice);
    for lifetime in [Duration::ZERO, Duration::from_millis(999)] {
        let short = JwtAssertion::new("i", local()).lifetime(lifetime);
        assert!(matches!(why(short), BuildError::Invalid { .. }));
    }
    let long = JwtAssertion::new("i", local())
        .lifetime(Duration::from_secs(7200))
        .longest_lifetime(Duration::from_secs(3600));
    assert!(matches!(why(long), BuildError::Invalid { .. }));
    let nameless = AuthorizationServer::new().token_endpoint(TOKEN);
    let exchange = Client::unidentified(nameless).token(JwtAssertion::new("i", local()));
    assert_eq!(build(&exchange).unwrap_err(), BuildError::IssuerMissing);
}

/// A method that says who the client is does not go without its name.
#[test]
fn only_who_is_not_named_needs_no_name() {
    let nobody = || Client::unidentified(house());
    assert_eq!(names_of(&built(&own_token(&nobody()))), ["grant_type"]);
    let named = nobody().auth(ClientSecretPost::new("s"));
    let empty = BuildError::Empty { parameter: "client_id".into() };
    assert_eq!(build(&own_token(&named)).unwrap_err(), empty);
    let unidentified = client().auth(Unidentified::new());
    assert_eq!(names_of(&built(&own_token(&unidentified))), ["grant_type"]);
}

/// RFC 7662 section 2.1, the second example: the resource is known by a token of its own.
#[test]
fn a_bearer_token_at_the_introspection_endpoint() {
    let resource = Client::unidentified(house()).auth(BearerToken::new("23410913-abewfq.123483"));
    let request = asked(&resource.introspect("2YotnFZFEjr1zCsicMWpAA"));
    assert_eq!(request.headers()["authorization"], "Bearer 23410913-abewfq.123483");
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(request.headers()["accept"], "application/json");
    assert_eq!(body_of(&request), "token=2YotnFZFEjr1zCsicMWpAA");
    for (token, why) in [
        ("", BuildError::Empty { parameter: "bearer token".into() }),
        ("a b", BuildError::Character { parameter: "bearer token".into() }),
        ("a\r\nb", BuildError::Character { parameter: "bearer token".into() }),
    ] {
        let resource = Client::unidentified(house()).auth(BearerToken::new(token));
        assert_eq!(crate::refused(&resource.introspect("t")), why);
    }
}
