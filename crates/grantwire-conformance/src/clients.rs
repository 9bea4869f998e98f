//! Registered clients, as data: who they are, how they authenticate, and what they may do.
//!
//! No checks here; `authenticate`, `codes` and `token` read this.

use std::sync::Arc;

use serde_json::Value;

/// The fixed redirect URI of Dressipi.
pub const DRESSIPI_REDIRECT_URI: &str = "urn:ietf:wg:oauth:2.0:oob:auto";

/// The systems that live on the one server. A client of one is unknown to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Age assurance, under `/v1`.
    AgeKey,
    /// Recommendations, under `/oauth` and `/api`.
    Dressipi,
    /// One environment of it.
    PingOne,
    /// An issuer that is nobody's, under `/oauth2`.
    Generic,
}

/// How a client proves who it is at the token endpoint. Each client has exactly one method.
#[derive(Clone)]
pub enum Authentication {
    /// A public client.
    None,
    /// The secret, in the header.
    ClientSecretBasic(String),
    /// The secret, in the body.
    ClientSecretPost(String),
    /// The secret, as the key of an HMAC.
    ClientSecretJwt(String),
    /// Public JWKs, told apart by `kid`.
    PrivateKeyJwt(Vec<Value>),
}

/// Whether the authorization request must carry a `code_challenge`. `S256` is the only method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pkce {
    /// It may be absent.
    Optional,
    /// Without it the request is refused.
    Required,
}

/// What the token request says about `redirect_uri`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedirectRule {
    /// It must not be there.
    Absent,
    /// It must be this, for every grant.
    Fixed(&'static str),
    /// It must be what the authorization request said, if that said anything
    /// ([RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3)).
    AsAuthorized,
}

/// What a refresh does to the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// A new one comes back. The old one, used again more than `grace` seconds later, ends the
    /// whole family.
    Rotating {
        /// In seconds.
        grace: u64,
    },
    /// It stays as it is, and none comes back.
    Reusable,
}

/// Whether the client has to prove that it holds a key
/// ([RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5)). One that sends a proof is always
/// held to it. Only the generic issuer knows DPoP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Possession {
    /// Without a proof it gets bearer tokens.
    Optional,
    /// Every token request carries a proof.
    Required,
    /// And every proof a nonce of this server's, at the token endpoint and at the resource.
    WithNonce,
}

/// One registration.
#[derive(Clone)]
pub struct Client {
    /// Where it is registered.
    pub system: System,
    /// The `client_id`.
    pub id: String,
    /// How it proves who it is.
    pub authentication: Authentication,
    /// Values of `grant_type`.
    pub grants: Vec<&'static str>,
    /// Where the user may be sent back to, each compared as a whole.
    pub redirect_uris: Vec<String>,
    /// What its token requests say of that.
    pub redirect_rule: RedirectRule,
    /// Whether its codes are bound to a verifier.
    pub pkce: Pkce,
    /// What becomes of its refresh tokens.
    pub rotation: Rotation,
    /// Whether its tokens are bound to a key.
    pub possession: Possession,
    /// Every scope the client may ask for; what it gets when it asks for none.
    pub scopes: Vec<String>,
    /// Headers (names in lower case) that every request must carry.
    pub required_headers: Vec<(&'static str, String)>,
    /// Public JWKs that check request objects. Those of `private_key_jwt` do, too.
    pub request_keys: Vec<Value>,
    /// Whether it has to sign its authorization requests.
    pub signed_requests: bool,
    /// Whether it has to push them.
    pub pushed_requests: bool,
}

impl Client {
    /// A client of the generic issuer: the code and refresh grants, PKCE, rotation. Change what
    /// differs with the methods below, or through the fields.
    pub fn new(id: &str, authentication: Authentication) -> Self {
        Self {
            system: System::Generic,
            id: id.to_owned(),
            authentication,
            grants: vec!["authorization_code", "refresh_token"],
            redirect_uris: Vec::new(),
            redirect_rule: RedirectRule::AsAuthorized,
            pkce: Pkce::Required,
            rotation: Rotation::Rotating { grace: 0 },
            possession: Possession::Optional,
            scopes: Vec::new(),
            required_headers: Vec::new(),
            request_keys: Vec::new(),
            signed_requests: false,
            pushed_requests: false,
        }
    }

