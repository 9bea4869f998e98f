//! The revocation endpoint ([RFC 7009 §2](https://www.rfc-editor.org/rfc/rfc7009#section-2)): a token that must not work any longer.
//!
//! Any 2xx means that it does not, whatever the body says; a 503 means that it may
//! ([RFC 7009 §2.2.1](https://www.rfc-editor.org/rfc/rfc7009#section-2.2.1)).

use super::token_type_hint::write_token;
use std::fmt;

use super::client_call::{BackChannel, Door, door};
use crate::client::Client;
use crate::reply::{ErrorCode, Refusal, Reply, ReplyError, ReplyErrorKind, Rules, Unusable, body};
use crate::request::BuildError;
use crate::request::params::Params;
use crate::server::Endpoint;
use crate::value::Secret;

pub use super::token_type_hint::TokenTypeHint;

/// A revocation request ([RFC 7009 §2.1](https://www.rfc-editor.org/rfc/rfc7009#section-2.1)).
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
/// # use grantwire::client::ClientSecretBasic;
/// # use grantwire::revocation::TokenTypeHint;
/// # let server = AuthorizationServer::new().revocation_endpoint("https://server.example.com/revoke");
/// # let client = Client::new(server, "s6BhdRkqt3").auth(ClientSecretBasic::new("gX1fBat3bV"));
/// # let (now, mut entropy) = (Timestamp::EPOCH, Entropy::new([7; 32]));
/// let exchange = client.revoke("45ghiukldjahdnhzdauz").hint(TokenTypeHint::RefreshToken);
/// let request = exchange.request(now, &mut entropy)?;
/// assert_eq!(request.body(), b"token=45ghiukldjahdnhzdauz&token_type_hint=refresh_token");
/// # Ok::<(), grantwire::BuildError>(())
/// ```
pub struct RevocationRequest {
    channel: BackChannel,
    token: Secret,
    hint: Option<TokenTypeHint>,
}

impl Client {
    /// Revokes an access or refresh token. Doing it twice does no harm.
    pub fn revoke(&self, token: impl Into<Secret>) -> RevocationRequest {
        RevocationRequest { channel: BackChannel::of(self), token: token.into(), hint: None }
    }
}

impl RevocationRequest {
    /// OPTIONAL. What kind of token it is.
    #[must_use]
    pub fn hint(mut self, hint: TokenTypeHint) -> Self {
        self.hint = Some(hint);
        self
    }
}

/// The server says that the token does not work any longer, or never did
/// ([RFC 7009 §2.2](https://www.rfc-editor.org/rfc/rfc7009#section-2.2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revoked;

door!(RevocationRequest => Revoked);

impl Door for RevocationRequest {
    type Answer = Revoked;
    const ENDPOINT: Endpoint = Endpoint::Revocation;
    const SUCCESS: &'static str = "";

    fn channel(&self) -> &BackChannel {
        &self.channel
    }

    fn channel_mut(&mut self) -> &mut BackChannel {
        &mut self.channel
    }

    fn write<'a>(&'a self, params: &mut Params<'a>) -> Result<(), BuildError> {
        write_token(&self.token, self.hint.as_ref(), params)
    }

    fn understand(reply: Reply<'_>, rules: Rules<'_>) -> Result<Revoked, ReplyError> {
        if reply.status.is_success() {
            return Ok(Revoked);
        }
        match body::open(reply, rules) {
            // A few words instead of an object, such as Salesforce's `Bad_Id`, are a no in the server's own shape.
            Err(error) if says_no(&error) => {
                let code = ErrorCode::NonStandard;
                let refusal = Refusal { code, description: None, uri: None };
                Err(rules.failure(reply, ReplyErrorKind::Refused(refusal)))
            }
            Err(error) => Err(error),
            // Not a success, so it is never opened as one.
            Ok(_) => Err(rules.failure(reply, ReplyErrorKind::Unavailable)),
        }
    }
}

/// A page is more likely a gateway's, or a wrong address; and what began as JSON was meant as such. With the
/// other statuses that turn a client away, nobody looked at the token. A plain 404 from a wrong address
/// reads as a no, since Salesforce's is one.
fn says_no(error: &ReplyError) -> bool {
    let unread = matches!(
        error.kind(),
        ReplyErrorKind::Unusable(
            Unusable::NotJson { .. } | Unusable::NotAnObject | Unusable::Truncated
        )
    );
    let status = error.raw().status();
    let answered = status.is_client_error() && !matches!(status.as_u16(), 401 | 405 | 410);
    let body = error.raw().expose_body();
    let words = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii_start();
    let other = words.first().is_none_or(|first| b"<{[".contains(first));
    unread && answered && !other
}

impl fmt::Debug for RevocationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationRequest")
            .field("client", &self.channel.client)
            .field("hint", &self.hint)
            .finish_non_exhaustive()
    }
}
