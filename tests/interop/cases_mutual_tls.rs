//! Mutual TLS: certificates that authenticate a client, and tokens that are bound to them.
//!
//! The server has two doors. Plain HTTP sees no certificate; the other, which the metadata announces
//! as aliases, asks for one.

use grantwire::Exchange;
use grantwire::client::{
    ClientAuthentication, Credentials, SelfSignedTlsClientAuth, TlsClientAuth,
};
use grantwire::flow::{Machine as _, Step, TokenFlow};
use grantwire::grant::{ClientCredentials, RefreshToken};
use grantwire::jose::certificate_thumbprint;
use grantwire::metadata::{Announced, MetadataRequest, WellKnown};
use grantwire::reply::{ErrorCode, FailureClass, Fault};
use grantwire::request::Draft;
use grantwire::{AuthorizationServer, BuildError, Client, ReplyError, TokenRequest, TokenResponse};
use serde_json::{Value, json};

use crate::case::Case;
use crate::certificates::{Authority, Certificate, agent};
use crate::expect;
use crate::harness;

const REGISTERED: &str = "client.example";

/// A server with both doors, and the certificates that it knows.
struct Doors {
    case: Case,
    server: Certificate,
    mine: Certificate,
    vouched: Certificate,
    /// Vouched for as well, for another host.
    neighbour: Certificate,
}

/// What a client is registered with beside its name.
fn row(name: &str, method: &str, more: Value) -> Value {
    let mut row = json!({
        "client_id": name,
        "token_endpoint_auth_method": method,
        "tls_client_certificate_bound_access_tokens": true,
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "redirect_uris": ["https://client.example/callback"],
    });
    if let (Some(row), Value::Object(more)) = (row.as_object_mut(), more) {
        row.extend(more);
    }
    row
}

impl Doors {
    fn open() -> Self {
        let authority = Authority::new();
        let server = Certificate::self_signed("127.0.0.1");
        let mine = Certificate::self_signed(REGISTERED);
        let vouched = authority.signed(REGISTERED);
        let neighbour = authority.signed("neighbour.example");
        let public = json!({ "grant_types": ["authorization_code", "refresh_token"] });
        let case = Case::start_with(&json!({
            "mutualTls": {
                "key": server.key_pem(),
                "certificate": server.pem(),
                "authority": authority.pem(),
            },
            "clients": [
                row(
                    "self-signed",
                    "self_signed_tls_client_auth",
                    json!({ "jwks": { "keys": [mine.jwk()] } }),
                ),
                row("vouched-for", "tls_client_auth", json!({ "tls_client_auth_san_dns": REGISTERED })),
                row("bound-public", "none", public),
                row("bound-post", "client_secret_post", json!({ "client_secret": "a secret" })),
            ],
        }));
        Self { case, server, mine, vouched, neighbour }
    }

    fn client(&self) -> Client {
        Client::new(self.case.known(), "self-signed").auth(SelfSignedTlsClientAuth::new())
    }

    fn draft<E: Exchange>(&self, exchange: &E) -> Draft {
        self.case.entropy(|entropy| exchange.draft(Case::now(), entropy)).expect("a draft")
    }

    /// Sends a request over TLS and presents this certificate or none, as the duties ask for.
    fn ask<E: Exchange>(
        &self,
        exchange: &E,
        presented: Option<&Certificate>,
    ) -> Result<E::Output, ReplyError> {
        let draft = self.draft(exchange);
        assert!(draft.duties().client_certificate);
        let request = draft.finish().expect("nothing is left to sign");
        assert_eq!(request.uri().scheme_str(), Some("https"));
        let reply = harness::send(&agent(&self.server, presented), request);
        exchange.read((&reply).into())
    }

    fn credentials(&self) -> TokenRequest {
        self.client().token(ClientCredentials::new()).scope("api:read")
    }

