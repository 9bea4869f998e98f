//! A token request as data: what a caller asks for, and the pairs that must come out of it.

use std::sync::LazyLock;

use grantwire::client::{
    ClientSecretBasic, ClientSecretJwt, ClientSecretPost, PrivateKeyJwt, PublicClient,
    SelfSignedTlsClientAuth, TlsClientAuth,
};
use grantwire::grant::{AuthorizationCode, ClientCredentials, Extension, Grant, RefreshToken};
use grantwire::jose::{Algorithm, LocalKey, Signer};
use grantwire::pkce::CodeVerifier;
use grantwire::{AuthorizationServer, Client, TokenRequest};
use proptest::option;
use proptest::prelude::*;

use crate::text::*;

pub const ISSUER: &str = "https://as.example";
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// One key for all runs. Its signatures are the same for the same input.
static KEY: LazyLock<LocalKey> =
    LazyLock::new(|| LocalKey::generate(Algorithm::EdDsa).expect("a key can be made"));

#[derive(Debug, Clone)]
pub enum With {
    Code { code: String, redirect_uri: Option<String>, verifier: Option<String> },
    Refresh { token: String, redirect_uri: Option<String> },
    Credentials,
    Extension { grant_type: String, plain: Vec<(String, String)>, secret: Vec<(String, String)> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    None,
    Basic,
    BasicForm,
    BasicRaw,
    BasicWithId,
    Post,
    SecretJwt(Algorithm),
    LocalKey,
    RemoteKey,
    Tls,
    SelfSignedTls,
}

impl Method {
    pub fn is_assertion(self) -> bool {
        matches!(self, Self::SecretJwt(_) | Self::LocalKey | Self::RemoteKey)
    }

    pub fn is_basic(self) -> bool {
        matches!(self, Self::Basic | Self::BasicForm | Self::BasicRaw | Self::BasicWithId)
    }
}

#[derive(Debug, Clone)]
pub struct Asked {
    pub id: String,
    pub secret: String,
    pub method: Method,
    pub with: With,
    pub scope: String,
    pub resources: Vec<String>,
    pub audiences: Vec<String>,
    pub extras: Vec<(String, String)>,
    pub agent: String,
}

fn with() -> impl Strategy<Value = With> {
    prop_oneof![
        (text(1..20), option::of(redirect_uri()), option::of(verifier()))
            .prop_map(|(code, redirect_uri, verifier)| With::Code { code, redirect_uri, verifier }),
        (text(1..20), option::of(redirect_uri()))
            .prop_map(|(token, redirect_uri)| With::Refresh { token, redirect_uri }),
        Just(With::Credentials),
        (text(1..20), pairs(0..8)).prop_map(|(grant_type, mut plain)| {
            let rename = |(name, value)| (format!("e{name}"), format!("{value}."));
            let secret = plain.split_off(plain.len() / 2).into_iter().map(rename).collect();
            With::Extension { grant_type, plain, secret }
        }),
    ]
}

fn method() -> impl Strategy<Value = Method> {
    prop::sample::select(vec![
        Method::None,
        Method::Basic,
        Method::BasicForm,
        Method::BasicRaw,
        Method::BasicWithId,
        Method::Post,
        Method::SecretJwt(Algorithm::Hs256),
        Method::SecretJwt(Algorithm::Hs384),
        Method::SecretJwt(Algorithm::Hs512),
        Method::LocalKey,
        Method::RemoteKey,
        Method::Tls,
        Method::SelfSignedTls,
    ])
}

/// Absolute URIs without a fragment (RFC 8707 section 2).
pub fn resources() -> impl Strategy<Value = Vec<String>> {
    let resource = text(1..15).prop_map(|text| format!("urn:{}", text.replace('#', "-")));
    prop::collection::vec(resource, 0..3)
}

pub fn asked() -> impl Strategy<Value = Asked> {
    let audiences = prop::collection::vec(text(0..15), 0..3);
    let extras = pairs(0..20).prop_map(|pairs| {
        // Extension parameters begin with an `x` or `e` too.
        pairs.into_iter().map(|(name, value)| (format!("z{name}"), value)).collect()
    });
    let who = (visible(1..15), text(1..20), method());
    (who, with(), scope(), resources(), audiences, extras, visible(0..10)).prop_map(
        |((mut id, secret, method), with, scope, resources, audiences, extras, agent)| {
            if method == Method::BasicRaw {
                id = id.replace(':', ";");
            }
            Asked { id, secret, method, with, scope, resources, audiences, extras, agent }
        },
    )
}

impl Asked {
    pub fn client(&self) -> Client {
        let server = AuthorizationServer::new()
            .issuer(ISSUER)
            .token_endpoint("https://as.example/token?tenant=a%20b&x");
        let client = Client::new(server, self.id.as_str());
        let secret = self.secret.as_str();
        match self.method {
            Method::None => client.auth(PublicClient::new()),
            Method::Basic => client.auth(ClientSecretBasic::new(secret)),
            Method::BasicForm => client.auth(ClientSecretBasic::new(secret).form_encoded()),
            Method::BasicRaw => client.auth(ClientSecretBasic::new(secret).raw()),
            Method::BasicWithId => {
                client.auth(ClientSecretBasic::new(secret).with_body_client_id())
            }
            Method::Post => client.auth(ClientSecretPost::new(secret)),
            Method::SecretJwt(algorithm) => {
                client.auth(ClientSecretJwt::new(algorithm, secret).allow_short_secret())
            }
            Method::LocalKey => client.auth(PrivateKeyJwt::new(KEY.clone())),
            Method::RemoteKey => {
                client.auth(PrivateKeyJwt::new(Signer::remote(Algorithm::Es256).key_id("k")))
            }
            Method::Tls => client.auth(TlsClientAuth::new()),
            Method::SelfSignedTls => client.auth(SelfSignedTlsClientAuth::new()),
        }
    }

