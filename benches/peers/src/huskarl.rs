//! huskarl, with its cryptography in Rust. Its futures are polled by hand; the transport answers at once.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use huskarl::core::client_auth::{Audience, ClientSecret, JwtBearer};
use huskarl::core::http::{HttpClient, HttpResponse, Idempotency};
use huskarl::core::jwk::Jwk;
use huskarl::core::platform::MaybeSendBoxFuture;
use huskarl::core::secrets::{ProvidedSecret, SecretString};
use huskarl::core::{EndpointUrl, Error, OAuthError, OAuthErrorCode};
use huskarl::grant::authorization_code::{
    AuthorizationCodeGrant, AuthorizationCodeGrantParameters, StartInput,
};
use huskarl::grant::client_credentials::{
    ClientCredentialsGrant, ClientCredentialsGrantParameters,
};
use huskarl::grant::core::{OAuth2ExchangeGrant, TokenResponse};
use huskarl::grant::device_authorization::{self, DeviceAuthorizationGrant, PollResult};
use huskarl::grant::refresh::{RefreshGrant, RefreshGrantParameters};
use huskarl::token::RefreshToken;
use huskarl_crypto_native::asymmetric::signer::PrivateKey;

use super::Entry;
use super::oauth2::is_ours;
use super::ours::{asked_four_times, refusal, response, tokens};
use super::work::{Work, kept};
use super::{inputs, operations};

pub const WORK: &[Entry] = &[
    ("build", build),
    ("read", read),
    ("read 400", read_400),
    ("exchange", exchange),
    ("refresh", refresh),
    ("url", url),
    ("device", device),
    ("es256", es256),
    ("eddsa", eddsa),
];

/// A transport that drops what it is given and answers with these, the last first, as soon as it is polled
/// and there are any.
struct Answers {
    responses: Mutex<Vec<HttpResponse>>,
    look: fn(&Request<Bytes>),
}

impl HttpClient for Answers {
    fn execute(
        &self,
        request: Request<Bytes>,
        _: Idempotency,
    ) -> MaybeSendBoxFuture<'_, Result<HttpResponse, Error>> {
        (self.look)(&request);
        drop(std::hint::black_box(request));
        Box::pin(poll_fn(|_| match self.responses.lock().expect("nobody panics").pop() {
            Some(response) => Poll::Ready(Ok(response)),
            None => Poll::Pending,
        }))
    }
}

fn answers<const N: usize>(responses: [Response<Vec<u8>>; N]) -> Answers {
    Answers { responses: Mutex::new(responses.map(answer).into()), look: |_| () }
}

fn answer(response: Response<Vec<u8>>) -> HttpResponse {
    let (parts, body) = response.into_parts();
    HttpResponse { status: parts.status, headers: parts.headers, body: body.into() }
}

/// Polls once: what is ready at once is here, and what waits for the transport is dropped.
fn poll<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

fn url_of(text: &str) -> EndpointUrl {
    text.parse().expect("a URL")
}

fn basic() -> ClientSecret {
    let secret = ProvidedSecret::new(SecretString::new(inputs::CLIENT_SECRET));
    ClientSecret::builder().client_secret(secret).prefer_basic_auth(true).build()
}

