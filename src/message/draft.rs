//! [`Draft`]: a request that may still want signatures.
//!
//! The body is measured first and written once, into one buffer of the right size.

use std::fmt;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use http::{Method, Request};

use crate::client::{ASSERTION_TYPE, Client, ClientAuthentication, Credentials, Outcome};
use crate::jose::{Signature, SignatureError, Unsigned, UnsignedParameter};
use crate::proof::dpop::{DpopKey, Proved};
use crate::value::header::{self, ExtraHeaders};
use crate::value::params::Params;
use crate::value::{BuildError, CredentialUse, Duties, EndpointUri, Entropy, Resend, Timestamp};
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
    holes: Vec<Hole>,
    duties: Duties,
    /// Whether the client's method is nothing without the proof.
    needs_proof: bool,
}

/// A signature that is missing, and where it goes.
struct Hole {
    unsigned: Unsigned,
    place: Place,
}

enum Place {
    /// `client_assertion`, at the end of the body.
    Assertion,
    /// A header that holds the JWT and nothing else.
    Header(&'static str),
    /// A parameter that begins at this offset of the body.
    Parameter(&'static str, usize),
}

/// The header of a DPoP proof.
const PROOF: &str = "dpop";

impl Draft {
    /// What wants a signature next; `None` when nothing does.
    #[must_use]
    pub fn unsigned(&self) -> Option<&Unsigned> {
        self.holes.first().map(|hole| &hole.unsigned)
    }

    /// Takes the signature of what [`Draft::unsigned`] handed out.
    ///
    /// # Errors
    ///
    /// [`SignatureError`] when it is not that; the draft is unharmed and waits for the right one.
    pub fn sign(&mut self, signature: &Signature) -> Result<(), SignatureError> {
        let hole = self.holes.first().ok_or(SignatureError::NotAsked)?;
        let jws = hole.unsigned.finish(signature)?;
        match hole.place {
            Place::Assertion => self.put_assertion(jws.expose())?,
            Place::Header(name) => put_header(self.request.headers_mut(), name, jws.expose())
                .map_err(|_| SignatureError::Encoding)?,
            Place::Parameter(name, at) => self.put_parameter(name, at, jws.expose())?,
        }
        self.holes.remove(0);
        Ok(())
    }

    /// Nothing before the offset has moved: what is signed later stands behind it.
    fn put_parameter(&mut self, name: &str, at: usize, jws: &str) -> Result<(), SignatureError> {
        let mut parameter = Params::new();
        parameter.managed(name, jws).map_err(|_| SignatureError::Encoding)?;
        let mut text = Vec::with_capacity(parameter.form_len().saturating_add(1));
        let body = self.request.body_mut();
        let at = at.min(body.len());
        if at > 0 {
            text.push(b'&');
        }
        parameter.encode_into(&mut text, Escape::Form);
        if at == 0 && !body.is_empty() {
            text.push(b'&');
        }
        body.splice(at..at, text);
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
        tail.encode_into(body, Escape::Form);
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
        match (self.needs_proof, self.holes.is_empty()) {
            (true, _) => Err(BuildError::NeedsProof),
            (false, false) => Err(BuildError::NeedsSignature),
            (false, true) => Ok(self.request),
        }
    }

    /// Wraps a request of the caller's, with nothing to sign yet.
    pub(crate) const fn of(request: Request<Vec<u8>>, duties: Duties) -> Self {
        Self { request, holes: Vec::new(), duties, needs_proof: false }
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
        header::accept_json(request.headers_mut());
        request
    }

    /// Whether the client authenticates by the proof that is still to be added.
    pub(crate) const fn wants_proof(&self) -> bool {
        self.needs_proof
    }

    /// Adds the proof of this request, signed at once if the key is here.
    pub(crate) fn prove(
        &mut self,
        binding: Binding<'_>,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<(), BuildError> {
        let Binding { key, target, nonce, access_token } = binding;
        let method = self.request.method();
        let unsigned = key.proof(Proved { method, target, nonce, access_token }, now, entropy)?;
        match key.signer().sign_here(&unsigned) {
            None => self.holes.push(Hole { unsigned, place: Place::Header(PROOF) }),
            Some(signature) => {
                let jws = unsigned.finish(&signature?).map_err(|_| BuildError::Signing)?;
                put_header(self.request.headers_mut(), PROOF, jws.expose())?;
            }
        }
        self.needs_proof = false;
        // A proof is good for one request, so the same bytes may not be sent twice.
        self.duties.resend = Resend::OnlyIfNotSent;
        Ok(())
    }
}

/// What binds a request to a DPoP key.
#[derive(Clone, Copy)]
pub(crate) struct Binding<'a> {
    pub(crate) key: &'a DpopKey,
    pub(crate) target: &'a str,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) access_token: Option<&'a str>,
}

fn put_header(headers: &mut HeaderMap, name: &'static str, jws: &str) -> Result<(), BuildError> {
    headers.insert(HeaderName::from_static(name), header::value(name, jws, true)?);
    Ok(())
}

/// The request holds credentials, so only its kind is shown.
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signed = if self.holes.is_empty() { "complete" } else { "unsigned" };
        write!(f, "Draft({}, {signed})", self.request.method())
    }
}

/// An authenticated form `POST`, which is what nearly every back-channel request is.
pub(crate) struct FormPost<'a> {
    pub(crate) client: &'a Client,
    pub(crate) endpoint: &'a EndpointUri,
    /// Everything but client authentication, in order.
    pub(crate) params: Params<'a>,
    /// A parameter that belongs among them once it is signed.
    pub(crate) unsigned: Option<UnsignedParameter>,
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
        let Self { client, endpoint, mut params, unsigned, headers: extra, .. } = self;
        let count = extra.len().saturating_add(client.extra_headers().len()).saturating_add(3);
        let mut headers = HeaderMap::with_capacity(count);
        headers.insert(CONTENT_TYPE, header::FORM);
        header::accept_json(&mut headers);
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
        let parameter = unsigned.map(|missing| {
            let UnsignedParameter { name, at, unsigned } = missing;
            Hole { unsigned, place: Place::Parameter(name, at) }
        });
        let assertion = outcome.unsigned.map(|unsigned| Hole { unsigned, place: Place::Assertion });
        let header = outcome
            .unsigned_header
            .map(|(name, unsigned)| Hole { unsigned, place: Place::Header(name) });
        let holes = parameter.into_iter().chain(assertion).chain(header).collect();
        Ok(Draft { request, holes, duties, needs_proof: outcome.needs_proof })
    }
}
