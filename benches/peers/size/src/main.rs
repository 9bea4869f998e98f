//! A program that says a request and reads what was answered from its standard input. Without a crate it
//! does so with `http` alone and knows nothing of what the bytes mean.

use std::io::{Read as _, Write as _};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [code, verifier, secret] = arguments.as_slice() else {
        eprintln!("code, verifier and secret, please");
        std::process::exit(2);
    };
    match exchange(code, verifier, secret) {
        Some(token) => println!("{token}"),
        None => println!("failed"),
    }
}

/// In the place of the network.
fn send(body: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    let said = std::io::stdout().write_all(body);
    if let Err(error) = said.and_then(|()| std::io::stdin().read_to_end(&mut answer)) {
        eprintln!("{error}");
    }
    answer
}

#[cfg(not(any(feature = "grantwire", feature = "oauth2")))]
fn exchange(code: &str, verifier: &str, secret: &str) -> Option<String> {
    String::from_utf8(send([code, verifier, secret].join("&").as_bytes())).ok()
}

#[cfg(feature = "grantwire")]
fn exchange(code: &str, verifier: &str, secret: &str) -> Option<String> {
    use grantwire::client::ClientSecretBasic;
    use grantwire::grant::AuthorizationCode;
    use grantwire::pkce::CodeVerifier;
    use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};

    let server = AuthorizationServer::new().token_endpoint("https://as.example/token");
    let client = Client::new(server, "s6BhdRkqt3").auth(ClientSecretBasic::new(secret));
    let grant = AuthorizationCode::unchecked(code)
        .redirect_uri("https://client.example.com/cb")
        .code_verifier(CodeVerifier::from_text(verifier).ok()?);
    let exchange = client.token(grant);
    let request = exchange.request(Timestamp::EPOCH, &mut Entropy::new([7; 32])).ok()?;
    let tokens = exchange.read(&http::Response::new(send(request.body()))).ok()?;
    Some(tokens.access_token().expose().to_owned())
}

#[cfg(feature = "oauth2")]
fn exchange(code: &str, verifier: &str, secret: &str) -> Option<String> {
    use oauth2::basic::BasicClient;
    use oauth2::{
        AuthorizationCode, ClientId, ClientSecret, HttpRequest, PkceCodeVerifier, RedirectUrl,
        TokenResponse as _, TokenUrl,
    };

    let client = BasicClient::new(ClientId::new("s6BhdRkqt3".into()))
        .set_client_secret(ClientSecret::new(secret.into()))
        .set_token_uri(TokenUrl::new("https://as.example/token".into()).ok()?)
        .set_redirect_uri(RedirectUrl::new("https://client.example.com/cb".into()).ok()?);
    let transport =
        |request: HttpRequest| Ok::<_, std::io::Error>(http::Response::new(send(request.body())));
    let tokens = client
        .exchange_code(AuthorizationCode::new(code.into()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.into()))
        .request(&transport)
        .ok()?;
    Some(tokens.access_token().secret().clone())
}
