//! An introspection that is signed ([RFC 9701](https://www.rfc-editor.org/rfc/rfc9701)): what the server says can be shown to others later.
//!
//! The answer is a JWT for the resource server that asked. Nothing in it counts before the signature is
//! verified, and then it is read like any other.

use crate::reply::Presented;
use std::fmt;

use http::{HeaderMap, Request};
use zeroize::Zeroizing;

use super::{Introspection, IntrospectionRequest, interpret};
use crate::claims::{CheckedResponse, ClaimFault, ClaimsError, TokenKind, TokenRules};
use crate::endpoint::Exchange;
use crate::endpoint::client_call::Door;
use crate::jose::{Jws, KeySet, Verified, Verify};
use crate::reply::{Reply, ReplyError, Rules, Unusable, jwt};
use crate::request::{BuildError, Draft};
use crate::server::Quirks;
use crate::value::{CredentialUse, Entropy, Timestamp};

/// The media type of the answer, and its `typ` ([RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5)).
const MEDIA_TYPE: &str = "application/token-introspection+jwt";

/// An introspection request that asks for a signed answer ([RFC 9701 §4](https://www.rfc-editor.org/rfc/rfc9701#section-4)).
pub struct SignedIntrospectionRequest {
    request: IntrospectionRequest,
}

impl IntrospectionRequest {
    /// Asks for a signed answer. A plain one is then refused: whoever would take it asks for it.
    #[must_use]
    pub const fn signed(self) -> SignedIntrospectionRequest {
        SignedIntrospectionRequest { request: self }
    }
}

impl SignedIntrospectionRequest {
    /// The request, ready to send.
    ///
    /// # Errors
    ///
    /// [`BuildError`]: nothing was sent.
    pub fn request(
        &self,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Request<Vec<u8>>, BuildError> {
        Exchange::draft(self, now, entropy)?.finish()
    }

    /// Reads the reply. What it says is still to be verified.
    ///
    /// # Errors
    ///
    /// [`ReplyError`]; with [`Unusable::NotSigned`] when the answer is plain.
    pub fn read<'a>(&self, reply: impl Into<Reply<'a>>) -> Result<SignedIntrospection, ReplyError> {
        Exchange::read(self, reply.into())
    }
}

impl Exchange for SignedIntrospectionRequest {
    type Output = SignedIntrospection;

    fn draft(&self, now: Timestamp, entropy: &mut Entropy) -> Result<Draft, BuildError> {
        let mut draft = Exchange::draft(&self.request, now, entropy)?;
        draft.accept(MEDIA_TYPE);
        Ok(draft)
    }

    fn read(&self, reply: Reply<'_>) -> Result<SignedIntrospection, ReplyError> {
        let server = self.request.channel.client.server();
        let rules = Rules {
            quirks: server.tolerances(),
            limit: server.limit(),
            credential: CredentialUse::Repeated,
            success: IntrospectionRequest::SUCCESS,
            presented: Presented::Client,
        };
        let text = jwt::open(reply, rules, MEDIA_TYPE)?;
        Ok(SignedIntrospection { text, quirks: server.tolerances().clone() })
    }

    fn learn(&mut self, headers: &HeaderMap) -> bool {
        Exchange::learn(&mut self.request, headers)
    }

    fn learned_challenge(&self) -> Option<&str> {
        Exchange::learned_challenge(&self.request)
    }

    fn target(&self) -> Result<&str, BuildError> {
        Exchange::target(&self.request)
    }
}

impl fmt::Debug for SignedIntrospectionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SignedIntrospectionRequest").field(&self.request).finish()
    }
}

/// A signed answer that nobody has verified.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
/// # use grantwire::claims::TokenRules;
/// # use grantwire::jose::{Algorithm, Jwt, KeySet, LocalKey, LocalVerifier, Signer};
/// # let server = AuthorizationServer::new().introspection_endpoint("https://server.example.com/introspect");
/// # let (client, mut entropy) = (Client::new(server, "rs"), Entropy::new([7; 32]));
/// # let now = Timestamp::from_unix_seconds(1_514_797_892);
/// # let own = LocalKey::generate(Algorithm::Es256)?;
/// # let keys = KeySet::read("https://as.example.com", &format!(r#"{{"keys":[{}]}}"#, own.public_jwk().to_json()))?;
/// # let jwt = Jwt::new().typ("token-introspection+jwt").claim("iss", "https://as.example.com")
/// #     .claim("aud", "https://rs.example.com").claim("iat", 1_514_797_892)
/// #     .claim("token_introspection", serde_json::json!({"active": true, "sub": "Z5O3upPC88QrAjx00dis"}))
/// #     .unsigned(&Signer::from(own.clone()))?;
/// # let body = jwt.finish(&own.sign(&jwt)?)?.expose().as_bytes().to_vec();
/// # let response = http::Response::builder().header("content-type", "application/token-introspection+jwt").body(body)?;
/// let exchange = client.introspect("mF_9.B5f-4.1JqM").signed();
/// let request = exchange.request(now, &mut entropy)?;
/// let signed = exchange.read(&response)?;
///
/// // The audience is the resource server that asks.
/// let rules = TokenRules::new("https://as.example.com", "https://rs.example.com").algorithm(Algorithm::Es256);
/// let told = signed.verify(&rules, &keys, &LocalVerifier::new(), now)?;
/// assert!(told.is_active());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SignedIntrospection {
    text: Zeroizing<String>,
    quirks: Quirks,
}

const KIND: TokenKind = TokenKind::Introspection;

impl SignedIntrospection {
    /// Takes it apart, and compares what can be compared before a key is fetched for it.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`]: no key would make it an answer of this server.
    pub fn open(&self, rules: &TokenRules) -> Result<Jws, ClaimsError> {
        rules.open(KIND, &self.text)
    }

    /// Everything at once: takes it apart, chooses the key, verifies, checks.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`].
    pub fn verify(
        &self,
        rules: &TokenRules,
        keys: &KeySet,
        backend: &dyn Verify,
        now: Timestamp,
    ) -> Result<Introspection, ClaimsError> {
        self.check(rules, rules.verify(KIND, &self.text, keys, backend)?, now)
    }

    /// Reads what a verified answer says of the token. `exp` and `sub` of the answer itself are never
    /// taken for the token's, and of a token that is not active nothing else is told.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`].
    pub fn check(
        &self,
        rules: &TokenRules,
        verified: Verified,
        now: Timestamp,
    ) -> Result<Introspection, ClaimsError> {
        let response = CheckedResponse::check(KIND, rules, verified, now)?;
        let inner = response.object("token_introspection")?;
        let read = |text: &str| {
            let rules = Rules {
                quirks: &self.quirks,
                limit: usize::MAX,
                credential: CredentialUse::Repeated,
                success: IntrospectionRequest::SUCCESS,
                presented: Presented::Client,
            };
            interpret(text, rules, Vec::new()).map_err(|why| {
                response.fault(match why {
                    Unusable::MemberMissing(name) => ClaimFault::Missing(name),
                    Unusable::MemberMalformed(name) => ClaimFault::Malformed(name),
                    _ => ClaimFault::Malformed("token_introspection"),
                })
            })
        };
        let told = read(inner)?;
        if told.is_active() { Ok(told) } else { read(r#"{"active":false}"#) }
    }

    /// The token as it came, unverified: to be decrypted, or kept as evidence.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }
}

/// It says who somebody is.
impl fmt::Debug for SignedIntrospection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedIntrospection(..)")
    }
}
