//! Client authentication, and the outer shape of a token request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{World, member, refusal, refused, token_request};
use grantwire_conformance::{Authentication, Client, Received};

const TOKEN: &str = "/oauth2/token";
const GRANT: [(&str, &str); 1] = [("grant_type", "client_credentials")];

fn world() -> World {
    let client =
        |id, authentication| Client::new(id, authentication).with_grants(&["client_credentials"]);
    World::new(vec![
        client("s6 Bh:d", Authentication::ClientSecretBasic("7F%j+f".into())),
        client("poster", Authentication::ClientSecretPost("hush".into())),
        client("public", Authentication::None),
    ])
}

fn basic(credentials: &str) -> Received {
    let header = format!("Basic {}", STANDARD.encode(credentials));
    token_request(TOKEN, &GRANT).with_header("authorization", &header)
}

#[test]
fn basic_credentials_are_decoded_strictly() {
    let mut world = world();
    assert_eq!(world.send(&basic("s6%20Bh%3Ad:7F%25j%2Bf")).status, 200);
    assert_eq!(world.send(&basic("s6+Bh%3Ad:7F%25j%2Bf")).status, 200);
    let wrong = [
        basic("s6%20Bh%3Ad:7F%25j+f"), // a plus is a space
        basic("s6%20Bh%3Ad:7F%j+f"),   // not an escape
        basic("s6%20Bh:d:7F%25j%2Bf"), // the first colon ends the id
        basic("s6 Bh%3Ad:7F%25j%2Bf"), // a bare space
        basic("nobody:7F%25j%2Bf"),
        basic("no-colon"),
        token_request(TOKEN, &GRANT).with_header("authorization", "Basic !!!"),
        token_request(TOKEN, &GRANT).with_header("authorization", "Bearer abc"),
    ];
    for request in wrong {
        let reply = world.send(&request);
        assert_eq!(refusal(&reply), refused(401, "invalid_client"));
        let challenge = reply.header("www-authenticate").expect("a challenge");
        assert!(challenge.starts_with("Basic realm="));
    }
}

#[test]
fn one_authentication_method_at_a_time() {
    let mut world = world();
    let both = [
        ("grant_type", "client_credentials"),
        ("client_id", "s6 Bh:d"),
        ("client_secret", "7F%j+f"),
    ];
    let header = basic("s6%20Bh%3Ad:7F%25j%2Bf").headers;
    let mut request = token_request(TOKEN, &both);
    request.headers = header;
    let reply = world.send(&request);
    assert_eq!(refusal(&reply), refused(400, "invalid_request"));
}

#[test]
fn the_method_is_the_registered_one() {
    let mut world = world();
    let post = |id, secret| {
        let parameters =
            [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        token_request(TOKEN, &parameters)
    };
    assert_eq!(world.send(&post("poster", "hush")).status, 200);
    let wrong = [
        post("poster", "loud"),
        post("s6 Bh:d", "7F%j+f"),
        basic("poster:hush"),
        token_request(TOKEN, &[GRANT[0], ("client_id", "poster")]),
        token_request(TOKEN, &GRANT),
        post("public", "anything"),
    ];
    for request in wrong {
        assert_eq!(refusal(&world.send(&request)), refused(401, "invalid_client"));
    }
    let mismatch =
        basic("s6%20Bh%3Ad:7F%25j%2Bf").with_body("grant_type=client_credentials&client_id=poster");
    let reply = world.send(&mismatch);
    assert_eq!(refusal(&reply), refused(400, "invalid_request"));
}

#[test]
fn a_token_request_is_a_well_formed_post() {
    let mut world = world();
    let good = "grant_type=client_credentials&client_id=poster&client_secret=hush";
    let form = || {
        Received::new("POST", TOKEN)
            .with_header("content-type", "application/x-www-form-urlencoded; charset=UTF-8")
    };
    assert_eq!(world.send(&form().with_body(good)).status, 200);

    let by_get = Received::new("GET", TOKEN).with_body(good);
    assert_eq!(world.send(&by_get).status, 405);
    let repeated_header = form()
        .with_header("authorization", "Basic eDp5")
        .with_header("authorization", "Basic eDp5");
    let mut in_query = form().with_body(good);
    in_query.target.push_str("?client_secret=hush");
    let wrong = [
        Received::new("POST", TOKEN).with_body(good),
        Received::new("POST", TOKEN)
            .with_header("content-type", "application/json")
            .with_body("{}"),
        form().with_body(format!("{good}&client_id=poster")),
        form().with_body(format!("{good}&x=%zz")),
        form().with_body(format!("{good}&x=a=b")),
        form().with_body(format!("{good}&x=a b")),
        form().with_body(format!("{good}&x=%ff")),
        form().with_body(format!("{good}&lonely")),
        form().with_body([good.as_bytes(), b"\xff"].concat()),
        form().with_body("client_id=poster&client_secret=hush"),
        form().with_body(good).with_header("accept", "text/html"),
        repeated_header.with_body(good),
        in_query,
    ];
    for request in wrong {
        let reply = world.send(&request);
        assert_eq!(refusal(&reply), refused(400, "invalid_request"));
    }
}

#[test]
fn a_required_header_is_required() {
    let client = Client::new("robot", Authentication::ClientSecretPost("hush".into()))
        .with_grants(&["client_credentials"])
        .requiring("x-api-key", "door");
    let mut world = World::new(vec![client]);
    let request = || {
        let proof = [("client_id", "robot"), ("client_secret", "hush")];
        token_request(TOKEN, &[GRANT[0], proof[0], proof[1]])
    };
    for wrong in [request(), request().with_header("x-api-key", "window")] {
        assert_eq!(refusal(&world.send(&wrong)), refused(401, "invalid_client"));
    }
    let right = request().with_header("x-api-key", "door");
    assert_eq!(world.send(&right).status, 200);
}

#[test]
fn the_grant_is_a_registered_one() {
    let mut world = world();
    let mut with_grant = |grant| {
        let parameters =
            [("grant_type", grant), ("client_id", "poster"), ("client_secret", "hush")];
        refusal(&world.post(TOKEN, &parameters))
    };
    assert_eq!(with_grant("magic"), refused(400, "unsupported_grant_type"));
    assert_eq!(with_grant("refresh_token"), refused(400, "unauthorized_client"));
    let public = world.post(TOKEN, &[GRANT[0], ("client_id", "public")]);
    assert_eq!(refusal(&public), refused(400, "unauthorized_client"));
}

#[test]
fn the_same_seed_gives_the_same_tokens() {
    let token = || {
        let reply = world().send(&basic("s6%20Bh%3Ad:7F%25j%2Bf"));
        member(&reply, "access_token").expect("a token")
    };
    assert_eq!(token(), token());
}
