//! [`Draft`]: a request that may still want signatures.
//!
//! The body is measured first and written once, into one buffer of the right size.

use super::signature::{ASSERTION_TYPE, SignatureSlot, SignatureSlots, Slot};
use crate::jose::{Signature, SignatureError, Signer, Unsigned};
use std::fmt;

use http::header::ACCEPT;
use http::{HeaderValue, Method, Request};

use super::error::BuildError;
use super::headers::{self};
use super::params::Params;
use super::send_rules::{Duties, Resend};
use crate::value::EndpointUri;
use crate::wire::form::Escape;

/// A request that is built but for its signatures.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp, grant::ClientCredentials};
/// # use grantwire::{client::PrivateKeyJwt, jose::{Algorithm, Signer}};
/// # fn kms_sign(_key: Option<&str>, _input: &[u8]) -> Vec<u8> { vec![1; 64] }
/// # let server = AuthorizationServer::new().issuer("https://as.example").token_endpoint("https://as.example/token");
/// # let client = Client::new(server, "c").auth(PrivateKeyJwt::new(Signer::remote(Algorithm::Es256)));
/// # let (now, mut entropy) = (Timestamp::EPOCH, Entropy::new([7; 32]));
/// let mut draft = client.token(ClientCredentials::new()).draft(now, &mut entropy)?;
/// while let Some(unsigned) = draft.unsigned() {
///     let signature = unsigned.signed(kms_sign(unsigned.key_id(), unsigned.input()));
///     draft.sign(&signature)?;
/// }
/// let request = draft.finish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Draft {
    request: Request<Vec<u8>>,
    /// What is still to be signed; the first is handed out first.
    slots: SignatureSlots,
    duties: Duties,
    /// Whether the client's method is nothing without the proof.
    needs_proof: bool,
}

impl Draft {
    /// What wants a signature next; `None` when nothing does.
    #[must_use]
    pub fn unsigned(&self) -> Option<&Unsigned> {
        self.slots.first().map(|slot| &slot.input)
    }

    /// Takes the signature of what [`Draft::unsigned`] handed out.
    ///
    /// # Errors
    ///
    /// [`SignatureError`] when it is not that; the draft is unharmed and waits for the right one.
    pub fn sign(&mut self, signature: &Signature) -> Result<(), SignatureError> {
        let SignatureSlot { input, slot } = self.slots.first().ok_or(SignatureError::NotAsked)?;
        let (jws, slot) = (input.finish(signature)?, *slot);
        self.fill(slot, jws.expose())?;
        self.slots.filled();
        Ok(())
    }

    fn fill(&mut self, slot: Slot, jws: &str) -> Result<(), SignatureError> {
        match slot {
            Slot::Assertion => self.put_assertion(jws),
            Slot::Header(name) => self.put_header(name, jws).map_err(|_| SignatureError::Encoding),
            Slot::Parameter(name, at) => self.put_parameter(name, at, jws),
        }
    }

    fn put_header(&mut self, name: &'static str, jws: &str) -> Result<(), BuildError> {
        headers::put_own(self.request.headers_mut(), name, jws)
    }

    /// Nothing before the offset has moved: what is signed later stands behind it.
    fn put_parameter(&mut self, name: &str, at: usize, jws: &str) -> Result<(), SignatureError> {
        let mut parameter = Params::new();
        parameter.managed(name, jws).map_err(|_| SignatureError::Encoding)?;
        let mut text = String::with_capacity(parameter.form_len().saturating_add(1));
        let body = self.request.body_mut();
        let at = at.min(body.len());
        if at > 0 {
            text.push('&');
        }
        parameter.encode_into(&mut text, Escape::Form);
        if at == 0 && !body.is_empty() {
            text.push('&');
        }
        body.splice(at..at, text.into_bytes());
        Ok(())
    }

