//! The doors beside the token endpoint, and the grants that are rarely asked with: each against the
//! examples of its RFC, the odd answers that servers send, and bad input.
//!
//! What every reply is held to, whichever door it comes from, is in `bad_input` and `attacks`.

#[path = "../given/mod.rs"]
mod given;
#[path = "../machines/mod.rs"]
mod machines;
#[path = "../properties/replies.rs"]
#[allow(dead_code, reason = "each test takes the part it needs")]
mod replies;
#[path = "../properties/text.rs"]
#[allow(dead_code, reason = "each test takes the part it needs")]
mod text;

mod agekey;
mod aliases;
mod assertion;
mod attestation;
mod backchannel;
mod device;
mod end_session;
mod introspection;
mod metadata;
mod minted;
mod ping;
mod pingone;
mod properties;
mod pushed;
mod registration;
mod request_object;
mod revocation;
mod token_exchange;
mod userinfo;

use given::*;
use grantwire::Exchange;
use grantwire::client::{ClientAuthentication, Credentials};
use grantwire::reply::{ReplyErrorKind, Unusable};
use grantwire::{AuthorizationServer, BuildError, Client, Endpoint, ReplyError};
use http::{Request, Response};

const EVERYWHERE: &[(Endpoint, &str)] = &[
    (Endpoint::Challenge, "https://as.example/challenge"),
    (Endpoint::DeviceAuthorization, "https://as.example/device"),
    (Endpoint::Introspection, "https://as.example/introspect"),
    (Endpoint::PushedAuthorizationRequest, "https://as.example/par"),
    (Endpoint::Revocation, "https://as.example/revoke"),
];

/// A server with every door.
fn house() -> AuthorizationServer {
    EVERYWHERE.iter().fold(server(), |server, (endpoint, url)| server.endpoint(*endpoint, url))
}

/// A public client of it.
fn guest() -> Client {
    Client::new(house(), CLIENT_ID)
}

/// The finished request of any door.
fn asked(door: &impl Exchange) -> Request<Vec<u8>> {
    door.draft(now(), &mut entropy()).and_then(|draft| draft.finish()).expect("a request")
}

/// Why a door builds nothing.
fn refused(door: &impl Exchange) -> BuildError {
    door.draft(now(), &mut entropy()).and_then(|draft| draft.finish()).expect_err("no request")
}

/// Pairs in alphabetical order: the RFCs' examples are compared decoded, and no server may care for
/// the order.
fn sorted(mut pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    pairs.sort();
    pairs
}

fn fails<E: Exchange>(door: &E, reply: &Response<Vec<u8>>) -> ReplyError {
    match door.read(reply.into()) {
        Ok(_) => panic!("{:?} was taken for an answer", reply.body()),
        Err(error) => error,
    }
}

/// What makes a reply unusable to a door.
fn unusable<E: Exchange>(door: &E, reply: &Response<Vec<u8>>) -> Unusable {
    match fails(door, reply).kind() {
        ReplyErrorKind::Unusable(why) => *why,
        other => panic!("{other:?}"),
    }
}

/// No client authentication at all, not even a name: what some of the RFCs' own examples have.
struct Nobody;

impl ClientAuthentication for Nobody {
    fn name(&self) -> &str {
        "nobody"
    }

    fn write<'a>(&'a self, _: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        Ok(())
    }
}

#[test]
fn a_door_that_is_not_there_is_named() {
    let client = client();
    let missing = |error: BuildError| match error {
        BuildError::EndpointMissing { endpoint } => endpoint,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(refused(&client.revoke("t"))), "revocation_endpoint");
    assert_eq!(missing(refused(&client.introspect("t"))), "introspection_endpoint");
    assert_eq!(missing(refused(&client.device_authorization())), "device_authorization_endpoint");
    let push = client.authorization().push(&mut entropy()).unwrap().exchange;
    assert_eq!(missing(refused(&push)), "pushed_authorization_request_endpoint");
}

#[test]
fn a_door_takes_extras_but_not_in_the_place_of_its_own() {
    let client = guest();
    let request = asked(&client.revoke("t").parameter("realm", "a").header("x-trace", "1"));
    assert_eq!(names_of(&request), ["token", "realm", "client_id"]);
    assert_eq!(request.headers()["x-trace"], "1");
    let request = asked(&client.introspect("t").secret_header("x-key", "k"));
    assert!(request.headers()["x-key"].is_sensitive());
    for name in ["client_id", "client_secret", "request_uri", "scope"] {
        let managed = BuildError::ParameterManaged { parameter: name.into() };
        assert_eq!(refused(&client.revoke("t").parameter(name, "x")), managed);
        assert_eq!(refused(&client.introspect("t").parameter(name, "x")), managed);
        assert_eq!(refused(&client.device_authorization().parameter(name, "x")), managed);
        let push = client.authorization().push(&mut entropy()).unwrap().exchange;
        assert_eq!(refused(&push.parameter(name, "x")), managed);
    }
    let repeated = BuildError::ParameterRepeated { parameter: "token".into() };
    assert_eq!(refused(&client.revoke("t").parameter("token", "x")), repeated);
    for (name, value) in [("authorization", "Bearer t"), ("dpop", "x"), ("accept", "*/*")] {
        assert!(matches!(
            refused(&client.introspect("t").header(name, value)),
            BuildError::HeaderManaged { .. }
        ));
    }
}

#[test]
fn a_redirect_is_never_followed() {
    let client = guest();
    let reply = answer(307, &[("location", "https://elsewhere.example/")], "");
    let push = client.authorization().push(&mut entropy()).unwrap().exchange;
    for error in [
        fails(&client.revoke("t"), &reply),
        fails(&client.introspect("t"), &reply),
        fails(&client.device_authorization(), &reply),
        fails(&push, &reply),
    ] {
        assert_eq!(*error.kind(), ReplyErrorKind::Redirected);
        assert_eq!(error.location(), Some("https://elsewhere.example/"));
    }
}
