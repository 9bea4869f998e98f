//! [`Params`]: the one owner of a request's parameter list.
//!
//! Ordered and unique; empty means absent; what this crate writes beats what a caller adds. It knows
//! the rules of RFC 6749 section 3.2 and nothing of what the parameters mean.

use std::borrow::Cow;

use super::error::BuildError;
use crate::value::text::has_control;
use crate::wire::form::{self, Escape};

/// Parameters that an extra may not carry, whichever request it is added to: each has a typed way in,
/// and most are secrets or bind the request.
const MANAGED: &[&str] = &[
    "actor_token",
    "actor_token_type",
    "assertion",
    "auth_req_id",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "device_code",
    "grant_type",
    "nonce",
    "password",
    "redirect_uri",
    "refresh_token",
    "request",
    "request_uri",
    "requested_token_type",
    "response_type",
    "scope",
    "state",
    "subject_token",
    "subject_token_type",
    "username",
];

/// The parameters of client authentication, which not even an extension grant may carry.
const CREDENTIALS: &[&str] =
    &["client_assertion", "client_assertion_type", "client_id", "client_secret", "grant_type"];

/// The two parameters that may stand more than once (RFC 8693 section 2.1, RFC 8707 section 2).
const REPEATABLE: &[&str] = &["audience", "resource"];

/// How many parameters fit without an allocation; the longest ordinary request has fourteen.
const INLINE: usize = 16;

type Entry<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The parameters of one request, borrowed from whoever owns the values.
pub(crate) struct Params<'a> {
    inline: [Entry<'a>; INLINE],
    used: usize,
    spill: Vec<Entry<'a>>,
}

impl<'a> Params<'a> {
    pub(crate) fn new() -> Self {
        Self {
            inline: [const { (Cow::Borrowed(""), Cow::Borrowed("")) }; INLINE],
            used: 0,
            spill: Vec::new(),
        }
    }

    /// A parameter this crate writes. An empty value is left out.
    pub(crate) fn managed(
        &mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) -> Result<(), BuildError> {
        let (name, value) = (name.into(), value.into());
        if value.is_empty() {
            return Ok(());
        }
        check_text(&name, &value)?;
        if self.has(&name) && !REPEATABLE.contains(&name.as_ref()) {
            return Err(BuildError::ParameterRepeated { parameter: name.into_owned().into() });
        }
        self.push((name, value));
        Ok(())
    }

    /// Where a token will be used: an absolute URI without a fragment (RFC 8707 section 2). What some
    /// servers take in its place goes as an extra.
    pub(crate) fn resource(&mut self, uri: &'a str) -> Result<(), BuildError> {
        let invalid = |rule| Err(BuildError::Invalid { parameter: "resource".into(), rule });
        if uri.is_empty() {
            return Err(BuildError::Empty { parameter: "resource".into() });
        }
        check_text("resource", uri)?;
        if uri.contains('#') {
            return invalid("takes an absolute URI without a fragment");
        }
        if !is_absolute(uri) {
            return invalid(
                "takes an absolute URI; a name of the server's own goes as `parameter(\"resource\", ..)`",
            );
        }
        self.managed("resource", uri)
    }

    /// A parameter the caller adds. It may not name one that this crate writes.
    pub(crate) fn extra(&mut self, name: &'a str, value: &'a str) -> Result<(), BuildError> {
        let repeatable = REPEATABLE.contains(&name);
        if MANAGED.contains(&name) {
            return Err(BuildError::ParameterManaged { parameter: name.to_owned().into() });
        }
        if !repeatable && self.has(name) {
            return Err(BuildError::ParameterRepeated { parameter: name.to_owned().into() });
        }
        self.managed(name, value)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.iter().any(|(known, _)| known == name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let inline = self.inline.iter().take(self.used);
        inline.chain(&self.spill).map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The exact length of the encoded list.
    pub(crate) fn encoded_len(&self, escape: Escape) -> usize {
        let pairs =
            self.iter().map(|(name, value)| form::pair_len(escape, name, value).saturating_add(1));
        pairs.fold(0_usize, usize::saturating_add).saturating_sub(1)
    }

    /// The exact length of the list as a form.
    pub(crate) fn form_len(&self) -> usize {
        self.encoded_len(Escape::Form)
    }

    /// Appends the encoded list.
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>, escape: Escape) {
        let start = out.len();
        for (name, value) in self.iter() {
            form::push_pair(out, start, escape, name, value);
        }
    }

    fn push(&mut self, entry: Entry<'a>) {
        match self.inline.get_mut(self.used) {
            Some(slot) => {
                *slot = entry;
                self.used = self.used.saturating_add(1);
            }
            None => self.spill.push(entry),
        }
    }
}

/// Whether not even an extension grant may carry a parameter of this name.
pub(crate) fn is_credential(name: &str) -> bool {
    CREDENTIALS.contains(&name)
}

/// Whether a text begins with a scheme (RFC 3986 section 3.1).
fn is_absolute(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let begins = scheme.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    begins && scheme.bytes().all(fine) && !rest.is_empty()
}

/// A tab is let through in values: RFC 6749 Appendix A allows it in passwords.
fn check_text(name: &str, value: &str) -> Result<(), BuildError> {
    if name.is_empty() {
        return Err(BuildError::Empty { parameter: "parameter name".into() });
    }
    let bad_value = value.chars().any(|c| c.is_control() && c != '\t');
    if has_control(name) || bad_value {
        return Err(BuildError::Character { parameter: name.to_owned().into() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_is_absent_and_order_is_kept() {
        let mut params = Params::new();
        params.managed("grant_type", "x").unwrap();
        params.managed("scope", "").unwrap();
        params.extra("b", "1 2").unwrap();
        params.extra("resource", "r").unwrap();
        params.extra("resource", "s").unwrap();
        let mut out = Vec::new();
        params.encode_into(&mut out, Escape::Form);
        assert_eq!(out, b"grant_type=x&b=1+2&resource=r&resource=s");
        assert_eq!(out.len(), params.encoded_len(Escape::Form));
    }

    #[test]
    fn collisions_say_which() {
        let mut params = Params::new();
        params.managed("a", "1").unwrap();
        let managed = BuildError::ParameterManaged { parameter: "client_secret".into() };
        assert_eq!(params.extra("client_secret", "x"), Err(managed));
        let repeated = BuildError::ParameterRepeated { parameter: "a".into() };
        assert_eq!(params.extra("a", "x"), Err(repeated));
        let character = BuildError::Character { parameter: "b".into() };
        assert_eq!(params.extra("b", "x\r\ny"), Err(character));
    }

    #[test]
    fn a_resource_is_an_absolute_uri() {
        let mut params = Params::new();
        for good in ["https://api.example/a?b", "urn:example:x", "app+1.0:x"] {
            assert_eq!(params.resource(good), Ok(()));
        }
        assert_eq!(params.iter().count(), 3);
        for bad in ["api", "/api", "https:", ":x", "1a:b", "https://api.example/#x", "a b:c"] {
            assert!(matches!(params.resource(bad), Err(BuildError::Invalid { .. })), "{bad}");
        }
        assert!(matches!(params.resource(""), Err(BuildError::Empty { .. })));
        assert!(matches!(params.resource("urn:\n"), Err(BuildError::Character { .. })));
        params.extra("resource", "api").unwrap();
    }

    #[test]
    fn more_than_fit_inline() {
        let names: Vec<String> = (0..40).map(|n| format!("n{n}")).collect();
        let mut params = Params::new();
        for name in &names {
            params.extra(name, "v").unwrap();
        }
        assert_eq!(params.iter().count(), 40);
    }
}
