//! [`Entropy`]: the caller's random bytes, as an argument.
//!
//! This is an expander, not a source. What comes out is as unpredictable as the 32 bytes that went
//! in, and the same bytes always give the same values, which is what tests and fuzzers want.

use std::fmt;

use sha2::{Digest as _, Sha256, Sha512};
use zeroize::Zeroizing;

/// Unpredictable values for `state`, `nonce`, `jti` and code verifiers, expanded from 32 bytes.
///
/// Give it 32 bytes from a cryptographic source, once, and draw from it as often as you like. Each value is the
/// hash of those bytes, its number and its use, so none can be computed from others. It is not `Clone` and is
/// never serialised: a copy would give the same `jti` twice.
///
/// ```
/// # fn random_bytes() -> [u8; 32] { [7; 32] }
/// let mut entropy = grantwire::Entropy::new(random_bytes());
/// ```
pub struct Entropy {
    key: Zeroizing<[u8; 32]>,
    drawn: u64,
}

impl Entropy {
    /// Starts from 32 bytes that nobody else knows.
    #[must_use]
    pub fn new(seed: [u8; 32]) -> Self {
        Self { key: Zeroizing::new(seed), drawn: 0 }
    }

    /// Starts from 32 bytes of the operating system's generator.
    ///
    /// # Errors
    ///
    /// When the operating system has none to give.
    #[cfg(feature = "getrandom")]
    pub fn from_os() -> std::io::Result<Self> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)
            .map_err(|_| std::io::Error::other("the operating system gave no random bytes"))?;
        Ok(Self::new(seed))
    }

    /// Another one, for a flow of its own: neither can be computed from the other.
    ///
    /// ```
    /// # use grantwire::{AuthorizationServer, Client, Entropy, flow::TokenFlow, grant::ClientCredentials};
    /// # let client = Client::new(AuthorizationServer::new(), "c");
    /// let mut entropy = Entropy::new([7; 32]);
    /// let flows: Vec<_> = (0..3)
    ///     .map(|_| TokenFlow::new(client.token(ClientCredentials::new()), entropy.split()))
    ///     .collect();
    /// ```
    #[must_use]
    pub fn split(&mut self) -> Self {
        let other = Self::new(self.next("split"));
        // With the old key the other one's could be computed.
        *self.key = self.next("go on");
        other
    }

    /// The next 32 bytes, for the use that `label` names. A label of up to 15 bytes fits into one block of the
    /// hash.
    pub(crate) fn next(&mut self, label: &str) -> [u8; 32] {
        self.drawn = self.drawn.wrapping_add(1);
        let hash = Sha256::new().chain_update(self.key.as_slice());
        hash.chain_update(self.drawn.to_be_bytes()).chain_update(label).finalize().into()
    }

    /// The next values, up to three of them: two take one block of a hash that is twice as wide. Those beyond the
    /// number wanted are nothing.
    pub(crate) fn next_few(&mut self, wanted: usize, label: &str) -> [[u8; 32]; 3] {
        let [mut first, mut second, mut third] = [[0; 32]; 3];
        if wanted == 1 || wanted > 2 {
            third = self.next(label);
        }
        if wanted > 1 {
            self.drawn = self.drawn.wrapping_add(1);
            let hash = Sha512::new().chain_update(self.key.as_slice());
            let hash = hash.chain_update(self.drawn.to_be_bytes()).chain_update(label).finalize();
            let (low, high) = hash.split_at(32);
            first.copy_from_slice(low);
            second.copy_from_slice(high);
        }
        if wanted == 1 { [third, first, second] } else { [first, second, third] }
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_values_and_no_value_twice() {
        let (mut a, mut b) = (Entropy::new([1; 32]), Entropy::new([1; 32]));
        let first = a.next("state");
        assert_eq!(first, b.next("state"));
        assert_ne!(first, a.next("state"));
        assert_ne!(a.next("jti"), b.next("nonce"));
    }

    #[test]
    fn halves_have_nothing_in_common() {
        let mut whole = Entropy::new([1; 32]);
        let (mut one, mut other) = (whole.split(), whole.split());
        let values = [one.next("jti"), other.next("jti"), whole.next("jti")];
        assert!(values[0] != values[1] && values[1] != values[2] && values[0] != values[2]);
    }
}
