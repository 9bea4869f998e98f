//! [`Asked`]: what an authorization request asked of its answer, kept until that answer is checked.
//!
//! How the user was to authenticate, and whether the response was to be signed. It is no secret.

use std::time::Duration;

use crate::claims::ExpectedIdToken;
use crate::stored::{Reader, StoredError, Writer};
use crate::wire::json::{self, Member, Members};

/// What was asked for, beside a code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// The response was to be signed, in whichever mode.
    pub(super) signed: bool,
    /// `max_age`, in seconds.
    max_age: Option<u64>,
    /// `auth_time` as an essential claim.
    auth_time: bool,
    /// `acr` as an essential claim, and one of these.
    acr: Vec<String>,
}

const CLAIMS: &[&str; 1] = &["id_token"];
const ID_TOKEN: &[&str; 2] = &["acr", "auth_time"];
const CLAIM: &[&str; 3] = &["essential", "value", "values"];

impl Asked {
    /// By a request with these parameters.
    pub(super) fn of(response_mode: &str, max_age: Option<u64>, claims: Option<&str>) -> Self {
        // JARM section 2.3: `jwt`, `query.jwt`, `fragment.jwt` and `form_post.jwt`.
        let signed = response_mode == "jwt" || response_mode.ends_with(".jwt");
        let mut asked = Self { signed, max_age, ..Self::default() };
        // Claims that cannot be read are the server's to refuse.
        let members = claims.and_then(|claims| json::object(claims, CLAIMS).ok());
        let id_token = members.and_then(|members| members.get("id_token"));
        if let Some(id_token) =
            id_token.and_then(|member| json::object(member.raw(), ID_TOKEN).ok())
        {
            asked.auth_time = id_token.get("auth_time").and_then(essential).is_some();
            let acr = id_token.get("acr").and_then(essential);
            asked.acr = acr.map(|claim| values(&claim)).unwrap_or_default();
        }
        asked
    }

    /// What the ID token must then say.
    pub(super) fn of_id_token(&self, mut expected: ExpectedIdToken) -> ExpectedIdToken {
        if let Some(seconds) = self.max_age {
            expected = expected.max_age(Duration::from_secs(seconds));
        }
        if self.auth_time {
            expected = expected.auth_time();
        }
        match self.acr.is_empty() {
            true => expected,
            false => expected.essential_acr(self.acr.iter().map(String::as_str)),
        }
    }

    /// Puts what was asked for into a stored object; nothing when nothing was.
    pub(super) fn write(&self, out: &mut Writer) {
        if self.signed {
            out.flag("signed_response", true);
        }
        out.number("max_age", self.max_age);
        if self.auth_time {
            out.flag("auth_time", true);
        }
        if !self.acr.is_empty() {
            let mut list = String::from("[");
            for (index, acr) in self.acr.iter().enumerate() {
                if index > 0 {
                    list.push(',');
                }
                json::push_string(&mut list, acr);
            }
            list.push(']');
            out.text("acr", list.as_str());
        }
    }

    /// Reads what [`Asked::write`] wrote.
    pub(super) fn read(reader: &Reader<'_, 14>) -> Result<Self, StoredError> {
        let flag = |name| Ok(reader.flag(name)?.unwrap_or_default());
        let acr = reader.text("acr")?.map(|list| serde_json::from_str(&list));
        let acr = acr.transpose().map_err(|_| StoredError::Malformed)?.unwrap_or_default();
        let (signed, auth_time) = (flag("signed_response")?, flag("auth_time")?);
        Ok(Self { signed, max_age: reader.number("max_age")?, auth_time, acr })
    }
}

/// The request for a claim, if it is an essential one
/// ([OpenID Connect Core §5.5.1](https://openid.net/specs/openid-connect-core-1_0.html#IndividualClaimsRequests)).
fn essential(claim: Member<'_>) -> Option<Members<'_, 3>> {
    let members = json::object(claim.raw(), CLAIM).ok()?;
    members.get("essential").is_some_and(|member| member.raw() == "true").then_some(members)
}

/// The values that were asked for. Without any, every value is one.
fn values(claim: &Members<'_, 3>) -> Vec<String> {
    let one = claim.get("value").and_then(|value| value.read());
    let several = claim.get("values").and_then(|values| values.read::<Vec<String>>());
    one.into_iter().chain(several.unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(claims: &str) -> (bool, Vec<String>) {
        let asked = Asked::of("", None, Some(claims));
        (asked.auth_time, asked.acr)
    }

    #[test]
    fn only_essential_claims_of_the_id_token_are_remembered() {
        let claims = r#"{"id_token":{"acr":{"essential":true,"values":["a","b"]},"auth_time":{"essential":true}}}"#;
        assert_eq!(asked(claims), (true, vec!["a".into(), "b".into()]));
        let one = r#"{"id_token":{"acr":{"essential":true,"value":"a"}}}"#;
        assert_eq!(asked(one), (false, vec!["a".into()]));
        for other in [
            r#"{"userinfo":{"acr":{"essential":true,"value":"a"}}}"#,
            r#"{"id_token":{"acr":{"essential":false,"value":"a"},"auth_time":null}}"#,
            r#"{"id_token":{"acr":{"value":"a"},"auth_time":{}}}"#,
            r#"{"id_token":{"acr":"a"}}"#,
            r#"{"id_token":null}"#,
            "not json",
        ] {
            assert_eq!(asked(other), (false, Vec::new()), "{other}");
        }
    }

    #[test]
    fn d1_every_signed_mode_is_known() {
        for mode in ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"] {
            assert!(Asked::of(mode, None, None).signed, "{mode}");
        }
        for mode in ["", "query", "fragment", "form_post", "xjwt", "jwt.x"] {
            assert!(!Asked::of(mode, None, None).signed, "{mode}");
        }
    }
}
