//! From a [`Registration`] to a [`Client`] that authenticates as the server has registered it.
//!
//! The server may have registered another method than was asked for, and its word counts: none is tried
//! out.

use super::metadata::METHOD;
use super::response::Registration;
use crate::client::{
    Client, ClientAuthentication, ClientSecretBasic, ClientSecretJwt, ClientSecretPost,
    PublicClient, SelfSignedTlsClientAuth, TlsClientAuth,
};
use crate::jose::Algorithm;
use crate::request::BuildError;
use crate::server::AuthorizationServer;

impl Registration {
    /// The client, authenticating as the server has registered it: with the secret, with a certificate
    /// that the HTTP stack holds, or not at all.
    ///
    /// # Errors
    ///
    /// [`BuildError::Invalid`] for `private_key_jwt`, whose key is yours to name, for
    /// `attest_jwt_client_auth`, whose attestation is, and for methods that
    /// this crate does not know: use [`Registration::client_with`]. [`BuildError::Empty`] when there is
    /// no secret for a method that needs one.
    pub fn client(&self, server: &AuthorizationServer) -> Result<Client, BuildError> {
        let client = Client::new(server.clone(), self.client_id.clone());
        let secret = || {
            let secret = self.client_secret.clone();
            secret.ok_or_else(|| BuildError::Empty { parameter: "client_secret".into() })
        };
        let rule = match self.token_endpoint_auth_method() {
            "none" => return Ok(client.auth(PublicClient::new())),
            "client_secret_basic" => return Ok(client.auth(ClientSecretBasic::new(secret()?))),
            "client_secret_post" => return Ok(client.auth(ClientSecretPost::new(secret()?))),
            "tls_client_auth" => return Ok(client.auth(TlsClientAuth::new())),
            "self_signed_tls_client_auth" => return Ok(client.auth(SelfSignedTlsClientAuth::new())),
            "client_secret_jwt" => match self.hmac() {
                Some(algorithm) => {
                    return Ok(client.auth(ClientSecretJwt::new(algorithm, secret()?)));
                }
                None => {
                    "the server registered an algorithm that no secret signs with; use `client_with`"
                }
            },
            "private_key_jwt" => {
                "the server registered `private_key_jwt`, which needs a key; use `client_with`"
            }
            "attest_jwt_client_auth" | "attest_jwt_client_auth_dpop" => {
                "the server registered a method that needs an attestation; use `client_with`"
            }
            _ => "the server registered a method that this crate does not know; use `client_with`",
        };
        Err(BuildError::Invalid { parameter: METHOD.into(), rule })
    }

    /// The client, authenticating by this method, which must be the one that the server has registered.
    ///
    /// # Errors
    ///
    /// [`BuildError::Invalid`] when the server has registered another: it may do so, and would refuse
    /// this one.
    pub fn client_with(
        &self,
        server: &AuthorizationServer,
        method: impl ClientAuthentication + 'static,
    ) -> Result<Client, BuildError> {
        if method.name() != self.token_endpoint_auth_method() {
            let rule = "the server registered another method than this one";
            return Err(BuildError::Invalid { parameter: METHOD.into(), rule });
        }
        Ok(Client::new(server.clone(), self.client_id.clone()).auth(method))
    }

    fn hmac(&self) -> Option<Algorithm> {
        match self.extra::<String>("token_endpoint_auth_signing_alg").as_deref() {
            None | Some("HS256") => Some(Algorithm::Hs256),
            Some("HS384") => Some(Algorithm::Hs384),
            Some("HS512") => Some(Algorithm::Hs512),
            Some(_) => None,
        }
    }
}
