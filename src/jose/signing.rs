//! Two-phase signing: [`Unsigned`] goes out, [`Signature`] comes back.
//!
//! [`Signer`] says with which algorithm and key, and whether the key is in this process. This file
//! never does public-key arithmetic; HMAC and the local keys of the feature `local-keys` are reached
//! through one private trait.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::alg::{Algorithm, KeyType};
use super::ecdsa;
use super::error::JwtError;
use crate::value::Secret;
use crate::wire::base64url;

/// Bytes that want a signature, with the algorithm and the key to use.
///
/// Sign [`Unsigned::input`] as it is (the algorithm does the hashing; a KMS that wants a digest gets
/// the hash of these bytes), and hand the result to [`Unsigned::signed`].
#[derive(Clone)]
pub struct Unsigned {
    input: Vec<u8>,
    algorithm: Algorithm,
    key_id: Option<Arc<str>>,
}

impl Unsigned {
    /// From a header and payload as they are, for those who bring their own JSON
    /// ([RFC 7515 §5.1](https://www.rfc-editor.org/rfc/rfc7515#section-5.1)). The header must name the algorithm.
    #[must_use]
    pub fn new(
        algorithm: Algorithm,
        key_id: Option<Arc<str>>,
        header: &[u8],
        payload: &[u8],
    ) -> Self {
        let len = base64url::encoded_len(header.len())
            .saturating_add(base64url::encoded_len(payload.len()));
        let mut input = Vec::with_capacity(len.saturating_add(1));
        base64url::push(&mut input, header);
        input.push(b'.');
        base64url::push(&mut input, payload);
        Self { input, algorithm, key_id }
    }

    /// The bytes to sign.
    #[must_use]
    pub fn input(&self) -> &[u8] {
        &self.input
    }

    /// The algorithm to sign with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The `kid` of the key to sign with, if one was set.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Ties a signature to this input. ECDSA signatures may be `r||s` or DER, as KMSs return them.
    #[must_use]
    pub fn signed(&self, signature: impl Into<Vec<u8>>) -> Signature {
        Signature { bytes: signature.into(), ticket: self.ticket() }
    }

    /// The compact serialisation ([RFC 7515 §7.1](https://www.rfc-editor.org/rfc/rfc7515#section-7.1)).
    ///
    /// # Errors
    ///
    /// [`SignatureError`] when the signature was made for another input, or cannot be one of this
    /// algorithm. Whether it verifies is not checked: that takes the public key, which the server has.
    pub fn finish(&self, signature: &Signature) -> Result<Secret, SignatureError> {
        if signature.ticket != self.ticket() {
            return Err(SignatureError::Ticket);
        }
        self.serialize(&signature.bytes)
    }

    /// The compact serialisation with these bytes of a signature, which were made for this input.
    fn serialize(&self, signature: &[u8]) -> Result<Secret, SignatureError> {
        let bytes = canonical(self.algorithm, signature)?;
        let len = self.input.len().saturating_add(base64url::encoded_len(bytes.len()));
        let mut jws = Vec::with_capacity(len.saturating_add(1));
        jws.extend_from_slice(&self.input);
        jws.push(b'.');
        base64url::push(&mut jws, &bytes);
        // Base64url and dots are ASCII, so the text is whole.
        Ok(Secret::new(String::from_utf8(jws).unwrap_or_default()))
    }

    /// A hash of what is to be signed and how: no two requests share one.
    fn ticket(&self) -> [u8; 32] {
        let hash = Sha256::new().chain_update(self.algorithm.name()).chain_update([0]);
        hash.chain_update(&self.input).finalize().into()
    }
}

/// The input is a signed-to-be assertion, one signature short of a credential.
impl fmt::Debug for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unsigned({}, {} bytes)", self.algorithm, self.input.len())
    }
}

/// A signature, tied to the [`Unsigned`] it was made for.
#[derive(Clone)]
pub struct Signature {
    bytes: Vec<u8>,
    ticket: [u8; 32],
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({} bytes)", self.bytes.len())
    }
}

/// Why a signature was not taken. The request still waits for the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureError {
    /// An ECDSA signature that is neither `r||s` nor DER, or whose numbers do not fit the curve.
    Encoding,
    /// It is not as long as the algorithm's signatures are.
    Length {
        /// How long they are, in bytes.
        expected: usize,
        /// How long it is.
        got: usize,
    },
    /// No signature is waited for.
    NotAsked,
    /// It was made for another input.
    Ticket,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding => f.write_str("the signature is neither r||s nor DER for this curve"),
            Self::Length { expected, got } => {
                write!(f, "the signature has {got} bytes where {expected} are expected")
            }
            Self::NotAsked => f.write_str("no signature is waited for"),
            Self::Ticket => f.write_str("the signature was made for another input"),
        }
    }
}

