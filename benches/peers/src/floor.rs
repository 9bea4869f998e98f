//! The floor: what the same bytes cost by hand, with nothing checked, nothing wiped and nothing kept.
//!
//! One body of exactly the right size, headers by the `http` crate, JSON borrowed from the response. What is
//! configured once (the addresses, the value for Basic, the head of a JWT, a parsed key) is there beforehand.

use std::borrow::Cow;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Entry;
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

struct Client {
    token_endpoint: Uri,
    basic: HeaderValue,
}

fn client() -> &'static Client {
    let pair = BASE64_STANDARD.encode(format!("{}:{}", inputs::CLIENT_ID, inputs::CLIENT_SECRET));
    let basic: HeaderValue = format!("Basic {pair}").parse().expect("a value");
    // A value made of a string is shared from its first clone on.
    drop(basic.clone());
    let token_endpoint = inputs::TOKEN_ENDPOINT.parse().expect("a URI");
    kept(Client { token_endpoint, basic })
}

/// What stays as it is in a value: a lookup for each byte, and copies of what lies in between.
const STAYS: [bool; 256] = {
    let mut stays = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        stays[byte] =
            (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'-' | b'.' | b'_' | b'~');
        byte += 1;
    }
    stays
};

fn escaped_len(text: &str) -> usize {
    text.len() + 2 * text.bytes().filter(|&byte| !STAYS[usize::from(byte)]).count()
}

fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| !STAYS[usize::from(byte)]) {
        let hex = |nibble: u8| b"0123456789ABCDEF"[usize::from(nibble)];
        let byte = rest[at];
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&[b'%', hex(byte >> 4), hex(byte & 15)]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// Names and values, where the names and the first value need no escape.
fn form(pairs: &[(&str, &str)]) -> Vec<u8> {
    let len: usize = pairs.iter().map(|(name, value)| name.len() + escaped_len(value) + 2).sum();
    let mut out = Vec::with_capacity(len - 1);
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push(b'&');
        }
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        push_escaped(&mut out, value);
    }
    out
}

fn request(
    client: &Client,
    authorization: Option<&HeaderValue>,
    body: Vec<u8>,
) -> Request<Vec<u8>> {
    let mut request = Request::post(client.token_endpoint.clone())
        .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
        .header(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(value) = authorization {
        request = request.header(AUTHORIZATION, value.clone());
    }
    request.body(body).expect("it is a request")
}

fn code_request(client: &Client) -> Request<Vec<u8>> {
    let body = form(&[
        ("grant_type", "authorization_code"),
        ("code", inputs::CODE),
        ("redirect_uri", inputs::REDIRECT_URI),
        ("code_verifier", inputs::VERIFIER),
    ]);
    request(client, Some(&client.basic), body)
}

fn is_ours(request: &Request<Vec<u8>>, ours: &Request<Vec<u8>>) {
    let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
    assert_eq!(text(request.body()), text(ours.body()));
    assert_eq!(request.body().len(), request.body().capacity());
    assert_eq!(request.headers(), ours.headers());
}

/// Borrowed wherever nothing is escaped, which `serde` does for a `Cow` that stands by itself only.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Tokens<'a> {
    #[serde(borrow)]
    access_token: Text<'a>,
    #[serde(borrow)]
    token_type: Text<'a>,
    expires_in: Option<u64>,
    #[serde(borrow)]
    refresh_token: Option<Text<'a>>,
    #[serde(borrow)]
    scope: Option<Text<'a>>,
    #[serde(borrow)]
    id_token: Option<Text<'a>>,
}

impl Tokens<'_> {
    /// Of all of it, so that none is optimised away.
    fn len(&self) -> usize {
        let optional = [&self.refresh_token, &self.scope, &self.id_token];
        let optional: usize = optional.into_iter().flatten().map(|text| text.0.len()).sum();
        let lifetime = usize::from(self.expires_in.is_some());
        self.access_token.0.len() + self.token_type.0.len() + optional + lifetime
    }
}

#[derive(Deserialize)]
struct Refusal<'a> {
    #[serde(borrow)]
    error: Text<'a>,
    #[serde(borrow)]
    error_description: Option<Text<'a>>,
}

