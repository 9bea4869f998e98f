//! Authorization URLs: read back they are what was asked for, and the endpoint is untouched.

use grantwire::authorization::{AuthorizationRequest, PendingAuthorization};
use grantwire::danger::{NoPkce, PlainPkce};
use grantwire::pkce::CodeVerifier;
use grantwire::{AuthorizationServer, BuildError, Client, EndpointUri, Entropy};
use proptest::option;
use proptest::prelude::*;

use crate::asked::resources;
use crate::text::*;

#[derive(Debug, Clone, Copy)]
pub enum Pkce {
    S256,
    Plain,
    Off,
}

/// An authorization request as data.
#[derive(Debug, Clone)]
pub struct Sent {
    pub query: Option<String>,
    pub id: String,
    pub response_type: String,
    pub redirect_uri: Option<String>,
    pub scope: String,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub verifier: Option<String>,
    pub pkce: Pkce,
    pub response_mode: String,
    pub claims: String,
    pub resources: Vec<String>,
    pub extras: Vec<(String, String)>,
    pub issuer: Option<String>,
}

pub fn sent() -> impl Strategy<Value = Sent> {
    let query = "[!-\"$-~]{0,20}";
    let kind = prop::sample::select(vec!["code", "id_token code", "id_token"]);
    let pkce = prop::sample::select(vec![Pkce::S256, Pkce::Plain, Pkce::Off]);
    let one = (option::of(query), visible(1..15), kind, option::of(redirect_uri()), scope());
    let secrets = (option::of(text(1..20)), option::of(text(0..20)), option::of(verifier()), pkce);
    let resources = resources();
    let rest =
        ("[a-z._]{0,9}", text(0..20), resources, pairs(0..12), option::of("https://[!-~]{1,20}"));
    (one, secrets, rest).prop_map(|(one, secrets, rest)| {
        let (query, id, response_type, redirect_uri, scope) = one;
        let (state, nonce, verifier, pkce) = secrets;
        let (response_mode, claims, resources, mut extras, issuer) = rest;
        let response_type = response_type.to_owned();
        // A name that stands in the endpoint's own query is refused, which a test of its own shows.
        let taken = query.as_deref().unwrap_or_default();
        let taken: Vec<(String, String)> = serde_urlencoded::from_str(taken).unwrap_or_default();
        extras.retain(|(name, _)| !taken.iter().any(|(known, _)| known == name));
        Sent {
            query,
            id,
            response_type,
            redirect_uri,
            scope,
            state,
            nonce,
            verifier,
            pkce,
            response_mode,
            claims,
            resources,
            extras,
            issuer,
        }
    })
}

impl Sent {
    pub fn endpoint(&self) -> String {
        let query = self.query.as_ref().map(|query| format!("?{query}"));
        format!("https://as.example/authorize{}", query.unwrap_or_default())
    }

    pub fn client(&self) -> Client {
        let server = AuthorizationServer::new()
            .authorization_endpoint(&self.endpoint())
            .token_endpoint("https://as.example/token");
        let server = match &self.issuer {
            Some(issuer) => server.issuer(issuer.as_str()),
            None => server,
        };
        Client::new(server, self.id.as_str())
    }

    fn request(&self) -> AuthorizationRequest {
        let mut request = self
            .client()
            .authorization()
            .response_type(self.response_type.clone())
            .scope(self.scope.as_str())
            .response_mode(self.response_mode.clone())
            .claims(&self.claims);
        if let Some(uri) = &self.redirect_uri {
            request = request.redirect_uri(uri.as_str());
        }
        if let Some(state) = &self.state {
            request = request.state(state.as_str());
        }
        if let Some(nonce) = &self.nonce {
            request = request.nonce(nonce.as_str());
        }
        request = match (self.pkce, &self.verifier) {
            (Pkce::S256, None) => request,
            (Pkce::S256, Some(text)) => {
                request.code_verifier(CodeVerifier::from_text(text.as_str()).unwrap())
            }
            (Pkce::Plain, _) => request.plain_pkce(PlainPkce),
            (Pkce::Off, _) => request.without_pkce(NoPkce),
        };
        for resource in &self.resources {
            request = request.resource(resource);
        }
        for (name, value) in &self.extras {
            request = request.parameter(name.clone(), value);
        }
        request
    }

