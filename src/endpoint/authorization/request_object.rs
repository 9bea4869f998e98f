//! Request objects ([RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4)): the authorization request as a signed JWT, so that what
//! travels through the browser can be read there and not changed.
//!
//! By value in the URL, by reference to a place where the caller keeps it, or pushed; a backchannel
//! authentication request is signed in the same way. The key may be here or elsewhere. Nothing is
//! encrypted here.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::pending::Secrets;
use super::request::{AuthorizationRequest, StartedAuthorization};
use super::url::AuthorizationUrl;
use crate::client::Client;
use crate::jose::{Jwt, Signature, SignatureError, Signer, Unsigned};
use crate::pkce;
use crate::request::params::Params;
use crate::request::{AssertionClaims, BuildError, claim_setters};
use crate::server::Endpoint;
use crate::value::{EndpointError, EndpointUri, Entropy, Secret, Timestamp};

/// How a request object is signed, and what it says beside the request
/// ([RFC 9101 §4](https://www.rfc-editor.org/rfc/rfc9101#section-4)).
///
/// `iss` is the client, and `client_id` too in an authorization request; `aud` is the issuer, and `jti`,
/// `iat` and `exp` are new for each. It also signs a backchannel authentication request, in which a server
/// that wants one is given a `client_id` by [`claim`](Self::claim): see
/// [`BackchannelAuthenticationRequest::signed`](crate::endpoint::backchannel::BackchannelAuthenticationRequest::signed).
#[derive(Clone)]
pub struct RequestObject {
    signer: Signer,
    claims: AssertionClaims,
    nbf: bool,
}

impl RequestObject {
    /// Signed by this key: a [`Signer`], or a local key.
    pub fn new(signer: impl Into<Signer>) -> Self {
        let claims = AssertionClaims::new("oauth-authz-req+jwt");
        Self { signer: signer.into(), claims, nbf: false }
    }

    /// Adds `nbf`, which is `iat`: the object is good from when it is made. FAPI asks for it. Default:
    /// no, but for a backchannel authentication request, which must have it. An `nbf` of your own, set as
    /// a claim, stands instead.
    #[must_use]
    pub const fn with_nbf(mut self) -> Self {
        self.nbf = true;
        self
    }

    claim_setters!(
        claims,
        "The `typ` header member. Default: `oauth-authz-req+jwt` ([RFC 9101 §10.8](https://www.rfc-editor.org/rfc/rfc9101#section-10.8))."
    );

    /// The JWT: these parameters as claims.
    pub(in crate::endpoint) fn jwt(
        &self,
        client: &Client,
        params: &Params<'_>,
        endpoint: &str,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Jwt, BuildError> {
        // Section 4: a request object never holds another. The parameters cannot have these names.
        let nested = |name: &str| matches!(name, "request" | "request_uri");
        if let Some((name, _)) = self.claims.extra.iter().find(|(name, _)| nested(name)) {
            return Err(BuildError::ParameterManaged { parameter: name.clone() });
        }
        let mut jwt = Jwt::new()
            .claim("iss", client.id().check()?)
            .claim("aud", self.claims.audience.of(client.server(), endpoint)?);
        for (name, value) in claims_of(params)? {
            jwt = jwt.claim(Cow::Owned(name), value);
        }
        if self.nbf && !self.claims.extra.iter().any(|(name, _)| name == "nbf") {
            jwt = jwt.claim("nbf", now.saturating_sub(self.claims.backdate).as_unix_seconds());
        }
        self.claims.complete(jwt, Some(entropy.next("request object jti")), now)
    }

    pub(in crate::endpoint) const fn signer(&self) -> &Signer {
        &self.signer
    }
}

impl fmt::Debug for RequestObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestObject").field("signer", &self.signer).finish_non_exhaustive()
    }
}

/// The parameters that are JSON, and so are no strings in a request object
/// ([OpenID Connect Core §6.1](https://openid.net/specs/openid-connect-core-1_0.html#RequestObject)). FAPI-CIBA has the last.
const JSON: &[&str] = &["authorization_details", "claims", "request_context"];