    /// A relying party of AgeKey: Basic, the code grant only, no `redirect_uri` in the token
    /// request, no PKCE, and the upgrade scope in its three published spellings.
    pub fn agekey(id: &str, secret: &str, redirect_uri: &str) -> Self {
        Self {
            system: System::AgeKey,
            grants: vec!["authorization_code"],
            redirect_rule: RedirectRule::Absent,
            pkce: Pkce::Optional,
            ..Self::new(id, Authentication::ClientSecretBasic(secret.to_owned()))
        }
        .redirecting_to(redirect_uri)
        .with_scopes(&["openid", "agekey.upgrade", "agekey_upgrade", "agekey-upgrade"])
    }

    /// A partner of Dressipi: a public client with an API key, PKCE and the fixed redirect URN.
    pub fn dressipi(id: &str, api_key: &str) -> Self {
        Self {
            system: System::Dressipi,
            redirect_rule: RedirectRule::Fixed(DRESSIPI_REDIRECT_URI),
            required_headers: vec![("x-api-key", api_key.to_owned())],
            ..Self::new(id, Authentication::None)
        }
        .redirecting_to(DRESSIPI_REDIRECT_URI)
    }

    /// An application of PingOne with the three grants; PKCE as the application likes.
    pub fn pingone(id: &str, authentication: Authentication) -> Self {
        Self {
            system: System::PingOne,
            grants: vec!["authorization_code", "refresh_token", "client_credentials"],
            pkce: Pkce::Optional,
            ..Self::new(id, authentication)
        }
    }

    /// Registers one more redirect URI.
    pub fn redirecting_to(mut self, uri: &str) -> Self {
        self.redirect_uris.push(uri.to_owned());
        self
    }

    /// Replaces the grants.
    pub fn with_grants(mut self, grants: &[&'static str]) -> Self {
        self.grants = grants.to_vec();
        self
    }

    /// Replaces the scopes.
    pub fn with_scopes(mut self, scopes: &[&str]) -> Self {
        self.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self
    }

    /// Replaces the PKCE policy.
    pub fn with_pkce(mut self, pkce: Pkce) -> Self {
        self.pkce = pkce;
        self
    }

    /// Replaces the rotation.
    pub fn with_rotation(mut self, rotation: Rotation) -> Self {
        self.rotation = rotation;
        self
    }

    /// Replaces what is asked for in the way of DPoP.
    pub fn with_possession(mut self, possession: Possession) -> Self {
        self.possession = possession;
        self
    }

    /// Requires one more header on every request.
    pub fn requiring(mut self, name: &'static str, value: &str) -> Self {
        self.required_headers.push((name, value.to_owned()));
        self
    }

    /// Registers the public JWKs that check request objects.
    pub fn with_request_keys(mut self, keys: Vec<Value>) -> Self {
        self.request_keys = keys;
        self
    }

    /// Takes nothing but signed authorization requests from it.
    pub fn signing_requests(mut self) -> Self {
        self.signed_requests = true;
        self
    }

    /// Takes nothing but pushed authorization requests from it.
    pub fn pushing_requests(mut self) -> Self {
        self.pushed_requests = true;
        self
    }

    /// The keys that check its request objects.
    pub fn keys(&self) -> &[Value] {
        match &self.authentication {
            Authentication::PrivateKeyJwt(keys) if self.request_keys.is_empty() => keys,
            _ => &self.request_keys,
        }
    }

    /// Whether it is registered for a grant.
    pub fn may_use(&self, grant_type: &str) -> bool {
        self.grants.contains(&grant_type)
    }
}

/// All registrations.
pub(crate) struct Clients(Vec<Arc<Client>>);

impl Clients {
    pub(crate) fn new(clients: Vec<Client>) -> Self {
        Self(clients.into_iter().map(Arc::new).collect())
    }

    pub(crate) fn find(&self, system: System, id: &str) -> Option<Arc<Client>> {
        self.of(system).find(|client| client.id == id).map(Arc::clone)
    }

    /// Registers a client, in the place of the one that had its identifier.
    pub(crate) fn put(&mut self, client: Client) {
        self.remove(client.system, &client.id);
        self.0.push(Arc::new(client));
    }

    pub(crate) fn remove(&mut self, system: System, id: &str) {
        self.0.retain(|client| client.system != system || client.id != id);
    }

    /// All clients of one system.
    pub(crate) fn of(&self, system: System) -> impl Iterator<Item = &Arc<Client>> {
        self.0.iter().filter(move |client| client.system == system)
    }
}
