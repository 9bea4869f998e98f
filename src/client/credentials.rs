//! [`Credentials`]: where a client authentication method writes, and what it may know of the request.

use crate::jose::{Jwt, Signer};
use crate::request::params::Params;
use crate::request::{ASSERTION_TYPE, BuildError, SignatureSlots, Slot, headers};
use crate::server::{AuthorizationServer, Endpoint};
use crate::value::{Entropy, Timestamp};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::borrow::Cow;
use std::fmt;

/// Where a method writes its credentials, and what it may know of the request.
pub struct Credentials<'w, 'a> {
    pub(crate) client_id: &'a str,
    pub(crate) server: &'a AuthorizationServer,
    pub(crate) endpoint: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) entropy: &'w mut Entropy,
    pub(crate) params: &'w mut Params<'a>,
    pub(crate) headers: &'w mut HeaderMap,
    /// What the server wants an attested client's proof to hold.
    pub(crate) challenge: Option<&'a str>,
    pub(crate) slots: &'w mut SignatureSlots,
    pub(crate) outcome: Outcome,
}

/// What a method left to do beyond parameters and headers.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) certificate: bool,
    /// Whether the method is nothing without a DPoP proof.
    pub(crate) needs_proof: bool,
    /// Whether the same bytes may be sent twice: an assertion's `jti` may not.
    pub(crate) single_use: bool,
    methods: u8,
}

