//! `ureq` 3: sends one request, once, and does what its [`Duties`] ask.
//!
//! It never sends again by itself. A [`Driver`](grantwire::flow::Driver) does where the duties allow it.

use std::io::{ErrorKind, Read as _};
use std::time::Duration;

use grantwire::Duties;
use grantwire::flow::{AnswerBy, TransportFailure};
use http::{Request, Response};
use ureq::tls::TlsConfig;
use ureq::{Agent, Error, Timeout};

/// The client.
pub struct Http {
    agent: Agent,
    patience: Duration,
    certified: bool,
}

impl Http {
    /// `patience` is for everything from connecting to the last byte. A client certificate goes into
    /// `tls`.
    pub fn new(patience: Duration, tls: TlsConfig) -> Self {
        let certified = tls.client_cert().is_some();
        let config = Agent::config_builder()
            .max_redirects(0)
            // A refusal is an answer, to be read like any other.
            .http_status_as_error(false)
            // A connection kept alive may die under a request, and nobody knows then whether it arrived.
            .max_idle_connections(0)
            .timeout_connect(Some(patience / 2))
            // Remove this line to go by the proxy that the environment names.
            .proxy(None)
            .tls_config(tls);
        Self { agent: config.build().into(), patience, certified }
    }

    /// Sends one request, once.
    ///
    /// # Errors
    /// Whether it was sent, if no answer came.
    pub fn send(
        &self,
        request: Request<Vec<u8>>,
        duties: Duties,
        answer_by: AnswerBy,
    ) -> Result<Response<Vec<u8>>, TransportFailure> {
        if duties.client_certificate && !self.certified {
            return Err(TransportFailure::not_sent("there is no client certificate"));
        }
        let patience = self.patience.min(answer_by.within());
        let request = self.agent.configure_request(request).timeout_global(Some(patience)).build();
        let answer = self.agent.run(request).map_err(failure)?;
        let (head, body) = answer.into_parts();
        // One byte more than the limit, so that the reader sees that the body is too long.
        let most = u64::try_from(duties.body_limit).unwrap_or(u64::MAX).saturating_add(1);
        let mut bytes = Vec::new();
        // A body that breaks off goes on as far as it came: there may be a token in it.
        let _ = body.into_reader().take(most).read_to_end(&mut bytes);
        Ok(Response::from_parts(head, bytes))
    }
}

/// Whether the server can have seen anything of the request.
fn failure(error: Error) -> TransportFailure {
    match &error {
        Error::HostNotFound | Error::ConnectionFailed => TransportFailure::not_sent(error),
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => TransportFailure::not_sent(error),
        Error::Io(io) if io.kind() == ErrorKind::ConnectionRefused => {
            TransportFailure::not_sent(error)
        }
        _ => TransportFailure::unknown(error),
    }
}
