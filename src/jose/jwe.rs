//! [`Jwe`]: an encrypted token on its way to whoever holds the key.
//!
//! Nothing is decrypted here: the token goes out as it came, and what was signed inside comes back. What is
//! only encrypted is never taken for signed.

use std::fmt;

use zeroize::Zeroizing;

use super::error::{JwsError, JwsPart};
use super::jws::Jws;
use crate::wire::base64url;
use crate::wire::json::unique_object;

/// The longest token that is read, in bytes: one that holds the longest JWS.
const LIMIT: usize = 128 * 1024;

const HEADER: &[&str; 5] = &["alg", "enc", "kid", "crit", "zip"];

/// An encrypted token in the compact serialization
/// ([RFC 7516 §7.1](https://www.rfc-editor.org/rfc/rfc7516#section-7.1)).
///
/// Whoever decrypts it keeps to [RFC 8725 §3.4](https://www.rfc-editor.org/rfc/rfc8725#section-3.4): points that are on the curve, a
/// bounded number of rounds for passwords.
///
/// ```
/// use grantwire::jose::Jwe;
///
/// # fn kms_decrypt(_token: &str) -> Vec<u8> { b"eyJhbGciOiJFUzI1NiJ9.e30.AA".to_vec() }
/// # let token = "eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiMSJ9.AA.AA.AA.AA";
/// let jwe = Jwe::parse(token)?;
/// assert_eq!((jwe.algorithm(), jwe.key_id()), ("RSA-OAEP-256", Some("1")));
/// let plaintext = kms_decrypt(jwe.expose());
/// let jws = jwe.decrypted(&plaintext)?;
/// // Now verify `jws` like any other.
/// assert!(jws.was_encrypted());
/// # Ok::<(), grantwire::jose::JwsError>(())
/// ```
#[derive(Clone)]
pub struct Jwe {
    text: Zeroizing<String>,
    algorithm: Box<str>,
    encryption: Box<str>,
    key_id: Option<Box<str>>,
}

impl Jwe {
    /// Reads the header of an encrypted token.
    ///
    /// # Errors
    ///
    /// [`JwsError`]: it has not five parts, or its header cannot be read, asks for an extension, or says that
    /// the content is compressed, which could be of any size.
    pub fn parse(text: &str) -> Result<Self, JwsError> {
        if text.len() > LIMIT {
            return Err(JwsError::TooLong { limit: LIMIT });
        }
        let mut parts = text.split('.');
        let header = parts.next().ok_or(JwsError::Parts)?;
        let sound = |part: &str| base64url::decode(part).is_some();
        let rest: Vec<&str> = parts.by_ref().take(4).collect();
        if rest.len() != 4 || parts.next().is_some() {
            return Err(JwsError::Parts);
        }
        if !rest.into_iter().all(sound) {
            return Err(JwsError::Base64(JwsPart::Payload));
        }
        let header = super::jws::object(header, JwsPart::Header)?;
        let members = unique_object(&header, HEADER)
            .map_err(|why| super::jws::refused(why, JwsPart::Header))?;
        if members.has("crit") {
            return Err(JwsError::Critical);
        }
        if members.has("zip") {
            return Err(JwsError::Compressed);
        }
        let string = |name: &'static str| match members.has(name) {
            false => Ok(None),
            true => {
                let text = members.get(name).and_then(|member| member.string());
                text.map(|text| Some(Box::from(&*text))).ok_or(JwsError::HeaderMember(name))
            }
        };
        let required = |name| string(name)?.ok_or(JwsError::HeaderMember(name));
        Ok(Self {
            algorithm: required("alg")?,
            encryption: required("enc")?,
            key_id: string("kid")?,
            text: Zeroizing::new(text.to_owned()),
        })
    }

    /// How the key was encrypted, as the header says it: `alg`. Decrypt with what was registered, whatever
    /// this says.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// How the content was encrypted, as the header says it: `enc`.
    #[must_use]
    pub fn encryption(&self) -> &str {
        &self.encryption
    }

    /// OPTIONAL. The `kid` of the key that it is said to be encrypted to.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The token as it came, to be decrypted.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What was inside: a signed token, to be verified like any other
    /// ([RFC 7519 Appendix A.2](https://www.rfc-editor.org/rfc/rfc7519#appendix-A.2)).
    ///
    /// # Errors
    ///
    /// [`JwsError`] when that is no signed token: encrypting alone says nothing of who wrote it.
    pub fn decrypted(self, plaintext: &[u8]) -> Result<Jws, JwsError> {
        let text = std::str::from_utf8(plaintext).map_err(|_| JwsError::Parts)?;
        Jws::parse(text).map(Jws::out_of_encryption)
    }
}

/// It is somebody's token.
impl fmt::Debug for Jwe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jwe({} bytes)", self.text.len())
    }
}
