//! The words of the errors that a request, its reply and a callback end in.

use std::error::Error as _;

use grantwire::authorization::Callback;
use grantwire::{
    AuthorizationServer, BuildError, Client, DEFAULT_BODY_LIMIT, EndpointError, Error, Quirks,
};

use crate::given::*;
use crate::{says, well_formed};

#[test]
fn build_error() {
    for (error, text) in [
        (
            BuildError::Character { parameter: "code".into() },
            "`code` holds a character outside its grammar",
        ),
        (BuildError::Empty { parameter: "code".into() }, "`code` is empty"),
        (
            BuildError::EndpointMissing { endpoint: "token_endpoint" },
            "the server has no `token_endpoint` configured",
        ),
        (
            BuildError::Endpoint { endpoint: "token_endpoint", error: EndpointError::Fragment },
            "`token_endpoint` cannot be used",
        ),
        (
            BuildError::HeaderManaged { header: "accept" },
            "the header `accept` is written by this crate and cannot be set as an extra",
        ),
        (
            BuildError::HeaderMalformed { header: "x-a".into() },
            "the header `x-a` has a name or value that cannot be sent",
        ),
        (
            BuildError::Invalid { parameter: "exp".into(), rule: "is too long" },
            "`exp`: is too long",
        ),
        (
            BuildError::IssuerMissing,
            "the assertion's audience is unknown: set the server's issuer, or choose another audience by name",
        ),
        (
            BuildError::NeedsSignature,
            "the signing key is elsewhere: use the draft, sign its input, and finish it",
        ),
        (
            BuildError::ParameterManaged { parameter: "scope".into() },
            "the parameter `scope` is written by this crate and cannot be set as an extra",
        ),
        (BuildError::ParameterRepeated { parameter: "x".into() }, "the parameter `x` occurs twice"),
        (BuildError::Scope, "the scope holds a token outside its grammar"),
        (BuildError::Signing, "the local key could not sign"),
        (BuildError::TokenType, "the token is of a type that cannot be presented this way"),
        (
            BuildError::TwoAuthenticationMethods,
            "two client authentication methods met in one request",
        ),
    ] {
        says(&error, text);
        says(&Error::from(error), text);
    }
    // A caller's own name is shown short and printable.
    let long = BuildError::Empty { parameter: "n\r\n".repeat(1000).into() };
    well_formed(&long.to_string());
}

#[test]
fn endpoint_error() {
    for (error, text) in [
        (EndpointError::Character, "it holds white space, a control character or non-ASCII text"),
        (EndpointError::Fragment, "it has a fragment"),
        (EndpointError::Insecure, "it is neither https nor http on a loopback host"),
        (EndpointError::Loopback, "it is plain http on this machine, and the issuer is not"),
        (EndpointError::Malformed, "it is not an absolute URL with a host"),
        (EndpointError::UserInformation, "it has a user name before the host"),
    ] {
        says(&error, text);
        let build = BuildError::Endpoint { endpoint: "token_endpoint", error };
        assert_eq!(build.source().map(ToString::to_string).as_deref(), Some(text));
    }
}

