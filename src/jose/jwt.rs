//! [`Jwt`]: a header and claims on their way to a signature.
//!
//! Members keep the order they were added in. This file writes JWTs; it reads none.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::error::JwtError;
use super::signing::{Signer, Unsigned};

/// A JSON Web Token not yet signed ([RFC 7519 §7.1](https://www.rfc-editor.org/rfc/rfc7519#section-7.1)).
///
/// ```
/// use grantwire::jose::{Algorithm, Jwt, Signer};
///
/// let signer = Signer::remote(Algorithm::Es256).key_id("16");
/// let unsigned = Jwt::new().typ("JWT").claim("iss", "https://client.example").unsigned(&signer)?;
/// assert!(unsigned.input().starts_with(b"eyJ"));
/// # Ok::<(), grantwire::jose::JwtError>(())
/// ```
#[derive(Clone, Default)]
pub struct Jwt {
    typ: Option<Cow<'static, str>>,
    header: Vec<(Cow<'static, str>, Value)>,
    claims: Object,
    /// The names of the claims.
    names: Vec<Cow<'static, str>>,
}

/// Header members that follow from the signer, or would change what a signature means.
const MANAGED: &[&str] = &["alg", "b64", "crit", "kid", "typ"];

impl Jwt {
    /// No members yet. `alg` and `kid` come from the signer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the `typ` header member; without it there is none.
    #[must_use]
    pub fn typ(mut self, typ: impl Into<Cow<'static, str>>) -> Self {
        self.typ = Some(typ.into());
        self
    }

    /// Adds a header member, such as `x5t#S256` or `jwk`.
    #[must_use]
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.header.push((name.into(), value.into()));
        self
    }

    /// Adds a claim.
    #[must_use]
    pub fn claim(self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.member(name.into(), &value.into())
    }

    /// As [`Jwt::claim`], without a value in between.
    pub(crate) fn text(self, name: &'static str, text: &str) -> Self {
        self.member(name.into(), text)
    }

    /// As [`Jwt::claim`], without a value in between.
    pub(crate) fn number(self, name: &'static str, number: u64) -> Self {
        self.member(name.into(), &number)
    }

    fn member<T: Serialize + ?Sized>(mut self, name: Cow<'static, str>, value: &T) -> Self {
        if self.names.capacity() == 0 {
            self.names.reserve(8);
        }
        self.claims.push(&name, value);
        self.names.push(name);
        self
    }

    /// The bytes to sign: header members `typ`, `alg`, `kid`, then those added.
    ///
    /// # Errors
    ///
    /// [`JwtError::MemberManaged`] when an added header member is one of `alg`, `b64`, `crit`,
    /// `kid`, `typ`; [`JwtError::MemberRepeated`] when a member or claim was added twice.
    pub fn unsigned(&self, signer: &Signer) -> Result<Unsigned, JwtError> {
        self.assemble(signer, signer.key_id_str())
    }

    /// As [`Jwt::unsigned`], without `kid` in the header: the key itself is there.
    pub(crate) fn unsigned_without_key_id(&self, signer: &Signer) -> Result<Unsigned, JwtError> {
        self.assemble(signer, None)
    }

    fn assemble(&self, signer: &Signer, kid: Option<&str>) -> Result<Unsigned, JwtError> {
        if let Some((name, _)) =
            self.header.iter().find(|(name, _)| MANAGED.contains(&name.as_ref()))
        {
            return Err(JwtError::MemberManaged(name.clone()));
        }
        unique(self.header.iter().map(|(name, _)| name))?;
        unique(self.names.iter())?;
        let mut header = Object::default();
        if let Some(typ) = &self.typ {
            header.push("typ", typ);
        }
        header.push("alg", signer.algorithm().name());
        if let Some(key_id) = kid {
            header.push("kid", key_id);
        }
        for (name, value) in &self.header {
            header.push(name, value);
        }
        let (header, claims) = (header.written()?, self.claims.written()?);
        Ok(Unsigned::new(signer.algorithm(), signer.shared_key_id(), header, claims))
    }
}

/// Claims can hold personal data, so they are counted and not shown.
impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (header, claims) = (self.header.len(), self.names.len());
        write!(f, "Jwt({header} header members, {claims} claims)")
    }
}

/// Up to so many names are compared with each other, which is faster than to sort them.
const FEW: usize = 16;

fn unique<'a>(
    names: impl ExactSizeIterator<Item = &'a Cow<'static, str>> + Clone,
) -> Result<(), JwtError> {
    let (few, mut sorted) = (names.len() <= FEW, BTreeSet::new());
    for (index, name) in names.clone().enumerate() {
        let repeated = if few {
            names.clone().take(index).any(|earlier| earlier == name)
        } else {
            !sorted.insert(name)
        };
        if repeated {
            return Err(JwtError::MemberRepeated(name.clone()));
        }
    }
    Ok(())
}

/// A JSON object that is written as its members come, in their order; a map type would sort or hash them.
#[derive(Clone, Default)]
struct Object {
    text: Vec<u8>,
    unwritable: bool,
}

impl Object {
    fn push<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        match self.text.pop() {
            // The brace that closed it.
            Some(_) => self.text.push(b','),
            None => {
                self.text.reserve(256);
                self.text.push(b'{');
            }
        }
        let name = serde_json::to_writer(&mut self.text, name);
        self.text.push(b':');
        let value = serde_json::to_writer(&mut self.text, value);
        self.unwritable |= name.and(value).is_err();
        self.text.push(b'}');
    }

    fn written(&self) -> Result<&[u8], JwtError> {
        match self.text.as_slice() {
            _ if self.unwritable => Err(JwtError::Unwritable),
            [] => Ok(b"{}"),
            text => Ok(text),
        }
    }
}
