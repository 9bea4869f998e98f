//! `hyper` 1: sends one request, once, and does what its [`Duties`] ask.
//!
//! It takes hyper's connections as they are. There is no pool that could retry, and where connecting
//! ends and sending begins is plain to see. It never sends again by itself. A
//! [`Driver`](grantwire::flow::Driver) does where the duties allow it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use grantwire::Duties;
use grantwire::flow::{AnswerBy, TransportFailure};
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

/// The client.
pub struct Http {
    /// Whom it trusts, and the certificate that it shows.
    pub tls: Arc<ClientConfig>,
    /// For everything from connecting to the last byte.
    pub patience: Duration,
}

impl Http {
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
        if duties.client_certificate && !self.tls.client_auth_cert_resolver.has_certs() {
            return Err(TransportFailure::not_sent("there is no client certificate"));
        }
        let deadline = Instant::now() + self.patience.min(answer_by.within());
        let connecting = timeout_at(deadline, self.connect(request.uri()));
        let connected = connecting.await.map_err(TransportFailure::not_sent)?;
        let mut sender = connected.map_err(TransportFailure::not_sent)?;
        let request = at_origin(request).ok_or(TransportFailure::NOT_SENT)?;
        let answer = timeout_at(deadline, sender.send_request(request)).await;
        let answer = answer.map_err(TransportFailure::unknown)?;
        let (head, mut body) = answer.map_err(TransportFailure::unknown)?.into_parts();
        let mut bytes = Vec::new();
        // A body that breaks off goes on as far as it came: there may be a token in it.
        while bytes.len() <= duties.body_limit
            && let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await
        {
            bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        }
        // One byte more than the limit, so that the reader sees that the body is too long.
        bytes.truncate(duties.body_limit.saturating_add(1));
        Ok(Response::from_parts(head, bytes))
    }

    /// A connection of its own for each request. It ends when the answer has been read or dropped.
    async fn connect(
        &self,
        uri: &Uri,
    ) -> Result<SendRequest<Full<Bytes>>, Box<dyn Error + Send + Sync>> {
        let host = uri.host().ok_or("no host")?.trim_matches(['[', ']']);
        let is_https = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let plain = TcpStream::connect((host, port)).await?;
        if !is_https {
            let (sender, connection) = http1::handshake(TokioIo::new(plain)).await?;
            tokio::spawn(connection);
            return Ok(sender);
        }
        let name = ServerName::try_from(host.to_owned())?;
        let secure = TlsConnector::from(Arc::clone(&self.tls)).connect(name, plain).await?;
        let (sender, connection) = http1::handshake(TokioIo::new(secure)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

/// On a connection of one's own the target is a path, and `Host` says the rest.
fn at_origin(request: Request<Vec<u8>>) -> Option<Request<Full<Bytes>>> {
    let mut request = request.map(|body| Full::new(Bytes::from(body)));
    let host = HeaderValue::try_from(request.uri().authority()?.as_str()).ok()?;
    let target = request.uri().path_and_query()?.as_str().parse().ok()?;
    request.headers_mut().insert(HOST, host);
    *request.uri_mut() = target;
    Some(request)
}
