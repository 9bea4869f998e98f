//! What servers demand of a client assertion.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::client::{AssertionAudience, PrivateKeyJwt};
use grantwire::jose::{Algorithm, Signer};
use grantwire::{AuthorizationServer, BuildError, Client, Resend};
use serde_json::{Value, json};

use crate::given::*;

fn method() -> PrivateKeyJwt {
    PrivateKeyJwt::new(Signer::remote(Algorithm::Es256).key_id("k"))
}

/// Header and claims of the assertion that this method makes.
fn assertion(method: PrivateKeyJwt) -> (Value, Value) {
    let draft = own_token(&client().auth(method)).draft(now(), &mut entropy()).unwrap();
    let text = std::str::from_utf8(draft.unsigned().unwrap().input()).unwrap();
    let part = |index: usize| {
        let segment = text.split('.').nth(index).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segment).unwrap()).unwrap()
    };
    (part(0), part(1))
}

fn refused(client: &Client) -> BuildError {
    build(&own_token(client)).expect_err("nothing to send")
}

#[test]
fn fapi_thunderid_and_duende_want_the_issuer_alone_as_one_string() {
    let (_, claims) = assertion(method());
    assert_eq!(claims["aud"], ISSUER);
}

#[test]
fn wso2_takes_its_token_endpoint_only() {
    let (_, claims) = assertion(method().audience(AssertionAudience::TokenEndpoint));
    assert_eq!(claims["aud"], TOKEN);
    let (_, claims) = assertion(method().audience(AssertionAudience::RequestEndpoint));
    assert_eq!(claims["aud"], TOKEN);
    let (_, claims) = assertion(method().audience(AssertionAudience::Value("x".into())));
    assert_eq!(claims["aud"], "x");
}

#[test]
fn no_issuer_is_an_error_that_names_both_ways_out() {
    let server = AuthorizationServer::new().token_endpoint(TOKEN);
    let error = refused(&Client::new(server.clone(), CLIENT_ID).auth(method()));
    assert_eq!(error, BuildError::IssuerMissing);
    let text = error.to_string();
    assert!(text.contains("issuer") && text.contains("audience"), "{text}");
    let method = method().audience(AssertionAudience::TokenEndpoint);
    let draft =
        own_token(&Client::new(server, CLIENT_ID).auth(method)).draft(now(), &mut entropy());
    assert!(draft.is_ok());
}

#[test]
fn duende_prefers_a_type_and_others_know_only_jwt() {
    assert_eq!(assertion(method()).0["typ"], "client-authentication+jwt");
    assert_eq!(assertion(method().typ("JWT")).0["typ"], "JWT");
    assert_eq!(assertion(method().without_typ()).0, json!({"alg": "ES256", "kid": "k"}));
}

#[test]
fn entra_and_adfs_want_thumbprints_in_the_header() {
    let (header, _) =
        assertion(method().header("x5t", "t1").header("x5t#S256", "t2").header("x5c", vec!["c"]));
    assert_eq!(header["x5t"], "t1");
    assert_eq!(header["x5t#S256"], "t2");
    assert_eq!(header["x5c"], json!(["c"]));
    for name in ["alg", "kid", "typ", "crit", "b64"] {
        let managed = BuildError::ParameterManaged { parameter: name.into() };
        assert_eq!(refused(&client().auth(method().header(name, "x"))), managed);
    }
}

#[test]
fn apple_wants_a_key_id() {
    assert_eq!(assertion(method()).0["kid"], "k");
}

#[test]
fn apple_toolhive_and_pingone_limit_how_far_ahead_it_may_expire() {
    let (_, claims) = assertion(method());
    assert_eq!(claims["iat"], now().as_unix_seconds());
    assert_eq!(claims["exp"], now().as_unix_seconds() + 60, "a minute unless one says otherwise");
    let (_, claims) = assertion(method().lifetime(Duration::from_secs(300)));
    assert_eq!(claims["exp"], now().as_unix_seconds() + 300);
    let limited = |seconds| {
        let method = method().longest_lifetime(Duration::from_secs(300));
        client().auth(method.lifetime(Duration::from_secs(seconds)))
    };
    assert!(own_token(&limited(300)).draft(now(), &mut entropy()).is_ok());
    assert!(
        matches!(refused(&limited(301)), BuildError::Invalid { parameter, .. } if parameter == "exp")
    );
    assert!(
        matches!(refused(&limited(0)), BuildError::Invalid { parameter, .. } if parameter == "exp")
    );
}

#[test]
fn several_servers_track_jti_so_it_is_new_each_time_and_short() {
    let exchange = own_token(&client().auth(method()));
    let mut entropy = entropy();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..100 {
        let draft = exchange.draft(now(), &mut entropy).unwrap();
        let input = draft.unsigned().unwrap().input().to_vec();
        let payload = input.split(|byte| *byte == b'.').nth(1).unwrap().to_vec();
        let claims: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
        let jti = claims["jti"].as_str().unwrap().to_owned();
        assert!((22..=256).contains(&jti.len()), "128 bits at least, ToolHive's bound at most");
        assert!(seen.insert(jti));
    }
    let duties = exchange.draft(now(), &mut entropy).unwrap().duties();
    assert_eq!(duties.resend, Resend::OnlyIfNotSent, "the same assertion may not be sent twice");
}

#[test]
fn thunderid_refuses_an_iat_in_the_future() {
    let (_, claims) = assertion(method().backdate(Duration::from_secs(5)));
    assert_eq!(claims["iat"], now().as_unix_seconds() - 5);
    assert_eq!(claims["exp"], now().as_unix_seconds() + 60, "which does not shorten its life");
}

#[test]
fn claims_that_are_written_here_cannot_be_written_twice() {
    for name in ["iss", "sub", "aud", "jti", "iat", "exp"] {
        let repeated = BuildError::ParameterRepeated { parameter: name.into() };
        assert_eq!(refused(&client().auth(method().claim(name, "x"))), repeated);
    }
    let (_, claims) = assertion(method().claim("nbf", 7));
    assert_eq!(claims["nbf"], 7);
}
