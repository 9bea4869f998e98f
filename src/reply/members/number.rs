//! Whole numbers as servers write them: digits, digits in a string, and a float without a fraction.
//!
//! Moments are whole numbers of seconds. What any other number counts, and how large it may be, is for
//! whoever asks.

use crate::reply::Deviation;
use crate::value::Timestamp;
use crate::wire::json::{Member, Members};

/// A whole number, and how its form departed from the rules.
pub(super) fn whole(member: Member<'_>) -> Option<(u64, Option<Deviation>)> {
    if let Some(text) = member.string() {
        return Some((digits(&text)?, Some(Deviation::LifetimeString)));
    }
    match digits(member.raw()) {
        Some(number) => Some((number, None)),
        None => Some((whole_float(member.read()?)?, Some(Deviation::LifetimeFloat))),
    }
}

/// Reads a moment in seconds since the epoch; `None` when it is no moment.
pub(crate) fn read_moment(
    member: Member<'_>,
    deviations: &mut Vec<Deviation>,
) -> Option<Timestamp> {
    let (seconds, form) = whole(member)?;
    if seconds > Timestamp::LAST_SECOND {
        return None;
    }
    deviations.extend(form);
    Some(Timestamp::from_unix_seconds(seconds))
}

/// The moment of this name, if there is one; what is none is reported.
pub(crate) fn moment<const N: usize>(
    members: &Members<'_, N>,
    name: &'static str,
    deviations: &mut Vec<Deviation>,
) -> Option<Timestamp> {
    let moment = read_moment(members.get(name)?, deviations);
    if moment.is_none() {
        deviations.push(Deviation::MalformedMember(name));
    }
    moment
}

fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// `3600.0` and `3.6e3`, but not `3600.5`.
fn whole_float(number: f64) -> Option<u64> {
    // Below 2^53 a float without a fraction is exactly one integer, so its text has only digits.
    let whole = number.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(&number);
    whole.then(|| digits(&format!("{number:.0}"))).flatten()
}