/// Each parameter as a claim: text, but for what is JSON or a number by its definition, and an array of
/// what stands more than once.
fn claims_of(params: &Params<'_>) -> Result<Vec<(String, Value)>, BuildError> {
    let mut claims: Vec<(String, Value)> = Vec::new();
    for (name, text) in params.iter() {
        let value = if JSON.contains(&name) {
            let rule = "is JSON in a request object, and this is none";
            serde_json::from_str(text)
                .map_err(|_| BuildError::Invalid { parameter: name.to_owned().into(), rule })?
        } else if name == "max_age" {
            text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from)
        } else {
            Value::from(text)
        };
        match claims.iter_mut().find(|(known, _)| known == name) {
            Some((_, Value::Array(several))) => several.push(value),
            Some((_, first)) => *first = Value::Array(vec![first.take(), value]),
            None => claims.push((name.to_owned(), value)),
        }
    }
    Ok(claims)
}

impl AuthorizationRequest {
    /// Puts the whole request into a signed request object.
    ///
    /// ```
    /// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
    /// # fn kms_sign(_key: Option<&str>, _input: &[u8]) -> Vec<u8> { vec![1; 64] }
    /// # let server = AuthorizationServer::new().issuer("https://as.example").authorization_endpoint("https://as.example/authorize");
    /// # let client = Client::new(server, "s6BhdRkqt3");
    /// # let (now, mut entropy) = (Timestamp::EPOCH, Entropy::new([7; 32]));
    /// use grantwire::authorization::RequestObject;
    /// use grantwire::jose::{Algorithm, Signer};
    ///
    /// let key = Signer::remote(Algorithm::Es256).key_id("kms-1");
    /// let mut draft = client
    ///     .authorization()
    ///     .redirect_uri("https://client.example/cb")
    ///     .signed(RequestObject::new(key))
    ///     .draft(now, &mut entropy)?;
    /// if let Some(unsigned) = draft.unsigned() {
    ///     let signature = unsigned.signed(kms_sign(unsigned.key_id(), unsigned.input()));
    ///     draft.sign(&signature)?;
    /// }
    /// let started = draft.finish()?;
    /// assert!(started.url.starts_with("https://as.example/authorize?client_id=s6BhdRkqt3&request=eyJ"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn signed(self, object: RequestObject) -> SignedAuthorizationRequest {
        SignedAuthorizationRequest { request: self, object, openid: false }
    }
}

/// An authorization request in a signed request object
/// ([RFC 9101 §5](https://www.rfc-editor.org/rfc/rfc9101#section-5)), by value as it stands
/// ([RFC 9101 §5.1](https://www.rfc-editor.org/rfc/rfc9101#section-5.1)).
#[derive(Debug)]
pub struct SignedAuthorizationRequest {
    pub(super) request: AuthorizationRequest,
    pub(super) object: RequestObject,
    openid: bool,
}

impl SignedAuthorizationRequest {
    /// Also puts `response_type` and `scope` into the URL, as OpenID Connect asks beside a request object
    /// ([OpenID Connect Core §6.1](https://openid.net/specs/openid-connect-core-1_0.html#RequestObject)). Default: no; only what is signed counts.
    #[must_use]
    pub const fn with_openid_parameters(mut self) -> Self {
        self.openid = true;
        self
    }

