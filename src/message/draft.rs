//! [`Draft`]: a request that may still want signatures.
//!
//! The body is measured first and written once, into one buffer of the right size.

use std::fmt;

use http::header::{CONTENT_TYPE, HeaderMap};
use http::{Method, Request};

use crate::client::{ASSERTION_TYPE, Client, ClientAuthentication, Credentials, Outcome};
use crate::jose::{Signature, SignatureError, Unsigned};
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
}

/// A signature that is missing, and where it goes.
struct Hole {
    unsigned: Unsigned,
    place: Place,
}

enum Place {
    /// `client_assertion`, at the end of the body.
    Assertion,
    /// The `DPoP` header.
    Proof,
}

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
            Place::Proof => put_proof(self.request.headers_mut(), jws.expose())
                .map_err(|_| SignatureError::Encoding)?,
        }
        self.holes.remove(0);
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
    /// [`BuildError::NeedsSignature`] while a signature is missing.
    pub fn finish(self) -> Result<Request<Vec<u8>>, BuildError> {
        if self.holes.is_empty() { Ok(self.request) } else { Err(BuildError::NeedsSignature) }
    }

    /// Wraps a request of the caller's, with nothing to sign yet.
    pub(crate) const fn of(request: Request<Vec<u8>>, duties: Duties) -> Self {
        Self { request, holes: Vec::new(), duties }
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
            None => self.holes.push(Hole { unsigned, place: Place::Proof }),
            Some(signature) => {
                let jws = unsigned.finish(&signature?).map_err(|_| BuildError::Signing)?;
                put_proof(self.request.headers_mut(), jws.expose())?;
            }
        }
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

fn put_proof(headers: &mut HeaderMap, jws: &str) -> Result<(), BuildError> {
    headers.insert("dpop", header::value("dpop", jws, true)?);
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
    pub(crate) headers: &'a ExtraHeaders,
    /// The method for this one request, if it is not the client's.
    pub(crate) auth: Option<&'a dyn ClientAuthentication>,
    pub(crate) credential: CredentialUse,
    /// Whether the same request, sent again at once, would be too soon.
    pub(crate) paced: bool,
}

impl FormPost<'_> {
    pub(crate) fn draft(self, now: Timestamp, entropy: &mut Entropy) -> Result<Draft, BuildError> {
        let Self { client, endpoint, mut params, headers: extra, auth, credential, paced } = self;
        let count = extra.len().saturating_add(client.extra_headers().len()).saturating_add(3);
        let mut headers = HeaderMap::with_capacity(count);
        headers.insert(CONTENT_TYPE, header::FORM);
        header::accept_json(&mut headers);
        let mut credentials = Credentials {
            client_id: client.id().check()?,
            server: client.server(),
            endpoint: endpoint.as_str(),
            now,
            entropy,
            params: &mut params,
            headers: &mut headers,
            outcome: Outcome::default(),
        };
        auth.unwrap_or_else(|| client.method()).write(&mut credentials)?;
        let outcome = credentials.outcome;
        client.extra_headers().apply(&mut headers)?;
        extra.apply(&mut headers)?;
        let mut body = Vec::with_capacity(params.encoded_len(Escape::Form));
        params.encode_into(&mut body, Escape::Form);
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = endpoint.uri().clone();
        *request.headers_mut() = headers;
        let resend = match credential {
            CredentialUse::Repeated if !outcome.single_use && !paced => Resend::Always,
            CredentialUse::Repeated | CredentialUse::Once => Resend::OnlyIfNotSent,
        };
        let body_limit = client.server().limit();
        let duties = Duties { body_limit, resend, client_certificate: outcome.certificate };
        let assertion = outcome.unsigned.map(|unsigned| Hole { unsigned, place: Place::Assertion });
        Ok(Draft { request, holes: assertion.into_iter().collect(), duties })
    }
}
