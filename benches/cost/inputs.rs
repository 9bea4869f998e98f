//! The bytes that go into every operation, here and in `benches/peers`.

#![allow(dead_code, reason = "each program takes the part it needs")]

pub const ISSUER: &str = "https://as.example";
pub const AUTHORIZATION_ENDPOINT: &str = "https://as.example/authorize";
pub const TOKEN_ENDPOINT: &str = "https://as.example/token";
pub const DEVICE_ENDPOINT: &str = "https://as.example/device";
pub const CLIENT_ID: &str = "s6BhdRkqt3";
pub const CLIENT_SECRET: &str = "7Fjfp0ZBr1KtDRbnfVdmIw";
pub const REDIRECT_URI: &str = "https://client.example.com/cb";
pub const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA";
/// RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const REFRESH_TOKEN: &str = "tGzv3JOkF0XG5Qx2TlKWIA";
pub const SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];
pub const KEY_ID: &str = "k1";
pub const NOW: u64 = 1_752_702_206;

/// What real servers send with a token response.
pub const HEADERS: [(&str, &str); 4] = [
    ("content-type", "application/json;charset=UTF-8"),
    ("cache-control", "no-store"),
    ("pragma", "no-cache"),
    ("date", "Sat, 21 Nov 2026 22:59:00 GMT"),
];

/// The tokens of a sign-in, 2.2 KB of them: two JWTs that are well formed, and a refresh token.
pub const TOKENS: &str = include_str!("tokens.json");
pub const INVALID_GRANT: &str =
    r#"{"error":"invalid_grant","error_description":"The authorization code has expired."}"#;
pub const PENDING: &str = r#"{"error":"authorization_pending"}"#;
pub const DEVICE_CODES: &str = r#"{"device_code":"GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS","user_code":"WDJB-MJHT","verification_uri":"https://example.com/device","expires_in":1800,"interval":5}"#;
pub const DEVICE_CODE: &str = "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS";

/// RFC 7515 appendix A.3.1.
pub const ES256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
/// RFC 8037 appendix A.1.
pub const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
