//! The three systems as they document themselves: requests byte for byte, and their example answers.
//!
//! The literal texts are the systems' own, copied from their public pages. What goes beyond the
//! examples is in `agekey`, `dressipi` and `pingone`.

mod given;

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use given::*;
use grantwire::authorization::Callback;
use grantwire::client::{ClientAuthentication, Credentials};
use grantwire::grant::{AuthorizationCode, CheckedCode};
use grantwire::jose::{Algorithm, LocalKey};
use grantwire::provider::agekey::{AgeKey, Host, UseClaims};
use grantwire::provider::dressipi::{Dressipi, Profile, REDIRECT_URI};
use grantwire::provider::pingone::{Environment, Region, private_key_jwt};
use grantwire::reply::{ErrorCode, FailureClass};
use grantwire::{BuildError, Client, GrantedScope, Lifetime, Timestamp, TokenType};
use http::Request;

/// The one header that is sent without being documented; it asks for what is documented.
const ACCEPT: (&str, &str) = ("accept", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn has_headers(request: &Request<Vec<u8>>, expected: &[(&str, &str)]) {
    assert_eq!(headers_of(request), as_pairs(expected));
}

mod agekey {
    use super::*;

    /// A code as the Use flow brings it back, in the fragment of the redirect.
    fn code(agekey: &AgeKey) -> CheckedCode {
        let started = agekey
            .use_agekey(&UseClaims::new([13, 18]))
            .unwrap()
            .redirect_uri("https://client.example/cb")
            .scope("openid agekey-upgrade")
            .response_type("id_token code")
            .start(&mut entropy())
            .unwrap();
        let state = query(&started.url, "state").unwrap();
        let url = format!(
            "https://client.example/cb#id_token=a.b.c&code=your-authorization-code&state={state}"
        );
        let response = started.pending.response(Callback::from_url(&url)).unwrap();
        response.into_code().expect("a code beside the ID token")
    }

    #[test]
    fn the_token_request_is_the_documented_one_and_nothing_more() {
        let agekey = AgeKey::new(Host::Live, "your-client-id", "your-client-secret");
        let request = built(&agekey.token(code(&agekey)));
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri(), "https://api.agekey.org/v1/oidc/use/token");
        has_headers(
            &request,
            &[
                ACCEPT,
                ("authorization", "Basic eW91ci1jbGllbnQtaWQ6eW91ci1jbGllbnQtc2VjcmV0"),
                FORM,
            ],
        );
        assert_eq!(body_of(&request), "grant_type=authorization_code&code=your-authorization-code");
        assert!(request.headers()["authorization"].is_sensitive());
    }

    #[test]
    fn the_documented_answer_reads_as_a_bearer_token_for_an_hour() {
        let agekey = AgeKey::new(Host::Live, "your-client-id", "your-client-secret");
        let exchange = agekey.token(code(&agekey));
        // The ellipsis is the document's own.
        let body = r#"{
"access_token": "eyJhbGc...",
"token_type": "Bearer",
"expires_in": 3600
}"#;
        let tokens = exchange.read(&json(200, body)).unwrap();
        assert_eq!(tokens.access_token().expose(), "eyJhbGc...");
        assert_eq!(*tokens.access_token().token_type(), TokenType::Bearer);
        assert_eq!(*tokens.lifetime(), Lifetime::Known(Duration::from_secs(3600)));
        assert_eq!(*tokens.scope(), GrantedScope::Absent);
        assert!(tokens.refresh_token().is_none() && tokens.id_token().is_none());
        assert_eq!(tokens.deviations(), []);
    }
}

mod dressipi {
    use super::*;

    const ACCESS: &str = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE1NzE5OTQ2NzIsImlhdCI6MTU3MTkwODI3Miwic3ViIjoiOTQxNzMifQ.mb3ur-cCDbApKU1j24SkjgR7AjLNGQ2pHkJdpfKtY28";
    const REFRESH: &str = "WzEsWzk0MTczXSwiaGF5ZFJDalRqX1R6RlhzQnlrnXoiLCIxNTcx1TA4MjcyLjM4NDM0NCJd--df2b0e0d9fc63bf536ba2bb807ec7b0d127145ba";
    const VERIFIER: &str = "1tBnEmtSImyCykPHxHYBdzpSFhKEj0Q1LuiHd4fdDlY";

    fn partner() -> Dressipi {
        Dressipi::new("https://dressipi.example.com/api", "client-1", "api-key-1")
    }

