//! [`FailureRule`]: the lines of the table that gives every failure its class.
//!
//! [`FailureRule::TABLE`] is what decides, what the documentation of
//! [`FailureClass`](super::FailureClass) shows, and what the tests walk through. It reads no body.

use http::StatusCode;

use super::class::{Conclusion, Evidence, FailureClass, Pace};
use super::error_code::{ErrorCode, Fault};
use super::phrase::is_own_failure;
use crate::server::Meaning;
use crate::value::CredentialUse;

/// One line of the table by which failures are classed; the first that fits decides.
#[derive(Debug, Clone, Copy)]
pub struct FailureRule {
    line: &'static str,
    came: &'static str,
    class: &'static str,
    fits: fn(&Evidence<'_>) -> bool,
    concludes: fn(&Evidence<'_>) -> Conclusion,
}

impl FailureRule {
    /// The table, in the order in which its lines are asked.
    pub const TABLE: &'static [Self] = TABLE;

    /// The letter of the line. Some lines have several parts.
    #[must_use]
    pub const fn line(&self) -> &'static str {
        self.line
    }

    /// What came, in words.
    #[must_use]
    pub const fn came(&self) -> &'static str {
        self.came
    }

    /// What it means, in words.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        self.class
    }

    /// The table as Markdown, as the documentation of [`FailureClass`] shows it.
    #[must_use]
    pub fn markdown() -> String {
        let mut text = String::from("| line | what came | class |\n|---|---|---|\n");
        for Self { line, came, class, .. } in TABLE {
            text.extend(["| ", line, " | ", came, " | ", class, " |\n"]);
        }
        text
    }

    /// The line for this failure, and what it says. There is always one.
    pub(crate) fn decide(evidence: &Evidence<'_>) -> (&'static Self, Conclusion) {
        let rule = TABLE.iter().find(|rule| (rule.fits)(evidence)).unwrap_or(&LAST);
        (rule, (rule.concludes)(evidence))
    }
}

const TRANSIENT: Conclusion = Conclusion::new(FailureClass::Transient, Fault::Server, Pace::Soon);

/// The line behind which there is none.
const LAST: FailureRule = FailureRule {
    line: "h",
    came: "any other 4xx, unreadable or truncated",
    class: "no token was issued: definitive for the request, and the credential is kept",
    fits: |_| true,
    concludes: |_| Conclusion::new(FailureClass::Definitive, Fault::Unknown, Pace::Slow),
};