/// How many bytes of an answer mean something.
fn read_answer(response: &Response<Vec<u8>>) -> Result<usize, usize> {
    if response.status() == StatusCode::OK {
        let tokens: Tokens<'_> = serde_json::from_slice(response.body()).expect("they are tokens");
        Ok(std::hint::black_box(tokens).len())
    } else {
        let refusal: Refusal<'_> = serde_json::from_slice(response.body()).expect("it is an error");
        let refusal = std::hint::black_box(refusal);
        Err(refusal.error.0.len() + refusal.error_description.map_or(0, |text| text.0.len()))
    }
}

fn build() -> Work {
    let client = client();
    Work::new(move || code_request(client), |request| is_ours(request, &operations::code_request()))
}

fn read() -> Work {
    let response = tokens();
    Work::new(move || read_answer(&{ response }), |read| assert!(read.is_ok()))
}

fn read_400() -> Work {
    let response = refusal(inputs::INVALID_GRANT);
    Work::new(move || read_answer(&{ response }), |read| assert!(read.is_err()))
}

fn exchange() -> Work {
    let (client, response) = (client(), tokens());
    let exchange = move || (code_request(client), read_answer(&{ response }));
    Work::new(exchange, |(_, read)| assert!(read.is_ok()))
}

fn refresh() -> Work {
    let (client, response) = (client(), tokens());
    let refresh = move || {
        let body =
            form(&[("grant_type", "refresh_token"), ("refresh_token", inputs::REFRESH_TOKEN)]);
        (request(client, Some(&client.basic), body), read_answer(&{ response }))
    };
    Work::new(refresh, |(request, read)| {
        is_ours(request, &operations::refresh_request());
        assert!(read.is_ok());
    })
}

/// The state and the verifier are made of 64 random bytes.
fn url() -> Work {
    let random = [7; 64];
    let start = move || {
        let (state, verifier) = random.split_at(32);
        let state = BASE64_URL_SAFE_NO_PAD.encode(state);
        let verifier = BASE64_URL_SAFE_NO_PAD.encode(verifier);
        let mut challenge = [0; 43];
        let digest = Sha256::digest(&verifier);
        BASE64_URL_SAFE_NO_PAD.encode_slice(digest, &mut challenge).expect("it fits");
        let challenge = str::from_utf8(&challenge).expect("it is ASCII");
        let scope = "openid profile email offline_access";
        let pairs = [
            ("?response_type=", "code"),
            ("&client_id=", inputs::CLIENT_ID),
            ("&redirect_uri=", inputs::REDIRECT_URI),
            ("&scope=", scope),
            ("&state=", &state),
            ("&code_challenge=", challenge),
            ("&code_challenge_method=", "S256"),
        ];
        let len: usize = pairs.iter().map(|(name, value)| name.len() + escaped_len(value)).sum();
        let mut url = Vec::with_capacity(inputs::AUTHORIZATION_ENDPOINT.len() + len);
        url.extend_from_slice(inputs::AUTHORIZATION_ENDPOINT.as_bytes());
        for (name, value) in pairs {
            url.extend_from_slice(name.as_bytes());
            push_escaped(&mut url, value);
        }
        (url, state, verifier)
    };
    Work::new(start, |(url, ..)| {
        let ours = operations::authorization_url_text();
        let url = str::from_utf8(url).expect("it is ASCII");
        // All but what is random.
        let names = |url: &str| url.split(['?', '&']).map(|pair| pair.len()).collect::<Vec<_>>();
        assert_eq!(names(url), names(&ours), "{url}\n{ours}");
        assert_eq!(url.len(), ours.len());
    })
}

fn device() -> Work {
    let (client, mut responses) = (client(), Vec::from(asked_four_times()));
    let poll = move || {
        let mut asked = 0;
        while let Some(response) = responses.pop() {
            let body = form(&[
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                ("device_code", inputs::DEVICE_CODE),
            ]);
            drop(std::hint::black_box(request(client, Some(&client.basic), body)));
            asked += 1;
            if read_answer(&response).is_ok() {
                break;
            }
        }
        asked
    };
    Work::new(poll, |asked| assert_eq!(*asked, 4))
}

