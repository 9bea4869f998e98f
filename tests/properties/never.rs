//! Nothing that is read makes the crate panic, and whatever was received can still be looked at.
//!
//! These tests also call everything that can be asked of what came out.

use std::time::Duration;

use grantwire::authorization::Callback;
use grantwire::grant::{AuthorizationCode, ClientCredentials};
use grantwire::jose::{Algorithm, PublicJwk, Unsigned};
use grantwire::metadata::{MetadataRequest, WellKnown};
use grantwire::provider::agekey::{AgeKey, Host};
use grantwire::provider::dressipi::{Dressipi, Profile};
use grantwire::provider::pingone::{PlatformError, correlation_id};
use grantwire::reply::Challenge;
use grantwire::{
    AuthorizationServer, Client, EndpointUri, Entropy, Quirks, ReplyError, Scope, Timestamp,
    TokenResponse, resource,
};
use http::{HeaderMap, Response};
use proptest::prelude::*;

use crate::replies::*;
use crate::text::*;

fn client(quirks: Quirks) -> Client {
    let server = AuthorizationServer::new()
        .issuer("https://as.example")
        .authorization_endpoint("https://as.example/authorize")
        .token_endpoint("https://as.example/token")
        .quirks(quirks);
    Client::new(server, "c")
}

/// Prints an error and all its causes.
fn say(error: &impl std::error::Error) -> String {
    let mut said = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        said += &format!("{error} {error:?}");
        cause = error.source();
    }
    said
}

fn look_at_tokens(tokens: &TokenResponse) {
    let _ = format!("{tokens:?}");
    let now = Timestamp::from_unix_millis(u64::MAX - 1);
    let _ = (tokens.lifetime().ends(now), tokens.refresh_token_lifetime().ends(now));
    let asked = Scope::from("openid a");
    let _ = tokens.scope().missing(&asked).count();
    let _ = tokens.scope().or_requested(&asked).tokens().count();
    let _: Option<serde_json::Value> = tokens.extra("authed_user");
    let mut headers = HeaderMap::new();
    let _ = tokens.access_token().present(&mut headers);
    let _ = Profile::from_response(tokens, now).map(|profile| {
        let _ = format!("{profile:?}");
        profile.refreshed(tokens, now).is_expired(now, Duration::MAX)
    });
}