    /// The URL, and what to keep until the callback, by a key that is here.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when a value cannot be sent or the server has no authorization endpoint;
    /// [`BuildError::NeedsSignature`] when the key is elsewhere, and the draft is the way.
    pub fn start(
        self,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<StartedAuthorization, BuildError> {
        self.draft(now, entropy)?.finish()
    }

    /// The URL but for its signature.
    ///
    /// # Errors
    ///
    /// As [`SignedAuthorizationRequest::start`], but for the last.
    pub fn draft(
        self,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<AuthorizationDraft, BuildError> {
        let secrets = self.request.secrets(entropy)?;
        let server = self.request.client.server();
        let endpoint = server.uri(Endpoint::Authorization, false)?.as_str();
        let challenge = pkce::s256(secrets.verifier());
        let challenge = std::str::from_utf8(&challenge).unwrap_or_default();
        let mut params = Params::new();
        self.request.write(&secrets, challenge, true, &mut params)?;
        let jwt = self.object.jwt(&self.request.client, &params, endpoint, now, entropy)?;
        let unsigned = jwt.unsigned(self.object.signer())?;
        let object = self.object.signer().jws(&unsigned)?;
        drop(params);
        Ok(AuthorizationDraft { request: self, secrets, unsigned, object })
    }
}

/// An authorization request whose request object may still want its signature.
pub struct AuthorizationDraft {
    request: SignedAuthorizationRequest,
    secrets: Secrets,
    unsigned: Unsigned,
    object: Option<Secret>,
}

impl AuthorizationDraft {
    /// What wants a signature; `None` when nothing does.
    #[must_use]
    pub fn unsigned(&self) -> Option<&Unsigned> {
        self.object.is_none().then_some(&self.unsigned)
    }

    /// Takes the signature of what [`AuthorizationDraft::unsigned`] handed out.
    ///
    /// # Errors
    ///
    /// [`SignatureError`] when it is not that; the draft is unharmed and waits for the right one.
    pub fn sign(&mut self, signature: &Signature) -> Result<(), SignatureError> {
        if self.object.is_some() {
            return Err(SignatureError::NotAsked);
        }
        self.object = Some(self.unsigned.finish(signature)?);
        Ok(())
    }

    /// The URL with the request object in it, and what to keep until the callback.
    ///
    /// # Errors
    ///
    /// [`BuildError::NeedsSignature`] while the signature is missing.
    pub fn finish(self) -> Result<StartedAuthorization, BuildError> {
        let object = self.object.clone().ok_or(BuildError::NeedsSignature)?;
        self.started("request", object.expose())
    }

    /// The request object, to be kept where `request_uri` leads; and the URL with that reference in it
    /// ([RFC 9101 §5.2](https://www.rfc-editor.org/rfc/rfc9101#section-5.2)). The reference is an `https` URL, which
    /// nobody should be able to guess, or a URN that the server gave.
    ///
    /// # Errors
    ///
    /// [`BuildError::NeedsSignature`] while the signature is missing, and [`BuildError::Empty`] or
    /// [`BuildError::Endpoint`] for a reference that cannot be sent.
    pub fn by_reference(
        self,
        request_uri: &str,
    ) -> Result<(Secret, StartedAuthorization), BuildError> {
        let object = self.object.clone().ok_or(BuildError::NeedsSignature)?;
        if request_uri.is_empty() {
            return Err(BuildError::Empty { parameter: "request_uri".into() });
        }
        check_reference(request_uri)?;
        Ok((object, self.started("request_uri", request_uri)?))
    }

    fn started(self, name: &'static str, value: &str) -> Result<StartedAuthorization, BuildError> {
        let SignedAuthorizationRequest { request, openid, .. } = self.request;
        let endpoint = request.client.server().uri(Endpoint::Authorization, false)?;
        let mut params = Params::new();
        if openid {
            request.write_openid(&mut params)?;
        }
        request.write_client_id(&mut params)?;
        params.managed(name, value)?;
        let url = AuthorizationUrl::of(endpoint.as_str(), &params)?;
        drop(params);
        Ok(StartedAuthorization { url, pending: request.pending(self.secrets) })
    }
}

/// Whoever can change what stands at the address can change the request. OpenID allows a fragment, with
/// a hash of the object.
fn check_reference(request_uri: &str) -> Result<(), BuildError> {
    let wrong = |error| BuildError::Endpoint { endpoint: "request_uri", error };
    let (address, fragment) = request_uri.split_once('#').unwrap_or((request_uri, ""));
    if !fragment.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong(EndpointError::Character));
    }
    let is_urn = address.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:"));
    if is_urn && address.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    EndpointUri::parse(address).map(|_| ()).map_err(wrong)
}

impl fmt::Debug for AuthorizationDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signed = if self.object.is_some() { "complete" } else { "unsigned" };
        write!(f, "AuthorizationDraft({signed})")
    }
}
