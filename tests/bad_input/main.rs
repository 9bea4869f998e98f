//! Bad input of every kind: a clear, typed error before anything is sent or believed, with nothing
//! secret in it and nothing of what was received lost.
//!
//! What an attacker would do with the same inputs is in `attacks`; what single providers send is in
//! `providers`.

#[path = "../given/mod.rs"]
mod given;

mod replies;
mod requests;
mod texts;
mod words;

use std::error::Error;

/// One line, no capital at its start, no full stop at its end.
fn well_formed(text: &str) {
    assert!(!text.is_empty() && text.len() < 200, "{text}");
    assert!(!text.chars().any(char::is_control), "{text:?} is not one line");
    assert!(!text.ends_with('.') && !text.ends_with(' '), "{text}");
    assert_eq!(text.trim(), text);
    // An algorithm's name keeps its capitals.
    let first = text.split(' ').next().unwrap_or_default();
    let is_name = first.bytes().any(|byte| byte.is_ascii_digit());
    assert!(is_name || !first.starts_with(char::is_uppercase), "{text}");
}

/// The error says exactly this, and each of its causes says something else.
fn says(error: &dyn Error, expected: &str) {
    assert_eq!(error.to_string(), expected);
    let mut cause = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        well_formed(&text);
        cause = error.source();
        if let Some(cause) = cause {
            assert!(!text.contains(&cause.to_string()), "{text} repeats its cause");
        }
    }
}