    fn grant(&self) -> Grant {
        match self.with.clone() {
            With::Code { code, redirect_uri, verifier } => {
                let mut grant = AuthorizationCode::unchecked(code);
                if let Some(uri) = redirect_uri {
                    grant = grant.redirect_uri(uri);
                }
                if let Some(verifier) = verifier {
                    grant = grant.code_verifier(CodeVerifier::from_text(verifier).unwrap());
                }
                grant.into()
            }
            With::Refresh { token, redirect_uri: None } => RefreshToken::new(token).into(),
            With::Refresh { token, redirect_uri: Some(uri) } => {
                RefreshToken::new(token).redirect_uri(uri).into()
            }
            With::Credentials => ClientCredentials::new().into(),
            With::Extension { grant_type, plain, secret } => {
                let grant = plain
                    .into_iter()
                    .fold(Extension::new(grant_type), |grant, (n, v)| grant.parameter(n, v));
                secret.into_iter().fold(grant, |grant, (n, v)| grant.secret(n, v)).into()
            }
        }
    }

    pub fn exchange(&self) -> TokenRequest {
        let mut exchange = self
            .client()
            .token(self.grant())
            .scope(self.scope.as_str())
            .header("x-agent", &self.agent);
        for resource in &self.resources {
            exchange = exchange.resource(resource);
        }
        for audience in &self.audiences {
            exchange = exchange.audience(audience);
        }
        for (name, value) in &self.extras {
            exchange = exchange.parameter(name, value.as_str());
        }
        exchange
    }

    /// The body as pairs, without an assertion and its type.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        let mut put = |name: &str, value: &str| {
            // Empty means absent.
            if !value.is_empty() {
                pairs.push((name.to_owned(), value.to_owned()));
            }
        };
        match &self.with {
            With::Code { code, redirect_uri, verifier } => {
                put("grant_type", "authorization_code");
                put("code", code);
                put("redirect_uri", redirect_uri.as_deref().unwrap_or_default());
                put("code_verifier", verifier.as_deref().unwrap_or_default());
            }
            With::Refresh { token, redirect_uri } => {
                put("grant_type", "refresh_token");
                put("refresh_token", token);
                put("redirect_uri", redirect_uri.as_deref().unwrap_or_default());
            }
            With::Credentials => put("grant_type", "client_credentials"),
            With::Extension { grant_type, plain, secret } => {
                put("grant_type", grant_type);
                plain.iter().chain(secret).for_each(|(name, value)| put(name, value));
            }
        }
        put("scope", &self.scope);
        self.resources.iter().for_each(|resource| put("resource", resource));
        self.audiences.iter().for_each(|audience| put("audience", audience));
        self.extras.iter().for_each(|(name, value)| put(name, value));
        match self.method {
            Method::None | Method::BasicWithId | Method::Tls | Method::SelfSignedTls => {
                put("client_id", &self.id);
            }
            Method::Post => {
                put("client_id", &self.id);
                put("client_secret", &self.secret);
            }
            _ => {}
        }
        pairs
    }
}