#[test]
fn reply_error() {
    let exchange = code_exchange(&lenient(Quirks::new().token_at("/t")));
    let plain = code_exchange(&client());
    let token = r#"{"access_token":"at","token_type":"Bearer"}"#;
    let deep = format!("{{\"a\":{}}}", "[".repeat(100));
    let large = " ".repeat(DEFAULT_BODY_LIMIT + 1);
    let of = |status, body: &str| plain.read(&json(status, body)).unwrap_err();
    for (error, text) in [
        (
            of(400, r#"{"error":"invalid_grant"}"#),
            "the server refused with invalid_grant: the code, refresh token or assertion is spent, expired, revoked or not this client's (status 400)",
        ),
        (
            of(401, r#"{"error":"invalid_client"}"#),
            "the server refused with invalid_client: check the client identifier, its secret or key, and the authentication method (status 401)",
        ),
        (
            of(400, r#"{"error":"no such code!"}"#),
            "the server refused with an unregistered error: the description and the raw reply may say why (status 400)",
        ),
        (
            of(404, "{}"),
            "the server refused with an error in a shape of the server's own: the raw reply may say why (status 404)",
        ),
        (
            of(302, ""),
            "the endpoint answered with a redirect, which is not followed; correct its address (status 302)",
        ),
        (
            of(502, ""),
            "the server failed and nobody knows what it had done by then; do not send the request again unasked (status 502)",
        ),
        (of(503, ""), "the server is unavailable or busy; try later (status 503)"),
        (
            own_token(&client()).read(&json(502, "")).unwrap_err(),
            "the server is unavailable or busy; try later (status 502)",
        ),
        (
            of(200, r#"{"access_token":"at","error":"x"}"#),
            "the reply cannot be used: it holds both a success and an error (status 200)",
        ),
        (
            of(200, &large),
            "the reply cannot be used: the body is longer than 65536 bytes (status 200)",
        ),
        (
            plain.read(&answer(200, &[("content-type", "text/plain")], token)).unwrap_err(),
            "the reply cannot be used: the body is not announced as JSON (status 200)",
        ),
        (
            of(200, r#"{"scope":"a","scope":"b"}"#),
            "the reply cannot be used: the member `scope` occurs twice (status 200)",
        ),
        (of(200, ""), "the reply cannot be used: there is no body (status 200)"),
        (
            exchange.read(&json(200, token)).unwrap_err(),
            "the reply cannot be used: the envelope with the token is not there (status 200)",
        ),
        (
            of(200, r#"{"access_token":7}"#),
            "the reply cannot be used: the member `access_token` is malformed (status 200)",
        ),
        (
            of(200, "{}"),
            "the reply cannot be used: the member `access_token` is missing (status 200)",
        ),
        (of(200, "[]"), "the reply cannot be used: the body is not a JSON object (status 200)"),
        (
            of(200, "<html>"),
            "the reply cannot be used: the body is not JSON (line 1, column 1) (status 200)",
        ),
        (of(200, &deep), "the reply cannot be used: the body is nested too deep (status 200)"),
        (of(200, "{"), "the reply cannot be used: the body ends too soon (status 200)"),
    ] {
        says(&error, text);
    }
}

#[test]
fn every_registered_code_has_a_hint() {
    for code in [
        "access_denied",
        "authorization_pending",
        "expired_token",
        "invalid_client",
        "invalid_dpop_proof",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "invalid_target",
        "invalid_token",
        "insufficient_scope",
        "server_error",
        "internal_failure",
        "slow_down",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
        "unsupported_response_type",
        "unsupported_token_type",
        "use_dpop_nonce",
    ] {
        let error = failure(&json(400, format!(r#"{{"error":"{code}"}}"#)));
        let text = error.to_string();
        well_formed(&text);
        let start = format!("the server refused with {code}: ");
        assert!(text.starts_with(&start) && text.len() > start.len() + 20, "{text}");
        assert!(!text.contains("may say why"), "{text}: a registered code has its own advice");
    }
}

#[test]
fn callback_error() {
    let server = AuthorizationServer::new().authorization_endpoint(AUTHORIZE);
    let unknown = Client::new(server.clone(), CLIENT_ID);
    let announced = Client::new(server.issuer(ISSUER).announces_iss(), CLIENT_ID);
    let long = "a".repeat(65 * 1024);
    for (client, query, text) in [
        (
            &unknown,
            "code=a",
            "the callback's state does not match; it is not the answer to this authorization",
        ),
        (&unknown, long.as_str(), "the callback is longer than 64 KiB"),
        (&announced, "code=a&state=xyz", "the callback has no iss, which this server always sends"),
        (
            &announced,
            "code=a&state=xyz&iss=x",
            "the callback comes from another server; its code must not be used",
        ),
        (
            &unknown,
            "code=a&state=xyz&iss=x",
            "the callback carries iss and the server's issuer is not configured; set AuthorizationServer::issuer",
        ),
        (&unknown, "code=a&code=a&state=xyz", "the callback carries `code` twice"),
        (
            &unknown,
            "error=access_denied&state=xyz",
            "the server refused with access_denied: the user or the server said no",
        ),
        (&unknown, "state=xyz", "the callback carries neither a code nor an error"),
        (&unknown, "code=a%0A&state=xyz", "the callback's code is malformed"),
    ] {
        let error = pending(client).code(Callback::from_query(query)).unwrap_err();
        says(&error, text);
        says(&Error::from(error), text);
    }
}
