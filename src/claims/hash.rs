//! `at_hash`, `c_hash`, `s_hash`: the left half of a hash, by the algorithm of the ID token
//! ([OpenID Connect Core §3.3.2.11](https://openid.net/specs/openid-connect-core-1_0.html#HybridIDToken)).
//!
//! `EdDSA` does not say which hash it means; the curve of the key that verified the token does. So a
//! hash is compared after the signature.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::error::ClaimFault;
use crate::jose::{Algorithm, KeyType};
use crate::value::secret::same;
use crate::wire::base64url;

/// Whether `claim` is the hash of `text`.
///
/// `key` is the kind of key that verified the token, if one did.
pub(super) fn check(
    name: &'static str,
    claim: &str,
    text: &str,
    algorithm: Option<Algorithm>,
    key: Option<KeyType>,
) -> Result<(), ClaimFault> {
    let hash = half(algorithm, key, text.as_bytes()).ok_or(ClaimFault::HashUnchecked(name))?;
    if same(claim, &hash) { Ok(()) } else { Err(ClaimFault::Hash(name)) }
}

/// The left half in base64url; `None` when nothing says which function to use.
fn half(algorithm: Option<Algorithm>, key: Option<KeyType>, text: &[u8]) -> Option<String> {
    let left = |digest: &[u8]| {
        let half = digest.len().div_euclid(2);
        digest.get(..half).map(base64url::encode)
    };
    match algorithm? {
        Algorithm::Hs256 | Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => {
            left(&Sha256::digest(text))
        }
        Algorithm::Hs384 | Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 => {
            left(&Sha384::digest(text))
        }
        Algorithm::Hs512
        | Algorithm::Rs512
        | Algorithm::Ps512
        | Algorithm::Es512
        | Algorithm::Ed25519 => left(&Sha512::digest(text)),
        Algorithm::EdDsa => match key? {
            KeyType::Ed25519 => left(&Sha512::digest(text)),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str =
        "YmJiZTAwYmYtMzgyOC00NzhkLTkyOTItNjJjNDM3MGYzOWIy9sFhvH8K_x8UIHj1osisS57f5DduL";

    #[test]
    fn c21_the_hash_is_that_of_the_algorithm() {
        for algorithm in Algorithm::ALL.iter().copied() {
            let name = algorithm.name();
            let wanted = match name.get(2..) {
                Some("256") => "xsZZrUssMXjL3FBlzoSh2g",
                Some("384") => "adt46pcdiB-l6eTNifgoVM-5AIJAxq84",
                _ => "p2LHG4H-8pYDc0hyVOo3iIHvZJUqe9tbj3jESOuXbkY",
            };
            let found = half(Some(algorithm), Some(algorithm.key_type()), TOKEN.as_bytes());
            assert_eq!(found.as_deref(), Some(wanted), "{name}");
        }
        // `EdDSA` alone could be another curve; `none` has no hash.
        assert_eq!(half(Some(Algorithm::EdDsa), None, b""), None);
        assert_eq!(half(None, None, b""), None);
        assert!(half(Some(Algorithm::Ed25519), None, b"").is_some(), "the name says it");
    }

    #[test]
    fn c22_the_left_half_in_base64url() {
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
        let hash = |text: &str| half(Some(Algorithm::Rs256), None, text.as_bytes()).unwrap();
        assert_eq!(hash(token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(hash(code), "LDktKdoQak3Pk0cnXxCltA");
    }
}
