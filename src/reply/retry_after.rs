//! [`RetryAfter`]: the moment before which a server does not want to be asked again. Waiting is the caller's.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

use crate::value::Timestamp;

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
    /// Reads one value, either whole seconds or an HTTP date; `None` when it is neither: negative,
    /// fractional, or words.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // More digits than fit is still a wish for a very long wait.
            return Some(Self::Delay(Duration::from_secs(text.parse().unwrap_or(u64::MAX))));
        }
        httpdate::parse_http_date(text).ok().map(|date| Self::At(date.into()))
    }

    /// Every value that can be read, of every line. Proxies join lines of one name by commas, which a date
    /// has too: so a value is split only where it cannot be read whole.
    fn all(headers: &HeaderMap) -> impl Iterator<Item = Self> {
        let lines = headers.get_all(RETRY_AFTER).iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| {
            let whole = Self::parse(line);
            let parts = if whole.is_some() { "" } else { line };
            whole.into_iter().chain(parts.split(',').filter_map(Self::parse))
        })
    }

    /// What the headers ask for, without a clock: the shortest span, or else the earliest moment that was
    /// still ahead when the answer was made.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let made = headers.get(DATE).and_then(|date| date.to_str().ok());
        let made = made.and_then(|date| httpdate::parse_http_date(date).ok());
        let made = made.map_or(Timestamp::EPOCH, Timestamp::from);
        let rank = |asked: &Self| match asked {
            Self::Delay(delay) => (0, *delay),
            Self::At(moment) => (1, moment.saturating_since(Timestamp::EPOCH)),
        };
        let ahead = |asked: &Self| !matches!(asked, Self::At(moment) if *moment <= made);
        Self::all(headers).filter(ahead).min_by_key(rank)
    }

    /// How long the headers ask to be left alone from `now`: the shortest of what they say; `None` when they say
    /// nothing, or only moments that have passed.
    pub(crate) fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
        let over = |asked: &Self| matches!(asked, Self::At(moment) if *moment <= now);
        Self::all(headers).filter(|asked| !over(asked)).map(|asked| asked.from_now(now)).min()
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

    fn headers(values: &[&'static str]) -> HeaderMap {
        let pair = |value: &&'static str| (RETRY_AFTER, HeaderValue::from_static(value));
        let mut all = HeaderMap::new();
        for (name, value) in values.iter().map(pair) {
            all.append(name, value);
        }
        all
    }

    #[test]
    fn a_repeated_header_asks_for_the_shortest() {
        let now = Timestamp::from_unix_seconds(946_684_739);
        let wait = |values: &[&'static str]| {
            RetryAfter::wait(&headers(values), now).map(|wait| wait.as_secs())
        };
        // A minute from now.
        const DATE: &str = "Fri, 31 Dec 1999 23:59:59 GMT";
        const PAST: &str = "Fri, 31 Dec 1999 20:00:00 GMT";
        for (values, wanted) in [
            (&["120"][..], Some(120)),
            (&["120", "30"], Some(30)),
            (&["120, 30"], Some(30)),
            (&["90", DATE], Some(60)),
            (&["30", DATE], Some(30)),
            (&[PAST, "90"], Some(90)),
            (&[PAST], None),
            (&["-1", "1.5", "soon", ""], None),
            (&["-1", "7"], Some(7)),
            (&[], None),
        ] {
            assert_eq!(wait(values), wanted, "{values:?}");
        }
        assert_eq!(
            RetryAfter::read(&headers(&["120", DATE, "30"])),
            Some(RetryAfter::Delay(Duration::from_secs(30)))
        );
        let mut dated = headers(&[PAST]);
        assert!(RetryAfter::read(&dated).is_some(), "nobody knows when it was made");
        dated.insert(http::header::DATE, HeaderValue::from_static(DATE));
        assert_eq!(RetryAfter::read(&dated), None);
    }

    #[test]
    fn retry_after_in_both_forms() {
        let parse = RetryAfter::parse;
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
