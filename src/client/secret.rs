//! Methods that send what they have as it is: `none`, `client_secret_basic`, `client_secret_post`.

use http::HeaderValue;

use super::authentication::ClientAuthentication;
use super::credentials::Credentials;
use crate::request::BuildError;
use crate::request::headers::value_from_vec;
use crate::value::Secret;
use crate::value::text::{has_control, is_vschar};
use crate::wire::base64url;
use crate::wire::form::{self, Escape};

/// `client_secret_basic`: identifier and secret in the `Authorization` header
/// ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)).
///
/// By default both are percent-encoded before Base64, with letters, digits and `-._~` left alone and
/// a space as `%20`: servers that decode forms, servers that decode percent-encoding, and servers that
/// decode nothing then agree on every ordinary secret. The two other readings are there by name.
#[derive(Debug, Clone)]
pub struct ClientSecretBasic {
    secret: Secret,
    encoding: BasicEncoding,
    body_client_id: bool,
    empty_allowed: bool,
}

/// What is done to identifier and secret before Base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BasicEncoding {
    Percent,
    Form,
    Raw,
}

impl ClientSecretBasic {
    /// With this secret, percent-encoded.
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self {
            secret: secret.into(),
            encoding: BasicEncoding::Percent,
            body_client_id: false,
            empty_allowed: false,
        }
    }

    /// Form-encoded to the letter of RFC 6749: a space is `+` and `~` is `%7E`.
    #[must_use]
    pub fn form_encoded(mut self) -> Self {
        self.encoding = BasicEncoding::Form;
        self
    }

    /// Not encoded at all, for servers that do not decode (HCL Domino, Doorkeeper, Glewlwyd and others).
    /// An identifier with a colon cannot be sent this way, and some of them take no colon in a secret
    /// either: [`ClientSecretPost`] has no such limits.
    #[must_use]
    pub fn raw(mut self) -> Self {
        self.encoding = BasicEncoding::Raw;
        self
    }

    /// Also sends `client_id` in the body, which some servers want and strict ones refuse.
    #[must_use]
    pub fn with_body_client_id(mut self) -> Self {
        self.body_client_id = true;
        self
    }

    /// Allows an empty secret, which some servers give to installed applications. Otherwise one is
    /// refused: it is more often a setting that is missing.
    #[must_use]
    pub fn allow_empty_secret(mut self) -> Self {
        self.empty_allowed = true;
        self
    }

    fn header(&self, id: &str) -> Result<HeaderValue, BuildError> {
        let secret = self.secret.expose();
        let escape = match self.encoding {
            BasicEncoding::Percent => Some(Escape::Percent),
            BasicEncoding::Form => Some(Escape::Form),
            BasicEncoding::Raw => None,
        };
        let room = |text: &str| escape.map_or(text.len(), |escape| form::escaped_len(escape, text));
        // Wiped when done: it is the secret in the clear.
        let len = room(id).saturating_add(room(secret)).saturating_add(1);
        let mut pair = zeroize::Zeroizing::new(Vec::with_capacity(len));
        match escape {
            Some(escape) => {
                form::push_escaped(&mut pair, escape, id);
                pair.push(b':');
                form::push_escaped(&mut pair, escape, secret);
            }
            None if id.contains(':') => {
                return Err(BuildError::Invalid {
                    parameter: "client_id".into(),
                    rule: "a colon cannot be sent in raw Basic credentials",
                });
            }
            None => {
                pair.extend_from_slice(id.as_bytes());
                pair.push(b':');
                pair.extend_from_slice(secret.as_bytes());
            }
        }
        let mut value = Vec::with_capacity(base64url::standard_len(pair.len()).saturating_add(6));
        value.extend_from_slice(b"Basic ");
        base64url::push_standard(&mut value, &pair);
        value_from_vec("authorization", value)
    }
}

impl ClientAuthentication for ClientSecretBasic {
    fn name(&self) -> &str {
        "client_secret_basic"
    }

    fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        if !(self.empty_allowed && self.secret.is_empty()) {
            check_secret(&self.secret)?;
        }
        if self.body_client_id {
            to.send_client_id()?;
        }
        to.authorization(self.header(to.client_id())?)
    }
}

/// `client_secret_post`: identifier and secret in the body
/// ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)).
#[derive(Debug, Clone)]
pub struct ClientSecretPost {
    secret: Secret,
}

impl ClientSecretPost {
    /// With this secret.
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self { secret: secret.into() }
    }
}

impl ClientAuthentication for ClientSecretPost {
    fn name(&self) -> &str {
        "client_secret_post"
    }

    fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        check_secret(&self.secret)?;
        to.send_client_id()?;
        to.parameter("client_secret", self.secret.expose())
    }
}

/// The grammar is VSCHAR; text beyond ASCII is let through, since some servers issue it.
fn check_secret(secret: &Secret) -> Result<(), BuildError> {
    match secret.expose() {
        "" => Err(BuildError::Empty { parameter: "client_secret".into() }),
        text if is_vschar(text) || (!text.is_ascii() && !has_control(text)) => Ok(()),
        _ => Err(BuildError::Character { parameter: "client_secret".into() }),
    }
}
