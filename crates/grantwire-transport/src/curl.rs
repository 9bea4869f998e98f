//! `curl`: sends one request, once, and does what its [`Duties`] ask.
//!
//! It never sends again by itself. A [`Driver`](grantwire::flow::Driver) does where the duties allow it.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use curl::easy::{Easy, List};
use grantwire::Duties;
use grantwire::flow::{AnswerBy, TransportFailure};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};

/// The client.
pub struct Http {
    /// For everything from connecting to the last byte, if an answer is of use for so long.
    pub patience: Duration,
    /// The authorities to trust, as PEM, if not those that libcurl knows of.
    pub trusted: Option<PathBuf>,
    /// The client certificate with its chain, and its key, both as PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
}

impl Http {
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
        if duties.client_certificate && self.identity.is_none() {
            return Err(TransportFailure::not_sent("there is no client certificate"));
        }
        let mut easy = self.prepare(&request, answer_by).map_err(TransportFailure::not_sent)?;
        // One byte more than the limit, so that the reader sees that the body is too long.
        let most = duties.body_limit.saturating_add(1);
        let (mut head, mut bytes, mut complete) = (Response::new(()), Vec::new(), false);
        let mut transfer = easy.transfer();
        let heard = transfer.header_function(|line| {
            complete |= line == b"\r\n" && !head.status().is_informational();
            read_head(&mut head, line);
            true
        });
        let taken = transfer.write_function(|data| {
            bytes.extend(data.iter().take(most - bytes.len()));
            // To take less than there is ends the transfer.
            Ok(if bytes.len() < most { data.len() } else { 0 })
        });
        heard.and(taken).map_err(TransportFailure::not_sent)?;
        let result = transfer.perform();
        drop(transfer);
        // A body that breaks off goes on as far as it came: there may be a token in it.
        match result {
            Err(error) if !complete => Err(match easy.request_size() {
                Ok(0) => TransportFailure::not_sent(error),
                _ => TransportFailure::unknown(error),
            }),
            _ => Ok(head.map(|()| bytes)),
        }
    }

    fn prepare(
        &self,
        request: &Request<Vec<u8>>,
        answer_by: AnswerBy,
    ) -> Result<Easy, Box<dyn Error + Send + Sync>> {
        let patience = self.patience.min(answer_by.within());
        let mut easy = Easy::new();
        easy.follow_location(false)?;
        // A connection kept alive may die under a request, and libcurl would send it again.
        easy.fresh_connect(true)?;
        easy.forbid_reuse(true)?;
        easy.connect_timeout(patience / 2)?;
        easy.timeout(patience)?;
        // Remove this line to go by the proxy that the environment names.
        easy.noproxy("*")?;
        if let Some(trusted) = &self.trusted {
            easy.cainfo(trusted)?;
        }
        if let Some((certificate, key)) = &self.identity {
            easy.ssl_cert(certificate)?;
            easy.ssl_key(key)?;
        }
        easy.url(&request.uri().to_string())?;
        if !request.body().is_empty() {
            easy.post_fields_copy(request.body())?;
        }
        easy.custom_request(request.method().as_str())?;
        let mut headers = List::new();
        // Never wait to be asked for the body.
        headers.append("expect:")?;
        for (name, value) in request.headers() {
            headers.append(&format!("{name}: {}", value.to_str()?))?;
        }
        easy.http_headers(headers)?;
        Ok(easy)
    }
}

/// A status line begins anew: what came before it was on the way to the answer.
fn read_head(head: &mut Response<()>, line: &[u8]) {
    if line.starts_with(b"HTTP/") {
        let status = line.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        *head = Response::new(());
        *head.status_mut() = StatusCode::from_bytes(status).unwrap_or_default();
    } else if let Some(colon) = line.iter().position(|byte| *byte == b':')
        && let Ok(name) = HeaderName::from_bytes(&line[..colon])
        && let Ok(value) = HeaderValue::from_bytes(line[colon + 1..].trim_ascii())
    {
        head.headers_mut().append(name, value);
    }
}
