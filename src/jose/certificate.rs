//! Certificate thumbprints, for tokens that are bound to a client certificate.

use sha2::{Digest as _, Sha256};

use crate::wire::base64url;

/// `x5t#S256` of a certificate in DER ([RFC 8705 §3.1](https://www.rfc-editor.org/rfc/rfc8705#section-3.1)): what the `cnf` member of a
/// bound token holds. The certificate is hashed and not looked into.
#[must_use]
pub fn certificate_thumbprint(der: &[u8]) -> String {
    base64url::encode(&Sha256::digest(der))
}
