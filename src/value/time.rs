//! [`Timestamp`]: a moment the caller names, because this crate has no clock.
//!
//! There is no `now()` here, and nothing that turns text into a date beyond `Retry-After`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

use super::number::whole;
use super::quirk::Deviation;
use crate::wire::json::{Member, Members};

/// A moment, in milliseconds since the Unix epoch.
///
/// Arithmetic saturates: adding an absurd lifetime gives the last representable moment, never a
/// panic, and the time between two moments in the wrong order is zero.
///
/// ```
/// use grantwire::Timestamp;
/// use std::time::{Duration, SystemTime};
///
/// let now = Timestamp::from_unix_seconds(1_752_702_206);
/// assert_eq!((now + Duration::from_secs(60)).as_unix_seconds(), 1_752_702_266);
/// let _ = Timestamp::from(SystemTime::now());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    millis: u64,
}

impl Timestamp {
    /// The Unix epoch.
    pub const EPOCH: Self = Self { millis: 0 };

    /// The last second of the year 9999. What is later was meant as milliseconds, or as nothing.
    pub(crate) const LAST_SECOND: u64 = 253_402_300_799;

    /// Reads a moment in seconds since the epoch, in any of the forms that servers send numbers in;
    /// `None` when it is no moment.
    pub(crate) fn read(member: Member<'_>, deviations: &mut Vec<Deviation>) -> Option<Self> {
        let (seconds, form) = whole(member)?;
        if seconds > Self::LAST_SECOND {
            return None;
        }
        deviations.extend(form);
        Some(Self::from_unix_seconds(seconds))
    }

    /// The moment of this name, if there is one; what is none is reported.
    pub(crate) fn of<const N: usize>(
        members: &Members<'_, N>,
        name: &'static str,
        deviations: &mut Vec<Deviation>,
    ) -> Option<Self> {
        let moment = Self::read(members.get(name)?, deviations);
        if moment.is_none() {
            deviations.push(Deviation::MalformedMember(name));
        }
        moment
    }

    /// From whole seconds since the Unix epoch.
    #[must_use]
    pub const fn from_unix_seconds(seconds: u64) -> Self {
        Self { millis: seconds.saturating_mul(1000) }
    }

    /// From milliseconds since the Unix epoch, which is what a browser's clock gives.
    #[must_use]
    pub const fn from_unix_millis(millis: u64) -> Self {
        Self { millis }
    }

    /// Whole seconds since the Unix epoch, rounded down: the form of `exp` and `iat`.
    #[must_use]
    pub const fn as_unix_seconds(self) -> u64 {
        self.millis.div_euclid(1000)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_unix_millis(self) -> u64 {
        self.millis
    }

    /// How much later this moment is than `earlier`; zero when it is not later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.millis.saturating_sub(earlier.millis))
    }

    /// This moment and `span`, not after the last representable moment.
    #[must_use]
    pub fn saturating_add(self, span: Duration) -> Self {
        Self { millis: self.millis.saturating_add(whole_millis(span)) }
    }

    /// This moment less `span`, not before the epoch.
    #[must_use]
    pub fn saturating_sub(self, span: Duration) -> Self {
        Self { millis: self.millis.saturating_sub(whole_millis(span)) }
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    /// Saturates at the last representable moment.
    fn add(self, span: Duration) -> Self {
        self.saturating_add(span)
    }
}

/// A moment before 1970 becomes the epoch.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        Self { millis: whole_millis(time.duration_since(UNIX_EPOCH).unwrap_or_default()) }
    }
}

fn whole_millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

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
    use super::*;
    use http::HeaderValue;

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
    fn arithmetic_saturates() {
        let late = Timestamp::from_unix_millis(u64::MAX);
        assert_eq!(late + Duration::MAX, late);
        assert_eq!(Timestamp::EPOCH.saturating_since(late), Duration::ZERO);
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
