//! [`RetryAfter`]: the moment before which a server does not want to be asked again. Waiting is the caller's.

use crate::value::Timestamp;
use std::time::Duration;

/// When a server asks to be left alone until ([RFC 9110 §10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// So long after the answer.
    Delay(Duration),
    /// At this moment by the server's clock.
    At(Timestamp),
}

impl RetryAfter {
    /// Reads the header's value, either whole seconds or an HTTP date; `None` when it is neither.
    pub(crate) fn parse(value: &http::HeaderValue) -> Option<Self> {
        let text = value.to_str().ok()?.trim();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // More digits than fit is still a wish for a very long wait.
            return Some(Self::Delay(Duration::from_secs(text.parse().unwrap_or(u64::MAX))));
        }
        httpdate::parse_http_date(text).ok().map(|date| Self::At(date.into()))
    }

    /// How long to wait from `now`; zero when the moment has passed. Not capped: a caller that does
    /// not want to wait a year decides so itself.
    #[must_use]
    pub fn from_now(self, now: Timestamp) -> Duration {
        match self {
            Self::Delay(delay) => delay,
            Self::At(moment) => moment.saturating_since(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn retry_after_in_both_forms() {
        let parse = |text| RetryAfter::parse(&HeaderValue::from_static(text));
        assert_eq!(parse("120"), Some(RetryAfter::Delay(Duration::from_secs(120))));
        assert_eq!(
            parse("Fri, 31 Dec 1999 23:59:59 GMT"),
            Some(RetryAfter::At(Timestamp::from_unix_seconds(946_684_799)))
        );
        assert_eq!(parse("-1"), None);
        assert_eq!(
            parse("99999999999999999999999"),
            Some(RetryAfter::Delay(Duration::from_secs(u64::MAX)))
        );
    }
}
