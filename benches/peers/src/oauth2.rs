//! oauth2, and jsonwebtoken for the assertions that it does not make itself.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use aws_lc_rs::encoding::AsDer as _;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicErrorResponseType, BasicTokenResponse};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, Scope, StandardDeviceAuthorizationResponse, TokenResponse,
    TokenUrl,
};

use super::Entry;
use super::floor::{claims, ed25519_key, es256_key};
use super::ours::{asked_four_times, refusal, tokens};
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

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

fn client() -> &'static Client {
    let client = BasicClient::new(ClientId::new(inputs::CLIENT_ID.into()))
        .set_client_secret(ClientSecret::new(inputs::CLIENT_SECRET.into()))
        .set_auth_uri(AuthUrl::new(inputs::AUTHORIZATION_ENDPOINT.into()).expect("a URL"))
        .set_token_uri(TokenUrl::new(inputs::TOKEN_ENDPOINT.into()).expect("a URL"))
        .set_redirect_uri(RedirectUrl::new(inputs::REDIRECT_URI.into()).expect("a URL"));
    kept(client)
}

/// Nobody answered.
#[derive(Debug)]
pub struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no answer")
    }
}

impl std::error::Error for NoAnswer {}

/// A transport that drops what it is given and answers with these, the last first.
pub fn answers<const N: usize>(
    responses: [HttpResponse; N],
) -> impl Fn(HttpRequest) -> Result<HttpResponse, NoAnswer> {
    let responses = RefCell::new(Vec::from(responses));
    move |request| {
        drop(std::hint::black_box(request));
        responses.borrow_mut().pop().ok_or(NoAnswer)
    }
}

/// A transport that drops what it is given and has the answer when it is polled for the second time.
pub type Later = Box<dyn Fn(HttpRequest) -> Pin<Box<dyn Future<Output = Answer>>>>;
type Answer = Result<HttpResponse, NoAnswer>;

/// What `start` makes has built and sent its request beforehand; reading the response is what counts.
pub fn reading<T: 'static>(
    start: impl FnOnce(&'static Later) -> Pin<Box<dyn Future<Output = T>>>,
    response: HttpResponse,
    check: impl Fn(&T) + 'static,
) -> Work {
    let slot = Rc::new(RefCell::new(None));
    let answer = Rc::clone(&slot);
    let later: Later = Box::new(move |_| {
        let slot = Rc::clone(&slot);
        let take = move || slot.borrow_mut().take().map_or(Poll::Pending, |it| Poll::Ready(Ok(it)));
        Box::pin(poll_fn(move |_| take()))
    });
    let mut future = start(kept(later));
    let mut poll = move || future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll().is_pending(), "nobody has answered");
    let read = move || {
        answer.replace(Some(response));
        match poll() {
            Poll::Ready(read) => read,
            Poll::Pending => unreachable!("the answer is there"),
        }
    };
    Work::new(read, check)
}

/// Looks at a request in the place of sending it.
pub fn looking<'a>(
    look: impl Fn(&HttpRequest) + 'a,
) -> impl Fn(HttpRequest) -> Result<HttpResponse, NoAnswer> + 'a {
    move |request| {
        look(&request);
        Err(NoAnswer)
    }
}

/// The same parameters as ours, in any order, and the same credentials.
pub fn is_ours(request: &HttpRequest, ours: &HttpRequest) {
    let pairs = |request: &HttpRequest| {
        let body = String::from_utf8_lossy(request.body()).replace("%7E", "~");
        let mut pairs: Vec<_> = body.split('&').map(String::from).collect();
        pairs.sort();
        pairs
    };
    assert_eq!(pairs(request), pairs(ours));
    assert_eq!(request.headers().get("authorization"), ours.headers().get("authorization"));
}

type Outcome = Result<BasicTokenResponse, RequestTokenError<NoAnswer, BasicErrorResponse>>;

fn code() -> (AuthorizationCode, PkceCodeVerifier) {
    (AuthorizationCode::new(inputs::CODE.into()), PkceCodeVerifier::new(inputs::VERIFIER.into()))
}

fn build() -> Work {
    let look = looking(|request| is_ours(request, &operations::code_request()));
    let (code, verifier) = self::code();
    let _ = client().exchange_code(code).set_pkce_verifier(verifier).request(&look);

    let (client, (code, verifier), transport) = (client(), self::code(), answers([]));
    let build = move || client.exchange_code(code).set_pkce_verifier(verifier).request(&transport);
    Work::new(build, |result| assert!(matches!(result, Err(RequestTokenError::Request(_)))))
}

