//! Attacks through what is put into a request: smuggled parameters and headers, line breaks, addresses.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantwire::authorization::AuthorizationRequest;
use grantwire::client::{
    AssertionAudience, ClientAuthentication, ClientSecretBasic, ClientSecretJwt, ClientSecretPost,
    Credentials, PrivateKeyJwt,
};
use grantwire::danger::PlainHttp;
use grantwire::grant::{AuthorizationCode, Extension, RefreshToken};
use grantwire::jose::{Algorithm, Jwt, Signer};
use grantwire::provider::dressipi::Dressipi;
use grantwire::{
    AuthorizationServer, BuildError, Client, EndpointError, EndpointUri, TokenRequest,
};
use http::HeaderValue;

use crate::given::*;

/// Every name that belongs to the protocol and not to extras.
const MANAGED: &[&str] = &[
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "assertion",
    "username",
    "password",
    "response_type",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
    "device_code",
    "subject_token",
    "subject_token_type",
    "actor_token",
    "actor_token_type",
    "requested_token_type",
    "auth_req_id",
];

/// S23: an extra with a name of the protocol's own, on either request.
#[test]
fn parameter_smuggling() {
    for name in MANAGED {
        let managed = BuildError::ParameterManaged { parameter: (*name).into() };
        let exchange = own_token(&client()).parameter(*name, "evil");
        assert_eq!(build(&exchange).err(), Some(managed.clone()), "{name}");
        let request = client().authorization().parameter(*name, "evil");
        assert_eq!(request.start(&mut entropy()).err(), Some(managed), "{name}");
    }
    let twice = own_token(&client()).parameter("prompt", "a").parameter("prompt", "b");
    let repeated = BuildError::ParameterRepeated { parameter: "prompt".into() };
    assert_eq!(build(&twice).err(), Some(repeated.clone()));
    let twice = client().authorization().parameter("prompt", "a").parameter("prompt", "b");
    assert_eq!(twice.start(&mut entropy()).err(), Some(repeated));
    // RFC 8693 section 2.1 and RFC 8707 section 2 let two names stand more than once.
    let both = own_token(&client()).parameter("resource", "a").parameter("resource", "b");
    assert_eq!(names_of(&built(&both)), ["grant_type", "resource", "resource", "client_id"]);
}

/// S23: a value that would end its parameter and begin another stays one value.
#[test]
fn parameter_smuggling_inside_a_value() {
    let value = "x&client_id=evil#frag?scope=all%26a=b;c=d+e";
    let request = built(&own_token(&client()).parameter("note", value));
    assert_eq!(names_of(&request), ["grant_type", "note", "client_id"]);
    assert_eq!(pairs_of(&request)[1].1, value);
    let exchange =
        client().token(AuthorizationCode::unchecked("c&redirect_uri=https://evil.example"));
    assert_eq!(names_of(&built(&exchange)), ["grant_type", "code", "client_id"]);
    let url = client().authorization().parameter("note", value).start(&mut entropy()).unwrap().url;
    assert_eq!(query(&url, "note").as_deref(), Some(value));
    assert!(!url.contains('#'));
}

/// S23: an extension grant may have parameters of its own, but not somebody's credentials.
#[test]
fn credentials_smuggled_in_a_grant() {
    for name in
        ["client_id", "client_secret", "client_assertion", "client_assertion_type", "grant_type"]
    {
        let grant = Extension::new("urn:example:grant").parameter(name, "evil");
        let managed = BuildError::ParameterManaged { parameter: name.into() };
        assert_eq!(build(&client().token(grant)).err(), Some(managed));
    }
    let grant = Extension::new("urn:example:grant").parameter("scope", "all");
    let repeated = BuildError::ParameterRepeated { parameter: "scope".into() };
    assert_eq!(build(&client().token(grant).scope("read")).err(), Some(repeated));
}