fn code_grant(transport: impl HttpClient + 'static) -> &'static AuthorizationCodeGrant {
    let grant = AuthorizationCodeGrant::builder()
        .client_id(inputs::CLIENT_ID)
        .http_client(transport)
        .client_auth(basic())
        .issuer(inputs::ISSUER)
        .token_endpoint(url_of(inputs::TOKEN_ENDPOINT))
        .authorization_endpoint(url_of(inputs::AUTHORIZATION_ENDPOINT))
        .redirect_uri(inputs::REDIRECT_URI)
        // Else it wants keys to verify ID tokens with, at the start already.
        .oidc(false)
        .build();
    kept(poll(grant).expect("it needs nothing").expect("it is complete"))
}

fn code() -> AuthorizationCodeGrantParameters {
    AuthorizationCodeGrantParameters::builder()
        .code(inputs::CODE)
        .pkce_verifier(inputs::VERIFIER)
        .build()
}

fn has_tokens(result: &Option<Result<TokenResponse, Error>>) {
    let tokens = result.as_ref().expect("an answer").as_ref().expect("they are tokens");
    assert!(inputs::TOKENS.contains(tokens.access_token().token().expose_secret()));
    assert!(tokens.refresh_token().is_some() && tokens.id_token().is_some());
}

fn build() -> Work {
    let look = |request: &Request<Bytes>| {
        is_ours(&request.clone().map(|body| body.to_vec()), &operations::code_request());
    };
    poll(code_grant(Answers { look, ..answers([]) }).exchange(code()));

    let (grant, code) = (code_grant(answers([])), code());
    Work::new(move || poll(grant.exchange(code)), |result| assert!(result.is_none()))
}

fn exchange() -> Work {
    let (grant, code) = (code_grant(answers([tokens()])), code());
    Work::new(move || poll(grant.exchange(code)), has_tokens)
}

/// The request is built and sent beforehand; reading the response is what counts.
fn reading(
    response: Response<Vec<u8>>,
    check: impl Fn(&Option<Result<TokenResponse, Error>>) + 'static,
) -> Work {
    let transport: &Answers = kept(answers([]));
    // The place for the answer.
    transport.responses.lock().expect("nobody panics").reserve(1);
    let mut future = Box::pin(code_grant(transport).exchange(code()));
    assert!(poll(future.as_mut()).is_none(), "nobody has answered");
    let response = answer(response);
    let read = move || {
        transport.responses.lock().expect("nobody panics").push(response);
        poll(future)
    };
    Work::new(read, check)
}

fn read() -> Work {
    reading(tokens(), has_tokens)
}

fn read_400() -> Work {
    reading(refusal(inputs::INVALID_GRANT), |result| {
        let error = result.as_ref().expect("an answer").as_ref().expect_err("it is an error");
        assert_eq!(error.verdict().map(OAuthError::code), Some(&OAuthErrorCode::InvalidGrant));
    })
}

fn refresh() -> Work {
    let grant = RefreshGrant::builder()
        .client_id(inputs::CLIENT_ID)
        .http_client(answers([tokens()]))
        .client_auth(basic())
        .token_endpoint(url_of(inputs::TOKEN_ENDPOINT))
        .build();
    let grant = kept(grant);
    let token = RefreshToken::new(SecretString::new(inputs::REFRESH_TOKEN), None);
    let parameters = RefreshGrantParameters::refresh_token(token);
    Work::new(move || poll(grant.exchange(parameters)), has_tokens)
}

/// It always makes a nonce, though it does not send it here.
fn url() -> Work {
    let grant = code_grant(answers([]));
    let scopes = inputs::SCOPES.map(String::from).to_vec();
    let start = move || poll(grant.start(StartInput::scope(scopes)));
    Work::new(start, |started| {
        let started = started.as_ref().expect("it is ready").as_ref().expect("it is complete");
        let url = started.authorization_url.to_string();
        for part in ["scope=openid", "&state=", "&code_challenge="] {
            assert!(url.contains(part), "the URL has no {part}: {url}");
        }
    })
}

/// Polled by hand, without the wait in between.
fn device() -> Work {
    let [first, second, third, fourth] = asked_four_times();
    let codes = response(200, inputs::DEVICE_CODES);
    let grant = DeviceAuthorizationGrant::builder()
        .client_id(inputs::CLIENT_ID)
        .http_client(answers([first, second, third, fourth, codes]))
        .client_auth(basic())
        .token_endpoint(url_of(inputs::TOKEN_ENDPOINT))
        .device_authorization_endpoint(url_of(inputs::DEVICE_ENDPOINT))
        .build();
    let grant = kept(grant);
    let input = device_authorization::StartInput::builder().build();
    let started = poll(grant.start(input)).expect("an answer").expect("it is a device code");
    let mut pending = started.pending_state;
    let ask = move || {
        for asked in 1.. {
            match poll(grant.poll(&mut pending, None)).expect("an answer").expect("no failure") {
                PollResult::Complete(tokens) => return (asked, tokens),
                PollResult::Pending => (),
            }
        }
        unreachable!("there is an end")
    };
    Work::new(ask, |(asked, tokens)| {
        assert_eq!(*asked, 4);
        assert!(tokens.refresh_token().is_some());
    })
}

fn assertion(algorithm: &str, jwk: &str) -> Work {
    let mut jwk: serde_json::Value = serde_json::from_str(jwk).expect("it is JSON");
    jwk["alg"] = algorithm.into();
    jwk["kid"] = inputs::KEY_ID.into();
    let jwk: Jwk = serde_json::from_value(jwk).expect("it is a JWK");
    let jwk = jwk.private_jwk().and_then(|jwk| jwk.try_into().ok()).expect("it is private");
    let key = PrivateKey::from_jwk(jwk).expect("it fits the algorithm");
    let look = |request: &Request<Bytes>| {
        let body = str::from_utf8(request.body()).expect("it is a form");
        assert!(body.contains("client_assertion=ey"), "the request has no assertion");
    };
    let grant = ClientCredentialsGrant::builder()
        .client_id(inputs::CLIENT_ID)
        .http_client(Answers { look, ..answers([]) })
        .client_auth(JwtBearer::builder().signer(key).audience(Audience::Issuer).build())
        .issuer(inputs::ISSUER)
        .token_endpoint(url_of(inputs::TOKEN_ENDPOINT))
        .build();
    let grant = kept(grant);
    let parameters = ClientCredentialsGrantParameters::builder().build();
    Work::new(move || poll(grant.exchange(parameters)), |result| assert!(result.is_none()))
}

fn es256() -> Work {
    assertion("ES256", inputs::ES256)
}

fn eddsa() -> Work {
    assertion("EdDSA", inputs::ED25519)
}
