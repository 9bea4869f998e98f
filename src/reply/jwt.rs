//! A reply that is a JWT: its text, which nobody has read. What is in it is believed in `claims`, or not.

use zeroize::Zeroizing;

use super::body;
use super::error::ReplyError;
use super::expected::Rules;
use super::media_type::is_essence;
use super::raw::Reply;
use super::unusable::Unusable;

/// The token of a reply of this media type; else the error in the reply, and a plain answer is one too: it
/// was asked for signed.
pub(crate) fn open(
    reply: Reply<'_>,
    rules: Rules<'_>,
    media_type: &str,
) -> Result<Zeroizing<String>, ReplyError> {
    if !(reply.status.is_success() && is_essence(reply.headers, media_type)) {
        let plain = body::open(reply, rules)?;
        drop(plain);
        return Err(rules.unusable(reply, Unusable::NotSigned));
    }
    if reply.body.len() > rules.limit {
        return Err(rules.unusable(reply, Unusable::BodyTooLarge { limit: rules.limit }));
    }
    Ok(Zeroizing::new(String::from_utf8_lossy(reply.body.trim_ascii()).into_owned()))
}
