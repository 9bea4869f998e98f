//! [`FormPost`]: the authenticated form that nearly every endpoint is sent. What is in it, and what its reply means, is
//! the endpoint's.

use crate::client::{Client, ClientAuthentication, Credentials, Outcome};
use crate::request::headers::{self, ExtraHeaders};
use crate::request::params::Params;
use crate::request::{BuildError, Draft, Duties, Resend, SignatureSlots};
use crate::value::{CredentialUse, EndpointUri, Entropy, Timestamp};
use crate::wire::form::Escape;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Request};

/// An authenticated form `POST`, which is what nearly every back-channel request is.
pub(crate) struct FormPost<'a> {
    pub(crate) client: &'a Client,
    pub(crate) endpoint: &'a EndpointUri,
    /// Everything but client authentication, in order.
    pub(crate) params: Params<'a>,
    /// The signatures that they still miss.
    pub(crate) slots: SignatureSlots,
    pub(crate) headers: &'a ExtraHeaders,
    /// The method for this one request, if it is not the client's.
    pub(crate) auth: Option<&'a dyn ClientAuthentication>,
    /// What the server wants an attested client's proof to hold.
    pub(crate) challenge: Option<&'a str>,
    pub(crate) credential: CredentialUse,
    /// Whether these very bytes may not be sent again at once: it would be too soon, or something in them
    /// was made for one request.
    pub(crate) once: bool,
}

impl FormPost<'_> {
    pub(crate) fn draft(self, now: Timestamp, entropy: &mut Entropy) -> Result<Draft, BuildError> {
        let Self { client, endpoint, mut params, mut slots, headers: extra, .. } = self;
        let count = extra.len().saturating_add(client.extra_headers().len()).saturating_add(3);
        let mut headers = HeaderMap::with_capacity(count);
        headers.insert(CONTENT_TYPE, headers::FORM);
        headers::accept_json(&mut headers);
        let method = self.auth.unwrap_or_else(|| client.method());
        let id = client.id();
        let mut credentials = Credentials {
            client_id: if method.identifies_client() { id.check()? } else { id.as_str() },
            server: client.server(),
            endpoint: endpoint.as_str(),
            now,
            entropy,
            params: &mut params,
            headers: &mut headers,
            challenge: self.challenge,
            slots: &mut slots,
            outcome: Outcome::default(),
        };
        method.write(&mut credentials)?;
        let outcome = credentials.outcome;
        client.extra_headers().apply(&mut headers)?;
        extra.apply(&mut headers)?;
        let mut body = Vec::with_capacity(params.encoded_len(Escape::Form));
        params.encode_into(&mut body, Escape::Form);
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = endpoint.uri().clone();
        *request.headers_mut() = headers;
        let resend = match self.credential {
            CredentialUse::Repeated if !outcome.single_use && !self.once => Resend::Always,
            CredentialUse::Repeated | CredentialUse::Once => Resend::OnlyIfNotSent,
        };
        let body_limit = client.server().limit();
        let duties = Duties { body_limit, resend, client_certificate: outcome.certificate };
        Ok(Draft::unfinished(request, slots, duties, outcome.needs_proof))
    }
}