#[derive(Deserialize)]
struct Jwk {
    x: String,
    #[serde(default)]
    y: String,
    d: String,
}

/// The numbers of a private JWK: the private one, and the public one as a point.
fn numbers(jwk: &str) -> (Vec<u8>, Vec<u8>) {
    let jwk: Jwk = serde_json::from_str(jwk).expect("it is a JWK");
    let [x, y, d] = [jwk.x, jwk.y, jwk.d]
        .map(|text| BASE64_URL_SAFE_NO_PAD.decode(text).expect("it is base64url"));
    (d, [x, y].concat())
}

pub fn es256_key() -> EcdsaKeyPair {
    let (private, point) = numbers(inputs::ES256);
    let point = [&[4], point.as_slice()].concat();
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    EcdsaKeyPair::from_private_key_and_public_key(algorithm, &private, &point).expect("a key")
}

pub fn ed25519_key() -> Ed25519KeyPair {
    let (seed, public) = numbers(inputs::ED25519);
    let key = Ed25519KeyPair::from_seed_and_public_key(&seed, &public).expect("a key");
    assert_eq!(key.public_key().as_ref(), public);
    key
}

/// The claims of a client assertion.
#[derive(Serialize)]
pub struct Claims<'a> {
    pub iss: &'a str,
    pub sub: &'a str,
    pub aud: &'a str,
    pub jti: &'a str,
    pub iat: u64,
    pub exp: u64,
}

pub fn claims(jti: &str) -> Claims<'_> {
    Claims {
        iss: inputs::CLIENT_ID,
        sub: inputs::CLIENT_ID,
        aud: inputs::ISSUER,
        jti,
        iat: inputs::NOW,
        exp: inputs::NOW + 60,
    }
}

const FRONT: &str = "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=";

fn assertion(algorithm: &str, sign: impl Fn(&[u8]) -> [u8; 64] + 'static) -> Work {
    let client = client();
    let head = format!(
        r#"{{"typ":"client-authentication+jwt","alg":"{algorithm}","kid":"{}"}}"#,
        inputs::KEY_ID
    );
    let head = BASE64_URL_SAFE_NO_PAD.encode(head);
    let random = [7; 32];
    let build = move || {
        let jti = BASE64_URL_SAFE_NO_PAD.encode(random);
        let claims = serde_json::to_vec(&claims(&jti)).expect("they are JSON");
        let encoded = (claims.len() * 4).div_ceil(3);
        let mut body = Vec::with_capacity(FRONT.len() + head.len() + encoded + 2 + 86);
        body.extend_from_slice(FRONT.as_bytes());
        body.extend_from_slice(head.as_bytes());
        body.push(b'.');
        push_base64url(&mut body, encoded, &claims);
        let signature = sign(&body[FRONT.len()..]);
        body.push(b'.');
        push_base64url(&mut body, 86, &signature);
        request(client, None, body)
    };
    Work::new(build, |request| {
        let body = request.body();
        assert_eq!(body.len(), body.capacity());
        let names = |body: &[u8]| {
            let body = String::from_utf8_lossy(body).into_owned();
            let name = |pair: &str| pair.split_once('=').map(|(name, _)| name.to_owned());
            body.split('&').map(name).collect::<std::collections::BTreeSet<_>>()
        };
        // The claims of ours may be more, and stand in another order.
        let ours = operations::assertion_request();
        assert_eq!(names(body), names(ours.body()));
        assert!(body.len().abs_diff(ours.body().len()) < 64, "{} bytes", body.len());
    })
}

fn push_base64url(out: &mut Vec<u8>, len: usize, bytes: &[u8]) {
    let start = out.len();
    out.resize(start + len, 0);
    BASE64_URL_SAFE_NO_PAD.encode_slice(bytes, &mut out[start..]).expect("it fits");
}

fn es256() -> Work {
    let (key, random) = (es256_key(), SystemRandom::new());
    assertion("ES256", move |input| {
        let signature = key.sign(&random, input).expect("a signature");
        signature.as_ref().try_into().expect("64 bytes")
    })
}

fn eddsa() -> Work {
    let key = ed25519_key();
    assertion("EdDSA", move |input| key.sign(input).as_ref().try_into().expect("64 bytes"))
}