    /// The certificate that the server has bound these tokens to.
    fn bound_to(&self, client: &Client, tokens: &TokenResponse) -> String {
        let request = client.introspect(tokens.access_token().expose());
        let answer = self.ask(&request, Some(&self.mine)).expect("an answer");
        assert!(answer.is_active());
        let confirmation: Value = answer.extra("cnf").expect("a confirmation");
        confirmation["x5t#S256"].as_str().expect("a thumbprint").to_owned()
    }

    fn tokens(&self, client: &Client, presented: &Certificate) -> TokenResponse {
        let request = client.token(self.case.code(client, "openid"));
        self.ask(&request, Some(presented)).expect("tokens")
    }
}

#[track_caller]
fn not_authenticated<T: std::fmt::Debug>(answer: Result<T, ReplyError>) {
    let error = answer.expect_err("the server refuses");
    let class = FailureClass::Definitive;
    expect::refusal(&error, 401, &ErrorCode::InvalidClient, Fault::Client, class);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn aliases_are_announced_and_used_by_those_who_present_a_certificate() {
    let doors = Doors::open();
    let request = MetadataRequest::new(doors.case.server.issuer(), WellKnown::OAuth);
    let metadata = doors.case.exchange(&request).expect("metadata");
    for method in ["self_signed_tls_client_auth", "tls_client_auth"] {
        assert_eq!(metadata.auth_method(method), Announced::Yes);
    }
    let announced: Value = metadata.extra("mtls_endpoint_aliases").expect("aliases");
    let alias = |name: &str| announced[name].as_str().expect("an alias").to_owned();

    let sent = |client: &Client| {
        let token = client.token(ClientCredentials::new());
        let revocation = client.revoke("t");
        let introspection = client.introspect("t");
        [self::target(&token), self::target(&revocation), self::target(&introspection)]
    };
    let names = ["token_endpoint", "revocation_endpoint", "introspection_endpoint"];
    let with = sent(&doors.client());
    assert_eq!(with, names.map(alias));
    for (plain, alias) in sent(&doors.case.client("basic")).iter().zip(&with) {
        assert!(plain.starts_with(doors.case.server.issuer()));
        assert_ne!(plain, alias);
    }
}

fn target<E: Exchange>(exchange: &E) -> String {
    exchange.target().expect("an address").to_owned()
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_self_signed_certificate_authenticates_and_the_token_is_bound_to_it() {
    let doors = Doors::open();
    let tokens = doors.ask(&doors.credentials(), Some(&doors.mine)).expect("tokens");
    assert_eq!(doors.bound_to(&doors.client(), &tokens), certificate_thumbprint(doors.mine.der()));

    let token = tokens.access_token().expose();
    doors.ask(&doors.client().revoke(token), Some(&doors.mine)).expect("revoked");
    let answer =
        doors.ask(&doors.client().introspect(token), Some(&doors.mine)).expect("an answer");
    assert!(!answer.is_active());
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn another_certificate_or_none_is_refused_at_every_door() {
    let doors = Doors::open();
    let strange = Certificate::self_signed(REGISTERED);
    let client = doors.client();
    let push = || {
        let request = doors.case.authorization(&client, "openid");
        doors.case.entropy(|entropy| request.push(entropy)).expect("a push").exchange
    };
    for presented in [Some(&strange), Some(&doors.vouched), None] {
        not_authenticated(doors.ask(&doors.credentials(), presented));
        not_authenticated(doors.ask(&client.introspect("t"), presented));
        not_authenticated(doors.ask(&client.revoke("t"), presented));
        not_authenticated(doors.ask(&push(), presented));
    }
    assert!(doors.ask(&push(), Some(&doors.mine)).is_ok());
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_server_that_announces_no_aliases_is_asked_at_its_plain_address() {
    let doors = Doors::open();
    let plain = format!("{}/token", doors.case.server.issuer());
    let server = AuthorizationServer::new().token_endpoint(&plain);
    let client = Client::new(server, "self-signed").auth(SelfSignedTlsClientAuth::new());
    let request = client.token(ClientCredentials::new());
    assert_eq!(target(&request), plain);
    assert!(doors.draft(&request).duties().client_certificate);
    // Nobody saw a certificate there.
    not_authenticated(doors.case.exchange(&request));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_certificate_somebody_vouches_for_has_to_name_the_client() {
    let doors = Doors::open();
    let client = Client::new(doors.case.known(), "vouched-for").auth(TlsClientAuth::new());
    let request = client.token(ClientCredentials::new()).scope("api:read");
    let tokens = doors.ask(&request, Some(&doors.vouched));
    expect::granted(tokens, "api:read", 300);
    for presented in [Some(&doors.neighbour), Some(&doors.mine), None] {
        not_authenticated(doors.ask(&request, presented));
    }
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_bound_token_opens_only_with_its_certificate() {
    let doors = Doors::open();
    let client = doors.client();
    let tokens = doors.tokens(&client, &doors.mine);
    let request = client.userinfo(tokens.access_token()).expect("a request");
    let info = doors.ask(&request, Some(&doors.mine)).expect("claims");
    assert_eq!(info.subject(), "alice");
    for presented in [Some(&doors.vouched), None] {
        let error = doors.ask(&request, presented).expect_err("not that one");
        let class = FailureClass::Definitive;
        expect::refusal(&error, 401, &ErrorCode::InvalidToken, Fault::Credential, class);
    }
    // As a plain bearer token at the plain door, it opens nothing.
    expect::dead_token(doors.case.userinfo(tokens.access_token()));

    let refresh = client.token(RefreshToken::new(expect::refresh_token(&tokens)));
    not_authenticated(doors.ask(&refresh, Some(&doors.vouched)));
    expect::granted(doors.ask(&refresh, Some(&doors.mine)), "openid", 300);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_public_clients_refresh_token_is_bound_to_the_certificate() {
    // A public client proves nothing by its certificate (RFC 8705 section 4): on the wire it is a
    // `client_id` and a handshake all the same.
    let doors = Doors::open();
    let client = Client::new(doors.case.known(), "bound-public");
    let client = client.auth(SelfSignedTlsClientAuth::new());
    let tokens = doors.tokens(&client, &doors.mine);
    let refresh = client.token(RefreshToken::new(expect::refresh_token(&tokens)));
    expect::dead_grant(doors.ask(&refresh, Some(&doors.vouched)));
    expect::dead_grant(doors.ask(&refresh, None));
    expect::granted(doors.ask(&refresh, Some(&doors.mine)), "openid", 300);
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn another_method_beside_a_certificate_is_the_callers_own() {
    /// `client_secret_post`, over a connection that presents a certificate.
    struct Both(String);

    impl ClientAuthentication for Both {
        fn name(&self) -> &str {
            "client_secret_post"
        }

        fn presents_certificate(&self) -> bool {
            true
        }

        fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
            to.client_certificate();
            to.send_client_id()?;
            to.parameter("client_secret", self.0.as_str())
        }
    }

    let doors = Doors::open();
    let client = Client::new(doors.case.known(), "bound-post").auth(Both("a secret".into()));
    let request = client.token(ClientCredentials::new()).scope("api:read");
    let tokens = expect::granted(doors.ask(&request, Some(&doors.mine)), "api:read", 300);
    assert_eq!(doors.bound_to(&client, &tokens), certificate_thumbprint(doors.mine.der()));
    // Without one there is nothing to bind the token to.
    expect::dead_grant(doors.ask(&request, None));
}

#[test]
#[ignore = "needs Node: run .ci/interop"]
fn a_machine_hands_the_duty_on() {
    let doors = Doors::open();
    let mut flow = TokenFlow::new(doors.credentials(), Case::new_entropy());
    let Step::Send(request, duties) = flow.poll(Case::now()) else { panic!("it sends first") };
    assert!(duties.client_certificate);
    let reply = harness::send(&agent(&doors.server, Some(&doors.mine)), request);
    flow.handle_response(Case::now(), &reply).expect("an answer was waited for");
    let Step::Done(tokens) = flow.poll(Case::now()) else { panic!("it is done") };
    assert!(tokens.is_ok());
}
