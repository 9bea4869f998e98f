//! [`IdentityAssertionFlow`], one scenario for each row of its table, against the examples of
//! draft-ietf-oauth-identity-assertion-authz-grant.

mod given;
mod machines;

use grantwire::client::{ClientSecretBasic, PrivateKeyJwt};
use grantwire::flow::{Dpop, FlowError, IdentityAssertionFlow, Machine, Misuse, Transition};
use grantwire::grant::{JwtBearer, TokenExchange, TokenTypeIdentifier};
use grantwire::jose::{Algorithm, LocalKey, Signer};
use grantwire::reply::{ErrorCode, FailureClass, ReplyErrorKind, Unusable};
use grantwire::{AuthorizationDetails, AuthorizationServer, BuildError, Client, Quirks};

use given::*;
use machines::*;

const ASSERTION: &str = "eyJhbGciOiJIUzI1NiIsI.e30.c2ln";
const ISSUED: &str = r#"{"issued_token_type":"urn:ietf:params:oauth:token-type:id-jag","access_token":"eyJhbGciOiJIUzI1NiIsI.e30.c2ln","token_type":"N_A","scope":"chat.read chat.history","expires_in":300}"#;
const TOKENS: &str = r#"{"token_type":"Bearer","access_token":"2YotnFZFEjr1zCsicMWpAA","expires_in":86400,"scope":"chat.read chat.history"}"#;
const BOUND: &str = r#"{"token_type":"DPoP","access_token":"2YotnFZFEjr1zCsicMWpAA"}"#;

impl Watched for IdentityAssertionFlow {
    const TABLE: &'static [Transition] = Self::TRANSITIONS;
    fn stands(&self) -> &'static str {
        self.state()
    }
}

fn idp() -> AuthorizationServer {
    AuthorizationServer::new()
        .issuer("https://acme.idp.example")
        .token_endpoint("https://acme.idp.example/oauth2/token")
}

fn chat() -> AuthorizationServer {
    AuthorizationServer::new()
        .issuer("https://acme.chat.example/")
        .token_endpoint("https://acme.chat.example/oauth2/token")
}

fn at_idp() -> Client {
    Client::new(idp(), "wiki").auth(ClientSecretBasic::new("s"))
}

fn at_chat() -> Client {
    Client::new(chat(), "f53f191f9311af35").auth(ClientSecretBasic::new("t"))
}

fn flow_of(idp: &Client, chat: &Client) -> IdentityAssertionFlow {
    IdentityAssertionFlow::new(idp, chat, "e30.e30.id", TokenTypeIdentifier::ID_TOKEN, entropy())
}

fn begun() -> Walk<IdentityAssertionFlow> {
    let mut walk = Walk::new(flow_of(&at_idp(), &at_chat()));
    walk.stays(|flow| sent(flow.poll(at(0))));
    walk
}

fn asserted() -> Walk<IdentityAssertionFlow> {
    let mut walk = begun();
    walk.goes("Asserting", &["Asserted"], "Redeeming", |flow| {
        flow.handle_response(at(1), &json(200, ISSUED)).unwrap();
    });
    walk
}

/// Both requests, as the draft prints them but for the client's authentication.
fn from_one_server_to_the_other() -> Vec<Transition> {
    let flow = flow_of(&at_idp(), &at_chat())
        .resource("https://api.chat.example/")
        .scope("chat.read chat.history");
    let mut walk = Walk::new(flow);
    let first = walk.stays(|flow| sent(flow.poll(at(0))));
    assert_eq!(first.uri(), "https://acme.idp.example/oauth2/token");
    let expected = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", "e30.e30.id"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:id-jag"),
        ("scope", "chat.read chat.history"),
        ("resource", "https://api.chat.example/"),
        ("audience", "https://acme.chat.example/"),
    ];
    assert_eq!(pairs_of(&first), as_pairs(&expected));
    assert_eq!(first.headers()["authorization"], "Basic d2lraTpz");
    walk.stays(|flow| assert_outstanding(flow.poll(at(0))));
    assert!(walk.machine.assertion().is_none());
    walk.goes("Asserting", &["Asserted"], "Redeeming", |flow| {
        flow.handle_response(at(1), &json(200, ISSUED)).unwrap();
    });
    assert_eq!(walk.machine.assertion().unwrap().expose(), ASSERTION);
    let second = walk.stays(|flow| sent(flow.poll(at(1))));
    assert_eq!(second.uri(), "https://acme.chat.example/oauth2/token");
    let expected =
        [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", ASSERTION)];
    assert_eq!(pairs_of(&second), as_pairs(&expected));
    walk.goes("Redeeming", &["Answered"], "Done", |flow| {
        flow.handle_response(at(2), &json(200, TOKENS)).unwrap();
    });
    for _ in 0..2 {
        let tokens = walk.stays(|flow| value(flow.poll(at(3))));
        assert_eq!(tokens.access_token().expose(), "2YotnFZFEjr1zCsicMWpAA");
    }
    assert_eq!(walk.machine.handle_failure(at(3), NO_ANSWER), Err(Misuse::NotSending));
    walk.rows()
}

