//! [`ClientMetadata`]: what a program says of itself to be registered
//! ([RFC 7591 §2](https://www.rfc-editor.org/rfc/rfc7591#section-2)).
//!
//! Setters never fail; what cannot be sent is reported when a request is built. Whether a server likes
//! it is the server's to say.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::part::Part;
use crate::jose::PublicJwk;
use crate::request::BuildError;
use crate::value::{RedirectUri, Scope, Secret};
use crate::wire::json;

/// The members of this crate's setters.
const MANAGED: &[&str] = &[
    "client_name",
    "client_uri",
    "contacts",
    "grant_types",
    "jwks",
    "jwks_uri",
    "logo_uri",
    "policy_uri",
    "redirect_uris",
    "response_types",
    "scope",
    "software_id",
    "software_statement",
    "software_version",
    METHOD,
    "tos_uri",
];

/// What the server says and the client does not, or says in another place.
const ISSUED: &[&str] = &[
    "client_id",
    "client_id_issued_at",
    "client_secret",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

pub(super) const METHOD: &str = "token_endpoint_auth_method";

/// The metadata of a client. Members are sent in the order in which they were first set; one that was
/// not set is not sent, nor is an empty text.
///
/// An empty list is sent, since an absent one means the default: a client that only has tokens of its
/// own registers no `response_types`, where saying nothing registers `code`.
///
/// ```
/// use grantwire::registration::ClientMetadata;
///
/// let metadata = ClientMetadata::new()
///     .redirect_uris(["https://client.example.org/callback"])
///     .token_endpoint_auth_method("client_secret_basic")
///     .client_name("My Example Client")
///     .member("client_name#de", "Mein Beispiel")
///     .member("dpop_bound_access_tokens", true);
/// ```
#[derive(Clone, Default)]
pub struct ClientMetadata {
    members: Vec<(Cow<'static, str>, Part)>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $argument:ty => $part:expr;)+) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(self, value: $argument) -> Self {
            self.set(stringify!($name), $part(value.into()))
        }
    )+};
}

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident of $item:ty => $part:path;)+) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name<T: Into<$item>>(self, values: impl IntoIterator<Item = T>) -> Self {
            self.set(stringify!($name), $part(values.into_iter().map(Into::into).collect()))
        }
    )+};
}

impl ClientMetadata {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    lists! {
        /// Where users are sent back to: any absolute URIs without a fragment, custom schemes included.
        redirect_uris of RedirectUri => Part::RedirectUris;
        /// The grants the client will use. Default, by the RFC: `authorization_code`.
        grant_types of String => Part::Texts;
        /// The response types it will use. Default, by the RFC: `code`.
        response_types of String => Part::Texts;
        /// How to reach the people responsible, such as email addresses.
        contacts of String => Part::Texts;
        /// The client's public keys. They may not stand beside `jwks_uri`. A [`PublicJwk`] keeps what
        /// makes the key and its `kid`; see [`ClientMetadata::jwk_set`] for more.
        jwks of PublicJwk => Part::Keys;
    }

    setters! {
        /// How the client authenticates, such as `private_key_jwt`, or `none`. Default, by the RFC:
        /// `client_secret_basic`. The server may register another.
        token_endpoint_auth_method: impl Into<String> => Part::Text;
        /// What users are shown. In another language: `member("client_name#ja", ..)`.
        client_name: impl Into<String> => Part::Text;
        /// A page about the client.
        client_uri: impl Into<String> => Part::Page;
        /// A picture of the client.
        logo_uri: impl Into<String> => Part::Page;
        /// The scope the client may ask for.
        scope: impl Into<Scope> => Part::Scope;
        /// Its terms of service.
        tos_uri: impl Into<String> => Part::Page;
        /// Its privacy policy.
        policy_uri: impl Into<String> => Part::Page;
        /// Where the client's public keys are: `https`, or `http` on a loopback host, since whoever can
        /// change them can be the client.
        jwks_uri: impl Into<String> => Part::Address;
        /// The same for every installation of the program.
        software_id: impl Into<String> => Part::Text;
        /// The program's version.
        software_version: impl Into<String> => Part::Text;
        /// What somebody whom the server trusts has signed about the program, as a JWT
        /// ([RFC 7591 §2.3](https://www.rfc-editor.org/rfc/rfc7591#section-2.3)).
        software_statement: impl Into<Secret> => Part::Secret;
    }