    fn set(request: &Request<Vec<u8>>) -> BTreeSet<(String, String)> {
        pairs_of(request).into_iter().collect()
    }

    fn documented(list: &[(&str, &str)]) -> BTreeSet<(String, String)> {
        as_pairs(list).into_iter().collect()
    }

    #[test]
    fn the_authorize_call_has_the_documented_parameters() {
        let request = partner().create_profile(&mut entropy()).unwrap().request;
        assert_eq!(request.method(), "GET");
        assert!(request.body().is_empty());
        has_headers(&request, &[ACCEPT, ("x-api-key", "api-key-1")]);
        let url = request.uri().to_string();
        assert!(url.starts_with("https://dressipi.example.com/api/oauth/authorize?"));
        let names: BTreeSet<String> =
            pairs(request.uri().query().unwrap()).into_iter().map(|(name, _)| name).collect();
        let expected = [
            "client_id",
            "code_challenge",
            "code_challenge_method",
            "redirect_uri",
            "response_type",
            "state",
        ];
        assert_eq!(names, expected.map(str::to_owned).into());
        assert_eq!(query(&url, "redirect_uri").as_deref(), Some(REDIRECT_URI));
        assert_eq!(query(&url, "response_type").as_deref(), Some("code"));
        assert_eq!(query(&url, "client_id").as_deref(), Some("client-1"));
        assert_eq!(query(&url, "code_challenge_method").as_deref(), Some("S256"));
        assert_eq!(query(&url, "code_challenge").unwrap().len(), 43);
    }

    #[test]
    fn the_code_grant_sends_the_documented_table() {
        let dressipi = partner();
        let verifier = grantwire::pkce::CodeVerifier::from_text(VERIFIER).unwrap();
        let started = dressipi
            .client()
            .authorization()
            .redirect_uri(REDIRECT_URI)
            .state("s")
            .code_verifier(verifier)
            .start(&mut entropy())
            .unwrap();
        assert_eq!(
            query(&started.url, "code_challenge").as_deref(),
            Some("p7CN1Zi4o5ARn1mYNvNFvj2r5cKkr2k6y7a573eHJXQ")
        );
        let request = built(&dressipi.token(checked(started.pending, "code=grant-code&state=s")));
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri(), "https://dressipi.example.com/api/oauth/token");
        has_headers(&request, &[ACCEPT, FORM, ("x-api-key", "api-key-1")]);
        assert_eq!(
            set(&request),
            documented(&[
                ("redirect_uri", "urn:ietf:wg:oauth:2.0:oob:auto"),
                ("grant_type", "authorization_code"),
                ("code", "grant-code"),
                ("client_id", "client-1"),
                ("code_verifier", VERIFIER),
            ])
        );
        assert!(
            body_of(&request).contains("redirect_uri=urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob%3Aauto")
        );
    }

    #[test]
    fn the_refresh_grant_sends_the_documented_table() {
        let request = built(&partner().refresh(&Profile::new(ACCESS, REFRESH, None)));
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri(), "https://dressipi.example.com/api/oauth/token");
        has_headers(
            &request,
            &[ACCEPT, FORM, ("x-api-key", "api-key-1"), ("x-dressipi-jwt", ACCESS)],
        );
        assert_eq!(
            set(&request),
            documented(&[
                ("redirect_uri", "urn:ietf:wg:oauth:2.0:oob:auto"),
                ("grant_type", "refresh_token"),
                ("refresh_token", REFRESH),
                ("client_id", "client-1"),
            ])
        );
        for name in ["x-api-key", "x-dressipi-jwt"] {
            assert!(request.headers()[name].is_sensitive(), "{name}");
        }
    }

    #[test]
    fn base64_in_a_refresh_token_is_escaped() {
        let request = built(&partner().refresh(&Profile::new(ACCESS, "ab+/c==--0f", None)));
        assert!(body_of(&request).contains("&refresh_token=ab%2B%2Fc%3D%3D--0f&"));
    }

    fn example() -> String {
        format!(
            r#"{{"access_token":"{ACCESS}","refresh_token":"{REFRESH}","expires_in":86400,"token_type":"Bearer"}}"#
        )
    }

    #[test]
    fn the_documented_answer_reads_as_a_profile_for_a_day() {
        let dressipi = partner();
        let exchange = dressipi.client().token(AuthorizationCode::unchecked("grant-code"));
        let tokens = exchange.read(&json(200, example())).unwrap();
        assert_eq!(tokens.access_token().expose(), ACCESS);
        assert_eq!(tokens.refresh_token().unwrap().expose(), REFRESH);
        assert_eq!(*tokens.lifetime(), Lifetime::Known(Duration::from_secs(86_400)));
        assert_eq!(*tokens.access_token().token_type(), TokenType::Bearer);
        assert_eq!(tokens.deviations(), []);
        let received = Timestamp::from_unix_seconds(1_571_908_272);
        let profile = Profile::from_response(&tokens, received).unwrap();
        assert_eq!(profile.expires(), Some(Timestamp::from_unix_seconds(1_571_994_672)));
    }

    #[test]
    fn the_documented_token_says_itself_when_it_ends() {
        let payload = URL_SAFE_NO_PAD.decode(ACCESS.split('.').nth(1).unwrap()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(claims["iat"], 1_571_908_272);
        assert_eq!(claims["exp"], 1_571_994_672);
        assert_eq!(claims["sub"], "94173");
        let profile = Profile::new(ACCESS, REFRESH, None);
        assert_eq!(profile.expires(), Some(Timestamp::from_unix_seconds(1_571_994_672)));
    }

    #[test]
    fn the_documented_error_is_a_refusal() {
        let body = r#"{"error":"invalid_request","error_description":"what went wrong"}"#;
        let exchange = partner().refresh(&Profile::new(ACCESS, REFRESH, None));
        let error = exchange.read(&json(400, body)).unwrap_err();
        let refusal = error.refusal().unwrap();
        assert_eq!(*refusal.code(), ErrorCode::InvalidRequest);
        assert_eq!(refusal.description().unwrap().raw(), "what went wrong");
        assert_eq!(error.class(), FailureClass::Definitive);
        assert!(!error.credential_is_dead(), "a malformed request says nothing of the profile");
    }
}

