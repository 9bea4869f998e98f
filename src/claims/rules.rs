//! [`TokenRules`]: what one client expects of everything that one issuer signs for it.
//!
//! Configuration, cheap to clone. The checks are in `checking`, and in the file of each kind of token.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::permission::UnsecuredIdToken;
use crate::jose::Algorithm;
use crate::value::{ClientId, Issuer};
use crate::wire::json;

/// How far two clocks may be apart, unless the caller says otherwise.
const SKEW: Duration = Duration::from_secs(60);

/// What this client expects of the tokens of one issuer
/// ([OpenID Connect Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation)).
///
/// Strict by default: `RS256` only, one minute between the clocks, no audience but this client. The
/// algorithm is a matter of registration and may differ from kind to kind; clone the rules and change
/// it.
#[derive(Clone)]
pub struct TokenRules(Arc<Parts>);

#[derive(Clone)]
pub(super) struct Parts {
    pub(super) issuer: Issuer,
    pub(super) client_id: ClientId,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) skew: Duration,
    pub(super) trusted: Vec<Box<str>>,
    pub(super) encrypted: bool,
    pub(super) typ: Vec<Box<str>>,
    pub(super) tenants: Option<Arc<TenantCheck>>,
    pub(super) unsecured: bool,
    pub(super) ignore_azp: bool,
    pub(super) require_azp: bool,
    pub(super) require_auth_time: bool,
    pub(super) require_state_hash: bool,
    pub(super) require_typ: bool,
    pub(super) missing_nonce: bool,
    pub(super) most_age: Option<Duration>,
}

/// The caller's check of a tenant's issuer.
type TenantCheck = dyn Fn(IssuerClaim<'_>) -> bool + Send + Sync;

/// The `iss` of a token of an issuer that has one for each tenant, and the claims beside it.
#[derive(Clone, Copy)]
pub struct IssuerClaim<'a> {
    pub(super) issuer: &'a str,
    pub(super) payload: &'a str,
}

impl<'a> IssuerClaim<'a> {
    /// The claim.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.issuer
    }

    /// Another claim by name, such as `tid`; `None` when it is absent or of another type.
    #[must_use]
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        json::member(self.payload, name).ok()??.read()
    }
}

impl fmt::Debug for IssuerClaim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IssuerClaim(..)")
    }
}

impl TokenRules {
    /// For tokens of this issuer to this client. A resource server that reads signed introspection
    /// responses names itself in place of a client.
    pub fn new(issuer: impl Into<Issuer>, client_id: impl Into<ClientId>) -> Self {
        Self(Arc::new(Parts {
            issuer: issuer.into(),
            client_id: client_id.into(),
            algorithms: vec![Algorithm::Rs256],
            skew: SKEW,
            trusted: Vec::new(),
            encrypted: false,
            typ: Vec::new(),
            tenants: None,
            unsecured: false,
            ignore_azp: false,
            require_azp: false,
            require_auth_time: false,
            require_state_hash: false,
            require_typ: false,
            missing_nonce: false,
            most_age: None,
        }))
    }

    fn with(mut self, set: impl FnOnce(&mut Parts)) -> Self {
        set(Arc::make_mut(&mut self.0));
        self
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.0
    }

    /// The one algorithm that the client is registered for, in place of `RS256`.
    #[must_use]
    pub fn algorithm(self, algorithm: Algorithm) -> Self {
        self.with(|parts| parts.algorithms = vec![algorithm])
    }

    /// Any of these algorithms, where nothing was registered. An empty list refuses every token.
    #[must_use]
    pub fn algorithms(self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.with(|parts| parts.algorithms = algorithms.into_iter().collect())
    }

    /// Leaves only those of the algorithms that the server's metadata announces. It never adds one.
    #[must_use]
    pub fn narrowed_to<T: AsRef<str>>(self, announced: impl IntoIterator<Item = T>) -> Self {
        let names: Vec<_> = announced.into_iter().collect();
        let known =
            |algorithm: &Algorithm| names.iter().any(|name| name.as_ref() == algorithm.name());
        self.with(|parts| parts.algorithms.retain(known))
    }