    pub fn start(&self, seed: [u8; 32]) -> (String, PendingAuthorization) {
        let started = self.request().start(&mut Entropy::new(seed)).unwrap();
        (started.url.into_string(), started.pending)
    }

    /// What the URL must say, with what was drawn taken from the URL itself.
    fn pairs(&self, found: &[(String, String)]) -> Vec<(String, String)> {
        let drawn = |name: &str| {
            let pair = found.iter().find(|(known, _)| known == name);
            pair.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let state = self.state.clone().unwrap_or_else(|| drawn("state"));
        let challenge = match (self.pkce, &self.verifier) {
            (Pkce::Off, _) => String::new(),
            (Pkce::S256, Some(text)) => CodeVerifier::from_text(text.as_str()).unwrap().challenge(),
            (Pkce::S256 | Pkce::Plain, _) => drawn("code_challenge"),
        };
        let method = match self.pkce {
            Pkce::S256 => "S256",
            Pkce::Plain => "plain",
            Pkce::Off => "",
        };
        let mut pairs = vec![
            ("response_type", self.response_type.as_str()),
            ("client_id", &self.id),
            ("redirect_uri", self.redirect_uri.as_deref().unwrap_or_default()),
            ("scope", &self.scope),
            ("state", &state),
            ("nonce", self.nonce.as_deref().unwrap_or_default()),
            ("response_mode", &self.response_mode),
            ("code_challenge", &challenge),
            ("code_challenge_method", method),
            ("claims", &self.claims),
        ];
        pairs.extend(self.resources.iter().map(|resource| ("resource", resource.as_str())));
        pairs.extend(self.extras.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let filled = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        filled.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn what_goes_in_comes_out(sent in sent(), seed in any::<[u8; 32]>()) {
        let endpoint = sent.endpoint();
        prop_assume!(EndpointUri::parse(&endpoint).is_ok());
        let (url, _) = sent.start(seed);
        let ours = url.strip_prefix(&endpoint).unwrap();
        let ours = match &sent.query {
            None => ours.strip_prefix('?').unwrap(),
            Some(query) if query.is_empty() || query.ends_with('&') => ours,
            Some(_) => ours.strip_prefix('&').unwrap(),
        };
        // RFC 3986's unreserved characters and what separates pairs: nothing else, so no `+`.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%&=".contains(&byte);
        prop_assert!(ours.bytes().all(plain), "{}", ours);
        let found: Vec<(String, String)> = serde_urlencoded::from_str(ours).unwrap();
        prop_assert_eq!(sent.pairs(&found), found);
    }

    #[test]
    fn the_same_seed_gives_the_same_url(sent in sent(), seed in any::<[u8; 32]>()) {
        prop_assume!(EndpointUri::parse(&sent.endpoint()).is_ok());
        let ((one, kept), (two, also_kept)) = (sent.start(seed), sent.start(seed));
        prop_assert_eq!(one, two);
        prop_assert!(kept.to_bytes() == also_kept.to_bytes());
    }
}

#[test]
fn a_name_in_the_endpoints_own_query_is_not_sent_twice() {
    for (query, extra) in [("state=x", "y"), ("a=1&tenant=t", "tenant"), ("t%65nant", "tenant")] {
        let url = format!("https://as.example/authorize?{query}");
        let server = AuthorizationServer::new().authorization_endpoint(&url);
        let request = Client::new(server, "c").authorization().parameter(extra, "v");
        let error = request.start(&mut Entropy::new([1; 32])).unwrap_err();
        assert!(matches!(error, BuildError::ParameterRepeated { .. }), "{query}");
    }
}
