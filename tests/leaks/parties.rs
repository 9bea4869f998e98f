//! Clients, their methods, and the requests they make.

use grantwire::client::{
    AssertionAudience, Client, ClientAuthentication, ClientSecretBasic, ClientSecretJwt,
    ClientSecretPost, Credentials, PrivateKeyJwt,
};
use grantwire::grant::{AuthorizationCode, RefreshToken};
use grantwire::jose::{Algorithm, Jwt, Signer, Unsigned};
use grantwire::request::Draft;
use grantwire::{AuthorizationServer, BuildError, Entropy, Secret, Timestamp};

use crate::needle::CANARY;
use crate::watch::Watch;

/// A method of the caller's, whose credentials go everywhere at once.
struct Everywhere(Secret);

impl ClientAuthentication for Everywhere {
    fn name(&self) -> &str {
        "everywhere"
    }

    fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        to.parameter("vendor_secret", self.0.expose())?;
        to.secret_header("x-vendor-secret", self.0.expose())?;
        // The canary is in what has been written; a method may print what it writes to.
        PRINTED.with_borrow_mut(|printed| printed.push(format!("{to:?} {to:#?}")));
        Ok(())
    }
}

thread_local! {
    static PRINTED: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(Vec::new()) };
}

pub fn server() -> AuthorizationServer {
    AuthorizationServer::new()
        .issuer("https://as.example")
        .authorization_endpoint("https://as.example/authorize")
        .token_endpoint("https://as.example/token")
}

pub fn client() -> Client {
    Client::new(server(), "s6BhdRkqt3")
}

fn draft(client: &Client) -> Draft {
    let exchange = client.token(AuthorizationCode::unchecked(CANARY)).parameter("x", CANARY);
    exchange.draft(Timestamp::EPOCH, &mut Entropy::new([7; 32])).unwrap()
}

/// The client, what it asks, and what becomes of that.
fn follow(watch: &mut Watch, client: &Client) {
    let client = client.clone().secret_header("x-api-key", CANARY);
    watch.debug(&client.clone().header("x-plain", CANARY));
    watch.debug(&client);
    let exchange = client
        .token(RefreshToken::new(CANARY))
        .parameter("x", CANARY)
        .header("y", CANARY)
        .secret_header("z", CANARY);
    watch.debug(&exchange);
    let mut draft = draft(&client);
    watch.debug(&draft);
    if let Some(unsigned) = draft.unsigned() {
        watch.debug(unsigned);
        let signature = unsigned.signed(CANARY.repeat(2).into_bytes()[..64].to_vec());
        watch.debug(&signature);
        watch.failure(draft.sign(&Unsigned::new(Algorithm::Es256, None, b"", b"").signed([1; 64])));
        draft.sign(&signature).unwrap();
        watch.failure(draft.sign(&signature));
        watch.debug(&draft);
    }
    let request = draft.finish().unwrap();
    // What is secret in a header is marked, so that not even `http` prints it.
    assert!(request.headers().values().any(|value| value == CANARY));
    watch.text(format!("{:?}", request.headers()));
    // The canary was there to be printed.
    assert!(String::from_utf8_lossy(request.body()).contains(CANARY));
}

pub fn show(watch: &mut Watch) {
    let basic = ClientSecretBasic::new(CANARY).with_body_client_id();
    let post = ClientSecretPost::new(CANARY);
    let by_secret = ClientSecretJwt::new(Algorithm::Hs256, CANARY).claim("c", CANARY);
    let signer = Signer::remote(Algorithm::Es256).key_id("kms-1");
    let by_key = PrivateKeyJwt::new(signer).header("x5c", CANARY).claim("c", CANARY);
    watch.debug(&basic);
    watch.debug(&post);
    watch.debug(&by_secret);
    watch.debug(&by_key);
    follow(watch, &client());
    follow(watch, &client().auth(basic));
    follow(watch, &client().auth(post));
    follow(watch, &client().auth(by_secret));
    follow(watch, &client().auth(by_key.clone()));
    follow(watch, &client().auth(by_key.audience(AssertionAudience::TokenEndpoint)));

    follow(watch, &client().auth(Everywhere(Secret::new(CANARY))));
    for printed in PRINTED.take() {
        assert!(printed.starts_with("Credentials"));
        watch.text(printed);
    }

    let jwt = Jwt::new().claim("c", CANARY).header("h", CANARY);
    watch.debug(&jwt);
    let unsigned = jwt.unsigned(&Signer::remote(Algorithm::Rs256)).unwrap();
    watch.debug(&unsigned);
    watch.failure(unsigned.finish(&unsigned.signed(CANARY)));
    watch.failure(jwt.clone().claim("c", CANARY).unsigned(&Signer::remote(Algorithm::Rs256)));

    let short = ClientSecretJwt::new(Algorithm::Hs512, CANARY);
    let refused = client().auth(short).token(RefreshToken::new(CANARY));
    watch.failure(refused.request(Timestamp::EPOCH, &mut Entropy::new([7; 32])));
}
