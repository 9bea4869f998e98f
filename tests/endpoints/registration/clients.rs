//! The client that is made of a registration authenticates as the server said.

use grantwire::client::{ClientSecretBasic, PrivateKeyJwt};
use grantwire::jose::{Algorithm, LocalKey, Signer};
use grantwire::{BuildError, Client};
use http::Request;
use serde_json::Value;

use super::*;

fn basic(client: &Client) -> Request<Vec<u8>> {
    built(&own_token(client))
}

/// The client authenticates as the server says, not as was asked.
#[test]
fn a_client_is_made_as_it_was_registered() {
    let by = |method: &str| {
        let body = format!(
            r#"{{"client_id":"c","client_secret":"0123456789abcdef0123456789abcdef","token_endpoint_auth_method":"{method}"}}"#
        );
        told_to(some().token_endpoint_auth_method("private_key_jwt"), &body)
    };
    let request = |method| basic(&by(method).client(&there()).expect(method));
    assert!(request("client_secret_basic").headers().contains_key("authorization"));
    let wanted = ["grant_type", "client_id", "client_secret"];
    assert_eq!(names_of(&request("client_secret_post")), wanted);
    let wanted = ["grant_type", "client_assertion", "client_assertion_type"];
    assert_eq!(names_of(&request("client_secret_jwt")), wanted);
    for method in ["none", "tls_client_auth", "self_signed_tls_client_auth"] {
        assert_eq!(names_of(&request(method)), ["grant_type", "client_id"]);
    }
    for method in ["private_key_jwt", "vendor_header"] {
        let error = by(method).client(&there()).expect_err("it takes more than the answer");
        assert!(
            matches!(&error, BuildError::Invalid { parameter, .. } if parameter == "token_endpoint_auth_method")
        );
        assert!(error.to_string().contains("client_with"), "{error}");
    }
    assert!(by("private_key_jwt").client(&there()).unwrap_err().to_string().contains("key"));
    for method in ["attest_jwt_client_auth", "attest_jwt_client_auth_dpop"] {
        let error = by(method).client(&there()).unwrap_err().to_string();
        assert!(error.contains("attestation") && error.contains("client_with"), "{error}");
    }
}

#[test]
fn the_servers_algorithm_is_used() {
    let by = |algorithm: &str| {
        let body = format!(
            r#"{{"client_id":"c","client_secret":"{}","token_endpoint_auth_method":"client_secret_jwt","token_endpoint_auth_signing_alg":"{algorithm}"}}"#,
            "s".repeat(64)
        );
        told(&body).client(&there())
    };
    for algorithm in ["HS256", "HS384", "HS512"] {
        let sent = pairs_of(&basic(&by(algorithm).unwrap()));
        let header = sent[1].1.split('.').next().unwrap();
        let header: Value = serde_json::from_slice(&decoded(header)).unwrap();
        assert_eq!(header["alg"], algorithm);
    }
    assert!(matches!(by("RS256"), Err(BuildError::Invalid { .. })));
}

fn decoded(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

#[test]
fn a_key_is_the_callers_and_the_method_the_servers() {
    let key = || PrivateKeyJwt::new(LocalKey::generate(Algorithm::Es256).unwrap());
    let body = r#"{"client_id":"c","token_endpoint_auth_method":"private_key_jwt"}"#;
    let client = told(body).client_with(&there(), key()).unwrap();
    assert_eq!(client.id().as_str(), "c");
    let wanted = ["grant_type", "client_assertion", "client_assertion_type"];
    assert_eq!(names_of(&basic(&client)), wanted);
    let remote = PrivateKeyJwt::new(Signer::remote(Algorithm::Ps256));
    assert!(told(body).client_with(&there(), remote).is_ok());
    for (body, method) in [
        (ANSWER, "client_secret_basic"),
        (r#"{"client_id":"c","token_endpoint_auth_method":"none"}"#, "none"),
    ] {
        let registered = told(body);
        assert_eq!(registered.token_endpoint_auth_method(), method);
        assert!(matches!(registered.client_with(&there(), key()), Err(BuildError::Invalid { .. })));
    }
    let registered = told(ANSWER);
    assert!(registered.client_with(&there(), ClientSecretBasic::new("other")).is_ok());
}