/// S23: headers of the protocol's own cannot be set as extras, in any letter case.
#[test]
fn header_smuggling() {
    for name in [
        "authorization",
        "Authorization",
        "DPoP",
        "content-type",
        "Accept",
        "host",
        "Content-Length",
        "transfer-encoding",
    ] {
        let header = name.to_ascii_lowercase();
        let refused = |exchange: TokenRequest| {
            let Err(BuildError::HeaderManaged { header: named }) = build(&exchange) else {
                panic!("{name} was let through");
            };
            assert_eq!(named, header);
        };
        refused(own_token(&client()).header(name, "x"));
        refused(own_token(&client()).secret_header(name, "x"));
        refused(own_token(&client().header(name, "x")));
        refused(own_token(&client().secret_header(name, "x")));
    }
}

/// A method of the caller's own that writes what it is told to.
struct Custom(Writer);

type Writer = fn(&mut Credentials<'_, '_>) -> Result<(), BuildError>;

impl ClientAuthentication for Custom {
    fn name(&self) -> &str {
        "custom"
    }

    fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        (self.0)(to)
    }
}

/// RFC 6749 section 2.3: never more than one method in a request, whoever writes it.
#[test]
fn two_authentication_methods() {
    fn basic(to: &mut Credentials<'_, '_>) -> Result<(), BuildError> {
        to.authorization(HeaderValue::from_static("Basic eDp5"))
    }
    fn assertion(to: &mut Credentials<'_, '_>) -> Result<(), BuildError> {
        to.assertion(&Jwt::new(), &Signer::remote(Algorithm::Es256))
    }
    let both: [Writer; 5] = [
        |to| basic(to).and_then(|()| to.parameter("client_secret", "x")),
        |to| to.parameter("client_secret", "x").and_then(|()| basic(to)),
        |to| basic(to).and_then(|()| assertion(to)),
        |to| assertion(to).and_then(|()| to.parameter("client_assertion", "x")),
        |to| basic(to).and_then(|()| basic(to)),
    ];
    for method in both {
        let error = build(&own_token(&client().auth(Custom(method)))).err();
        assert_eq!(error, Some(BuildError::TwoAuthenticationMethods));
    }
    let twice = Custom(|to| to.send_client_id().and_then(|()| to.send_client_id()));
    assert_eq!(names_of(&built(&own_token(&client().auth(twice)))), ["grant_type", "client_id"]);
    let other = Custom(|to| to.parameter("client_id", "evil").and_then(|()| to.send_client_id()));
    let repeated = BuildError::ParameterRepeated { parameter: "client_id".into() };
    assert_eq!(build(&own_token(&client().auth(other))).err(), Some(repeated));
    let grant = Custom(|to| to.parameter("grant_type", "password"));
    let repeated = BuildError::ParameterRepeated { parameter: "grant_type".into() };
    assert_eq!(build(&own_token(&client().auth(grant))).err(), Some(repeated));
}

/// S10: whatever a method writes into a header is marked, so that no stack prints it.
#[test]
fn credentials_of_a_custom_method_in_a_log() {
    let method = Custom(|to| {
        to.authorization(HeaderValue::from_static("Vendor c4n4ry"))?;
        to.secret_header("x-vendor-secret", "c4n4ry")
    });
    let request = built(&own_token(&client().auth(method)));
    assert!(request.headers()["authorization"].is_sensitive());
    assert!(request.headers()["x-vendor-secret"].is_sensitive());
    assert!(!format!("{:?}", request.headers()).contains("c4n4ry"));
}

/// A method's own header cannot replace one that this crate writes.
#[test]
fn header_smuggling_by_a_custom_method() {
    let methods: [(&str, Writer); 4] = [
        ("authorization", |to| to.secret_header("authorization", "x")),
        ("content-type", |to| to.secret_header("Content-Type", "text/plain")),
        ("accept", |to| to.secret_header("accept", "text/html")),
        ("host", |to| to.secret_header("host", "evil.example")),
    ];
    for (name, method) in methods {
        let error = build(&own_token(&client().auth(Custom(method)))).err();
        assert_eq!(error, Some(BuildError::HeaderManaged { header: name }));
    }
}

