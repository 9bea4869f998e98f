//! [`Call`]: what the four requests of this door share. JSON goes out, if anything does, under a bearer
//! token, if there is one.
//!
//! None of them is a form, none is authenticated as a client, and none needs a clock or randomness.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Request};

use crate::reply::{Reply, ReplyError};
use crate::request::headers::{self, ExtraHeaders};
use crate::request::{BuildError, Draft, Duties, Resend};
use crate::value::{AccessToken, EndpointUri, Secret, TokenType};

/// One of the four requests.
pub(super) trait Call {
    type Answer: Clone;

    fn address(&self) -> Result<&EndpointUri, BuildError>;

    fn build(&self) -> Result<Draft, BuildError>;

    fn understand(&self, reply: Reply<'_>) -> Result<Self::Answer, ReplyError>;
}

/// What a caller can say of every one of them.
#[derive(Clone)]
pub(super) struct Channel {
    pub(super) headers: ExtraHeaders,
    pub(super) certificate: bool,
    pub(super) body_limit: usize,
}

impl Channel {
    pub(super) fn new(body_limit: usize) -> Self {
        Self { headers: ExtraHeaders::default(), certificate: false, body_limit }
    }

    /// A request without a body.
    pub(super) fn draft(
        &self,
        method: Method,
        address: &EndpointUri,
        token: Option<&Secret>,
        resend: Resend,
    ) -> Result<Draft, BuildError> {
        let mut headers = HeaderMap::new();
        headers::accept_json(&mut headers);
        self.finish(method, address, token, resend, headers, Vec::new())
    }

    /// A request with a JSON body. What it does may not be done twice.
    pub(super) fn draft_json(
        &self,
        method: Method,
        address: &EndpointUri,
        token: Option<&Secret>,
        body: Vec<u8>,
    ) -> Result<Draft, BuildError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, headers::JSON);
        headers::accept_json(&mut headers);
        self.finish(method, address, token, Resend::OnlyIfNotSent, headers, body)
    }

    fn finish(
        &self,
        method: Method,
        address: &EndpointUri,
        token: Option<&Secret>,
        resend: Resend,
        mut headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Draft, BuildError> {
        if let Some(token) = token {
            AccessToken::new(token.clone(), TokenType::Bearer).present(&mut headers)?;
        }
        self.headers.apply(&mut headers)?;
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = address.uri().clone();
        *request.headers_mut() = headers;
        let duties =
            Duties { body_limit: self.body_limit, resend, client_certificate: self.certificate };
        Ok(Draft::of(request, duties))
    }
}

/// The public methods of a call, and its [`Exchange`](crate::endpoint::Exchange).
macro_rules! call {
    ($call:ident => $answer:ty) => {
        impl $call {
            /// The request, ready to send.
            ///
            /// # Errors
            ///
            /// [`BuildError`](crate::BuildError): nothing was sent.
            pub fn request(&self) -> Result<http::Request<Vec<u8>>, $crate::request::BuildError> {
                $crate::endpoint::call::Call::build(self)?.finish()
            }

            /// The request and its duties.
            ///
            /// # Errors
            ///
            /// [`BuildError`](crate::BuildError): nothing was sent.
            pub fn draft(&self) -> Result<$crate::request::Draft, $crate::request::BuildError> {
                $crate::endpoint::call::Call::build(self)
            }

            /// Reads the reply.
            ///
            /// # Errors
            ///
            /// [`ReplyError`](crate::ReplyError): refused, redirected, unavailable or unusable.
            pub fn read<'a>(
                &self,
                reply: impl Into<$crate::reply::Reply<'a>>,
            ) -> Result<$answer, $crate::reply::ReplyError> {
                $crate::endpoint::call::Call::understand(self, reply.into())
            }
        }

        impl $crate::endpoint::Exchange for $call {
            type Output = $answer;

            fn draft(
                &self,
                _: $crate::value::Timestamp,
                _: &mut $crate::value::Entropy,
            ) -> Result<$crate::request::Draft, $crate::request::BuildError> {
                $crate::endpoint::call::Call::build(self)
            }

            fn read(
                &self,
                reply: $crate::reply::Reply<'_>,
            ) -> Result<$answer, $crate::reply::ReplyError> {
                $crate::endpoint::call::Call::understand(self, reply)
            }

            fn target(&self) -> Result<&str, $crate::request::BuildError> {
                $crate::endpoint::call::Call::address(self).map(|uri| uri.as_str())
            }
        }
    };
}

pub(super) use call;