fn exchange() -> Work {
    let (client, (code, verifier), transport) = (client(), self::code(), answers([tokens()]));
    let exchange =
        move || client.exchange_code(code).set_pkce_verifier(verifier).request(&transport);
    Work::new(exchange, |result| has_tokens(result.as_ref().expect("they are tokens")))
}

fn has_tokens(tokens: &BasicTokenResponse) {
    assert!(inputs::TOKENS.contains(tokens.access_token().secret()));
    assert!(tokens.refresh_token().is_some() && tokens.scopes().is_some());
}

fn asking(transport: &'static Later) -> Pin<Box<dyn Future<Output = Outcome>>> {
    let (code, verifier) = self::code();
    Box::pin(client().exchange_code(code).set_pkce_verifier(verifier).request_async(transport))
}

fn read() -> Work {
    reading(asking, tokens(), |result| has_tokens(result.as_ref().expect("they are tokens")))
}

fn read_400() -> Work {
    reading(asking, refusal(inputs::INVALID_GRANT), |result| match result {
        Err(RequestTokenError::ServerResponse(error)) => {
            assert_eq!(*error.error(), BasicErrorResponseType::InvalidGrant);
        }
        other => panic!("{other:?}"),
    })
}

fn refresh() -> Work {
    let token = RefreshToken::new(inputs::REFRESH_TOKEN.into());
    let look = looking(|request| is_ours(request, &operations::refresh_request()));
    let _ = client().exchange_refresh_token(&token).request(&look);

    let (client, transport) = (client(), answers([tokens()]));
    let refresh = move || client.exchange_refresh_token(&token).request(&transport);
    Work::new(refresh, |result| has_tokens(result.as_ref().expect("they are tokens")))
}

fn url() -> Work {
    let client = client();
    let scopes = inputs::SCOPES.map(|scope| Scope::new(scope.into()));
    let start = move || {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = client.authorize_url(CsrfToken::new_random).add_scopes(scopes);
        (request.set_pkce_challenge(challenge).url(), verifier)
    };
    Work::new(start, |((url, _), _)| {
        for part in ["scope=openid+profile+", "&state=", "&code_challenge="] {
            assert!(url.as_str().contains(part), "the URL has no {part}");
        }
    })
}

fn device() -> Work {
    let codes: &StandardDeviceAuthorizationResponse =
        kept(serde_json::from_str(inputs::DEVICE_CODES).expect("it is a device code"));
    let (client, transport) = (client(), answers(asked_four_times()));
    // A clock that does not ask the system.
    let now = || chrono::DateTime::from_timestamp(inputs::NOW as i64, 0).expect("a time");
    let poll = move || {
        let request = client.exchange_device_access_token(codes).set_time_fn(now);
        request.request(&transport, |_: Duration| (), None)
    };
    Work::new(poll, |result| has_tokens(result.as_ref().expect("they are tokens")))
}

fn assertion(algorithm: Algorithm, key: EncodingKey) -> Work {
    let client = BasicClient::new(ClientId::new(inputs::CLIENT_ID.into()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::new(inputs::TOKEN_ENDPOINT.into()).expect("a URL"));
    let client = kept(client);
    let mut header = Header::new(algorithm);
    header.typ = Some("client-authentication+jwt".into());
    header.kid = Some(inputs::KEY_ID.into());
    let random = [7; 32];
    let transport = looking(|request| {
        let body = str::from_utf8(request.body()).expect("it is a form");
        assert!(body.contains("client_assertion=ey"), "the request has no assertion");
    });
    let build = move || {
        let jti = BASE64_URL_SAFE_NO_PAD.encode(random);
        let jwt = jsonwebtoken::encode(&header, &claims(&jti), &key).expect("it is a JWT");
        client
            .exchange_client_credentials()
            .add_extra_param(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            )
            .add_extra_param("client_assertion", jwt)
            .request(&transport)
    };
    Work::new(build, |result| assert!(matches!(result, Err(RequestTokenError::Request(_)))))
}

fn es256() -> Work {
    let der = es256_key().to_pkcs8v1().expect("it can be written");
    assertion(Algorithm::ES256, EncodingKey::from_ec_der(der.as_ref()))
}

fn eddsa() -> Work {
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> =
        ed25519_key().as_der().expect("it can be written");
    assertion(Algorithm::EdDSA, EncodingKey::from_ed_der(der.as_ref()))
}
