//! [`Part`]: the value of one member of client metadata, with the grammar that its name gives it.

use serde_json::Value;
use zeroize::Zeroizing;

use crate::jose::PublicJwk;
use crate::request::BuildError;
use crate::value::text::has_control;
use crate::value::{EndpointUri, RedirectUri, Scope, Secret};
use crate::wire::json;

/// Members by which a key is private (RFC 7518 section 6; `priv` is that of the key type AKP).
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// One member's value.
#[derive(Clone)]
pub(super) enum Part {
    Text(String),
    Texts(Vec<String>),
    RedirectUris(Vec<RedirectUri>),
    /// A page for people.
    Page(String),
    /// An address that security hangs on.
    Address(String),
    Scope(Scope),
    Keys(Vec<PublicJwk>),
    KeySet(Value),
    Secret(Secret),
    /// A member of the caller's own.
    Own(Value),
    /// What a server says is registered, as it stood in the answer.
    Registered(Secret),
}

impl Part {
    pub(super) const fn is_own(&self) -> bool {
        matches!(self, Self::Own(_))
    }

    pub(super) const fn is_registered(&self) -> bool {
        matches!(self, Self::Registered(_))
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Registered(raw) => serde_json::from_str(raw.expose()).ok(),
            _ => None,
        }
    }

    /// The value as JSON; `None` when there is nothing to send.
    pub(super) fn write(&self, name: &str) -> Result<Option<Zeroizing<String>>, BuildError> {
        let text = match self {
            Self::Text(text) | Self::Page(text) | Self::Address(text) if text.is_empty() => {
                return Ok(None);
            }
            Self::Scope(scope) if scope.as_str().is_empty() => return Ok(None),
            Self::Secret(secret) if secret.is_empty() => return Ok(None),
            Self::Text(text) => string(checked(name, text)?),
            Self::Texts(texts) => {
                let checked = texts.iter().map(|text| {
                    if text.is_empty() {
                        return Err(BuildError::Empty { parameter: name.to_owned().into() });
                    }
                    checked(name, text)
                });
                array(checked, string)?
            }
            Self::RedirectUris(uris) => {
                let endpoint = "redirect_uris";
                let checked = uris.iter().map(|uri| {
                    uri.check().map_err(|error| BuildError::Endpoint { endpoint, error })
                });
                array(checked, string)?
            }
            Self::Page(text) => string(page(name, text)?),
            Self::Address(text) => {
                let wrong = |error| BuildError::Endpoint { endpoint: "jwks_uri", error };
                string(EndpointUri::parse(text).map_err(wrong)?.as_str())
            }
            Self::Scope(scope) => string(scope.check()?),
            Self::Keys(keys) => {
                let keys = array(keys.iter().map(Ok), |key| key.to_json())?;
                format!("{{\"keys\":{keys}}}")
            }
            Self::KeySet(document) => public(document)?.to_string(),
            Self::Secret(secret) => string(checked(name, secret.expose())?),
            Self::Own(value) => value.to_string(),
            Self::Registered(raw) => raw.expose().to_owned(),
        };
        Ok(Some(Zeroizing::new(text)))
    }
}

fn string(text: &str) -> String {
    let mut out = String::new();
    json::push_string(&mut out, text);
    out
}

fn array<T>(
    items: impl Iterator<Item = Result<T, BuildError>>,
    write: impl Fn(T) -> String,
) -> Result<String, BuildError> {
    let items: Vec<String> = items.map(|item| item.map(&write)).collect::<Result<_, _>>()?;
    Ok(format!("[{}]", items.join(",")))
}

/// People read these texts and servers compare them; a control character serves neither.
fn checked<'t>(name: &str, text: &'t str) -> Result<&'t str, BuildError> {
    if has_control(text) {
        return Err(BuildError::Character { parameter: name.to_owned().into() });
    }
    Ok(text)
}

/// It will be shown as a link, so a scheme that a browser would run is not let through.
fn page<'t>(name: &str, text: &'t str) -> Result<&'t str, BuildError> {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let fine = ["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    if fine && !rest.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text);
    }
    let rule = "takes an http or https URL, with everything but visible ASCII escaped";
    Err(BuildError::Invalid { parameter: name.to_owned().into(), rule })
}

fn public(document: &Value) -> Result<&Value, BuildError> {
    let keys = document.get("keys").and_then(Value::as_array);
    let is_public = |key: &Value| {
        let members = key.as_object();
        members.is_some_and(|members| !PRIVATE.iter().any(|name| members.contains_key(*name)))
    };
    if keys.is_some_and(|keys| keys.iter().all(is_public)) {
        return Ok(document);
    }
    let rule = "takes a JWK Set with public keys only";
    Err(BuildError::Invalid { parameter: "jwks".into(), rule })
}
