//! The two forms of ISO 8601 that AgeKey takes: `2026-02-28` and `2026-02-28T12:30:00Z`.

/// A calendar date that exists.
pub fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (year, month, day) =
        (number(parts.next(), 4), number(parts.next(), 2), number(parts.next(), 2));
    match (year, month, day, parts.next()) {
        (Some(year), Some(month), Some(day), None) => (1..=days(year, month)).contains(&day),
        _ => false,
    }
}

/// A date, `T`, a time with or without seconds and a fraction, and `Z` or an offset.
pub fn is_date_time(text: &str) -> bool {
    text.split_once('T').is_some_and(|(date, rest)| {
        let (time, offset) = match rest.find(['Z', '+', '-']) {
            Some(place) => rest.split_at(place),
            None => return false,
        };
        is_date(date) && is_time(time) && is_offset(offset)
    })
}

fn is_time(text: &str) -> bool {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let below = |part: &str, limit| number(Some(part), 2).is_some_and(|value| value < limit);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match (parts.as_slice(), fraction) {
        ([hour, minute], None) => below(hour, 24) && below(minute, 60),
        // The sixtieth second is a leap second.
        ([hour, minute, second], fraction) => {
            below(hour, 24) && below(minute, 60) && below(second, 61) && fraction.is_none_or(digits)
        }
        _ => false,
    }
}

fn is_offset(text: &str) -> bool {
    text == "Z"
        || text
            .strip_prefix(['+', '-'])
            .is_some_and(|clock| clock.contains(':') && is_time(clock) && clock.len() == 5)
}

fn number(text: Option<&str>, width: usize) -> Option<u16> {
    text.filter(|text| text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit()))?
        .parse()
        .ok()
}

fn days(year: u16, month: u16) -> u16 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}
