//! An error response in a callback has class and fault as everywhere, and so has everything else that is wrong
//! with one.

use grantwire::authorization::{Callback, CallbackError, CallbackErrorKind};
use grantwire::reply::{ErrorCode, FailureClass, Fault};
use grantwire::{AuthorizationServer, Client};

use crate::given::*;

use FailureClass::{Definitive, Transient};

fn refused(client: &Client, query: &str) -> CallbackError {
    pending(client).code(Callback::from_query(query)).expect_err("no code in it")
}

#[test]
fn error_responses() {
    for (code, class, fault) in [
        ("invalid_request", Definitive, Fault::Client),
        ("unauthorized_client", Definitive, Fault::Client),
        ("access_denied", Definitive, Fault::Credential),
        ("unsupported_response_type", Definitive, Fault::Client),
        ("invalid_scope", Definitive, Fault::Client),
        ("server_error", Transient, Fault::Server),
        ("temporarily_unavailable", Transient, Fault::Server),
        ("interaction_required", Definitive, Fault::Client),
        ("login_required", Definitive, Fault::Client),
        ("invalid_request_uri", Definitive, Fault::Client),
        ("a_code_of_its_own", Definitive, Fault::Unknown),
        ("Internal+Server+Error", Transient, Fault::Server),
    ] {
        let error = refused(&client(), &format!("error={code}&state=xyz"));
        assert_eq!((error.class(), error.fault()), (class, fault), "{code}");
    }
}

#[test]
fn everything_else_that_is_wrong() {
    let nameless = Client::new(
        AuthorizationServer::new().authorization_endpoint(AUTHORIZE).token_endpoint(TOKEN),
        CLIENT_ID,
    );
    let announced = Client::new(server().announces_iss(), CLIENT_ID);
    let long = format!("x={}", "a".repeat(65 * 1024));
    for (client, query, class, fault) in [
        (&client(), "code=a&state=other", Transient, Fault::Unknown),
        (&client(), long.as_str(), Transient, Fault::Unknown),
        (&announced, "code=a&state=xyz", Definitive, Fault::Server),
        (&client(), "code=a&state=xyz&iss=https://evil.example", Definitive, Fault::Unknown),
        (&nameless, "code=a&state=xyz&iss=https://as.example", Definitive, Fault::Client),
        (&client(), "code=a&code=b&state=xyz", Definitive, Fault::Unknown),
        (&client(), "state=xyz", Definitive, Fault::Server),
        (&client(), "code=a%0A&state=xyz", Definitive, Fault::Server),
    ] {
        let error = refused(client, query);
        assert_eq!((error.class(), error.fault()), (class, fault), "{:?}", error.kind());
    }
}

/// A server that always sends `iss`, but not with errors: the reason can be logged, and decides nothing.
#[test]
fn a_reason_without_iss_is_kept_as_untrusted() {
    let announced = Client::new(server().announces_iss(), CLIENT_ID);
    let error = refused(&announced, "error=access_denied&error_description=no&state=xyz");
    assert_eq!(*error.kind(), CallbackErrorKind::IssuerMissing);
    assert!(error.refusal().is_none());
    let said = error.untrusted_refusal().expect("what it said");
    assert_eq!(*said.code(), ErrorCode::AccessDenied);
    assert_eq!(said.description().expect("words").raw(), "no");
    assert_eq!(error.class(), Definitive);
    // Where the answer is another server's, or no answer to this authorization, nothing of it is told.
    for query in ["error=access_denied&state=xyz&iss=x", "error=access_denied&state=other"] {
        assert!(refused(&announced, query).untrusted_refusal().is_none(), "{query}");
    }
}