/// The identity provider wants the user to sign in more strongly, and says so.
fn the_provider_refuses() -> Vec<Transition> {
    let mut walk = begun();
    let body = r#"{"error":"insufficient_user_authentication","error_description":"Subject doesn't meet authentication requirements","max_age":5}"#;
    walk.goes("Asserting", &["AssertionFailed"], "NotAsserted", |flow| {
        flow.handle_response(at(1), &json(400, body)).unwrap();
    });
    let end = error(walk.machine.poll(at(2)));
    let reply = end.reply().unwrap();
    assert_eq!(reply.refusal().unwrap().code(), &ErrorCode::InsufficientUserAuthentication);
    assert_eq!(reply.extra::<u64>("max_age"), Some(5));
    assert!(matches!(error(walk.machine.poll(at(3))), FlowError::Reply(_)), "it stays there");
    walk.rows()
}

fn the_other_server_refuses() -> Vec<Transition> {
    let mut walk = asserted();
    walk.stays(|flow| sent(flow.poll(at(1))));
    walk.goes("Redeeming", &["RedemptionFailed"], "NotRedeemed", |flow| {
        flow.handle_response(at(2), &json(400, r#"{"error":"invalid_grant"}"#)).unwrap();
    });
    assert!(error(walk.machine.poll(at(2))).reply().unwrap().credential_is_dead());
    walk.rows()
}

scenarios! {
    IdentityAssertionFlow::TRANSITIONS;
    from_one_server_to_the_other, the_provider_refuses, the_other_server_refuses,
}

/// An access token is no assertion: presenting it elsewhere would give it away.
#[test]
fn what_is_no_assertion_is_not_presented() {
    for (kind, token_type) in [
        ("urn:ietf:params:oauth:token-type:access_token", "Bearer"),
        ("urn:ietf:params:oauth:token-type:jwt", "N_A"),
        ("URN:IETF:PARAMS:OAUTH:TOKEN-TYPE:ID-JAG", "N_A"),
    ] {
        let mut walk = begun();
        let body = format!(
            r#"{{"access_token":"a.b.c","token_type":"{token_type}","issued_token_type":"{kind}"}}"#
        );
        walk.goes("Asserting", &["AssertionFailed"], "NotAsserted", |flow| {
            flow.handle_response(at(1), &json(200, body)).unwrap();
        });
        let end = error(walk.machine.poll(at(1)));
        let reply = end.reply().unwrap();
        assert_eq!(*reply.kind(), ReplyErrorKind::Unusable(Unusable::IssuedTokenType));
        assert_eq!(reply.class(), FailureClass::Indeterminate);
        assert!(walk.machine.assertion().is_none());
    }
}

/// Silence about what was issued is believed only by name.
#[test]
fn a_provider_that_does_not_say_what_it_issued() {
    let silent = r#"{"access_token":"a.b.c","token_type":"N_A"}"#;
    let mut walk = begun();
    walk.goes("Asserting", &["AssertionFailed"], "NotAsserted", |flow| {
        flow.handle_response(at(1), &json(200, silent)).unwrap();
    });
    let tolerated = idp().quirks(Quirks::new().assume_requested_token_type());
    let mut flow = flow_of(&Client::new(tolerated, "wiki"), &at_chat());
    sent(flow.poll(at(0)));
    flow.handle_response(at(1), &json(200, silent)).unwrap();
    assert_eq!(flow.state(), "Redeeming");
}

#[test]
fn the_audience_is_the_other_servers_issuer() {
    let nameless = AuthorizationServer::new().token_endpoint("https://chat.example/token");
    let nameless = Client::new(nameless, "c");
    let mut flow = flow_of(&at_idp(), &nameless);
    let end = error(flow.poll(at(0)));
    assert!(matches!(end, FlowError::Build(BuildError::IssuerMissing)));
    assert_eq!(flow.state(), "NotAsserted");
    let mut flow =
        flow_of(&at_idp(), &nameless).audience("https://chat.example").parameter("x", "1");
    let sent = pairs_of(&sent(flow.poll(at(0))));
    assert!(sent.contains(&("audience".into(), "https://chat.example".into())));
    assert!(sent.contains(&("x".into(), "1".into())));
}

/// A second request that was not sent has spent nothing.
#[test]
fn lost_answers_say_where() {
    let mut walk = begun();
    walk.goes("Asserting", &["AssertionFailed"], "NotAsserted", |flow| {
        flow.handle_failure(at(1), NO_ANSWER).unwrap();
    });
    assert!(matches!(error(walk.machine.poll(at(1))), FlowError::Transport(NO_ANSWER)));

    let mut walk = asserted();
    walk.stays(|flow| sent(flow.poll(at(1))));
    walk.goes("Redeeming", &["RedemptionFailed"], "NotRedeemed", |flow| {
        flow.handle_failure(at(2), NOT_SENT).unwrap();
    });
    assert!(matches!(error(walk.machine.poll(at(2))), FlowError::Transport(NOT_SENT)));
    let kept = walk.machine.assertion().unwrap().expose().to_owned();
    let again = built(&at_chat().token(JwtBearer::new(kept)));
    assert!(body_of(&again).ends_with(ASSERTION));
}

/// Each request is signed by the key of its own client; the token is bound to the DPoP key.
#[test]
fn signatures_go_to_their_own_request() {
    let signing = |server: AuthorizationServer, key: &'static str| {
        let signer = Signer::remote(Algorithm::Es256).key_id(key);
        Client::new(server, "c").auth(PrivateKeyJwt::new(signer))
    };
    let dpop = Dpop::new(LocalKey::generate(Algorithm::Es256).unwrap());
    let thumbprint = dpop.key().thumbprint().to_owned();
    let mut flow = flow_of(&signing(idp(), "idp"), &signing(chat(), "chat")).dpop(dpop);
    for (key, reply) in [("idp", ISSUED), ("chat", BOUND)] {
        let unsigned = to_sign(flow.poll(at(0)));
        assert_eq!(unsigned.key_id(), Some(key));
        assert_outstanding(flow.poll(at(0)));
        flow.handle_signature(&unsigned.signed([1; 64])).unwrap();
        let request = sent(flow.poll(at(0)));
        assert_eq!(request.headers().contains_key("dpop"), key == "chat");
        let given = [("content-type", "application/json"), ("dpop-nonce", "n1")];
        flow.handle_response(at(1), &answer(200, &given, reply)).unwrap();
    }
    value(flow.poll(at(1)));
    let dpop = flow.into_dpop().expect("the key comes back");
    assert_eq!(dpop.key().thumbprint(), thumbprint);
    let known = |url| dpop.nonces().get(url, dpop.key()).is_some();
    assert!(known("https://acme.chat.example/oauth2/token"));
    assert!(!known("https://acme.idp.example/oauth2/token"), "no proof went there");
}

/// The assertion may be bound to the key as well, and somebody may act for the user.
#[test]
fn both_requests_may_be_bound() {
    let exchange = TokenExchange::new("e30.e30.id", TokenTypeIdentifier::ID_TOKEN)
        .actor("e30.e30.bot", TokenTypeIdentifier::JWT)
        .requested_token_type(TokenTypeIdentifier::ACCESS_TOKEN);
    let dpop = Dpop::new(LocalKey::generate(Algorithm::Es256).unwrap());
    let details = AuthorizationDetails::new(&[serde_json::json!({"type": "chat"})]).unwrap();
    let mut flow = IdentityAssertionFlow::with_exchange(&at_idp(), &at_chat(), exchange, entropy())
        .authorization_details(details)
        .dpop_for_both(dpop);
    let first = sent(flow.poll(at(0)));
    assert!(first.headers().contains_key("dpop"));
    let pairs = pairs_of(&first);
    for (name, value) in [
        ("actor_token", "e30.e30.bot"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:id-jag"),
        ("authorization_details", r#"[{"type":"chat"}]"#),
    ] {
        assert!(pairs.contains(&(name.into(), value.into())), "{name}");
    }
    let given = [("content-type", "application/json"), ("dpop-nonce", "n1")];
    flow.handle_response(at(1), &answer(200, &given, ISSUED)).unwrap();
    assert!(sent(flow.poll(at(1))).headers().contains_key("dpop"));
    flow.handle_response(at(2), &json(200, BOUND)).unwrap();
    value(flow.poll(at(2)));
    let dpop = flow.into_dpop().expect("the key comes back");
    assert_eq!(dpop.nonces().get("https://acme.idp.example/", dpop.key()), Some("n1"));
}

#[test]
fn an_event_that_does_not_fit_changes_nothing() {
    let stray =
        grantwire::jose::Unsigned::new(Algorithm::Es256, None, b"{}", b"{}").signed([0; 64]);
    let mut walk = Walk::new(flow_of(&at_idp(), &at_chat()));
    walk.stays(|flow| {
        assert_eq!(flow.handle_response(at(0), &json(200, ISSUED)), Err(Misuse::NotSending));
        assert_eq!(flow.handle_failure(at(0), NOT_SENT), Err(Misuse::NotSending));
        assert_eq!(flow.handle_signature(&stray), Err(Misuse::NotSigning));
    });
    walk.stays(|flow| sent(flow.poll(at(0))));
    walk.stays(|flow| assert_eq!(flow.handle_signature(&stray), Err(Misuse::NotSigning)));
    let mut walk = asserted();
    walk.stays(|flow| {
        assert_eq!(flow.handle_response(at(1), &json(200, TOKENS)), Err(Misuse::NotSending));
    });
    walk.stays(|flow| sent(flow.poll(at(1))));
}