const TABLE: &[FailureRule] = &[
    FailureRule {
        line: "-",
        came: "nothing left this machine",
        class: "transient: nothing was presented",
        fits: |it| it.is_not_sent,
        concludes: |_| Conclusion::new(FailureClass::Transient, Fault::Unknown, Pace::Soon),
    },
    FailureRule {
        line: "g",
        came: "a 2xx with both a token and an error object, which is ambiguous; nothing below is asked",
        class: "once indeterminate, else transient",
        fits: |it| it.is_ambiguous,
        concludes: |it| it.once(),
    },
    FailureRule {
        line: "a",
        came: "what the caller has given a meaning to: `Quirks::code_means`, `Quirks::status_means`",
        class: "as it says; *denied* and *needs a person* bury no refresh token, end a poll, and are tried at most hourly",
        fits: |it| it.meaning.is_some(),
        concludes: |it| it.meaning.map_or(TRANSIENT, Conclusion::of),
    },
    // By their definitions nothing was processed: RFC 6585 sections 4 and 6, RFC 9110 section 15.5.20, and
    // RFC 8470 section 5.2.
    FailureRule {
        line: "b",
        came: "429, 421, 425, 511, whatever the body",
        class: "transient",
        fits: |it| matches!(it.number(), 429 | 421 | 425 | 511),
        concludes: |_| TRANSIENT,
    },
    FailureRule {
        line: "b",
        came: "503 without an access token in it, where `Quirks::unavailable_means_untouched` is set",
        class: "transient",
        fits: |it| it.unavailable_means_untouched && it.number() == 503 && !it.holds_token,
        concludes: |_| TRANSIENT,
    },
    FailureRule {
        line: "c",
        came: "an error object, under any status but a 3xx, with `temporarily_unavailable`",
        class: "transient",
        fits: |it| !it.is_redirect() && it.code == Some(&ErrorCode::TemporarilyUnavailable),
        concludes: |_| Conclusion { meaning: Some(Meaning::Later), ..TRANSIENT },
    },
    FailureRule {
        line: "c",
        came: "the same with `server_error`, `internal_error`, `internal_server_error`, `internal_failure`, `unknown_error`, `unexpected_error`, compared as status phrases are",
        class: "once indeterminate, else transient",
        fits: |it| {
            !it.is_redirect()
                && it.code.is_some_and(|code| match code {
                    ErrorCode::ServerError | ErrorCode::InternalFailure => true,
                    ErrorCode::Other(text) => is_own_failure(text),
                    _ => false,
                })
        },
        concludes: |it| it.once(),
    },
    FailureRule {
        line: "d",
        came: "an error response under a 2xx or 4xx with a registered code",
        class: "the outcome is known and no token was issued: the class of the code; only `invalid_grant` buries a credential, and `use_dpop_nonce` without a nonce is definitive and spends nothing",
        fits: |it| it.may_be_error_response() && it.is_registered(),
        concludes: of_registered,
    },
    FailureRule {
        line: "d",
        came: "an error response under a 2xx or 4xx with any other text that is no status phrase and, under a status of line f, has no space in it",
        class: "the outcome is known and no token was issued: definitive for the request, and the credential is kept",
        fits: |it| it.may_be_error_response() && it.has_own_code(),
        concludes: |_| Conclusion::new(FailureClass::Definitive, Fault::Unknown, Pace::Slow),
    },
    FailureRule {
        line: "e",
        came: "a registered code under a 5xx",
        class: "transient, and never believed to bury a credential",
        fits: |it| matches!(it.number(), 500..=599) && it.is_registered(),
        concludes: |_| TRANSIENT,
    },
    // Nobody who turns a request away has looked at what it presents, and an ingress says 404 for seconds during
    // each deployment: the authorization server's own no is an error response.
    FailureRule {
        line: "f",
        came: "301, 307, 308, 401, 403, 404, 405, 407, 410 otherwise, without an access token in it: HTML, empty, a gateway's or framework's JSON",
        class: "turned away: taken as not spent; keep, and report after patience",
        fits: |it| it.turns_away() && !it.holds_token,
        concludes: |it| {
            // A 403 may be a policy's, a rate limit's or a firewall's.
            let fault = if it.number() == 403 { Fault::Unknown } else { Fault::Client };
            Conclusion::new(FailureClass::TurnedAway, fault, Pace::Soon)
        },
    },
    // A proxy says 502, 503 and 504 when the connection died after the request had gone out, and a 302 may be the
    // answer to a request that was carried out (RFC 9110 section 15.4.3).
    FailureRule {
        line: "g",
        came: "302, 303, any other 3xx, 1xx, 408, other 5xx, anything above 599; lost answers; a 2xx that is truncated or cannot be used; any body with an access token that cannot be used",
        class: "once indeterminate, else transient",
        fits: |it| !matches!(it.number(), 400..=499) || it.number() == 408 || it.holds_token,
        concludes: |it| {
            let fault = if it.is_redirect() { Fault::Client } else { Fault::Server };
            Conclusion { fault, ..it.once() }
        },
    },
    LAST,
];

/// What a registered code means where it is believed.
fn of_registered(evidence: &Evidence<'_>) -> Conclusion {
    let fault = evidence.code.and_then(ErrorCode::fault).unwrap_or(Fault::Unknown);
    let meaning = evidence.code.and_then(meaning_of);
    let later = fault == Fault::Server && !evidence.lacks_header;
    let class = if later { FailureClass::Transient } else { FailureClass::Definitive };
    let pace = match (evidence.code, meaning) {
        // Only who owns the client's registration can do something about these.
        (
            Some(
                ErrorCode::InvalidClient
                | ErrorCode::InvalidScope
                | ErrorCode::UnauthorizedClient
                | ErrorCode::UnsupportedGrantType,
            ),
            _,
        )
        | (_, Some(Meaning::Denied | Meaning::NeedsPerson)) => Pace::Hourly,
        _ => Pace::Slow,
    };
    Conclusion { class, fault, pace, meaning }
}

