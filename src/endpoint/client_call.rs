//! What every authenticated back-channel request shares: [`BackChannel`], and the methods that the
//! doors have in common.
//!
//! A door says which parameters it sends and how it reads a document. Everything else is here, once.

use crate::request::{BuildError, Draft, SignatureSlots};
use std::sync::Arc;

use http::HeaderMap;

use super::form_post::FormPost;
use crate::client::{Client, ClientAuthentication};
use crate::reply::{Reply, ReplyError, Rules};
use crate::request::headers::ExtraHeaders;
use crate::request::params::Params;
use crate::server::Endpoint;
use crate::value::{CredentialUse, EndpointUri, Entropy, Secret, Timestamp};
use crate::wire::header::opaque;

/// Who asks, and what the caller adds to the request.
pub(crate) struct BackChannel {
    pub(crate) client: Client,
    pub(crate) extras: Vec<(String, Secret)>,
    pub(crate) headers: ExtraHeaders,
    pub(crate) auth: Option<Arc<dyn ClientAuthentication>>,
    pub(crate) challenge: Option<String>,
}

impl BackChannel {
    /// What the next request's attested client has to answer, if the server has said so anew.
    pub(crate) fn learn(&mut self, headers: &HeaderMap) -> bool {
        let method = self.auth.as_deref().unwrap_or_else(|| self.client.method());
        learn(&mut self.challenge, method, headers)
    }

    pub(crate) fn of(client: &Client) -> Self {
        Self {
            client: client.clone(),
            extras: Vec::new(),
            headers: ExtraHeaders::default(),
            auth: None,
            challenge: None,
        }
    }
}

/// Keeps the newest challenge of a server, and says whether it is news. To a method that answers none, none
/// is.
pub(crate) fn learn(
    known: &mut Option<String>,
    method: &dyn ClientAuthentication,
    headers: &HeaderMap,
) -> bool {
    if !method.answers_challenge() {
        return false;
    }
    let Some(challenge) = opaque(headers, "oauth-client-attestation-challenge") else {
        return false;
    };
    let is_new = known.as_deref() != Some(challenge);
    if is_new {
        *known = Some(challenge.to_owned());
    }
    is_new
}

/// One door: an endpoint, what is sent there, and how its answer is read.
pub(crate) trait Door {
    type Answer;
    const ENDPOINT: Endpoint;
    /// The member that makes a document a success; empty when a success has none.
    const SUCCESS: &'static str;

    /// What asking twice does: nothing, unless a door says otherwise.
    const CREDENTIAL: CredentialUse = CredentialUse::Repeated;
    /// Parameters that a caller may not add here.
    const REFUSED: &'static [&'static str] = &[];

    fn channel(&self) -> &BackChannel;

    /// Whether a caller may add a parameter of this name to this request.
    fn check_extra(&self, name: &str) -> Result<(), BuildError> {
        if Self::REFUSED.contains(&name) {
            return Err(BuildError::ParameterManaged { parameter: name.to_owned().into() });
        }
        Ok(())
    }

    /// Whether something in the request is made for it alone, beside client authentication.
    fn is_single_use(&self) -> bool {
        false
    }

    fn channel_mut(&mut self) -> &mut BackChannel;

    fn write<'a>(&'a self, params: &mut Params<'a>) -> Result<(), BuildError>;

    /// A parameter that is a JWT made for this request; it stands behind those of `write`.
    fn sign(
        &self,
        _: Timestamp,
        _: &mut Entropy,
        _: &mut Params<'_>,
        _: &mut SignatureSlots,
    ) -> Result<(), BuildError> {
        Ok(())
    }

    fn understand(reply: Reply<'_>, rules: Rules<'_>) -> Result<Self::Answer, ReplyError>;

    fn address(&self) -> Result<&EndpointUri, BuildError> {
        let channel = self.channel();
        channel.client.endpoint_by(Self::ENDPOINT, channel.auth.as_deref())
    }

    fn build(&self, now: Timestamp, entropy: &mut Entropy) -> Result<Draft, BuildError> {
        let channel = self.channel();
        let mut params = Params::new();
        self.write(&mut params)?;
        let mut slots = SignatureSlots::default();
        self.sign(now, entropy, &mut params, &mut slots)?;
        for (name, value) in &channel.extras {
            self.check_extra(name)?;
            params.extra(name, value.expose())?;
        }
        let form = FormPost {
            client: &channel.client,
            endpoint: self.address()?,
            params,
            slots,
            headers: &channel.headers,
            auth: channel.auth.as_deref(),
            challenge: channel.challenge.as_deref(),
            credential: Self::CREDENTIAL,
            once: self.is_single_use(),
        };
        form.draft(now, entropy)
    }

    fn interpret(&self, reply: Reply<'_>) -> Result<Self::Answer, ReplyError> {
        let server = self.channel().client.server();
        let rules = Rules {
            quirks: server.tolerances(),
            limit: server.limit(),
            credential: Self::CREDENTIAL,
            success: Self::SUCCESS,
        };
        Self::understand(reply, rules)
    }
}

