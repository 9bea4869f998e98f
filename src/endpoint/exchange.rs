//! [`Exchange`]: one request and the reading of its reply, as a pair.
//!
//! What the machines drive, whichever endpoint it is. Endpoints implement it; callers rarely name it.

use http::HeaderMap;

use crate::dpop::{Binding, DpopKey};
use crate::reply::{Reply, ReplyError};
use crate::request::{BuildError, Draft};
use crate::value::{Entropy, Timestamp};

/// A request that can be built, as often as need be, and whose reply can be read.
pub trait Exchange {
    /// What a good reply holds.
    type Output: Clone;

    /// The request, but for its signatures, each time with fresh assertions.
    ///
    /// # Errors
    ///
    /// [`BuildError`]: nothing was sent.
    fn draft(&self, now: Timestamp, entropy: &mut Entropy) -> Result<Draft, BuildError>;

    /// Reads the reply.
    ///
    /// # Errors
    ///
    /// [`ReplyError`]: there is no value in it.
    fn read(&self, reply: Reply<'_>) -> Result<Self::Output, ReplyError>;

    /// Where the request goes.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when the address is missing or cannot be used.
    fn target(&self) -> Result<&str, BuildError>;

    /// The access token the request presents, which a DPoP proof is then made over.
    fn presented(&self) -> Option<&str> {
        None
    }

    /// Learns from a response what the server wants in the next request: the challenge for an attested
    /// client's proof
    /// ([draft-ietf-oauth-attestation-based-client-auth §6.2](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-attestation-based-client-auth-10#section-6.2)).
    /// Returns whether it is news. An exchange without client authentication learns nothing.
    fn learn(&mut self, headers: &HeaderMap) -> bool {
        let _ = headers;
        false
    }

    /// The challenge learned, for the next exchange with this server.
    fn learned_challenge(&self) -> Option<&str> {
        None
    }

    /// Reads the reply to a request that carried a DPoP proof.
    ///
    /// # Errors
    ///
    /// As [`Exchange::read`], and when a token came that is not bound to the key.
    fn read_bound(&self, reply: Reply<'_>) -> Result<Self::Output, ReplyError> {
        self.read(reply)
    }

    /// The request with a DPoP proof by this key, over this nonce if the server gave one
    /// ([RFC 9449 §4](https://www.rfc-editor.org/rfc/rfc9449#section-4)).
    ///
    /// # Errors
    ///
    /// [`BuildError`]: nothing was sent.
    fn draft_bound(
        &self,
        key: &DpopKey,
        nonce: Option<&str>,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Draft, BuildError> {
        let mut draft = self.draft(now, entropy)?;
        // A proof that stands for an attested client's own holds the challenge as its nonce.
        let challenge = self.learned_challenge().filter(|_| draft.wants_proof());
        let nonce = nonce.or(challenge);
        let binding =
            Binding { key, target: self.target()?, nonce, access_token: self.presented() };
        binding.prove(&mut draft, now, entropy)?;
        Ok(draft)
    }
}
