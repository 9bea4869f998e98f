//! [`Jwt`]: a header and claims on their way to a signature.
//!
//! Members keep the order they were added in. This file writes JWTs; it reads none.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

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
    claims: Vec<(Cow<'static, str>, Value)>,
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
    pub fn claim(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.claims.push((name.into(), value.into()));
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
        unique(&self.header)?;
        unique(&self.claims)?;
        let mut header: Vec<(&str, Cow<'_, Value>)> = Vec::new();
        if let Some(typ) = &self.typ {
            header.push(("typ", Cow::Owned(Value::from(typ.as_ref()))));
        }
        header.push(("alg", Cow::Owned(Value::from(signer.algorithm().name()))));
        if let Some(key_id) = kid {
            header.push(("kid", Cow::Owned(Value::from(key_id))));
        }
        header
            .extend(self.header.iter().map(|(name, value)| (name.as_ref(), Cow::Borrowed(value))));
        let claims = self.claims.iter().map(|(name, value)| (name.as_ref(), Cow::Borrowed(value)));
        let key_id: Option<Arc<str>> = signer.key_id_str().map(Arc::from);
        Ok(Unsigned::new(signer.algorithm(), key_id, &object(header)?, &object(claims)?))
    }
}

/// Claims can hold personal data, so they are counted and not shown.
impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (header, claims) = (self.header.len(), self.claims.len());
        write!(f, "Jwt({header} header members, {claims} claims)")
    }
}

fn unique(members: &[(Cow<'static, str>, Value)]) -> Result<(), JwtError> {
    for (index, (name, _)) in members.iter().enumerate() {
        if members.iter().take(index).any(|(earlier, _)| earlier == name) {
            return Err(JwtError::MemberRepeated(name.clone()));
        }
    }
    Ok(())
}

/// Writes members in their order; a map type would sort or hash them.
fn object<'a>(
    members: impl IntoIterator<Item = (&'a str, Cow<'a, Value>)>,
) -> Result<Vec<u8>, JwtError> {
    let mut out = Vec::with_capacity(256);
    let mut writer = serde_json::Serializer::new(&mut out);
    let written = serde::Serializer::collect_map(&mut writer, members);
    written.map_err(|_| JwtError::Unwritable)?;
    Ok(out)
}