impl<'a> Credentials<'_, 'a> {
    /// The client identifier, checked.
    #[must_use]
    pub fn client_id(&self) -> &'a str {
        self.client_id
    }

    /// The moment the request is built for.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// 32 unpredictable bytes, new at each call.
    pub fn random(&mut self) -> [u8; 32] {
        self.entropy.next("client authentication")
    }

    /// The endpoint this request goes to.
    #[must_use]
    pub fn endpoint(&self) -> &'a str {
        self.endpoint
    }

    /// The server's issuer identifier.
    ///
    /// # Errors
    ///
    /// [`BuildError::IssuerMissing`] when none is configured.
    pub fn issuer(&self) -> Result<&'a str, BuildError> {
        Ok(self.server.known_issuer().ok_or(BuildError::IssuerMissing)?.check()?)
    }

    /// The server's token endpoint, wherever this request goes.
    ///
    /// # Errors
    ///
    /// [`BuildError::EndpointMissing`] or [`BuildError::Endpoint`].
    pub fn token_endpoint(&self) -> Result<&'a str, BuildError> {
        Ok(self.server.uri(Endpoint::Token, false)?.as_str())
    }

    /// Sends the client identifier in the body, unless the request carries it already.
    ///
    /// # Errors
    ///
    /// [`BuildError::ParameterRepeated`] when another value stands in its place.
    pub fn send_client_id(&mut self) -> Result<(), BuildError> {
        let name = self.server.tolerances().client_id_parameter.as_deref().unwrap_or("client_id");
        // A pushed request names its client among its own parameters. Another value is an extra's.
        let own = |(known, value): (&str, &str)| known == name && value == self.client_id;
        if self.params.iter().any(own) {
            return Ok(());
        }
        self.params.managed(name, self.client_id)
    }

    /// Sends a parameter in the body. `client_secret` counts as an authentication method.
    ///
    /// # Errors
    ///
    /// [`BuildError::TwoAuthenticationMethods`], or [`BuildError::ParameterRepeated`] when it is there already.
    pub fn parameter(
        &mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) -> Result<(), BuildError> {
        let name = name.into();
        if matches!(name.as_ref(), "client_secret" | "client_assertion") {
            self.count_method()?;
        }
        self.outcome.single_use |= name == "client_assertion";
        self.params.managed(name, value)
    }

    /// Sends an `Authorization` header, which is marked sensitive.
    ///
    /// # Errors
    ///
    /// [`BuildError::TwoAuthenticationMethods`] when there is another method in the request.
    pub fn authorization(&mut self, mut value: HeaderValue) -> Result<(), BuildError> {
        self.count_method()?;
        value.set_sensitive(true);
        self.headers.insert(AUTHORIZATION, value);
        Ok(())
    }

    /// Sends another header, marked sensitive.
    ///
    /// # Errors
    ///
    /// [`BuildError::HeaderMalformed`] when the name or value cannot be sent,
    /// [`BuildError::HeaderManaged`] when this crate writes that header itself.
    pub fn secret_header(&mut self, name: &'static str, value: &str) -> Result<(), BuildError> {
        let malformed = |_| BuildError::HeaderMalformed { header: name.into() };
        let key = HeaderName::try_from(name).map_err(malformed)?;
        if let Some(header) = headers::managed(&key) {
            return Err(BuildError::HeaderManaged { header });
        }
        self.headers.insert(key, headers::value(name, value, true)?);
        Ok(())
    }

    /// Sends `client_assertion` and `client_assertion_type`
    /// ([RFC 7523 §2.2](https://www.rfc-editor.org/rfc/rfc7523#section-2.2)), signed at once if the key is here, else in two
    /// phases.
    ///
    /// # Errors
    ///
    /// [`BuildError::TwoAuthenticationMethods`], or what the signer says.
    pub fn assertion(&mut self, jwt: &Jwt, signer: &Signer) -> Result<(), BuildError> {
        self.count_method()?;
        self.outcome.single_use = true;
        let input = jwt.unsigned(signer)?;
        if let Some(jws) = self.slots.sign(input, signer, Slot::Assertion)? {
            self.params.managed("client_assertion", jws.expose().to_owned())?;
            self.params.managed("client_assertion_type", ASSERTION_TYPE)?;
        }
        Ok(())
    }

    /// The challenge that the server has given for the proof of an attested client, if a flow has learned
    /// one.
    #[must_use]
    pub fn attestation_challenge(&self) -> Option<&'a str> {
        self.challenge
    }

    /// A method that stands in a header of its own is a method like any other.
    pub(super) fn method_by_header(&mut self) -> Result<(), BuildError> {
        self.send_client_id()?;
        self.count_method()
    }

    /// A header that no extra may set, and that only one method writes.
    pub(super) fn own_header(&mut self, name: &'static str, text: &str) -> Result<(), BuildError> {
        if self.headers.contains_key(name) {
            return Err(BuildError::HeaderManaged { header: name });
        }
        headers::put_own(self.headers, name, text)
    }

    /// Sends a JWT in a header of its own, signed at once if the key is here, else in two phases.
    pub(super) fn signed_header(
        &mut self,
        name: &'static str,
        jwt: &Jwt,
        signer: &Signer,
    ) -> Result<(), BuildError> {
        self.outcome.single_use = true;
        let input = jwt.unsigned_without_key_id(signer)?;
        match self.slots.sign(input, signer, Slot::Header(name))? {
            Some(jws) => self.own_header(name, jws.expose()),
            None => Ok(()),
        }
    }

    /// Says that the request must carry a DPoP proof, or it is not built.
    pub(super) const fn wants_dpop_proof(&mut self) {
        self.outcome.needs_proof = true;
    }

    /// Says that what was written is good for one request only, so that the same bytes are not sent
    /// twice. An assertion says so by itself.
    pub const fn single_use(&mut self) {
        self.outcome.single_use = true;
    }

    /// Says that the connection must present the client's certificate.
    pub fn client_certificate(&mut self) {
        self.outcome.certificate = true;
    }

    fn count_method(&mut self) -> Result<(), BuildError> {
        self.outcome.methods = self.outcome.methods.saturating_add(1);
        if self.outcome.methods > 1 { Err(BuildError::TwoAuthenticationMethods) } else { Ok(()) }
    }
}

impl fmt::Debug for Credentials<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("endpoint", &"..").finish_non_exhaustive()
    }
}