mod pingone {
    use super::*;

    const ENV_ID: &str = "5e2a6cb5-5b1c-4d3b-9a0e-1f2d3c4b5a69";
    const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    const BODY: &str = "grant_type=authorization_code&code=%7B%7BauthCode%7D%7D&redirect_uri=https%3A%2F%2Fwww.google.com&client_assertion=%7B%7BprivateKeyJWT%7D%7D&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";

    /// Writes the document's placeholder where the assertion goes.
    struct Placeholder;

    impl ClientAuthentication for Placeholder {
        fn name(&self) -> &str {
            "private_key_jwt"
        }

        fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
            to.parameter("client_assertion", "{{privateKeyJWT}}")?;
            to.parameter("client_assertion_type", TYPE)
        }
    }

    fn application() -> Client {
        let environment = Environment::new(Region::NorthAmerica, ENV_ID).unwrap();
        Client::new(environment.server(), "app-1")
    }

    fn grant() -> AuthorizationCode {
        AuthorizationCode::unchecked("{{authCode}}").redirect_uri("https://www.google.com")
    }

    #[test]
    fn the_documented_body_byte_for_byte() {
        let request = built(&application().auth(Placeholder).token(grant()));
        assert_eq!(body_of(&request), BODY);
        assert_eq!(request.method(), "POST");
        assert_eq!(
            request.uri().to_string(),
            format!("https://auth.pingone.com/{ENV_ID}/as/token")
        );
        has_headers(&request, &[ACCEPT, FORM]);
    }

    #[test]
    fn a_real_assertion_stands_where_the_placeholder_stood() {
        let key = LocalKey::generate(Algorithm::Es256).unwrap().key_id("key-1");
        let request = built(&application().auth(private_key_jwt(key)).token(grant()));
        has_headers(&request, &[ACCEPT, FORM]);
        let assertion = pairs_of(&request).remove(3).1;
        assert_eq!(
            body_of(&request).replace(&assertion, "%7B%7BprivateKeyJWT%7D%7D"),
            BODY,
            "base64url and dots need no escape, so the rest is unchanged"
        );
        let part = |index: usize| -> serde_json::Value {
            let text = assertion.split('.').nth(index).unwrap();
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
        };
        assert_eq!(part(0), serde_json::json!({"typ": "JWT", "alg": "ES256", "kid": "key-1"}));
        let claims = part(1);
        assert_eq!(claims["iss"], "app-1");
        assert_eq!(claims["sub"], "app-1");
        assert_eq!(claims["aud"], format!("https://auth.pingone.com/{ENV_ID}/as"));
    }
}
