//! What can go wrong on the way back: faults for the next token reply, and users who say no.

use super::message::Reply;

/// Something that happens to one token reply instead of its arriving as it is.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The request is not processed; this status is answered, with `Retry-After` in seconds.
    Status(u16, Option<u64>),
    /// The request is not processed; a gateway answers 502 with an HTML page.
    Html502,
    /// The request is not processed; 307 sends the client elsewhere.
    Redirect(String),
    /// The request is not processed; the connection closes without an answer.
    DropConnection,
    /// The request **is processed**; the connection closes without an answer.
    DropConnectionAfterProcessing,
    /// The request **is processed**; the second half of the answer is missing.
    TruncatedJson,
    /// The request is not processed; this is answered.
    Answer(Reply),
    /// The request **is processed**; this is answered instead.
    AnswerAfterProcessing(Reply),
}

impl Fault {
    /// Applies the fault. `None` closes the connection without an answer.
    pub fn apply(self, process: impl FnOnce() -> Reply) -> Option<Reply> {
        match self {
            Self::Status(status, retry_after) => {
                let reply = Reply::empty(status);
                Some(match retry_after {
                    None => reply,
                    Some(seconds) => reply.with_header("retry-after", &seconds.to_string()),
                })
            }
            Self::Html502 => Some(Reply::text(
                502,
                "text/html",
                "<html><body><h1>502 Bad Gateway</h1></body></html>",
            )),
            Self::Redirect(location) => Some(Reply::empty(307).with_header("location", &location)),
            Self::DropConnection => None,
            Self::DropConnectionAfterProcessing => {
                process();
                None
            }
            Self::TruncatedJson => {
                let mut reply = process();
                reply.body.truncate(reply.body.len() / 2);
                Some(reply)
            }
            Self::Answer(reply) => Some(reply),
            Self::AnswerAfterProcessing(reply) => {
                process();
                Some(reply)
            }
        }
    }
}

/// What the user, who is not here, decides about one authorization request. Without one of these
/// the user agrees to all of it.
#[derive(Debug, Clone)]
pub enum Decision {
    /// `access_denied`.
    Deny,
    /// Less scope than was asked for.
    GrantOnly(String),
}
