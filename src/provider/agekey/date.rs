//! Dates as AgeKey takes them: checked as text, since this crate has no calendar.

/// `YYYY-MM-DD`, a day that exists.
pub(super) fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut number = |len: usize| digits(parts.next()?, len);
    let (Some(year), Some(month), Some(day)) = (number(4), number(2), number(2)) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    parts.next().is_none() && (1..=days).contains(&day)
}

/// A date, or a date and a time with `Z` or an offset: `2026-01-31T08:00:00Z`.
pub(super) fn is_date_or_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return is_date(text) };
    let Some(at) = time.find(['Z', '+', '-']) else { return false };
    let (clock, zone) = time.split_at(at);
    let offset = zone.strip_prefix(['+', '-']);
    is_date(date) && is_clock(clock) && (zone == "Z" || offset.is_some_and(is_offset))
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fraction`.
fn is_clock(text: &str) -> bool {
    let (text, fraction) = text.split_once('.').map_or((text, None), |(t, f)| (t, Some(f)));
    let parts: Vec<&str> = text.split(':').collect();
    let within = |part: &str, limit| digits(part, 2).is_some_and(|number| number < limit);
    let whole = match parts.as_slice() {
        [hour, minute] => fraction.is_none() && within(hour, 24) && within(minute, 60),
        [hour, minute, second] => within(hour, 24) && within(minute, 60) && within(second, 61),
        _ => false,
    };
    whole && fraction.is_none_or(|f| (1..=9).contains(&f.len()) && digits(f, f.len()).is_some())
}

fn is_offset(text: &str) -> bool {
    let within = |part: &str, limit| digits(part, 2).is_some_and(|number| number < limit);
    text.split_once(':').is_some_and(|(hour, minute)| within(hour, 24) && within(minute, 60))
}

/// Exactly `len` digits, as a number.
fn digits(text: &str, len: usize) -> Option<u32> {
    let plain = text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for fine in ["2026-11-21", "2024-02-29", "2000-02-29", "1999-12-31"] {
            assert!(is_date(fine), "{fine}");
        }
        for wrong in [
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-01",
            "2026-01-32",
            "",
            "20260101",
        ] {
            assert!(!is_date(wrong), "{wrong}");
        }
        for fine in [
            "2026-11-21",
            "2026-11-21T08:00Z",
            "2026-11-21T08:00:00.5Z",
            "2026-11-21T23:59:60+05:30",
        ] {
            assert!(is_date_or_time(fine), "{fine}");
        }
        for wrong in [
            "2026-11-21T",
            "2026-11-21T24:00Z",
            "2026-11-21T08:00",
            "2026-11-21 08:00Z",
            "2026-11-21T08:00:00+5",
            "2026-11-21T08:00:00Zx",
            "2026-11-21T08:00:00Z05:30",
            "2026-11-21T08:00.5Z",
        ] {
            assert!(!is_date_or_time(wrong), "{wrong}");
        }
    }
}