/// The meaning of a registered code, where it has one of those that machines act by.
const fn meaning_of(code: &ErrorCode) -> Option<Meaning> {
    Some(match code {
        ErrorCode::InvalidGrant => Meaning::Dead,
        ErrorCode::TemporarilyUnavailable => Meaning::Later,
        ErrorCode::AuthorizationPending => Meaning::Pending,
        ErrorCode::SlowDown => Meaning::SlowDown,
        ErrorCode::AccessDenied => Meaning::Denied,
        ErrorCode::AccountSelectionRequired
        | ErrorCode::ConsentRequired
        | ErrorCode::InteractionRequired
        | ErrorCode::LoginRequired => Meaning::NeedsPerson,
        _ => return None,
    })
}

/// What it means that no answer came, to a request that was sent or not.
pub(crate) fn of_no_answer(was_sent: bool, credential: CredentialUse) -> FailureClass {
    let evidence = Evidence { is_not_sent: !was_sent, ..Evidence::of(None, None, credential) };
    FailureRule::decide(&evidence).1.class
}

/// Class and fault of an error response in a callback: nothing was presented by it, and it has no status of
/// its own, so its code decides as that of an error response under a 4xx.
pub(crate) fn of_callback(code: &ErrorCode) -> (FailureClass, Fault) {
    let status = Some(StatusCode::BAD_REQUEST);
    let (_, said) = FailureRule::decide(&Evidence::of(status, Some(code), CredentialUse::Repeated));
    (said.class, said.fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every combination of what the table asks about has a line, and every line is the first to fit
    /// something.
    #[test]
    fn every_failure_has_a_line_and_every_line_a_failure() {
        let codes = [
            None,
            Some(ErrorCode::InvalidGrant),
            Some(ErrorCode::ServerError),
            Some(ErrorCode::TemporarilyUnavailable),
            Some(ErrorCode::UseDpopNonce),
            Some(ErrorCode::NonStandard),
            Some(ErrorCode::from_name("own_code")),
            Some(ErrorCode::from_name("Not Found")),
        ];
        let mut seen = vec![0_u32; TABLE.len()];
        for number in 99..1000_u16 {
            let status = StatusCode::from_u16(number).ok();
            for code in &codes {
                for flags in 0..128_u8 {
                    let bit = |at: u8| flags & (1 << at) != 0;
                    let credential =
                        if bit(0) { CredentialUse::Once } else { CredentialUse::Repeated };
                    let evidence = Evidence {
                        is_not_sent: bit(6),
                        is_tolerated_error: bit(1),
                        meaning: bit(2).then_some(Meaning::Later),
                        is_ambiguous: bit(3),
                        holds_token: bit(4),
                        lacks_header: bit(5),
                        unavailable_means_untouched: bit(5),
                        ..Evidence::of(status, code.as_ref(), credential)
                    };
                    let at = TABLE.iter().position(|rule| (rule.fits)(&evidence)).unwrap();
                    seen[at] += 1;
                    let (rule, said) = FailureRule::decide(&evidence);
                    assert_eq!(rule.came, TABLE[at].came);
                    if said.class == FailureClass::Indeterminate {
                        assert_eq!(credential, CredentialUse::Once, "nothing else can be spent");
                    }
                }
            }
        }
        for (rule, seen) in TABLE.iter().zip(seen) {
            assert!(seen > 0, "nothing comes to line {}: {}", rule.line, rule.came);
        }
    }

    #[test]
    fn no_answer_leaves_only_what_was_sent_in_doubt() {
        for (was_sent, credential, class) in [
            (true, CredentialUse::Once, FailureClass::Indeterminate),
            (true, CredentialUse::Repeated, FailureClass::Transient),
            (false, CredentialUse::Once, FailureClass::Transient),
            (false, CredentialUse::Repeated, FailureClass::Transient),
        ] {
            assert_eq!(of_no_answer(was_sent, credential), class);
        }
    }

    #[test]
    fn a_callback_is_classed_by_its_code() {
        let of = |code| of_callback(&ErrorCode::from_name(code));
        assert_eq!(of("temporarily_unavailable"), (FailureClass::Transient, Fault::Server));
        assert_eq!(of("server_error"), (FailureClass::Transient, Fault::Server));
        assert_eq!(of("access_denied"), (FailureClass::Definitive, Fault::Credential));
        assert_eq!(of("unknown_thing"), (FailureClass::Definitive, Fault::Unknown));
    }
}
