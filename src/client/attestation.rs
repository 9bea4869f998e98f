//! [`ClientAttestation`]: a client instance that an attester vouches for
//! ([draft-ietf-oauth-attestation-based-client-auth §4](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-attestation-based-client-auth-10#section-4)).
//!
//! The attestation comes from the attester and is presented as it is; the proof that the instance holds
//! the attested key is made here, new for each request. Getting an attestation is the caller's.

use std::fmt;
use std::sync::Arc;

use super::authentication::ClientAuthentication;
use super::credentials::Credentials;
use crate::jose::{Jwt, KeyType, Signer};
use crate::request::{AssertionAudience, BuildError};
use crate::value::Secret;
use crate::wire::base64url;

/// `attest_jwt_client_auth`, and `attest_jwt_client_auth_dpop` where a DPoP proof is the proof of
/// possession ([draft-ietf-oauth-attestation-based-client-auth §7.5](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-attestation-based-client-auth-10#section-7.5)).
///
/// A server may want a challenge of its own in the proof. A flow learns it from every response and, when
/// it is asked for, repeats the request once; [`Client::attestation_challenge`](crate::Client::attestation_challenge)
/// fetches one beforehand.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client};
/// # use grantwire::jose::{Algorithm, Signer};
/// # let (server, jwt_of_the_attester) = (AuthorizationServer::new().issuer("https://as.example"), "a.b.c");
/// use grantwire::client::ClientAttestation;
///
/// let instance_key = Signer::remote(Algorithm::Es256).key_id("secure-enclave");
/// let client = Client::new(server, "wallet").auth(ClientAttestation::new(jwt_of_the_attester, instance_key));
/// ```
#[derive(Clone)]
pub struct ClientAttestation {
    attestation: Secret,
    proof: Proof,
    audience: AssertionAudience,
    challenge: Option<String>,
    beside: Option<Arc<dyn ClientAuthentication>>,
}

/// What shows that the instance holds the attested key.
#[derive(Clone)]
enum Proof {
    /// A JWT of its own, in the header `OAuth-Client-Attestation-PoP`
    /// ([draft-ietf-oauth-attestation-based-client-auth §5.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-attestation-based-client-auth-10#section-5.1)).
    Jwt(Signer),
    /// The DPoP proof that the request carries anyway.
    Dpop,
}

/// The attestation, as the attester made it.
pub(crate) const ATTESTATION: &str = "oauth-client-attestation";
/// The proof of possession.
pub(crate) const POP: &str = "oauth-client-attestation-pop";

impl ClientAttestation {
    /// Presents this attestation, with proofs signed by the attested key.
    pub fn new(attestation: impl Into<Secret>, instance_key: impl Into<Signer>) -> Self {
        Self::with(attestation.into(), Proof::Jwt(instance_key.into()))
    }

    /// Presents this attestation, with the request's DPoP proof as the proof of possession: the flow must
    /// be bound to the attested key, and a request that is not is not built. A challenge of the server's is
    /// the proof's nonce, unless it has given a nonce as well
    /// ([draft-ietf-oauth-attestation-based-client-auth §5.2](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-attestation-based-client-auth-10#section-5.2)).
    pub fn dpop_combined(attestation: impl Into<Secret>) -> Self {
        Self::with(attestation.into(), Proof::Dpop)
    }

    const fn with(attestation: Secret, proof: Proof) -> Self {
        let audience = AssertionAudience::Issuer;
        Self { attestation, proof, audience, challenge: None, beside: None }
    }

    /// Whom the proof is made for. Default: the issuer, as the draft asks.
    #[must_use]
    pub fn audience(mut self, audience: AssertionAudience) -> Self {
        self.audience = audience;
        self
    }

    /// The challenge to start with. One that a flow has learned since goes before it.
    #[must_use]
    pub fn challenge(mut self, challenge: impl Into<String>) -> Self {
        self.challenge = Some(challenge.into());
        self
    }

    /// Authenticates by another method, and presents the attestation beside it as a further signal
    /// ([draft-ietf-oauth-attestation-based-client-auth §7.6](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-attestation-based-client-auth-10#section-7.6)).
    #[must_use]
    pub fn beside(mut self, method: impl ClientAuthentication + 'static) -> Self {
        self.beside = Some(Arc::new(method));
        self
    }

    fn prove(&self, signer: &Signer, to: &mut Credentials<'_, '_>) -> Result<(), BuildError> {
        if signer.algorithm().key_type() == KeyType::Symmetric {
            let rule = "the attested key is asymmetric, and so must be its algorithm";
            return Err(BuildError::Invalid { parameter: "alg".into(), rule });
        }
        let audience = self.audience.of(to.server, to.endpoint())?;
        let mut jwt = Jwt::new()
            .typ("oauth-client-attestation-pop+jwt")
            .claim("aud", audience)
            .claim("jti", base64url::encode(&to.random()))
            .claim("iat", to.now().as_unix_seconds());
        if let Some(challenge) = to.attestation_challenge().or(self.challenge.as_deref()) {
            jwt = jwt.claim("challenge", challenge);
        }
        to.signed_header(POP, &jwt, signer)
    }
}

impl ClientAuthentication for ClientAttestation {
    fn name(&self) -> &str {
        match (&self.beside, &self.proof) {
            (Some(method), _) => method.name(),
            (None, Proof::Jwt(_)) => "attest_jwt_client_auth",
            (None, Proof::Dpop) => "attest_jwt_client_auth_dpop",
        }
    }

    fn presents_certificate(&self) -> bool {
        self.beside.as_ref().is_some_and(|method| method.presents_certificate())
    }

    fn answers_challenge(&self) -> bool {
        true
    }

    fn identifies_client(&self) -> bool {
        self.beside.as_ref().is_none_or(|method| method.identifies_client())
    }

    fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        match &self.beside {
            Some(method) => method.write(to)?,
            None => to.method_by_header()?,
        }
        if self.attestation.is_empty() {
            return Err(BuildError::Empty { parameter: ATTESTATION.into() });
        }
        to.own_header(ATTESTATION, self.attestation.expose())?;
        match &self.proof {
            Proof::Jwt(signer) => self.prove(signer, to),
            Proof::Dpop => {
                to.wants_dpop_proof();
                Ok(())
            }
        }
    }
}

impl fmt::Debug for ClientAttestation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAttestation").field("method", &self.name()).finish_non_exhaustive()
    }
}
