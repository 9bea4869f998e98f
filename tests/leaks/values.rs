//! Values that hold the canary, or are made of what does.

use grantwire::client::ClientSecretBasic;
use grantwire::grant::{AuthorizationCode, ClientCredentials, Extension, Grant, RefreshToken};
use grantwire::pkce::CodeVerifier;
use grantwire::reply::Challenge;
use grantwire::{
    AccessToken, AuthorizationServer, BuildError, Client, EndpointUri, Entropy, Error, RedirectUri,
    Secret, Timestamp, TokenRequest, TokenType,
};
use http::HeaderMap;

use crate::needle::CANARY;
use crate::watch::Watch;

pub fn show(watch: &mut Watch) {
    let secret = Secret::new(CANARY);
    assert_eq!(secret.expose(), CANARY);
    watch.debug(&secret);
    watch.debug(&Some(&secret));

    let seed: [u8; 32] = CANARY.as_bytes()[..32].try_into().unwrap();
    watch.debug(&Entropy::new(seed));
    watch.debug(&CodeVerifier::from_bytes(seed));
    watch.debug(&CodeVerifier::from_text(CANARY).unwrap());
    watch.failure(CodeVerifier::from_text(format!("{CANARY}!")));
    watch.failure(CodeVerifier::from_text(&CANARY[..30]));

    let with_query = format!("https://as.example/token?key={CANARY}");
    watch.debug(&EndpointUri::parse(&with_query).unwrap());
    watch.debug(&RedirectUri::from(with_query.as_str()));
    let server = AuthorizationServer::new().token_endpoint(&with_query);
    watch.debug(&server.authorization_endpoint(&with_query));
    for wrong in [
        format!("https://user:{CANARY}@as.example/"),
        format!("https://as.example/{CANARY}#{CANARY}"),
        format!("https://as.example/{CANARY} "),
        format!("http://{CANARY}.example/{CANARY}"),
        format!("https://as.example:{CANARY}/"),
        CANARY.to_owned(),
    ] {
        watch.failure(EndpointUri::parse(&wrong));
        let server = AuthorizationServer::new().token_endpoint(&wrong);
        watch.debug(&server);
        let request = Client::new(server, "c").token(ClientCredentials::new());
        let error = request.draft(Timestamp::EPOCH, &mut Entropy::new(seed)).unwrap_err();
        watch.error(&error);
        watch.error(&Error::from(error));
    }

    let token = AccessToken::new(CANARY, TokenType::Bearer);
    watch.debug(&token);
    let mut headers = HeaderMap::new();
    token.present(&mut headers).unwrap();
    token.present_raw(http::HeaderName::from_static("x-jwt"), &mut headers).unwrap();
    assert_eq!(headers["x-jwt"], CANARY);
    watch.text(format!("{headers:?}"));
    for (text, kind) in [(CANARY, TokenType::Dpop), (&format!("{CANARY}\n"), TokenType::Bearer)] {
        watch.failure(AccessToken::new(text, kind).present(&mut HeaderMap::new()));
    }

    let challenge = format!("Bearer realm=\"{CANARY}\", {CANARY} {CANARY}==, X {CANARY}={CANARY}");
    watch.debug(&Challenge::from_value(&challenge).unwrap());
    watch.debug(&Challenge::from_value(&challenge).unwrap()[1]);
    let broken = Challenge::from_value(&format!("Bearer realm=\"{CANARY}")).unwrap_err();
    watch.error(&broken);
    watch.error(&Error::from(broken));

    for error in refused() {
        watch.error(&error);
        watch.error(&Error::from(error));
    }
}

/// Requests that are not built for the sake of a value that holds the canary.
fn refused() -> Vec<BuildError> {
    let bad = format!("{CANARY}\r\n");
    let bad = bad.as_str();
    let server = || {
        AuthorizationServer::new()
            .token_endpoint("https://as.example/token")
            .authorization_endpoint("https://as.example/authorize")
    };
    let client = || Client::new(server(), "c");
    let ask = || client().token(ClientCredentials::new());
    let of = |grant: Grant| client().token(grant);
    let tokens = vec![
        Client::new(server(), bad).token(ClientCredentials::new()),
        ask().auth(ClientSecretBasic::new(bad)),
        ask().auth(ClientSecretBasic::new(bad).raw()),
        ask().auth(grantwire::client::ClientSecretPost::new(bad)),
        ask().parameter("x", bad),
        ask().parameter("client_secret", CANARY),
        ask().parameter("x", CANARY).parameter("x", CANARY),
        ask().parameter("", CANARY),
        ask().header("x-key", bad),
        ask().secret_header("x-key", bad),
        ask().secret_header("x key", CANARY),
        ask().secret_header("authorization", CANARY),
        ask().scope(format!("a  {CANARY}")),
        ask().resource(bad),
        ask().audience(bad),
        of(AuthorizationCode::unchecked(bad).into()),
        of(AuthorizationCode::unchecked(CANARY).redirect_uri(bad).into()),
        of(RefreshToken::new(bad).into()),
        of(Extension::new("x").secret("client_assertion", CANARY).into()),
        of(Extension::new("x").parameter("y", bad.to_owned()).into()),
    ];
    let build = |request: TokenRequest| {
        request.request(Timestamp::EPOCH, &mut Entropy::new([7; 32])).unwrap_err()
    };
    let urls = vec![
        client().authorization().state(bad),
        client().authorization().nonce(bad),
        client().authorization().claims(bad),
        client().authorization().redirect_uri(bad),
        client().authorization().parameter("login_hint", bad),
        client().authorization().parameter("state", CANARY),
        client().authorization().scope(format!("{CANARY}\"")),
    ];
    let started = urls.into_iter().map(|url| url.start(&mut Entropy::new([7; 32])).unwrap_err());
    tokens.into_iter().map(build).chain(started).collect()
}
