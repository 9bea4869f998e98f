//! [`Algorithm`]: the signature algorithms of JOSE, one row each.
//!
//! A table and what is read from it. Nothing here signs. `none` is not in it and never will be.

use std::fmt;

/// What kind of key an algorithm takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyType {
    /// An elliptic curve key on this curve.
    Ec(Curve),
    /// An Ed25519 key.
    Ed25519,
    /// An RSA key.
    Rsa,
    /// A shared secret.
    Symmetric,
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ec(curve) => write!(f, "EC {}", curve.name()),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Rsa => f.write_str("RSA"),
            Self::Symmetric => f.write_str("symmetric"),
        }
    }
}

/// A NIST curve ([RFC 7518 §6.2.1.1](https://www.rfc-editor.org/rfc/rfc7518#section-6.2.1.1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums)] // the RFC names three
pub enum Curve {
    /// P-256.
    P256,
    /// P-384.
    P384,
    /// P-521.
    P521,
}

impl Curve {
    /// The `crv` value.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The length of one coordinate, and of each half of a signature, in bytes.
    #[must_use]
    pub const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::P256, Self::P384, Self::P521].into_iter().find(|curve| curve.name() == name)
    }
}

macro_rules! algorithms {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $key:expr;)+) => {
        /// A signature algorithm by its `alg` value
        /// ([RFC 7518 §3.1](https://www.rfc-editor.org/rfc/rfc7518#section-3.1)).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Algorithm { $($(#[$doc])* $variant,)+ }

        impl Algorithm {
            /// Every algorithm there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The `alg` value.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The kind of key it takes.
            #[must_use]
            pub const fn key_type(self) -> KeyType {
                match self { $(Self::$variant => $key,)+ }
            }
        }
    };
}

algorithms! {
    /// HMAC with SHA-256.
    Hs256 = "HS256", KeyType::Symmetric;
    /// HMAC with SHA-384.
    Hs384 = "HS384", KeyType::Symmetric;
    /// HMAC with SHA-512.
    Hs512 = "HS512", KeyType::Symmetric;
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256 = "RS256", KeyType::Rsa;
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384 = "RS384", KeyType::Rsa;
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512 = "RS512", KeyType::Rsa;
    /// RSASSA-PSS with SHA-256.
    Ps256 = "PS256", KeyType::Rsa;
    /// RSASSA-PSS with SHA-384.
    Ps384 = "PS384", KeyType::Rsa;
    /// RSASSA-PSS with SHA-512.
    Ps512 = "PS512", KeyType::Rsa;
    /// ECDSA on P-256 with SHA-256.
    Es256 = "ES256", KeyType::Ec(Curve::P256);
    /// ECDSA on P-384 with SHA-384.
    Es384 = "ES384", KeyType::Ec(Curve::P384);
    /// ECDSA on P-521 with SHA-512.
    Es512 = "ES512", KeyType::Ec(Curve::P521);
    /// EdDSA ([RFC 8037 §3.1](https://www.rfc-editor.org/rfc/rfc8037#section-3.1)), here always with Ed25519.
    EdDsa = "EdDSA", KeyType::Ed25519;
    /// Ed25519 under the fully specified name of [RFC 9864 §2.2](https://www.rfc-editor.org/rfc/rfc9864#section-2.2).
    /// The signature is the same as `EdDSA`'s; servers treat the names as two algorithms.
    Ed25519 = "Ed25519", KeyType::Ed25519;
}

impl Algorithm {
    /// The algorithm of this name; letter case counts.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|alg| alg.name() == name)
    }

    /// How long its signatures are in bytes; `None` for RSA, where the key decides.
    #[must_use]
    pub const fn signature_len(self) -> Option<usize> {
        match self {
            Self::Hs256 => Some(32),
            Self::Hs384 => Some(48),
            Self::Hs512 | Self::EdDsa | Self::Ed25519 => Some(64),
            Self::Es256 => Some(64),
            Self::Es384 => Some(96),
            Self::Es512 => Some(132),
            Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512 => {
                None
            }
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
