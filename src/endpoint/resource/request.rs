//! [`ResourceRequest`]: a caller's request with a token in it, and a DPoP proof if the token wants one.

use std::fmt;

use http::header::AUTHORIZATION;
use http::{Method, Request};

use crate::dpop::{Binding, DpopKey};
use crate::endpoint::Exchange;
use crate::reply::{
    Challenge, ErrorCode, RawReply, Refusal, Reply, ReplyError, ReplyErrorKind, Rules,
};
use crate::request::headers::value;
use crate::request::{BuildError, Draft, Duties, Resend};
use crate::server::{DEFAULT_BODY_LIMIT, Quirks};
use crate::value::{AccessToken, CredentialUse, EndpointUri, Entropy, Timestamp, TokenType};

/// A request to a resource. Bearer tokens go as they are; a `DPoP` token goes with a proof over it
/// ([RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)), which a flow makes and, when the resource asks for a
/// nonce, makes once more ([RFC 9449 §9](https://www.rfc-editor.org/rfc/rfc9449#section-9)).
///
/// Any answer but that challenge is the caller's, as a [`RawReply`]; [`check`](super::check) says what it
/// means for the token.
pub struct ResourceRequest {
    template: Request<Vec<u8>>,
    target: EndpointUri,
    token: AccessToken,
    limit: usize,
    certificate: bool,
}

impl ResourceRequest {
    /// This request, with this token to be put in.
    ///
    /// # Errors
    ///
    /// [`BuildError::Endpoint`] when the URL is not `https` or loopback, and
    /// [`BuildError::TokenType`] for a token that is neither `Bearer` nor `DPoP`.
    pub fn new(request: Request<Vec<u8>>, token: &AccessToken) -> Result<Self, BuildError> {
        let target = EndpointUri::parse(&request.uri().to_string())
            .map_err(|error| BuildError::Endpoint { endpoint: "resource", error })?;
        if !matches!(token.token_type(), TokenType::Bearer | TokenType::Dpop) {
            return Err(BuildError::TokenType);
        }
        Ok(Self {
            template: request,
            target,
            token: token.clone(),
            limit: DEFAULT_BODY_LIMIT,
            certificate: false,
        })
    }

    /// The connection must present the client's certificate, to which the token is bound
    /// ([RFC 8705 §3](https://www.rfc-editor.org/rfc/rfc8705#section-3)).
    #[must_use]
    pub const fn client_certificate(mut self) -> Self {
        self.certificate = true;
        self
    }

    /// The most bytes of an answer that are kept. Default: 64 KiB.
    #[must_use]
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }
}

impl Exchange for ResourceRequest {
    type Output = RawReply;

    /// A token that is bound to a key is refused without a proof by that key.
    fn draft(&self, _: Timestamp, _: &mut Entropy) -> Result<Draft, BuildError> {
        match self.token.token_type() {
            TokenType::Dpop => Err(BuildError::TokenType),
            _ => self.unbound(),
        }
    }

    fn draft_bound(
        &self,
        key: &DpopKey,
        nonce: Option<&str>,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Draft, BuildError> {
        let mut draft = self.unbound()?;
        let target = self.target.as_str();
        let access_token = Some(self.token.expose());
        Binding { key, target, nonce, access_token }.prove(&mut draft, now, entropy)?;
        Ok(draft)
    }

    fn read(&self, reply: Reply<'_>) -> Result<RawReply, ReplyError> {
        // RFC 9449 section 9 says 401; some resources say 400.
        if matches!(reply.status.as_u16(), 400 | 401) && asks_for_nonce(reply) {
            let quirks = Quirks::new();
            let credential = CredentialUse::Repeated;
            let rules = Rules { quirks: &quirks, limit: self.limit, credential, success: "" };
            let code = ErrorCode::UseDpopNonce;
            let refusal = Refusal { code, description: None, uri: None };
            return Err(rules.failure(reply, ReplyErrorKind::Refused(refusal)));
        }
        Ok(RawReply::keep(reply, self.limit))
    }

    fn target(&self) -> Result<&str, BuildError> {
        Ok(self.target.as_str())
    }

    fn presented(&self) -> Option<&str> {
        Some(self.token.expose())
    }
}

impl ResourceRequest {
    /// The request with the token in it, and no proof.
    fn unbound(&self) -> Result<Draft, BuildError> {
        let mut request = self.template.clone();
        match self.token.token_type() {
            TokenType::Dpop => {
                let text = zeroize::Zeroizing::new(format!(
                    "DPoP {}",
                    self.token.checked("authorization")?
                ));
                request.headers_mut().insert(AUTHORIZATION, value("authorization", &text, true)?);
            }
            _ => self.token.present(request.headers_mut())?,
        }
        let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        let resend = if safe { Resend::Always } else { Resend::OnlyIfNotSent };
        let duties =
            Duties { body_limit: self.limit, resend, client_certificate: self.certificate };
        Ok(Draft::of(request, duties))
    }
}

fn asks_for_nonce(reply: Reply<'_>) -> bool {
    let challenges = Challenge::readable(reply.headers);
    challenges
        .iter()
        .any(|challenge| challenge.is("DPoP") && challenge.param("error") == Some("use_dpop_nonce"))
}

impl fmt::Debug for ResourceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceRequest").field("target", &self.target).finish_non_exhaustive()
    }
}