    fn put_assertion(&mut self, jws: &str) -> Result<(), SignatureError> {
        let mut tail = Params::new();
        // Both values are ASCII without control characters and neither name is there yet, so the
        // parameter list has nothing to object to.
        let listed = tail
            .managed("client_assertion", jws)
            .and_then(|()| tail.managed("client_assertion_type", ASSERTION_TYPE));
        listed.map_err(|_| SignatureError::Encoding)?;
        let body = self.request.body_mut();
        body.reserve_exact(tail.encoded_len(Escape::Form).saturating_add(1));
        if !body.is_empty() {
            body.push(b'&');
        }
        let mut text = String::with_capacity(tail.form_len());
        tail.encode_into(&mut text, Escape::Form);
        body.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// What the transport owes this request.
    #[must_use]
    pub const fn duties(&self) -> Duties {
        self.duties
    }

    /// The finished request and its duties.
    ///
    /// # Errors
    ///
    /// [`BuildError::NeedsSignature`] while a signature is missing.
    pub fn into_parts(self) -> Result<(Request<Vec<u8>>, Duties), BuildError> {
        let duties = self.duties;
        Ok((self.finish()?, duties))
    }

    /// The finished request.
    ///
    /// # Errors
    ///
    /// [`BuildError::NeedsSignature`] while a signature is missing, and [`BuildError::NeedsProof`] when the
    /// client authenticates by a DPoP proof and the request carries none.
    pub fn finish(self) -> Result<Request<Vec<u8>>, BuildError> {
        match (self.needs_proof, self.slots.is_empty()) {
            (true, _) => Err(BuildError::NeedsProof),
            (false, false) => Err(BuildError::NeedsSignature),
            (false, true) => Ok(self.request),
        }
    }

    /// A request that still misses these signatures.
    pub(crate) const fn unfinished(
        request: Request<Vec<u8>>,
        slots: SignatureSlots,
        duties: Duties,
        needs_proof: bool,
    ) -> Self {
        Self { request, slots, duties, needs_proof }
    }

    /// Wraps a request of the caller's, with nothing to sign yet.
    pub(crate) fn of(request: Request<Vec<u8>>, duties: Duties) -> Self {
        Self { request, slots: SignatureSlots::default(), duties, needs_proof: false }
    }

    /// Asks for a document that anybody may read.
    pub(crate) fn document(address: &EndpointUri, body_limit: usize) -> Self {
        let duties = Duties { body_limit, resend: Resend::Always, client_certificate: false };
        Self::of(Self::plain(address), duties)
    }

    /// A `GET` of JSON, with nothing in it that says who asks.
    pub(crate) fn plain(address: &EndpointUri) -> Request<Vec<u8>> {
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = address.uri().clone();
        headers::accept_json(request.headers_mut());
        request
    }

    /// Asks for an answer of this media type, in place of JSON.
    pub(crate) fn accept(&mut self, media_type: &'static str) {
        let accepted = HeaderValue::from_static(media_type);
        self.request.headers_mut().insert(ACCEPT, accepted);
    }

    /// Whether the client authenticates by the proof that is still to be added.
    pub(crate) const fn wants_proof(&self) -> bool {
        self.needs_proof
    }

    /// Adds the DPoP proof of this request, signed at once if the key is here.
    pub(crate) fn put_proof(&mut self, input: Unsigned, signer: &Signer) -> Result<(), BuildError> {
        if let Some(jws) = self.slots.sign(input, signer, Slot::Header(PROOF))? {
            self.put_header(PROOF, jws.expose())?;
        }
        self.needs_proof = false;
        // A proof is good for one request, so the same bytes may not be sent twice.
        self.duties.resend = Resend::OnlyIfNotSent;
        Ok(())
    }

    /// The method of the request, which a proof names.
    pub(crate) fn method(&self) -> &Method {
        self.request.method()
    }
}

/// The header of a DPoP proof.
const PROOF: &str = "dpop";

/// The request holds credentials, so only its kind is shown.
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signed = if self.slots.is_empty() { "complete" } else { "unsigned" };
        write!(f, "Draft({}, {signed})", self.request.method())
    }
}