impl std::error::Error for SignatureError {}

/// The shortest RSA signature taken: that of a 2048-bit key (RFC 7518 section 3.3).
const RSA_MIN: usize = 256;
/// The longest: that of a 16384-bit key.
const RSA_MAX: usize = 2048;

/// The signature in JOSE's form: `r||s` for ECDSA, else as it is, of the right length.
fn canonical(algorithm: Algorithm, bytes: &[u8]) -> Result<Cow<'_, [u8]>, SignatureError> {
    let got = bytes.len();
    match (algorithm.key_type(), algorithm.signature_len()) {
        (KeyType::Ec(curve), Some(len)) if got != len => {
            let raw = ecdsa::der_to_raw(bytes, curve.coordinate_len());
            raw.map(Cow::Owned).ok_or(SignatureError::Encoding)
        }
        (_, Some(len)) if got != len => Err(SignatureError::Length { expected: len, got }),
        (_, None) if got < RSA_MIN => Err(SignatureError::Length { expected: RSA_MIN, got }),
        (_, None) if got > RSA_MAX => Err(SignatureError::Length { expected: RSA_MAX, got }),
        _ => Ok(Cow::Borrowed(bytes)),
    }
}

/// A key that is in this process.
pub(super) trait SignHere: Send + Sync {
    fn sign(&self, input: &[u8]) -> Option<Vec<u8>>;
}

/// With which algorithm and key to sign, and where the key is. Cheap to clone.
#[derive(Clone)]
pub struct Signer {
    algorithm: Algorithm,
    key_id: Option<Arc<str>>,
    here: Option<Arc<dyn SignHere>>,
}

impl Signer {
    /// The key is elsewhere: in a KMS, an HSM, another process. Requests will ask for signatures.
    #[must_use]
    pub fn remote(algorithm: Algorithm) -> Self {
        Self { algorithm, key_id: None, here: None }
    }

    /// The key is a shared secret, used as its UTF-8 bytes.
    pub(crate) fn hmac(algorithm: Algorithm, secret: Secret) -> Self {
        Self { algorithm, key_id: None, here: Some(Arc::new(HmacKey { algorithm, secret })) }
    }

    pub(super) fn here(algorithm: Algorithm, key: Arc<dyn SignHere>) -> Self {
        Self { algorithm, key_id: None, here: Some(key) }
    }

    /// Sets the `kid` that goes into the header and out with each [`Unsigned`].
    #[must_use]
    pub fn key_id(mut self, key_id: impl Into<Arc<str>>) -> Self {
        self.key_id = Some(key_id.into());
        self
    }

    /// The algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The `kid`, if one was set.
    #[must_use]
    pub fn key_id_str(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The finished JWS if the key is in this process; `None` if it is elsewhere.
    ///
    /// The one place where a signature is made here: whoever gets `None` asks for it.
    pub(crate) fn jws(&self, unsigned: &Unsigned) -> Result<Option<Secret>, JwtError> {
        let Some(key) = &self.here else { return Ok(None) };
        let bytes = key.sign(unsigned.input()).ok_or(JwtError::Signing)?;
        unsigned.serialize(&bytes).map(Some).map_err(|_| JwtError::Signing)
    }

    pub(super) fn shared_key_id(&self) -> Option<Arc<str>> {
        self.key_id.clone()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.here.is_some() { "local" } else { "remote" };
        write!(f, "Signer({}, {place})", self.algorithm)
    }
}

struct HmacKey {
    algorithm: Algorithm,
    secret: Secret,
}

impl SignHere for HmacKey {
    fn sign(&self, input: &[u8]) -> Option<Vec<u8>> {
        let key = self.secret.expose().as_bytes();
        macro_rules! mac {
            ($hash:ty) => {{
                let mac = Hmac::<$hash>::new_from_slice(key).ok()?;
                Some(mac.chain_update(input).finalize().into_bytes().to_vec())
            }};
        }
        match self.algorithm {
            Algorithm::Hs256 => mac!(Sha256),
            Algorithm::Hs384 => mac!(Sha384),
            Algorithm::Hs512 => mac!(Sha512),
            _ => None,
        }
    }
}