    /// The client's public keys as a JWK Set, with every member as it is (`use`, `alg`, `x5c`). A set
    /// with a private member in it is refused when the request is built.
    #[must_use]
    pub fn jwk_set(self, document: impl Into<Value>) -> Self {
        self.set("jwks", Part::KeySet(document.into()))
    }

    /// Any other member, such as `dpop_bound_access_tokens`, `tls_client_auth_subject_dn` or
    /// `client_name#ja`. It may not have the name of one that has a setter here or that the server
    /// issues, and may be given once.
    #[must_use]
    pub fn member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let name = name.into();
        let part = Part::Own(value.into());
        match self.members.iter_mut().find(|(known, old)| *known == name && old.is_registered()) {
            Some((_, old)) => *old = part,
            None => self.members.push((name.into(), part)),
        }
        self
    }

    /// Takes a member back. In an update that deletes it from the registration.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.members.retain(|(known, _)| known != name);
        self
    }

    fn set(mut self, name: &'static str, part: Part) -> Self {
        match self.members.iter_mut().find(|(known, old)| known == name && !old.is_own()) {
            Some((_, old)) => *old = part,
            None => self.members.push((name.into(), part)),
        }
        self
    }

    /// What a server says is registered, but for what it issues itself. `None` when that cannot be
    /// written again.
    pub(super) fn registered(answer: &str) -> Option<Self> {
        let all: BTreeMap<String, Box<RawValue>> = serde_json::from_str(answer).ok()?;
        let kept = all
            .into_iter()
            .filter(|(name, value)| !ISSUED.contains(&name.as_str()) && value.get() != "null");
        let part = |value: Box<RawValue>| Part::Registered(Secret::new(Box::<str>::from(value)));
        Some(Self { members: kept.map(|(name, value)| (name.into(), part(value))).collect() })
    }

    /// The method of authentication that is asked for.
    pub(super) fn auth_method(&self) -> Option<String> {
        let (_, part) = self.members.iter().find(|(name, _)| name == METHOD)?;
        part.text().filter(|text| !text.is_empty())
    }

    fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(known, _)| known == name)
    }

    /// The JSON object, with these members before the others, in one buffer of the right size.
    pub(super) fn write(&self, first: &[(&'static str, &str)]) -> Result<Vec<u8>, BuildError> {
        self.check_names()?;
        let mut texts = Vec::with_capacity(self.members.len().saturating_add(first.len()));
        for (name, text) in first {
            texts.push((quoted(name), quoted(text)));
        }
        for (name, part) in &self.members {
            if let Some(value) = part.write(name)? {
                texts.push((quoted(name), value));
            }
        }
        let length = |(name, value): &(Zeroizing<String>, Zeroizing<String>)| {
            name.len().saturating_add(value.len()).saturating_add(2)
        };
        let whole = texts.iter().map(length).fold(2_usize, usize::saturating_add);
        let mut body = Vec::with_capacity(whole);
        body.push(b'{');
        for (index, (name, value)) in texts.iter().enumerate() {
            if index > 0 {
                body.push(b',');
            }
            body.extend_from_slice(name.as_bytes());
            body.push(b':');
            body.extend_from_slice(value.as_bytes());
        }
        body.push(b'}');
        Ok(body)
    }

    fn check_names(&self) -> Result<(), BuildError> {
        // A server that is read from may have named thousands, so they are not compared with each other.
        let mut names = BTreeSet::new();
        for (name, part) in &self.members {
            if name.is_empty() {
                return Err(BuildError::Empty { parameter: "member name".into() });
            }
            let taken = MANAGED.contains(&name.as_ref()) || ISSUED.contains(&name.as_ref());
            if part.is_own() && taken {
                return Err(BuildError::ParameterManaged { parameter: name.clone() });
            }
            if !names.insert(name.as_ref()) {
                return Err(BuildError::ParameterRepeated { parameter: name.clone() });
            }
        }
        if self.has("jwks") && self.has("jwks_uri") {
            let rule = "keys go in `jwks` or `jwks_uri`, and not in both";
            return Err(BuildError::Invalid { parameter: "jwks".into(), rule });
        }
        Ok(())
    }
}

fn quoted(text: &str) -> Zeroizing<String> {
    let mut out = String::new();
    json::push_string(&mut out, text);
    Zeroizing::new(out)
}

/// A member may be anything, a software statement included.
impl fmt::Debug for ClientMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientMetadata({} members)", self.members.len())
    }
}
