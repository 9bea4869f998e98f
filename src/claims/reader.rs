//! Reading claims by type: texts, moments, audiences. What they must be is for `rules` and the tokens.

use std::borrow::Cow;

use super::error::ClaimFault;
use crate::jose::{Algorithm, Content, Jws, KeyType, Verified};
use crate::value::{Issuer, Timestamp};
use crate::wire::json::Member;

/// A token to be checked, with how it came to be believed.
pub(super) struct Presented {
    /// How it was verified; `None` when its signature was knowingly not looked at.
    pub(super) signed: Option<(KeyType, Issuer)>,
    /// `None` for `none`.
    pub(super) algorithm: Option<Algorithm>,
    pub(super) content: Content,
}

impl From<Verified> for Presented {
    fn from(verified: Verified) -> Self {
        let signed = Some((verified.key_type(), verified.key_issuer().clone()));
        let algorithm = Some(verified.algorithm());
        Self { signed, algorithm, content: verified.into_content() }
    }
}

impl Presented {
    /// Without a look at the signature.
    pub(super) fn unchecked(jws: Jws) -> Self {
        let algorithm = jws.algorithm();
        Self { signed: None, algorithm, content: jws.into_content() }
    }
}

/// The claims that mean something here, unread.
#[derive(Clone, Copy)]
pub(super) struct Claims<'a>(&'a Content);

impl<'a> Claims<'a> {
    pub(super) const fn of(content: &'a Content) -> Self {
        Self(content)
    }

    /// A claim unread; `null` counts as absent.
    pub(super) fn get(&self, name: &'static str) -> Option<Member<'a>> {
        self.0.claim(name).filter(|claim| claim.raw() != "null")
    }

    /// Whether there is a claim of this name, `null` included.
    pub(super) fn has(&self, name: &'static str) -> bool {
        self.0.claim(name).is_some()
    }

    /// A text, if there is such a claim.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<Cow<'a, str>>, ClaimFault> {
        match self.get(name) {
            None => Ok(None),
            Some(member) => member.string().map(Some).ok_or(ClaimFault::Malformed(name)),
        }
    }

    pub(super) fn required_text(&self, name: &'static str) -> Result<Cow<'a, str>, ClaimFault> {
        self.text(name)?.ok_or(ClaimFault::Missing(name))
    }

    /// A moment, if there is such a claim.
    pub(super) fn moment(&self, name: &'static str) -> Result<Option<Timestamp>, ClaimFault> {
        match self.get(name) {
            None => Ok(None),
            Some(member) => numeric_date(member.raw()).map(Some).ok_or(ClaimFault::Malformed(name)),
        }
    }

    pub(super) fn required_moment(&self, name: &'static str) -> Result<Timestamp, ClaimFault> {
        self.moment(name)?.ok_or(ClaimFault::Missing(name))
    }

    /// Calls `each` with every audience, of which there is at least one.
    pub(super) fn audience(&self, each: &mut dyn FnMut(&str)) -> Result<(), ClaimFault> {
        const NAME: &str = "aud";
        let member = self.get(NAME).ok_or(ClaimFault::Missing(NAME))?;
        if let Some(one) = member.string() {
            each(&one);
            return Ok(());
        }
        let mut some = false;
        let each = &mut |audience: &str| {
            some = true;
            each(audience);
        };
        member.each_string(each).ok_or(ClaimFault::Malformed(NAME))?;
        if some { Ok(()) } else { Err(ClaimFault::Missing(NAME)) }
    }
}

/// Seconds since the epoch as a JSON number (RFC 7519 section 2). A fraction is cut off, a moment
/// before the epoch is the epoch; a text is refused, and so is what lies after the year 9999 and was
/// meant as milliseconds.
fn numeric_date(raw: &str) -> Option<Timestamp> {
    let seconds = match raw.bytes().all(|byte| byte.is_ascii_digit()) {
        true => raw.parse::<u64>().ok()?,
        false => whole(raw)?,
    };
    (seconds <= Timestamp::LAST_SECOND).then(|| Timestamp::from_unix_seconds(seconds))
}

fn whole(raw: &str) -> Option<u64> {
    // A text, a list and the like are no number, whatever is in them.
    if !raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return None;
    }
    let number: f64 = serde_json::from_str(raw).ok()?;
    let floor = number.floor().max(0.0);
    // Below 2^53 a float without a fraction is exactly one integer, so its text has only digits.
    if floor < 9_007_199_254_740_992.0 { format!("{floor:.0}").parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a12_moments_are_numbers() {
        let seconds = |raw| numeric_date(raw).map(Timestamp::as_unix_seconds);
        for (raw, wanted) in [
            ("1311281970", 1_311_281_970),
            ("0", 0),
            ("1311281970.0", 1_311_281_970),
            ("1311281970.999", 1_311_281_970),
            ("1.31128197e9", 1_311_281_970),
            ("-1", 0),
            ("-0.5", 0),
            ("253402300799", 253_402_300_799),
        ] {
            assert_eq!(seconds(raw), Some(wanted), "{raw}");
        }
        for raw in [
            "\"1311281970\"",
            "253402300800",
            "1311281970000",
            "99999999999999999999999",
            "1e999",
            "true",
            "null",
            "[]",
            "{}",
            "",
        ] {
            assert_eq!(seconds(raw), None, "{raw}");
        }
    }
}