/// The public methods of a door, and its [`Exchange`](super::Exchange).
macro_rules! door {
    ($door:ident => $answer:ty) => {
        impl $door {
            /// Adds a parameter of the server's own. It may not have the name of one that this crate
            /// writes, and an empty value is left out.
            #[must_use]
            pub fn parameter(
                mut self,
                name: impl Into<String>,
                value: impl Into<$crate::value::Secret>,
            ) -> Self {
                self.channel.extras.push((name.into(), value.into()));
                self
            }

            /// Adds a header to this request.
            #[must_use]
            pub fn header(mut self, name: &str, value: &str) -> Self {
                self.channel.headers.plain(name, value);
                self
            }

            /// Adds a header to this request and marks its value sensitive.
            #[must_use]
            pub fn secret_header(
                mut self,
                name: &str,
                value: impl Into<$crate::value::Secret>,
            ) -> Self {
                self.channel.headers.secret(name, &value.into());
                self
            }

            /// Authenticates this one request in another way than the client does.
            #[must_use]
            pub fn auth(
                mut self,
                method: impl $crate::client::ClientAuthentication + 'static,
            ) -> Self {
                self.channel.auth = Some(std::sync::Arc::new(method));
                self
            }

            /// The challenge for an attested client's proof, from
            /// [`Client::attestation_challenge`](crate::Client::attestation_challenge) or an earlier exchange.
            #[must_use]
            pub fn attestation_challenge(mut self, challenge: impl Into<String>) -> Self {
                self.channel.challenge = Some(challenge.into());
                self
            }

            /// The request, ready to send.
            ///
            /// # Errors
            ///
            /// [`BuildError`](crate::BuildError): nothing was sent.
            pub fn request(
                &self,
                now: $crate::value::Timestamp,
                entropy: &mut $crate::value::Entropy,
            ) -> Result<http::Request<Vec<u8>>, $crate::request::BuildError> {
                $crate::endpoint::client_call::Door::build(self, now, entropy)?.finish()
            }

            /// The request with a hole for each signature whose key is elsewhere, and its duties.
            ///
            /// # Errors
            ///
            /// [`BuildError`](crate::BuildError): nothing was sent.
            pub fn draft(
                &self,
                now: $crate::value::Timestamp,
                entropy: &mut $crate::value::Entropy,
            ) -> Result<$crate::request::Draft, $crate::request::BuildError> {
                $crate::endpoint::client_call::Door::build(self, now, entropy)
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
                $crate::endpoint::client_call::Door::interpret(self, reply.into())
            }
        }

        impl $crate::endpoint::Exchange for $door {
            type Output = $answer;

            fn draft(
                &self,
                now: $crate::value::Timestamp,
                entropy: &mut $crate::value::Entropy,
            ) -> Result<$crate::request::Draft, $crate::request::BuildError> {
                $crate::endpoint::client_call::Door::build(self, now, entropy)
            }

            fn read(
                &self,
                reply: $crate::reply::Reply<'_>,
            ) -> Result<$answer, $crate::reply::ReplyError> {
                $crate::endpoint::client_call::Door::interpret(self, reply)
            }

            fn learn(&mut self, headers: &http::HeaderMap) -> bool {
                $crate::endpoint::client_call::Door::channel_mut(self).learn(headers)
            }

            fn learned_challenge(&self) -> Option<&str> {
                $crate::endpoint::client_call::Door::channel(self).challenge.as_deref()
            }

            fn target(&self) -> Result<&str, $crate::request::BuildError> {
                $crate::endpoint::client_call::Door::address(self).map(|uri| uri.as_str())
            }
        }
    };
}

pub(crate) use door;