/// S18: line breaks and other control characters, wherever a caller's text goes.
#[test]
fn line_breaks_in_what_is_sent() {
    type Make = fn(&str) -> Result<(), BuildError>;
    fn send(exchange: TokenRequest) -> Result<(), BuildError> {
        exchange.draft(now(), &mut entropy()).map(drop)
    }
    fn start(request: AuthorizationRequest) -> Result<(), BuildError> {
        request.start(&mut entropy()).map(drop)
    }
    let places: &[(&str, Make)] = &[
        ("client_id", |bad| send(own_token(&Client::new(server(), bad)))),
        ("client_id in Basic", |bad| {
            send(own_token(&Client::new(server(), bad).auth(ClientSecretBasic::new("x").raw())))
        }),
        ("client_secret, Basic", |bad| {
            send(own_token(&client().auth(ClientSecretBasic::new(bad))))
        }),
        ("client_secret, raw", |bad| {
            send(own_token(&client().auth(ClientSecretBasic::new(bad).raw())))
        }),
        ("client_secret, post", |bad| send(own_token(&client().auth(ClientSecretPost::new(bad))))),
        ("code", |bad| send(client().token(AuthorizationCode::unchecked(bad)))),
        ("refresh_token", |bad| send(client().token(RefreshToken::new(bad)))),
        ("redirect_uri", |bad| {
            send(client().token(RefreshToken::new("x").redirect_uri(format!("https://a/{bad}"))))
        }),
        ("grant_type", |bad| send(client().token(Extension::new(bad.to_owned())))),
        ("a grant's parameter", |bad| {
            send(client().token(Extension::new("urn:x").parameter("x", bad.to_owned())))
        }),
        ("a grant's secret", |bad| send(client().token(Extension::new("urn:x").secret("x", bad)))),
        ("scope", |bad| send(own_token(&client()).scope(bad))),
        ("resource", |bad| send(own_token(&client()).resource(bad))),
        ("audience", |bad| send(own_token(&client()).audience(bad))),
        ("an extra's value", |bad| send(own_token(&client()).parameter("x", bad))),
        ("an extra's name", |bad| send(own_token(&client()).parameter(bad, "x"))),
        ("a header's value", |bad| send(own_token(&client()).header("x-a", bad))),
        ("a header's name", |bad| send(own_token(&client()).header(bad, "x"))),
        ("a secret header", |bad| send(own_token(&client().secret_header("x-a", bad)))),
        ("an API key", |bad| {
            Dressipi::new("https://a", "c", bad).create_profile(&mut entropy()).map(drop)
        }),
        ("the token endpoint", |bad| {
            let server = AuthorizationServer::new().token_endpoint(&format!("https://a/{bad}"));
            send(own_token(&Client::new(server, "c")))
        }),
        ("the authorization endpoint", |bad| {
            let url = format!("https://a/{bad}");
            start(
                Client::new(AuthorizationServer::new().authorization_endpoint(&url), "c")
                    .authorization(),
            )
        }),
        ("the issuer", |bad| {
            let client = Client::new(server().issuer(bad), "c");
            send(own_token(&client.auth(PrivateKeyJwt::new(Signer::remote(Algorithm::Es256)))))
        }),
        ("state", |bad| start(client().authorization().state(bad))),
        ("nonce", |bad| start(client().authorization().nonce(bad))),
        ("response_type", |bad| start(client().authorization().response_type(bad.to_owned()))),
        ("response_mode", |bad| start(client().authorization().response_mode(bad.to_owned()))),
        ("claims", |bad| start(client().authorization().claims(bad))),
        ("scope, authorize", |bad| start(client().authorization().scope(bad))),
        ("resource, authorize", |bad| start(client().authorization().resource(bad))),
        ("redirect_uri, authorize", |bad| {
            start(client().authorization().redirect_uri(format!("https://a/{bad}")))
        }),
        ("an extra, authorize", |bad| start(client().authorization().parameter("x", bad))),
    ];
    for (place, make) in places {
        for bad in [
            "evil\r\nx-injected: 1",
            "evil\nb",
            "evil\rb",
            "evil\0b",
            "evil\u{7f}b",
            "evil\u{1b}[0m",
        ] {
            let error = make(bad).expect_err(place);
            let text = format!("{error} {error:?}");
            assert!(!text.contains('\n') && !text.contains('\r'), "{place}: {text}");
            // A name may be shown, printable; a value never is.
            assert_eq!(text.contains("evil"), place.ends_with("name"), "{place}: {text}");
        }
    }
}

