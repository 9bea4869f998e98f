//! The words of the errors that a request, its reply and a callback end in.

use grantwire::authorization::Callback;
use grantwire::flow::{DriveError, FlowError};
use grantwire::metadata::{MetadataRequest, WellKnown};
use grantwire::reply::{FailureClass, ReplyErrorKind, Unusable};
use grantwire::{
    AccessToken, AuthorizationServer, BuildError, Client, DEFAULT_BODY_LIMIT, EndpointError, Error,
    Quirks, TokenType,
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
            "`token_endpoint` cannot be used: it has a fragment",
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
        (
            EndpointError::Loopback,
            "it is plain http on this machine, and the server that names it is elsewhere",
        ),
        (EndpointError::Malformed, "it is not an absolute URL with a host"),
        (EndpointError::UserInformation, "it has a user name before the host"),
    ] {
        says(&error, text);
        let build = BuildError::Endpoint { endpoint: "token_endpoint", error };
        says(&build, &format!("`token_endpoint` cannot be used: {text}"));
    }
}

#[test]
fn reply_error() {
    let exchange = code_exchange(&lenient(Quirks::new().token_at("/t")));
    let plain = code_exchange(&client());
    let token = r#"{"access_token":"at","token_type":"Bearer"}"#;
    let large = " ".repeat(DEFAULT_BODY_LIMIT + 1);
    let of = |status, body: &str| plain.read(&json(status, body)).unwrap_err();
    for (error, text) in [
        (
            of(400, r#"{"error":"invalid_grant"}"#),
            "the server refused with invalid_grant: the code, refresh token or assertion is spent, expired, revoked or not this client's (status 400)",
        ),
        (
            of(401, r#"{"error":"invalid_client"}"#),
            "the server refused with invalid_client: check the client identifier, its secret or key, the authentication method, and its encoding or audience (status 401)",
        ),
        (
            of(400, r#"{"error":"no such code!"}"#),
            "the server refused with an unregistered error: the description and the raw reply may say why (status 400)",
        ),
        (
            of(404, "{}"),
            "the request was turned away with an error in a shape of the server's own; keep the credential, try later, and check the endpoint's address (status 404)",
        ),
        (
            of(404, r#"{"status":404,"error":"Not Found"}"#),
            "the request was turned away with an unregistered error; keep the credential, try later, and check the endpoint's address (status 404)",
        ),
        (
            of(405, ""),
            "the failure cannot be read: there is no body; keep the credential, try later, and check the endpoint's address (status 405)",
        ),
        (
            of(403, ""),
            "the failure cannot be read: there is no body, which `Quirks::wordless_refusals` reads; keep the credential, try later, and check how the client authenticates, or what stands between (status 403)",
        ),
        (
            of(400, ""),
            "the failure cannot be read: there is no body, which `Quirks::wordless_refusals` reads (status 400)",
        ),
        (
            of(302, ""),
            "the endpoint answered with a redirect, which is not followed; correct its address, and do not send the request again unasked, since what came of it is not known (status 302)",
        ),
        (
            of(307, ""),
            "the endpoint answered with a redirect, which is not followed; correct its address (status 307)",
        ),
        (
            of(502, ""),
            "the server failed and nobody knows what it had done by then; do not send the request again unasked (status 502)",
        ),
        (
            of(503, ""),
            "the server failed and nobody knows what it had done by then; do not send the request again unasked (status 503)",
        ),
        (
            own_token(&client()).read(&json(503, "")).unwrap_err(),
            "the server is unavailable or busy; try later (status 503)",
        ),
        (
            of(500, r#"{"error":"invalid_grant"}"#),
            "the server is busy or failed, and said invalid_grant; try later (status 500)",
        ),
        (
            of(400, r#"{"error":"server_error"}"#),
            "the server refused with server_error: it failed, and what it had done by then is not known, so do not send the request again unasked (status 400)",
        ),
        (
            own_token(&client()).read(&json(502, "")).unwrap_err(),
            "the server is unavailable or busy; try later (status 502)",
        ),
        (
            of(200, r#"{"access_token":"at","error":"x"}"#),
            "the reply cannot be used: it holds both a success and an error; the server may have acted all the same: see the raw reply (status 200)",
        ),
        (
            of(200, &large),
            "the reply cannot be used: the body is longer than 65536 bytes; the server may have acted all the same: see the raw reply (status 200)",
        ),
        (
            plain.read(&answer(200, &[("content-type", "text/plain")], token)).unwrap_err(),
            "the reply cannot be used: the body is not announced as JSON, which `Quirks::ignore_content_type` tolerates; the server may have acted all the same: see the raw reply (status 200)",
        ),
        (
            of(200, r#"{"scope":"a","scope":"b"}"#),
            "the reply cannot be used: the member `scope` occurs twice; the server may have acted all the same: see the raw reply (status 200)",
        ),
        (
            of(200, ""),
            "the reply cannot be used: there is no body; the server may have acted all the same: see the raw reply (status 200)",
        ),
        (
            exchange.read(&json(200, token)).unwrap_err(),
            "the reply cannot be used: the envelope that `Quirks::token_at` names is not there; the server may have acted all the same: see the raw reply (status 200)",
        ),
        (
            of(200, r#"{"access_token":7}"#),
            "the reply cannot be used: the member `access_token` is malformed; the server may have acted all the same: see the raw reply (status 200)",
        ),
        (
            of(200, "{}"),
            "the reply cannot be used: the member `access_token` is missing; the server may have acted all the same: see the raw reply (status 200)",
        ),
        (
            of(200, "[]"),
            "the reply cannot be used: the body is not a JSON object; the server may have acted all the same: see the raw reply (status 200)",
        ),
        (
            of(200, "<html>"),
            "the reply cannot be used: the body is not JSON (line 1, column 1); the server may have acted all the same: see the raw reply (status 200)",
        ),
        (
            of(200, "{"),
            "the reply cannot be used: the body ends too soon; the server may have acted all the same: see the raw reply (status 200)",
        ),
        (
            of(200, r#"{"access_token":"at"}"#),
            "the reply cannot be used: the member `token_type` is missing, which `Quirks::assume_bearer` tolerates; the server may have acted all the same: see the raw reply (status 200)",
        ),
        (
            own_token(&client()).read(&json(200, "{")).unwrap_err(),
            "the reply cannot be used: the body ends too soon (status 200)",
        ),
        (
            of(404, "<html>"),
            "the failure cannot be read: the body is not JSON (line 1, column 1); keep the credential, try later, and check the endpoint's address (status 404)",
        ),
        (
            of(401, ""),
            "the failure cannot be read: there is no body, which `Quirks::wordless_refusals` reads; keep the credential, try later, and check how the client authenticates, its token, and the address (status 401)",
        ),
        (
            of(403, "<html>"),
            "the failure cannot be read: the body is not JSON (line 1, column 1); keep the credential, try later, and check how the client authenticates, or what stands between (status 403)",
        ),
        (
            plain.read(&answer(404, &[("content-type", "Text/HTML; a=b")], "<html>")).unwrap_err(),
            "the failure cannot be read: the body is a web page and not JSON; keep the credential, try later, and check the endpoint's address (status 404)",
        ),
        (
            plain.read(&answer(200, &[("content-type", "text/html")], "<html>")).unwrap_err(),
            "the reply cannot be used: the body is a web page and not JSON; the server may have acted all the same: see the raw reply (status 200)",
        ),
        (
            of(418, "<html>"),
            "the failure cannot be read: the body is not JSON (line 1, column 1); the raw reply may say why (status 418)",
        ),
        (
            plain.read(&answer(429, &[("retry-after", "120")], "")).unwrap_err(),
            "the server is unavailable or busy; try again in 120 seconds (status 429)",
        ),
        (
            of(400, r#"{"error":"use_dpop_nonce"}"#),
            "the server refused with use_dpop_nonce: it wants a nonce, and sent none to repeat the request with (status 400)",
        ),
        (
            plain
                .read(&answer(400, &[("dpop-nonce", "n-1")], r#"{"error":"use_dpop_nonce"}"#))
                .unwrap_err(),
            "the server refused with use_dpop_nonce: repeat the request with the nonce the server sent (status 400)",
        ),
        (
            of(400, r#"{"error":"use_attestation_challenge"}"#),
            "the server refused with use_attestation_challenge: it wants a challenge, and sent none to repeat the request with (status 400)",
        ),
    ] {
        says(&error, text);
    }
}

/// What a tolerance or the answer's own kind would explain, the text explains.
#[test]
fn what_other_endpoints_answer() {
    let server = server().userinfo_endpoint("https://as.example/me");
    let client = Client::new(server.introspection_endpoint("https://as.example/i"), CLIENT_ID);
    let userinfo = client.userinfo(&AccessToken::new("at", TokenType::Bearer)).unwrap();
    for media_type in ["application/jwt", "Application/JWT; charset=utf-8", "application/x+jwt"] {
        let signed = answer(200, &[("content-type", media_type)], "eyJhbGciOiJub25lIn0.e30.");
        let error = userinfo.read(&signed).unwrap_err();
        assert_eq!(*error.kind(), ReplyErrorKind::Unusable(Unusable::Jwt), "{media_type}");
        says(
            &error,
            "the reply cannot be used: the body is a JWT, which was not asked for; ask for a signed answer, or have the client registered for plain JSON (status 200)",
        );
    }
    let html = answer(200, &[("content-type", "text/jwt")], "eyJhbGciOiJub25lIn0.e30.");
    let kind = userinfo.read(&html).unwrap_err().kind().clone();
    assert!(matches!(kind, ReplyErrorKind::Unusable(Unusable::NotJson { .. })), "{kind:?}");
    // JSON under that type is JSON still, and untolerated as before.
    let json_as_jwt = answer(200, &[("content-type", "application/jwt")], r#"{"sub":"u"}"#);
    let kind = userinfo.read(&json_as_jwt).unwrap_err().kind().clone();
    assert_eq!(kind, ReplyErrorKind::Unusable(Unusable::ContentType));

    says(
        &client.introspect("at").read(&json(200, r#"{"active":"true"}"#)).unwrap_err(),
        "the reply cannot be used: the member `active` is neither true nor false, and nothing is guessed (status 200)",
    );
    let metadata = MetadataRequest::new("https://as.example", WellKnown::OAuth);
    says(
        &metadata.read(&json(200, r#"{"issuer":"https://as.example/"}"#)).unwrap_err(),
        "the reply cannot be used: the document is another issuer's; issuers are compared byte for byte, a slash at the end included (status 200)",
    );
}

/// However an answer comes up, it can be asked what to do.
#[test]
fn the_answer_behind_any_error() {
    let reply = || failure(&json(401, r#"{"error":"invalid_client"}"#));
    let text = reply().to_string();
    let flow = || FlowError::from(reply());
    for error in [Error::from(reply()), Error::from(flow()), Error::from(DriveError::Flow(flow()))]
    {
        says(&error, &text);
        let found = error.reply().expect("a server's answer");
        assert_eq!((found.status().as_u16(), found.class()), (401, FailureClass::Definitive));
    }
    assert!(Error::from(FlowError::Expired).reply().is_none());
    assert!(Error::from(BuildError::Scope).reply().is_none());
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
