//! [`BearerToken`]: a caller who is known by an access token, and not by a client's credentials.

use std::fmt;

use super::authentication::ClientAuthentication;
use super::credentials::Credentials;
use crate::request::BuildError;
use crate::request::headers::value;
use crate::value::Secret;

/// `Authorization: Bearer`, as a protected resource may present at the introspection endpoint
/// ([RFC 7662 §2.1](https://www.rfc-editor.org/rfc/rfc7662#section-2.1)). No `client_id` is sent.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
/// # let server = AuthorizationServer::new().introspection_endpoint("https://server.example.com/introspect");
/// # let (now, mut entropy) = (Timestamp::EPOCH, Entropy::new([7; 32]));
/// use grantwire::client::BearerToken;
///
/// let resource = Client::unidentified(server).auth(BearerToken::new("23410913-abewfq.123483"));
/// let request = resource.introspect("2YotnFZFEjr1zCsicMWpAA").request(now, &mut entropy)?;
/// assert_eq!(request.headers()["authorization"], "Bearer 23410913-abewfq.123483");
/// assert_eq!(request.body(), b"token=2YotnFZFEjr1zCsicMWpAA");
/// # Ok::<(), grantwire::BuildError>(())
/// ```
#[derive(Clone)]
pub struct BearerToken {
    token: Secret,
}

impl BearerToken {
    /// With this access token.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self { token: token.into() }
    }
}

impl ClientAuthentication for BearerToken {
    fn name(&self) -> &str {
        "bearer"
    }

    fn identifies_client(&self) -> bool {
        false
    }

    fn write<'a>(&'a self, to: &mut Credentials<'_, 'a>) -> Result<(), BuildError> {
        let token = self.token.expose();
        if token.is_empty() {
            return Err(BuildError::Empty { parameter: "bearer token".into() });
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BuildError::Character { parameter: "bearer token".into() });
        }
        let text = zeroize::Zeroizing::new(format!("Bearer {token}"));
        to.authorization(value("authorization", &text, true)?)
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken(..)")
    }
}