/// RFC 9700 section 2.6, S13: addresses that would send secrets in the clear, or open something else
/// than a web page.
#[test]
fn endpoint_of_another_scheme() {
    for address in [
        "http://as.example/authorize",
        "javascript:alert(1)",
        "javascript://as.example/%0aalert(1)",
        "file:///etc/passwd",
        "smb://as.example/share",
        "data:text/html,x",
        "ftp://as.example/",
        "//as.example/authorize",
        "as.example/authorize",
        " https://as.example/",
        "https:as.example",
        "https://",
        "ms-settings:network",
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://[::2]/",
        "https://user@evil.example/",
        "https://as.example\\@evil.example/",
        "https://as.example/#x",
    ] {
        let fault = EndpointUri::parse(address).expect_err(address);
        let server =
            AuthorizationServer::new().authorization_endpoint(address).token_endpoint(address);
        let client = Client::new(server, CLIENT_ID);
        let at = |endpoint| Some(BuildError::Endpoint { endpoint, error: fault });
        assert_eq!(
            client.authorization().start(&mut entropy()).err(),
            at("authorization_endpoint")
        );
        assert_eq!(build(&own_token(&client)).err(), at("token_endpoint"), "{address}");
    }
    for address in ["http://localhost:8080/t", "http://127.0.0.1/t", "http://[::1]:9/t"] {
        assert!(EndpointUri::parse(address).is_ok(), "{address}");
    }
    // Plain HTTP elsewhere takes a permission that one has to type, and still nothing but HTTP.
    let insecure = |address| EndpointUri::parse_insecure(address, PlainHttp).err();
    assert_eq!(insecure("http://as.example/t"), None);
    assert_eq!(insecure("javascript://as.example/t"), Some(EndpointError::Insecure));
}

/// S15: an assertion that names one server's issuer is worth nothing at another.
#[test]
fn audience_injection() {
    let audience = |server: AuthorizationServer| {
        let secret = "a shared secret of at least thirty-two octets";
        let method = ClientSecretJwt::new(Algorithm::Hs256, secret);
        let request = build(&own_token(&Client::new(server, CLIENT_ID).auth(method)))?;
        let assertion = pairs_of(&request).remove(1).1;
        let payload = assertion.split('.').nth(1).expect("a payload");
        let bytes = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
        let claims: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
        Ok(claims["aud"].clone())
    };
    // An attacker who can name the endpoint cannot thereby name the audience.
    let redirected = server().token_endpoint("https://honest.example/token");
    assert_eq!(audience(redirected), Ok(serde_json::Value::from(ISSUER)), "one string");
    let without = AuthorizationServer::new().token_endpoint(TOKEN);
    assert_eq!(audience(without), Err(BuildError::IssuerMissing), "and no quiet way round it");
}

/// S16: no assertion is kept, so none can be sent a second time by this crate.
#[test]
fn assertion_replay() {
    let method =
        PrivateKeyJwt::new(Signer::remote(Algorithm::Es256)).audience(AssertionAudience::Issuer);
    let exchange = own_token(&client().auth(method));
    let mut entropy = entropy();
    let mut input = || {
        let draft = exchange.draft(now(), &mut entropy).unwrap();
        draft.unsigned().unwrap().clone()
    };
    let (first, second) = (input(), input());
    assert_ne!(first.input(), second.input(), "a retry of the same request has another jti");
    // Nor is the signature of one request taken for another.
    let signature = first.signed(vec![1; 64]);
    assert!(second.finish(&signature).is_err());
}
