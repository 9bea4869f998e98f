//! Authorization requests, and callbacks that bring the canary in.

use grantwire::authorization::{AuthorizationRequest, Callback, CallbackErrorKind};
use grantwire::grant::AuthorizationCode;
use grantwire::pkce::CodeVerifier;
use grantwire::{Client, Entropy, Error};

use crate::needle::CANARY;
use crate::parties::{client, server};
use crate::watch::Watch;

/// A request that holds the canary wherever one fits. `state` is the canary and no more.
fn request(client: &Client) -> AuthorizationRequest {
    client
        .authorization()
        .redirect_uri(format!("https://client.example/cb?key={CANARY}"))
        .state(CANARY)
        .nonce(CANARY)
        .code_verifier(CodeVerifier::from_text(CANARY).unwrap())
        .claims(format!("{{\"x\":\"{CANARY}\"}}"))
        .resource(format!("https://api.example/{CANARY}"))
        .parameter("login_hint", CANARY)
}

/// Callbacks; `@` stands for the canary.
const CALLBACKS: &[&str] = &[
    "",
    "code=@",
    "code=@&state=another",
    "code=@&state=@&iss=https%3A%2F%2Fas.example",
    "code=@&state=@",
    "code=@&state=@&iss=@",
    "code=@&code=@&state=@",
    "code=@%0D%0A&state=@",
    "state=@&id_token=@&access_token=@",
    "error=@&error_description=@&error_uri=@&state=@",
    "error=access_denied&error_description=@&state=@",
    "error=access_denied&error_description=@&state=another",
    "state=@&state=@",
    "@=@&@",
];

pub fn show(watch: &mut Watch) {
    let clients =
        [client(), Client::new(server().announces_iss(), "c"), Client::new(without_issuer(), "c")];
    for client in &clients {
        let started = request(client).start(&mut Entropy::new([7; 32])).unwrap();
        assert!(started.url.contains(CANARY));
        watch.debug(&request(client));
        watch.debug(&started);
        watch.debug(&started.url);
        watch.debug(&started.pending);
        for text in CALLBACKS {
            answer(watch, client, &text.replace('@', CANARY));
        }
        answer(watch, client, &CANARY.repeat(2000));
    }
}

fn without_issuer() -> grantwire::AuthorizationServer {
    grantwire::AuthorizationServer::new().authorization_endpoint("https://as.example/authorize")
}

fn answer(watch: &mut Watch, client: &Client, text: &str) {
    let callbacks = [
        Callback::from_query(text),
        Callback::from_fragment(text),
        Callback::from_form(text.as_bytes()),
        Callback::from_url(&format!("https://client.example/cb?{text}")),
    ];
    for (at, callback) in callbacks.into_iter().enumerate() {
        watch.debug(&callback);
        let mut request = request(client);
        if at == 0 {
            request = request.response_type("id_token");
        }
        let pending = request.start(&mut Entropy::new([7; 32])).unwrap().pending;
        match pending.response(callback) {
            Ok(response) => {
                watch.debug(&response);
                if let Some(code) = response.into_code() {
                    assert_eq!(code.expose(), CANARY);
                    watch.debug(&code);
                    watch.debug(&AuthorizationCode::new(code));
                }
            }
            Err(error) => {
                watch.error(&error);
                watch.debug::<CallbackErrorKind>(error.kind());
                watch.error(&Error::from(error));
            }
        }
    }
}
