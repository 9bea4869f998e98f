//! `reqwest`, async: sends one request, once, and does what its [`Duties`] ask.
//!
//! It never sends again by itself. A [`Driver`](grantwire::flow::Driver) does where the duties allow it.

use std::time::Duration;

use grantwire::Duties;
use grantwire::flow::{AnswerBy, TransportFailure};
use http::{Request, Response};
use reqwest::{Client, ClientBuilder, Identity, redirect, retry};

/// The client.
pub struct Http {
    client: Client,
    patience: Duration,
    certified: bool,
}

impl Http {
    /// `patience` is for everything from connecting to the last byte, `identity` is the client
    /// certificate, and `builder` may bring what else is wanted, such as authorities to trust.
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
    pub async fn send(
        &self,
        request: Request<Vec<u8>>,
        duties: Duties,
        answer_by: AnswerBy,
    ) -> Result<Response<Vec<u8>>, TransportFailure> {
        if duties.client_certificate && !self.certified {
            return Err(TransportFailure::not_sent("there is no client certificate"));
        }
        let mut request =
            reqwest::Request::try_from(request).map_err(TransportFailure::not_sent)?;
        *request.timeout_mut() = Some(self.patience.min(answer_by.within()));
        let mut answer =
            self.client.execute(request).await.map_err(|error| match error.is_connect() {
                true => TransportFailure::not_sent(error),
                false => TransportFailure::unknown(error),
            })?;
        let mut bytes = Vec::new();
        // A body that breaks off goes on as far as it came: there may be a token in it.
        while bytes.len() <= duties.body_limit
            && let Ok(Some(chunk)) = answer.chunk().await
        {
            bytes.extend_from_slice(&chunk);
        }
        // One byte more than the limit, so that the reader sees that the body is too long.
        bytes.truncate(duties.body_limit.saturating_add(1));
        let mut whole = Response::new(bytes);
        *whole.status_mut() = answer.status();
        *whole.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(whole)
    }
}
