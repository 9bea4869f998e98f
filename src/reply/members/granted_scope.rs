//! [`GrantedScope`]: the scope of a token, as the server said it.

use std::borrow::Cow;
use std::fmt;

use super::lifetime::Malformed;
use crate::reply::Deviation;
use crate::server::Quirks;
use crate::value::Scope;
use crate::wire::json::Member;

/// The scope a server granted ([RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)).
///
/// A set: order means nothing to [`GrantedScope::contains`] and [`GrantedScope::missing`], though `==`
/// compares the text. Whether a narrower or wider grant than was asked for is a problem is
/// the caller's to say; see [`GrantedScope::missing`].
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums)] // what a member can be: not there, empty, a set, or nonsense
pub enum GrantedScope {
    /// The member is absent or null. By the RFC the scope is then the one asked for, but nothing here
    /// says so for you: see [`GrantedScope::or_requested`].
    Absent,
    /// The member is there and empty: nothing was granted.
    Empty,
    /// These scope tokens.
    Set(Scope),
    /// The member is neither a string nor an array of strings.
    Malformed(Malformed),
}

/// The tokens are a server's text, so they are counted and not shown.
impl fmt::Debug for GrantedScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Empty => f.write_str("Empty"),
            Self::Set(scope) => write!(f, "Set({} tokens)", scope.tokens().count()),
            Self::Malformed(_) => f.write_str("Malformed(..)"),
        }
    }
}

impl GrantedScope {
    /// Reads a scope in any of the forms that servers send.
    pub(crate) fn read(
        member: Option<Member<'_>>,
        quirks: &Quirks,
        deviations: &mut Vec<Deviation>,
    ) -> Self {
        let Some(member) = member else { return Self::Absent };
        let mut text: Cow<'_, str> = match member.string() {
            Some(text) => text,
            None => match joined(member) {
                Some(text) => {
                    deviations.push(Deviation::ScopeArray);
                    text.into()
                }
                None => {
                    deviations.push(Deviation::MalformedMember("scope"));
                    return Self::Malformed(Malformed::new(member.raw()));
                }
            },
        };
        if quirks.comma_separated_scope && text.contains(',') {
            deviations.push(Deviation::CommaSeparatedScope);
            text = text.replace(',', " ").into();
        }
        if text.trim().is_empty() { Self::Empty } else { Self::Set(Scope::from(text.into_owned())) }
    }

    /// Whether this scope token was named as granted.
    #[must_use]
    pub fn contains(&self, token: &str) -> bool {
        match self {
            Self::Set(scope) => scope.tokens().any(|granted| granted == token),
            Self::Absent | Self::Empty | Self::Malformed(_) => false,
        }
    }

    /// The tokens of `requested` that were not named as granted.
    pub fn missing<'a>(&'a self, requested: &'a Scope) -> impl Iterator<Item = &'a str> {
        requested.tokens().filter(|token| !self.contains(token))
    }

    /// The scope by the rule of RFC 6749: as requested when the server said nothing. An empty or
    /// malformed member is no scope at all.
    #[must_use]
    pub fn or_requested(&self, requested: &Scope) -> Scope {
        match self {
            Self::Absent => requested.clone(),
            Self::Set(scope) => scope.clone(),
            Self::Empty | Self::Malformed(_) => Scope::default(),
        }
    }
}

/// The strings of an array, with a space between each two.
fn joined(member: Member<'_>) -> Option<String> {
    let mut text = String::new();
    let push = &mut |token: &str| {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(token);
    };
    member.each_string(push)?;
    Some(text)
}
