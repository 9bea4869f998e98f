//! openidconnect: oauth2 with ID tokens, which it takes apart when it reads them.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreDeviceAuthorizationResponse, CoreErrorResponseType,
    CoreTokenResponse,
};
use openidconnect::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, DeviceAuthorizationUrl,
    EndpointNotSet, EndpointSet, IssuerUrl, JsonWebKeySet, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardErrorResponse, TokenResponse as _, TokenUrl,
};

use super::Entry;
use super::oauth2::{Later, NoAnswer, answers, is_ours, looking, reading};
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
];

type Client = CoreClient<
    EndpointSet,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
>;

fn client() -> &'static Client {
    let id = ClientId::new(inputs::CLIENT_ID.into());
    let issuer = IssuerUrl::new(inputs::ISSUER.into()).expect("a URL");
    let device = DeviceAuthorizationUrl::new(inputs::DEVICE_ENDPOINT.into()).expect("a URL");
    let client = CoreClient::new(id, issuer, JsonWebKeySet::default())
        .set_client_secret(ClientSecret::new(inputs::CLIENT_SECRET.into()))
        .set_auth_uri(AuthUrl::new(inputs::AUTHORIZATION_ENDPOINT.into()).expect("a URL"))
        .set_device_authorization_url(device)
        .set_token_uri(TokenUrl::new(inputs::TOKEN_ENDPOINT.into()).expect("a URL"))
        .set_redirect_uri(RedirectUrl::new(inputs::REDIRECT_URI.into()).expect("a URL"));
    kept(client)
}

type Outcome = Result<
    CoreTokenResponse,
    RequestTokenError<NoAnswer, StandardErrorResponse<CoreErrorResponseType>>,
>;

fn code() -> (AuthorizationCode, PkceCodeVerifier) {
    (AuthorizationCode::new(inputs::CODE.into()), PkceCodeVerifier::new(inputs::VERIFIER.into()))
}

fn has_tokens(tokens: &CoreTokenResponse) {
    assert!(inputs::TOKENS.contains(tokens.access_token().secret()));
    assert!(tokens.refresh_token().is_some() && tokens.id_token().is_some());
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
            assert_eq!(*error.error(), CoreErrorResponseType::InvalidGrant);
        }
        other => panic!("{other:?}"),
    })
}

fn refresh() -> Work {
    let token = RefreshToken::new(inputs::REFRESH_TOKEN.into());
    let (client, transport) = (client(), answers([tokens()]));
    let refresh = move || client.exchange_refresh_token(&token).request(&transport);
    Work::new(refresh, |result| has_tokens(result.as_ref().expect("they are tokens")))
}

/// It always sends a nonce, and `openid` by itself.
fn url() -> Work {
    let client = client();
    let scopes = ["profile", "email", "offline_access"].map(|scope| Scope::new(scope.into()));
    let start = move || {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        );
        (request.add_scopes(scopes).set_pkce_challenge(challenge).url(), verifier)
    };
    Work::new(start, |((url, ..), _)| {
        for part in ["scope=openid+profile+", "&state=", "&code_challenge="] {
            assert!(url.as_str().contains(part), "the URL has no {part}");
        }
    })
}

fn device() -> Work {
    let codes: &CoreDeviceAuthorizationResponse =
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
