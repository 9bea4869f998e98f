//! [`Meaning`]: what a failure means, in the words of the one mechanism that messages, polling and
//! sessions decide by.
//!
//! A server's own codes and statuses are given meanings here, by the caller. What the registered codes
//! mean is said where they are listed, and what follows from a meaning is decided in `reply::class`.

use std::fmt;

/// What an error code or a status means for whoever presented a credential.
///
/// The registered codes have their meanings already; [`Quirks::code_means`](crate::Quirks::code_means) gives one to
/// a code of the server's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Meaning {
    /// The code, refresh token or assertion that was presented is no longer good, as `invalid_grant` says.
    /// A session ends by it, and the user has to sign in again.
    Dead,
    /// Nothing was done, as `temporarily_unavailable` says: keep what was presented and try later.
    Later,
    /// The user has not decided yet, as `authorization_pending` says.
    Pending,
    /// Polling is too fast, as `slow_down` says.
    SlowDown,
    /// The user or the server denied the request, as `access_denied` says. It ends a poll; a refresh token
    /// is kept, and tried at most hourly.
    Denied,
    /// A person has to act first, as with `interaction_required`: the user, or an administrator. It ends a
    /// poll; a refresh token is kept, and tried at most hourly.
    NeedsPerson,
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dead => "what was presented is no longer good; a new one is needed",
            Self::Later => "nothing was done; try later",
            Self::Pending => "the user has not decided yet; ask again after the interval",
            Self::SlowDown => "ask less often",
            Self::Denied => "the user or the server said no",
            Self::NeedsPerson => "a person has to act first",
        })
    }
}

/// One row of a caller's table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    status: Option<u16>,
    code: Option<Box<str>>,
    meaning: Meaning,
}

/// A caller's table of meanings: as many rows as the server needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Meanings(Vec<Row>);

impl Meanings {
    /// Sets the meaning of a code, of a status, or of a code under one status; the same key again replaces
    /// the row.
    pub(crate) fn set(&mut self, status: Option<u16>, code: Option<&str>, meaning: Meaning) {
        let same = |row: &&mut Row| row.status == status && row.code.as_deref() == code;
        match self.0.iter_mut().find(same) {
            Some(row) => row.meaning = meaning,
            None => self.0.push(Row { status, code: code.map(Into::into), meaning }),
        }
    }

    /// What a failure means: the row for its code under its status, else the one for its code, else the one
    /// for its status.
    pub(crate) fn of(&self, status: u16, code: Option<&str>) -> Option<Meaning> {
        let row = |wanted: (Option<u16>, Option<&str>)| {
            self.0.iter().find(|row| (row.status, row.code.as_deref()) == wanted)
        };
        let coded = code
            .and_then(|code| row((Some(status), Some(code))).or_else(|| row((None, Some(code)))));
        coded.or_else(|| row((Some(status), None))).map(|row| row.meaning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrower_row_counts_and_the_later_setting() {
        let mut table = Meanings::default();
        table.set(Some(403), None, Meaning::Later);
        table.set(None, Some("no"), Meaning::Denied);
        table.set(Some(400), Some("no"), Meaning::Dead);
        assert_eq!(table.of(403, None), Some(Meaning::Later));
        assert_eq!(table.of(403, Some("no")), Some(Meaning::Denied));
        assert_eq!(table.of(400, Some("no")), Some(Meaning::Dead));
        assert_eq!(table.of(403, Some("NO")), Some(Meaning::Later), "codes are compared exactly");
        assert_eq!(table.of(400, Some("yes")), None);
        table.set(None, Some("no"), Meaning::NeedsPerson);
        assert_eq!(table.of(401, Some("no")), Some(Meaning::NeedsPerson));
    }
}