    /// How far the issuer's clock and this one may be apart; one minute unless set. More than a few
    /// minutes takes tokens that are over.
    #[must_use]
    pub fn clock_skew(self, skew: Duration) -> Self {
        self.with(|parts| parts.skew = skew)
    }

    /// Trusts another audience, so that a token for it and this client is taken.
    #[must_use]
    pub fn trusted_audience(self, audience: impl Into<String>) -> Self {
        self.with(|parts| parts.trusted.push(audience.into().into_boxed_str()))
    }

    /// The client is registered for encrypted tokens, so one that is not is refused.
    #[must_use]
    pub fn encrypted(self) -> Self {
        self.with(|parts| parts.encrypted = true)
    }

    /// Takes tokens of this `typ`, where the server gives it to what carries another one.
    #[must_use]
    pub fn accept_typ(self, typ: impl Into<String>) -> Self {
        self.with(|parts| parts.typ.push(typ.into().into_boxed_str()))
    }

    /// For servers whose metadata names a placeholder as issuer, and whose tokens name a tenant: the
    /// caller decides which `iss` is one of theirs. Keys are still those of the configured issuer.
    ///
    /// ```
    /// use grantwire::claims::TokenRules;
    ///
    /// let rules = TokenRules::new("https://login.example/{tenantid}/v2.0", "s6BhdRkqt3")
    ///     .issuer_checked_by(|iss| {
    ///         let tenant: Option<String> = iss.claim("tid");
    ///         tenant.is_some_and(|tenant| {
    ///             iss.as_str() == format!("https://login.example/{tenant}/v2.0")
    ///         })
    ///     });
    /// ```
    #[must_use]
    pub fn issuer_checked_by(
        self,
        check: impl Fn(IssuerClaim<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with(|parts| parts.tenants = Some(Arc::new(check)))
    }

    /// ID tokens: the client is registered for tokens that nobody signs.
    #[must_use]
    pub fn allow_unsecured(self, _: UnsecuredIdToken) -> Self {
        self.with(|parts| parts.unsecured = true)
    }

    /// ID tokens: `azp` is not looked at, for servers that mean something else by it.
    #[must_use]
    pub fn ignore_azp(self) -> Self {
        self.with(|parts| parts.ignore_azp = true)
    }

    /// ID tokens: with several audiences `azp` must be there, as older versions of the specification had
    /// it.
    #[must_use]
    pub fn require_azp_for_several_audiences(self) -> Self {
        self.with(|parts| parts.require_azp = true)
    }

    /// ID tokens: the client is registered with `require_auth_time`.
    #[must_use]
    pub fn require_auth_time(self) -> Self {
        self.with(|parts| parts.require_auth_time = true)
    }

    /// ID tokens: `s_hash` must be there and fit the `state`, as FAPI 1.0 Advanced asks.
    #[must_use]
    pub fn require_state_hash(self) -> Self {
        self.with(|parts| parts.require_state_hash = true)
    }

    /// ID tokens: one without `nonce` is taken although one was sent, for servers that leave it out.
    /// It may then be the token of another sign-in. A wrong one is still refused.
    #[must_use]
    pub fn tolerate_missing_nonce(self) -> Self {
        self.with(|parts| parts.missing_nonce = true)
    }

    /// Refuses tokens that were issued longer ago than this, by their `iat`.
    #[must_use]
    pub fn most_age(self, age: Duration) -> Self {
        self.with(|parts| parts.most_age = Some(age))
    }

    /// Logout tokens: `typ` must be `logout+jwt`; without this it may be absent or `JWT`.
    #[must_use]
    pub fn require_typ(self) -> Self {
        self.with(|parts| parts.require_typ = true)
    }

    /// Whose tokens they are.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.0.issuer
    }

    /// Whom they are for.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.0.client_id
    }

    /// The algorithms that are taken.
    #[must_use]
    pub fn expected_algorithms(&self) -> &[Algorithm] {
        &self.0.algorithms
    }
}

impl fmt::Debug for TokenRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRules")
            .field("issuer", &self.0.issuer)
            .field("client_id", &self.0.client_id)
            .field("algorithms", &self.0.algorithms)
            .finish_non_exhaustive()
    }
}
