//! `reqwest`, blocking: sends one request, once, and does what its [`Duties`] ask.
//!
//! It never sends again by itself. A [`Driver`](grantwire::flow::Driver) does where the duties allow it.

use std::io::{ErrorKind, Read as _};
use std::time::{Duration, Instant};

use grantwire::Duties;
use grantwire::flow::{AnswerBy, TransportFailure};
use http::{Request, Response};
use reqwest::blocking::{Client, ClientBuilder};
use reqwest::{Identity, redirect, retry};

/// The client.
pub struct Http {
    client: Client,
    patience: Duration,
    certified: bool,
}

impl Http {
    /// `patience` is for everything up to the head of the answer, and again for the body. `identity` is
    /// the client certificate, and `builder` may bring what else is wanted.
    ///
    /// # Errors
    /// What the builder refuses.
    pub fn new(
        builder: ClientBuilder,
        patience: Duration,
        identity: Option<Identity>,
    ) -> reqwest::Result<Self> {
        let certified = identity.is_some();
        let mut builder = builder
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            // A connection kept alive may die under a request, and nobody knows then whether it arrived.
            .pool_max_idle_per_host(0)
            .connect_timeout(patience / 2)
            .timeout(patience)
            // Remove this line to go by the proxy that the environment names.
            .no_proxy();
        if let Some(identity) = identity {
            builder = builder.identity(identity);
        }
        Ok(Self { client: builder.build()?, patience, certified })
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
        let mut request =
            reqwest::blocking::Request::try_from(request).map_err(TransportFailure::not_sent)?;
        *request.timeout_mut() = Some(patience);
        let mut answer =
            self.client.execute(request).map_err(|error| match error.is_connect() {
                true => TransportFailure::not_sent(error),
                false => TransportFailure::unknown(error),
            })?;
        // One byte more than the limit, so that the reader sees that the body is too long.
        let most = duties.body_limit.saturating_add(1);
        let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
        // The client's own patience begins anew with each read, so a body that drips needs an end.
        let deadline = Instant::now() + patience;
        while bytes.len() < most && Instant::now() < deadline {
            match answer.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => bytes.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // A body that breaks off goes on as far as it came: there may be a token in it.
                Err(_) => break,
            }
        }
        bytes.truncate(most);
        let mut whole = Response::new(bytes);
        *whole.status_mut() = answer.status();
        *whole.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(whole)
    }
}