fn look_at_error(error: &ReplyError, response: &Response<Vec<u8>>) -> Result<(), TestCaseError> {
    let _ = say(error);
    let _ = (error.class(), error.fault(), error.location(), error.credential_is_dead());
    let _ = error.retry_after().map(|after| after.from_now(Timestamp::EPOCH));
    let _: Option<serde_json::Value> = error.extra("error");
    if let Some(refusal) = error.refusal() {
        let _ = correlation_id(refusal);
        let _ = refusal.description().map(|text| text.escaped());
    }
    // Nothing that was received is lost.
    prop_assert!(error.raw().expose_body() == response.body());
    prop_assert_eq!(error.raw().headers(), response.headers());
    prop_assert!(error.raw().is_within_limit());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn token_replies(response in response(), quirks in quirks(), single_use in any::<bool>()) {
        let client = client(quirks.clone());
        let exchange = match single_use {
            true => client.token(AuthorizationCode::unchecked("c")),
            false => client.token(ClientCredentials::new()),
        };
        match exchange.read(&response) {
            Ok(tokens) => {
                prop_assert!(response.status().is_success());
                prop_assert!(!tokens.access_token().expose().is_empty());
                look_at_tokens(&tokens);
            }
            Err(error) => {
                look_at_error(&error, &response)?;
                // Read again, the raw reply gives the same.
                let again = exchange.read_with(error.raw(), &quirks).unwrap_err();
                prop_assert_eq!(again.kind(), error.kind());
                prop_assert_eq!(again.class(), error.class());
            }
        }
    }

    #[test]
    fn other_replies(response in response()) {
        if let Err(denied) = resource::check(&response) {
            let _ = say(&denied);
        }
        if let Some(platform) = PlatformError::read(&response) {
            let _ = (say(&platform), platform.details().iter().map(|d| format!("{d:?}")).count());
        }
        let agekey = AgeKey::new(Host::Test, "ak_test_1", "s");
        if let Err(error) = agekey.read_upgrade(&response) {
            let _ = say(&error);
        }
        let _ = Challenge::from_headers(response.headers()).map_err(|error| say(&error));
    }

    #[test]
    fn answers_at_other_doors(response in response(), quirks in quirks(), seed in any::<[u8; 32]>()) {
        let client = client(quirks);
        let pushed = client.authorization().push(&mut Entropy::new(seed)).unwrap().exchange;
        let metadata = MetadataRequest::new("https://as.example", WellKnown::OAuth);
        let failures = [
            client.device_authorization().read(&response).map(|read| drop(read.prompt())).err(),
            client.introspect("t").read(&response).map(|read| drop(format!("{read:?}"))).err(),
            client.revoke("t").read(&response).err(),
            pushed.read(&response).map(|read| drop(pushed.url(&read))).err(),
            metadata.read(&response).map(|read| drop(format!("{read:?}"))).err(),
        ];
        for error in failures.iter().flatten() {
            look_at_error(error, &response)?;
        }
    }

    #[test]
    fn answers_to_dressipi(response in response(), seed in any::<[u8; 32]>()) {
        let dressipi = Dressipi::new("https://partner.example/api/", "c", "key");
        let profile = dressipi.create_profile(&mut Entropy::new(seed)).unwrap();
        let _ = format!("{profile:?}");
        match profile.pending.read(&response) {
            Ok(code) => prop_assert!(!code.expose().is_empty()),
            Err(error) => drop(say(&error)),
        }
    }

    #[test]
    fn callbacks(bytes in bytes(CALLBACKS), seed in any::<[u8; 32]>()) {
        let text = String::from_utf8_lossy(&bytes);
        let roads = [
            Callback::from_query(&text),
            Callback::from_fragment(&text),
            Callback::from_url(&text),
            Callback::from_form(&bytes),
        ];
        for (at, callback) in roads.into_iter().enumerate() {
            let _ = format!("{callback:?}");
            let mut request = client(Quirks::new()).authorization().state("s");
            if at % 2 == 0 {
                request = request.response_type("id_token code");
            }
            let pending = request.start(&mut Entropy::new(seed)).unwrap().pending;
            match pending.response(callback) {
                Ok(response) => {
                    let _ = (response.has_code(), response.id_token(), response.parameter("iss"));
                }
                Err(error) => drop(say(&error)),
            }
        }
    }

    #[test]
    fn challenges(bytes in bytes(CHALLENGES)) {
        let text = String::from_utf8_lossy(&bytes);
        for challenge in Challenge::from_value(&text).unwrap_or_default() {
            let _ = format!("{challenge:?}");
            prop_assert!(!challenge.scheme().is_empty() && text.contains(challenge.scheme()));
            let _ = (challenge.param("error"), challenge.token68(), challenge.is("Bearer"));
        }
    }

    #[test]
    fn public_keys(bytes in bytes(KEYS)) {
        match PublicJwk::from_json(&String::from_utf8_lossy(&bytes)) {
            Ok(key) => {
                let again = PublicJwk::from_json(&key.to_json()).unwrap();
                prop_assert_eq!(&again, &key);
                prop_assert_eq!(again.thumbprint(), key.thumbprint());
            }
            Err(error) => drop(say(&error)),
        }
    }

    #[test]
    fn signatures(
        algorithm in prop::sample::select(Algorithm::ALL),
        bytes in prop::collection::vec(any::<u8>(), 0..150),
    ) {
        let unsigned = Unsigned::new(algorithm, None, b"{}", b"{}");
        if let Err(error) = unsigned.finish(&unsigned.signed(bytes)) {
            let _ = say(&error);
        }
    }

    #[test]
    fn stored_tokens_and_addresses(text in text(0..60), bytes in bytes(BODIES)) {
        let profile = Profile::new(text.as_str(), "r", None);
        let _ = profile.is_expired(Timestamp::EPOCH, Duration::MAX);
        let payload = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, &bytes);
        let _ = Profile::new(format!("a.{payload}.c"), "r", None).expires();
        for address in [text.clone(), format!("https://{text}"), format!("http://[{text}]/")] {
            if let Err(error) = EndpointUri::parse(&address) {
                let _ = say(&error);
            }
        }
    }
}

const CALLBACKS: &[&str] = &[
    "code=SplxlOBeZQQYbYS6WxSbIA&state=s&iss=https%3A%2F%2Fas.example",
    "?error=access_denied&error_description=%FF%00&state=s",
    "#id_token=a.b.c&code=c&state=s",
    "https://client.example/cb?code=c&state=s#x=y",
    "state=s&code=%0D%0A",
    "state=s&state=s",
];

const CHALLENGES: &[&str] = &[
    r#"Bearer realm="a", error="invalid_token", scope="a b""#,
    r#"DPoP algs="ES256 PS256", Basic realm="\"", Negotiate abc=="#,
    "Digest a=b , c = \"d\"",
];

const KEYS: &[&str] = &[
    r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","kid":"1"}"#,
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","use":"sig"}"#,
    r#"{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"\u00e9\ud83d\ude00"}"#,
];
