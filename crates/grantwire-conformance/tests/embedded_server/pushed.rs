//! Authorization requests that are pushed, signed, or both.

use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
use serde_json::{Value, json};

use crate::assertions::{Signer, ecdsa, jwt, with};
use crate::{
    CALLBACK, CHALLENGE, START, VERIFIER, World, basic, member, parameter, refusal, refused,
    token_request,
};
use grantwire_conformance::{Authentication, Client, Decision, Reply};

const ISSUER: &str = "http://127.0.0.1:9/oauth2";

fn request() -> [(&'static str, &'static str); 6] {
    [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "read"),
        ("state", "af0ifjsldkj"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

fn changed(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let kept = request().into_iter().filter(|(each, _)| *each != name);
    kept.chain([(name, value)]).collect()
}

/// The request as claims, with a client's key.
struct Signed {
    signer: Signer,
    world: World,
}

impl Signed {
    fn new() -> Self {
        let signer = ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256");
        let client = |id: &str| {
            Client::new(id, Authentication::ClientSecretBasic("hush".to_owned()))
                .redirecting_to(CALLBACK)
                .with_scopes(&["read"])
                .with_request_keys(vec![signer.jwk.clone()])
        };
        let world = World::new(vec![
            client("c"),
            client("other"),
            client("signer").signing_requests(),
            client("pusher").pushing_requests(),
            Client::new("keyless", Authentication::None).redirecting_to(CALLBACK),
        ]);
        Self { signer, world }
    }

    fn header() -> Value {
        json!({ "alg": "ES256", "kid": "k1", "typ": "oauth-authz-req+jwt" })
    }

    fn claims(client_id: &str) -> Value {
        let mut claims = json!({
            "iss": client_id, "client_id": client_id, "aud": ISSUER,
            "iat": START, "exp": START + 60,
        });
        for (name, value) in request() {
            claims[name] = json!(value);
        }
        claims
    }

    fn object(&self, header: &Value, claims: &Value) -> String {
        jwt(header, claims, &self.signer.sign)
    }

    fn push(&mut self, client_id: &str, body: &[(&str, &str)]) -> Reply {
        self.world.send(&basic(client_id, "hush", token_request("/oauth2/par", body)))
    }

    fn visit(&mut self, client_id: &str, name: &str, value: &str) -> Reply {
        self.world.get("/oauth2/authorize", &[("client_id", client_id), (name, value)])
    }
}

fn uri(pushed: &Reply) -> String {
    assert_eq!((pushed.status, pushed.value()["expires_in"].as_u64()), (201, Some(60)));
    let uri = member(pushed, "request_uri").expect("a request_uri");
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:"));
    uri
}

#[test]
fn a_pushed_request_is_good_for_one_visit_of_its_client() {
    let mut signed = Signed::new();
    let pushed = signed.push("c", &request());
    let uri = uri(&pushed);
    let stolen = signed.visit("other", "request_uri", &uri);
    assert_eq!((stolen.status, stolen.header("location")), (400, None));
    let reply = signed.visit("c", "request_uri", &uri);
    assert_eq!(parameter(&reply, "state").as_deref(), Some("af0ifjsldkj"));
    let code = parameter(&reply, "code").expect("a code");
    let again = signed.visit("c", "request_uri", &uri);
    assert_eq!((again.status, again.header("location")), (400, None));

    let body = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let reply = signed.world.send(&basic("c", "hush", token_request("/oauth2/token", &body)));
    assert_eq!(member(&reply, "scope").as_deref(), Some("read"));
}

#[test]
fn a_request_uri_is_for_a_minute_and_cannot_be_made_up() {
    let mut signed = Signed::new();
    let pushed = signed.push("c", &request());
    signed.world.advance(60);
    assert_eq!(signed.visit("c", "request_uri", &uri(&pushed)).status, 400);
    let made_up = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c";
    assert_eq!(signed.visit("c", "request_uri", made_up).status, 400);
    assert_eq!(signed.visit("c", "request_uri", "https://c.example/request.jwt").status, 400);
}

#[test]
fn only_what_was_pushed_counts_and_the_user_may_still_say_no() {
    let mut signed = Signed::new();
    let uri = uri(&signed.push("c", &request()));
    signed.world.judge.next_decision(Decision::Deny);
    let beside = [
        ("client_id", "c"),
        ("request_uri", uri.as_str()),
        ("state", "another"),
        ("redirect_uri", "https://evil.example/"),
    ];
    let reply = signed.world.get("/oauth2/authorize", &beside);
    assert!(reply.header("location").is_some_and(|to| to.starts_with(CALLBACK)));
    assert_eq!(parameter(&reply, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&reply, "state").as_deref(), Some("af0ifjsldkj"));
}

#[test]
fn a_push_is_checked_as_the_authorization_endpoint_would() {
    let mut signed = Signed::new();
    let wrong = [
        (changed("response_type", "token"), "unsupported_response_type"),
        (changed("redirect_uri", "https://evil.example/"), "invalid_request"),
        (changed("scope", "admin"), "invalid_scope"),
        (changed("code_challenge", ""), "invalid_request"),
        (changed("client_id", "other"), "invalid_request"),
        (changed("request_uri", "urn:ietf:params:oauth:request_uri:x"), "invalid_request"),
        (changed("resource", "https://payroll.example/"), "invalid_target"),
    ];
    for (body, error) in wrong {
        let reply = signed.push("c", &body);
        assert_eq!(refusal(&reply), refused(400, error), "{body:?}");
    }
    let stranger = signed.world.post("/oauth2/par", &request());
    assert_eq!(refusal(&stranger), refused(401, "invalid_client"));
    assert_eq!(signed.world.get("/oauth2/par", &[]).status, 405);
    // A public client pushes with its identifier alone.
    let unscoped: Vec<_> = changed("client_id", "keyless");
    let unscoped: Vec<_> = unscoped.into_iter().filter(|(name, _)| *name != "scope").collect();
    assert_eq!(signed.world.post("/oauth2/par", &unscoped).status, 201);
}

#[test]
fn a_signed_request_is_taken_by_value_and_pushed() {
    let mut signed = Signed::new();
    let object = signed.object(&Signed::header(), &Signed::claims("c"));
    let reply = signed.visit("c", "request", &object);
    assert_eq!(parameter(&reply, "state").as_deref(), Some("af0ifjsldkj"));
    assert!(parameter(&reply, "code").is_some());
    let pushed = signed.push("c", &[("request", &object)]);
    let reply = signed.visit("c", "request_uri", &uri(&pushed));
    assert!(parameter(&reply, "code").is_some());
    // Beside it there may be credentials, and nothing else.
    let beside = signed.push("c", &[("request", &object), ("client_id", "c")]);
    assert_eq!(beside.status, 201);
    let beside = signed.push("c", &[("request", &object), ("state", "another")]);
    assert_eq!(refusal(&beside), refused(400, "invalid_request"));
    let both = [("client_id", "c"), ("request", &object), ("request_uri", "urn:x")];
    assert_eq!(signed.world.get("/oauth2/authorize", &both).status, 400);
}

#[test]
fn every_rule_of_the_request_object_is_checked() {
    let mut signed = Signed::new();
    let mut wrong = Vec::new();
    let headers = [
        ("typ", json!("JWT")),
        ("typ", Value::Null),
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("RS256")),
        ("kid", json!("k2")),
        ("kid", Value::Null),
    ];
    for (name, value) in headers {
        wrong.push((name, with(Signed::header(), name, value), Signed::claims("c")));
    }
    let claims = [
        ("iss", json!("other")),
        ("iss", Value::Null),
        ("client_id", json!("other")),
        ("client_id", Value::Null),
        ("sub", json!("c")),
        ("aud", json!("https://other.example")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("exp", json!(START)),
        ("exp", json!(START + 3601)),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("iat", json!(START + 60)),
        ("nbf", json!(START + 60)),
        ("request", json!("a.b.c")),
        ("request_uri", json!("urn:x")),
    ];
    for (name, value) in claims {
        wrong.push((name, Signed::header(), with(Signed::claims("c"), name, value)));
    }
    for (name, header, claims) in wrong {
        let object = signed.object(&header, &claims);
        let pushed = signed.push("c", &[("request", &object)]);
        assert_eq!(refusal(&pushed), refused(400, "invalid_request_object"), "{name}");
        let visited = signed.visit("c", "request", &object);
        assert_eq!((visited.status, visited.header("location")), (400, None), "{name}");
    }
    let claims = Signed::claims("c");
    let forged = jwt(&Signed::header(), &claims, |input| (signed.signer.sign)(&input[1..]));
    for object in [forged.as_str(), "a.b", "a.b.c", ""] {
        let pushed = signed.push("c", &[("request", object)]);
        assert_ne!(pushed.status, 201, "{object}");
    }
    // Another client's object is not this client's, though its key is the same.
    let others = signed.object(&Signed::header(), &Signed::claims("other"));
    let pushed = signed.push("c", &[("request", &others)]);
    assert_eq!(refusal(&pushed), refused(400, "invalid_request_object"));
    let keyless = signed.object(&Signed::header(), &Signed::claims("keyless"));
    assert_eq!(signed.visit("keyless", "request", &keyless).status, 400);
}

#[test]
fn what_is_inside_is_a_request_like_any_other() {
    let mut signed = Signed::new();
    let claims = with(Signed::claims("c"), "scope", json!("admin"));
    let object = signed.object(&Signed::header(), &claims);
    let reply = signed.visit("c", "request", &object);
    assert_eq!(parameter(&reply, "error").as_deref(), Some("invalid_scope"));
    let claims = with(Signed::claims("c"), "redirect_uri", json!("https://evil.example/"));
    let object = signed.object(&Signed::header(), &claims);
    assert_eq!(signed.visit("c", "request", &object).header("location"), None);
    let resources = json!(["http://127.0.0.1:9/reports", "https://payroll.example/"]);
    let claims = with(Signed::claims("c"), "resource", resources);
    let object = signed.object(&Signed::header(), &claims);
    let reply = signed.visit("c", "request", &object);
    assert_eq!(parameter(&reply, "error").as_deref(), Some("invalid_target"));
}

#[test]
fn a_client_that_has_to_sign_or_push_does() {
    let mut signed = Signed::new();
    let plain = |signed: &mut Signed, client_id| {
        let mut parameters = request().to_vec();
        parameters.push(("client_id", client_id));
        let reply = signed.world.get("/oauth2/authorize", &parameters);
        parameter(&reply, "error")
    };
    assert_eq!(plain(&mut signed, "c"), None);
    assert_eq!(plain(&mut signed, "signer").as_deref(), Some("invalid_request"));
    assert_eq!(plain(&mut signed, "pusher").as_deref(), Some("invalid_request"));

    let unsigned = signed.push("signer", &request());
    assert_eq!(refusal(&unsigned), refused(400, "invalid_request"));
    let object = signed.object(&Signed::header(), &Signed::claims("signer"));
    assert!(parameter(&signed.visit("signer", "request", &object), "code").is_some());
    let object = signed.object(&Signed::header(), &Signed::claims("pusher"));
    let unpushed = signed.visit("pusher", "request", &object);
    assert_eq!(parameter(&unpushed, "error").as_deref(), Some("invalid_request"));
    let pushed = signed.push("pusher", &request());
    let reply = signed.visit("pusher", "request_uri", &uri(&pushed));
    assert!(parameter(&reply, "code").is_some());
}
