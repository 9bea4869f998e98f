//! `tower`: a service around yours that does what a request's [`Duties`] ask.
//!
//! The duties travel in the request's extensions, and so does until when an answer is of use; a request
//! without gets the default ones. The inner
//! service must not follow redirects or retry. This one never sends again by itself: a
//! [`Driver`](grantwire::flow::Driver) does where the duties allow it.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use grantwire::Duties;
use grantwire::flow::{AnswerBy, TransportFailure};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Bytes};
use tokio::time::{Instant, timeout_at};
use tower_service::Service;

/// The service around yours.
#[derive(Clone)]
pub struct Dutiful<S, F> {
    /// Sends what it is given, once.
    pub inner: S,
    /// For everything from connecting to the last byte.
    pub patience: Duration,
    /// Whether the inner service presents a client certificate.
    pub certified: bool,
    /// Whether an error of the inner service means that nothing was sent.
    pub is_connect: F,
}

impl<S, B, F> Service<Request<Vec<u8>>> for Dutiful<S, F>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Body<Data = Bytes> + Send + 'static,
    F: Fn(&S::Error) -> bool + Copy + Send + 'static,
{
    type Response = Response<Vec<u8>>;
    type Error = TransportFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), TransportFailure>> {
        self.inner.poll_ready(context).map_err(TransportFailure::not_sent)
    }

    fn call(&mut self, mut request: Request<Vec<u8>>) -> Self::Future {
        let duties = request.extensions_mut().remove::<Duties>().unwrap_or_default();
        if duties.client_certificate && !self.certified {
            return Box::pin(std::future::ready(Err(TransportFailure::not_sent(
                "there is no client certificate",
            ))));
        }
        let answer_by = request.extensions_mut().remove::<AnswerBy>();
        let patience = answer_by.map_or(self.patience, |by| self.patience.min(by.within()));
        let (deadline, is_connect) = (Instant::now() + patience, self.is_connect);
        let answer = self.inner.call(request.map(|body| Full::new(Bytes::from(body))));
        Box::pin(async move {
            let answer = timeout_at(deadline, answer).await.map_err(TransportFailure::unknown)?;
            let answer = answer.map_err(|error| match is_connect(&error) {
                true => TransportFailure::not_sent(error),
                false => TransportFailure::unknown(error),
            });
            let (head, body) = answer?.into_parts();
            let (mut body, mut bytes) = (pin!(body), Vec::new());
            // A body that breaks off goes on as far as it came: there may be a token in it.
            while bytes.len() <= duties.body_limit
                && let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await
            {
                bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
            }
            // One byte more than the limit, so that the reader sees that the body is too long.
            bytes.truncate(duties.body_limit.saturating_add(1));
            Ok(Response::from_parts(head, bytes))
        })
    }
}
