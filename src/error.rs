//! [`Error`]: the one sum type, for those who pass everything up with `?`.
//!
//! Each part is better looked at where it arises. Nothing below this file knows it.

use std::fmt;

use crate::claims::ClaimsError;
use crate::endpoint::authorization::CallbackError;
use crate::endpoint::backchannel::PingError;
use crate::endpoint::logout::{FrontChannelError, LogoutError};
use crate::endpoint::resource::Denied;
use crate::flow::{DriveError, FlowError, Misuse};
#[cfg(feature = "local-keys")]
use crate::jose::KeyError;
use crate::jose::{JwkError, JwsError, JwtError, KeySetError, SignatureError, VerifyError};
use crate::pkce::VerifierError;
use crate::reply::{ChallengeError, ReplyError};
use crate::request::BuildError;
use crate::stored::StoredError;
use crate::value::{EndpointError, TextError};

macro_rules! sum {
    ($($(#[$doc:meta])* $variant:ident($part:ty) $([$cfg:meta])?,)+) => {
        /// Anything that can go wrong, by whose doing it is.
        #[derive(Debug)]
        #[non_exhaustive]
        pub enum Error { $($(#[$doc])* #[cfg(all($($cfg)?))] $variant($part),)+ }

        $(#[cfg(all($($cfg)?))] impl From<$part> for Error {
            fn from(part: $part) -> Self { Self::$variant(part) }
        })+

        impl fmt::Display for Error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(#[cfg(all($($cfg)?))] Self::$variant(part) => part.fmt(f),)+ }
            }
        }

        /// Transparent: the text is the part's, and so is the cause.
        impl std::error::Error for Error {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                match self { $(#[cfg(all($($cfg)?))] Self::$variant(part) => std::error::Error::source(part),)+ }
            }
        }
    };
}

sum! {
    /// A request was not built; nothing was sent.
    Build(BuildError),
    /// A callback was not accepted.
    Callback(CallbackError),
    /// A token is not believed.
    Claims(ClaimsError),
    /// A challenge could not be read.
    Challenge(ChallengeError),
    /// A resource did not take the token.
    Denied(Denied),
    /// An address cannot be an endpoint.
    Endpoint(EndpointError),
    /// A driver could not drive a machine to its end.
    Drive(DriveError),
    /// A machine ended without a value.
    Flow(FlowError),
    /// A JWT was not made.
    Jwt(JwtError),
    /// A public key could not be read.
    Jwk(JwkError),
    /// A server's logout page was not taken.
    FrontChannelLogout(FrontChannelError),
    /// A server's word that a session has ended was not taken.
    Logout(LogoutError),
    /// A text is no token that is read.
    Jws(JwsError),
    /// A document is no key set.
    KeySet(KeySetError),
    /// A private key could not be loaded or did not sign.
    Key(KeyError) [feature = "local-keys"],
    /// An event did not fit a machine's state.
    Misuse(Misuse),
    /// A server's ping was not taken.
    Ping(PingError),
    /// A server's reply has no value in it.
    Reply(ReplyError),
    /// A signature was not taken.
    Signature(SignatureError),
    /// What was stored could not be read, or belongs to another.
    Stored(StoredError),
    /// A text cannot be sent as what it is meant to be.
    Text(TextError),
    /// A text is no code verifier.
    Verifier(VerifierError),
    /// A token was not verified.
    Verify(VerifyError),
}

impl Error {
    /// The server's answer, if that is what went wrong, by whichever way it came: its class says whether to try
    /// again, and its fault who has to act.
    ///
    /// ```
    /// use grantwire::reply::FailureClass;
    /// # use grantwire::{AuthorizationServer, Client, Error, grant::ClientCredentials};
    /// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token");
    /// # let exchange = Client::new(server, "s6BhdRkqt3").token(ClientCredentials::new());
    /// # let response = http::Response::builder().status(503).body(Vec::new())?;
    /// let error = Error::from(exchange.read(&response).unwrap_err());
    /// let later = error.reply().is_some_and(|reply| reply.class() == FailureClass::Transient);
    /// assert!(later);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reply(&self) -> Option<&ReplyError> {
        match self {
            Self::Drive(error) => error.reply(),
            Self::Flow(error) => error.reply(),
            Self::Reply(error) => Some(error),
            _ => None,
        }
    }
}
