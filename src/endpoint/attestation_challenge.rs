//! The challenge endpoint
//! ([draft-ietf-oauth-attestation-based-client-auth §6.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-attestation-based-client-auth-10#section-6.1)): what an attested client's proof
//! has to hold, asked for beforehand.
//!
//! Nobody authenticates here. A server that refuses for want of a challenge gives one as well, and a flow
//! then repeats the request by itself.

use std::fmt;

use http::{Method, Request};

use super::exchange::Exchange;
use crate::client::Client;
use crate::reply::{Deviation, Reply, ReplyError, Rules, Unusable, body};
use crate::request::headers::accept_json;
use crate::request::{BuildError, Draft, Duties, Resend};
use crate::server::Endpoint;
use crate::value::{CredentialUse, EndpointUri, Entropy, Timestamp};
use crate::wire::json;

/// A request for a challenge
/// ([draft-ietf-oauth-attestation-based-client-auth §6.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-attestation-based-client-auth-10#section-6.1)).
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, grant::ClientCredentials};
/// # let server = AuthorizationServer::new().challenge_endpoint("https://as.example.com/as/challenge");
/// # let client = Client::new(server, "wallet");
/// let exchange = client.attestation_challenge();
/// let request = exchange.request()?;
/// assert_eq!(request.method(), "POST");
/// # let response = http::Response::new(br#"{"attestation_challenge":"AYjcyMzY3ZDhiNmJkNTZ"}"#.to_vec());
/// let answer = exchange.read(&response)?;
/// let challenge = answer.challenge().expect("this server gives challenges");
/// let exchange = client.token(ClientCredentials::new()).attestation_challenge(challenge);
/// # Ok::<(), grantwire::Error>(())
/// ```
pub struct AttestationChallengeRequest {
    client: Client,
}

impl Client {
    /// Asks for a challenge, for the proof of a client's attestation. A server that has this endpoint
    /// expects one to be fetched before the first request; a flow learns the later ones by itself.
    #[must_use]
    pub fn attestation_challenge(&self) -> AttestationChallengeRequest {
        AttestationChallengeRequest { client: self.clone() }
    }
}

impl AttestationChallengeRequest {
    fn endpoint(&self) -> Result<&EndpointUri, BuildError> {
        self.client.endpoint(Endpoint::Challenge)
    }

    fn build(&self) -> Result<Draft, BuildError> {
        let mut request = Request::new(Vec::new());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.endpoint()?.uri().clone();
        accept_json(request.headers_mut());
        self.client.extra_headers().apply(request.headers_mut())?;
        let body_limit = self.client.server().limit();
        let client_certificate = self.client.method().presents_certificate();
        Ok(Draft::of(request, Duties { body_limit, resend: Resend::Always, client_certificate }))
    }

    /// The request.
    ///
    /// # Errors
    ///
    /// [`BuildError`] when the server has no challenge endpoint.
    pub fn request(&self) -> Result<Request<Vec<u8>>, BuildError> {
        self.build()?.finish()
    }

    /// Reads the reply.
    ///
    /// # Errors
    ///
    /// [`ReplyError`]: refused, redirected, unavailable or unusable.
    pub fn read<'a>(
        &self,
        reply: impl Into<Reply<'a>>,
    ) -> Result<AttestationChallenge, ReplyError> {
        Exchange::read(self, reply.into())
    }
}

impl Exchange for AttestationChallengeRequest {
    type Output = AttestationChallenge;

    fn draft(&self, _: Timestamp, _: &mut Entropy) -> Result<Draft, BuildError> {
        self.build()
    }

    fn read(&self, reply: Reply<'_>) -> Result<AttestationChallenge, ReplyError> {
        let server = self.client.server();
        let rules = Rules {
            quirks: server.tolerances(),
            limit: server.limit(),
            credential: CredentialUse::Repeated,
            success: CHALLENGE,
        };
        let mut body = body::open(reply, rules)?;
        body.expect_status(reply, 200);
        let challenge = interpret(&body.text).map_err(|why| rules.unusable(reply, why))?;
        Ok(AttestationChallenge { challenge, deviations: body.deviations })
    }

    fn target(&self) -> Result<&str, BuildError> {
        self.endpoint().map(EndpointUri::as_str)
    }
}

const CHALLENGE: &str = "attestation_challenge";
const MEMBERS: &[&str; 1] = &[CHALLENGE];

/// It goes into a JWT, so any text will do but an empty one. A server may use this door for something
/// else, and say nothing of attestations.
fn interpret(text: &str) -> Result<Option<String>, Unusable> {
    let Some(member) = json::object(text, MEMBERS)?.get(CHALLENGE) else { return Ok(None) };
    let challenge = member.string().filter(|challenge| !challenge.is_empty());
    challenge.map(|text| Some(text.into_owned())).ok_or(Unusable::MemberMalformed(CHALLENGE))
}

/// What the server wants the next proof to hold.
#[derive(Clone)]
pub struct AttestationChallenge {
    challenge: Option<String>,
    deviations: Vec<Deviation>,
}

impl AttestationChallenge {
    /// The challenge. Opaque; `None` when the server gives none here, but a `DPoP-Nonce`, perhaps: a flow
    /// with a [`Dpop`](crate::dpop::Dpop) learns that.
    #[must_use]
    pub fn challenge(&self) -> Option<&str> {
        self.challenge.as_deref()
    }

    /// How the answer departed from the rules and was accepted all the same.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }
}

/// It is whatever text a server put there.
impl fmt::Debug for AttestationChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AttestationChallenge(..)")
    }
}

impl fmt::Debug for AttestationChallengeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttestationChallengeRequest")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
