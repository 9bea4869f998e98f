//! A blocking HTTP client that does what [`Duties`] ask, on top of `ureq`.
//!
//! It follows no redirect, stops reading at the limit, gives up in time, and sends a second time
//! only where that can do no harm. It knows nothing else of OAuth. [`Http::transport`] is the same for
//! a [`Driver`](grantwire::flow::Driver), which sends again by itself.

use std::error::Error;
use std::fmt;
use std::io::{ErrorKind, Read as _};
use std::time::Duration;

use grantwire::flow::{AnswerBy, TransportFailure};
use grantwire::{DEFAULT_BODY_LIMIT, Duties, Resend};
use http::{Request, Response};
use ureq::{Agent, Timeout};

/// From the first byte out to the last byte in.
const PATIENCE: Duration = Duration::from_secs(10);

/// The client.
pub struct Http {
    agent: Agent,
    patience: Duration,
}

impl Http {
    pub fn new() -> Self {
        Self::with_patience(PATIENCE)
    }

    /// One that gives up after this time.
    pub fn with_patience(patience: Duration) -> Self {
        let config = Agent::config_builder()
            .max_redirects(0)
            // A refusal is an answer, to be read like any other.
            .http_status_as_error(false)
            // The examples' server is on loopback, where no proxy can reach it.
            .proxy(None)
            .build();
        Self { agent: config.into(), patience }
    }

    /// Sends a request that came with duties.
    pub fn send(
        &self,
        request: Request<Vec<u8>>,
        duties: Duties,
    ) -> Result<Response<Vec<u8>>, SendError> {
        if duties.client_certificate {
            return Err(SendError::NoCertificate);
        }
        match self.send_once(request.clone(), duties.body_limit) {
            Err(error) if error.may_send_again(duties.resend) => {
                self.send_once(request, duties.body_limit)
            }
            answer => answer,
        }
    }

    /// Sends a request for a driver: once, in the time there is, and says of a failure what a machine
    /// has to know.
    pub fn transport(
        &self,
        request: Request<Vec<u8>>,
        duties: Duties,
        answer_by: AnswerBy,
    ) -> Result<Response<Vec<u8>>, TransportFailure> {
        if duties.client_certificate {
            return Err(TransportFailure::not_sent(SendError::NoCertificate));
        }
        let patience = self.patience.min(answer_by.within());
        self.send_within(request, duties.body_limit, patience).map_err(|error| match error {
            SendError::Unknown(_) => TransportFailure::unknown(error),
            SendError::NotSent(_) | SendError::NoCertificate => TransportFailure::not_sent(error),
        })
    }

    /// Sends a request that came without: once, and with the usual limit.
    pub fn send_plain(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, SendError> {
        self.send_once(request, DEFAULT_BODY_LIMIT)
    }

    fn send_once(
        &self,
        request: Request<Vec<u8>>,
        limit: usize,
    ) -> Result<Response<Vec<u8>>, SendError> {
        self.send_within(request, limit, self.patience)
    }

    fn send_within(
        &self,
        request: Request<Vec<u8>>,
        limit: usize,
        patience: Duration,
    ) -> Result<Response<Vec<u8>>, SendError> {
        let request = self.agent.configure_request(request).timeout_global(Some(patience)).build();
        let answer = self.agent.run(request).map_err(SendError::from)?;
        let (head, body) = answer.into_parts();
        // One byte more than the limit, so that whoever reads the body sees that it is too long.
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let mut bytes = Vec::new();
        // A body that breaks off is handed on as far as it came: there may be a token in it, and
        // the reader says that it is cut.
        let _ = body.into_reader().take(most).read_to_end(&mut bytes);
        Ok(Response::from_parts(head, bytes))
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum SendError {
    /// Nothing of the request can have arrived.
    NotSent(ureq::Error),
    /// It may have arrived, and may have been acted upon.
    Unknown(ureq::Error),
    /// The request wants a client certificate, and this client has none.
    NoCertificate,
}

impl SendError {
    fn may_send_again(&self, rule: Resend) -> bool {
        match (self, rule) {
            (Self::NotSent(_), _) | (Self::Unknown(_), Resend::Always) => true,
            (Self::Unknown(_), Resend::OnlyIfNotSent) | (Self::NoCertificate, _) => false,
        }
    }
}

impl From<ureq::Error> for SendError {
    fn from(error: ureq::Error) -> Self {
        let not_sent = match &error {
            ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed
            | ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => true,
            ureq::Error::Io(error) => error.kind() == ErrorKind::ConnectionRefused,
            _ => false,
        };
        if not_sent { Self::NotSent(error) } else { Self::Unknown(error) }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent(_) => "the request was not sent",
            Self::Unknown(_) => "the request was sent and no answer came",
            Self::NoCertificate => "the request wants a client certificate, and there is none",
        })
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotSent(error) | Self::Unknown(error) => Some(error),
            Self::NoCertificate => None,
        }
    }
}
