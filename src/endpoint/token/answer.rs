//! Reading an answer of the token endpoint: what is in the body, checked, and then the body kept once.
//!
//! Only `access_token` and `token_type` can spoil an answer. Every other member is read on its own,
//! and one that cannot be read costs nothing but itself.

use std::borrow::Cow;
use std::sync::Arc;

use super::response::TokenResponse;
use crate::grant::TokenTypeIdentifier;
use crate::reply::body::{self, Body};
use crate::reply::members::{GrantedScope, Lifetime};
use crate::reply::{Deviation, Reply, ReplyError, Rules, Unusable};
use crate::server::Quirks;
use crate::value::kept::{Kept, Piece};
use crate::value::{AccessToken, Secret, TokenType};
use crate::wire::ascii;
use crate::wire::json::{self, Members, Picked};

/// The last two are members of ours only where they are wanted, so elsewhere they may be repeated.
const MEMBERS: &[&str; 9] = &[
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "refresh_token_expires_in",
    "scope",
    "id_token",
    ISSUED,
    "expires",
];

const ISSUED: &str = "issued_token_type";

/// Reads an answer; for a token exchange with the token type it asked for.
pub(crate) fn read(
    reply: Reply<'_>,
    rules: Rules<'_>,
    exchange: Option<&TokenTypeIdentifier>,
) -> Result<TokenResponse, ReplyError> {
    let unique = if exchange.is_some() { 8 } else { 7 };
    let (quirks, mut picked) = (rules.quirks, Picked::new(MEMBERS));
    // Where the token stands in an envelope, there is nothing to be picked at the top.
    let mut wanted = picked.wanted(unique);
    let wanted = Some(&mut wanted).filter(|_| quirks.token_at.is_none());
    let mut opened = body::open_for(reply, rules, wanted)?;
    opened.expect_status(reply, 200);
    let Body { text, mut deviations } = opened;
    let read = match quirks.token_at.as_deref() {
        None => picked.members(&text).map_err(Unusable::from),
        Some(path) => {
            deviations.push(Deviation::Envelope);
            let object = json::descend(&text, path).ok_or(Unusable::EnvelopeMissing);
            object.and_then(|object| Ok(json::object_with_unique(object, MEMBERS, unique)?))
        }
    };
    match read.and_then(|members| interpret(&members, &text, quirks, exchange, deviations)) {
        Ok(found) => Ok(found.keep(text.into_owned())),
        Err(why) => {
            drop(text);
            Err(rules.unusable(reply, why))
        }
    }
}

/// A token, in the text that it was found in, or by itself where it had to be decoded.
enum Found {
    At((usize, usize)),
    Decoded(Secret),
}

impl Found {
    fn new(text: &str, token: Cow<'_, str>) -> Self {
        match token {
            Cow::Borrowed(part) => Self::At(json::place(text, part)),
            Cow::Owned(decoded) => Self::Decoded(Secret::new(decoded)),
        }
    }

    fn keep(self, body: &Arc<Kept>) -> Secret {
        let (start, len) = match self {
            Self::Decoded(secret) => return secret,
            Self::At(place) => place,
        };
        // Only a body of more than four gigabytes has parts that are too far away.
        let own = || body.as_str().get(start..start.saturating_add(len)).unwrap_or_default();
        Piece::part(body, start, len).map_or_else(|| Secret::new(own()), Secret::piece)
    }
}

/// What an answer says, before its text is kept.
struct Answer {
    access_token: Found,
    token_type: TokenType,
    lifetime: Lifetime,
    refresh_token: Option<Found>,
    refresh_token_lifetime: Lifetime,
    scope: GrantedScope,
    id_token: Option<Found>,
    issued_token_type: Option<TokenTypeIdentifier>,
    deviations: Vec<Deviation>,
    at: Option<Arc<str>>,
}

impl Answer {
    fn keep(self, text: String) -> TokenResponse {
        let body = Arc::new(Kept::new(text));
        TokenResponse {
            access_token: AccessToken::new(self.access_token.keep(&body), self.token_type),
            lifetime: self.lifetime,
            refresh_token: self.refresh_token.map(|token| token.keep(&body)),
            refresh_token_lifetime: self.refresh_token_lifetime,
            scope: self.scope,
            id_token: self.id_token.map(|token| token.keep(&body)),
            issued_token_type: self.issued_token_type,
            deviations: self.deviations,
            body,
            at: self.at,
        }
    }
}

fn interpret<const N: usize>(
    members: &Members<'_, N>,
    text: &str,
    quirks: &Quirks,
    exchange: Option<&TokenTypeIdentifier>,
    mut deviations: Vec<Deviation>,
) -> Result<Answer, Unusable> {
    let access_token = Found::new(text, access_token(members)?);
    let token_type = token_type(members, quirks, &mut deviations)?;
    let issued_token_type = match exchange {
        None => None,
        Some(asked) => Some(issued(members, asked, quirks, &mut deviations)?),
    };
    let mut expires = members.get("expires_in");
    if expires.is_none() && quirks.expires_alias {
        expires = members.get("expires");
        if expires.is_some() {
            deviations.push(Deviation::ExpiresAlias);
        }
    }
    let optional = |name, deviations: &mut Vec<Deviation>| {
        optional_secret(members, name, deviations).map(|token| Found::new(text, token))
    };
    Ok(Answer {
        access_token,
        token_type,
        lifetime: Lifetime::read(expires, quirks, &mut deviations),
        refresh_token: optional("refresh_token", &mut deviations),
        refresh_token_lifetime: Lifetime::read(
            members.get("refresh_token_expires_in"),
            quirks,
            &mut deviations,
        ),
        scope: GrantedScope::read(members.get("scope"), quirks, &mut deviations),
        id_token: optional("id_token", &mut deviations),
        issued_token_type,
        deviations,
        at: quirks.token_at.clone(),
    })
}

/// It goes into a header, so a space or anything that is not visible ASCII makes it useless.
fn access_token<'a, const N: usize>(members: &Members<'a, N>) -> Result<Cow<'a, str>, Unusable> {
    const NAME: &str = "access_token";
    let member = members.get(NAME).ok_or(Unusable::MemberMissing(NAME))?;
    let token = member.string().ok_or(Unusable::MemberMalformed(NAME))?;
    if token.is_empty() || !ascii::is_graphic(&token) {
        return Err(Unusable::MemberMalformed(NAME));
    }
    Ok(token)
}

fn token_type<const N: usize>(
    members: &Members<'_, N>,
    quirks: &Quirks,
    deviations: &mut Vec<Deviation>,
) -> Result<TokenType, Unusable> {
    const NAME: &str = "token_type";
    let Some(member) = members.get(NAME) else {
        if quirks.assume_bearer {
            deviations.push(Deviation::TokenTypeAbsent);
            return Ok(TokenType::Bearer);
        }
        return Err(Unusable::MemberMissing(NAME));
    };
    let name =
        member.string().filter(|name| !name.is_empty()).ok_or(Unusable::MemberMalformed(NAME))?;
    let token_type = TokenType::from_name(&name);
    if name != token_type.as_str() {
        deviations.push(Deviation::TokenTypeCase);
    }
    Ok(token_type)
}

fn issued<const N: usize>(
    members: &Members<'_, N>,
    asked: &TokenTypeIdentifier,
    quirks: &Quirks,
    deviations: &mut Vec<Deviation>,
) -> Result<TokenTypeIdentifier, Unusable> {
    match members.get(ISSUED) {
        None if quirks.assume_requested_token_type => {
            deviations.push(Deviation::IssuedTokenTypeAbsent);
            Ok(asked.clone())
        }
        None => Err(Unusable::MemberMissing(ISSUED)),
        Some(member) => match member.string().filter(|kind| !kind.is_empty()) {
            Some(kind) => Ok(TokenTypeIdentifier::from(kind.into_owned())),
            None => Err(Unusable::MemberMalformed(ISSUED)),
        },
    }
}

/// An empty string counts as absent; anything but a string is malformed and costs nothing else.
fn optional_secret<'a, const N: usize>(
    members: &Members<'a, N>,
    name: &'static str,
    deviations: &mut Vec<Deviation>,
) -> Option<Cow<'a, str>> {
    // What could never be sent again, or is no longer what was sent, is no token.
    let damaged = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
    let fine = |text: &str| ascii::is_printable(text) || !text.chars().any(damaged);
    match members.get(name)?.string().filter(|text| fine(text)) {
        Some(text) => Some(text).filter(|text| !text.is_empty()),
        None => {
            deviations.push(Deviation::MalformedMember(name));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE};
    use proptest::prelude::*;

    use super::*;
    use crate::value::CredentialUse;

    /// The other road: the body is opened for its error, and then read again for the tokens.
    fn in_two_passes(
        reply: Reply<'_>,
        rules: Rules<'_>,
        exchange: Option<&TokenTypeIdentifier>,
    ) -> Result<TokenResponse, ReplyError> {
        let unique = if exchange.is_some() { 8 } else { 7 };
        let mut opened = body::open(reply, rules)?;
        opened.expect_status(reply, 200);
        let Body { text, mut deviations } = opened;
        let object = match rules.quirks.token_at.as_deref() {
            None => Ok(&*text),
            Some(path) => {
                deviations.push(Deviation::Envelope);
                json::descend(&text, path).ok_or(Unusable::EnvelopeMissing)
            }
        };
        let answer = object
            .and_then(|object| Ok(json::object_with_unique(object, MEMBERS, unique)?))
            .and_then(|members| interpret(&members, &text, rules.quirks, exchange, deviations));
        match answer {
            Ok(answer) => Ok(answer.keep(text.clone().into_owned())),
            Err(why) => Err(rules.unusable(reply, why)),
        }
    }

    /// All that a reading says, for comparison.
    fn said(read: Result<TokenResponse, ReplyError>) -> String {
        match read {
            Ok(tokens) => {
                let token = tokens.access_token();
                let again = tokens.clone();
                let exposed = |secret: Option<&Secret>| secret.map(|text| text.expose().to_owned());
                format!(
                    "{tokens:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
                    token.expose(),
                    token.token_type().as_str(),
                    exposed(tokens.refresh_token()),
                    exposed(again.id_token()),
                    tokens.refresh_token_lifetime(),
                    tokens.issued_token_type().map(|kind| kind.as_str().to_owned()),
                    tokens.scope().or_requested(&"none".into()).as_str(),
                    tokens.extra::<serde_json::Value>("x"),
                    again.extra::<serde_json::Value>("scope"),
                )
            }
            Err(error) => format!(
                "{error:?} {error} {:?} {:?} {:?} {:?}",
                error.fault(),
                error
                    .refusal()
                    .and_then(|said| said.description())
                    .map(|text| text.raw().to_owned()),
                error.retry_after(),
                error.raw().expose_body(),
            ),
        }
    }

    fn agree(reply: Reply<'_>, quirks: &Quirks) -> Result<(), TestCaseError> {
        let credential = CredentialUse::Once;
        let rules = Rules { quirks, limit: 4096, credential, success: "access_token" };
        for exchange in [None, Some(&TokenTypeIdentifier::JWT)] {
            let (one, two) = (read(reply, rules, exchange), in_two_passes(reply, rules, exchange));
            prop_assert_eq!(said(one), said(two));
        }
        Ok(())
    }

    fn all_quirks() -> [Quirks; 14] {
        let none = Quirks::new;
        [
            none(),
            none().assume_bearer(),
            none().assume_requested_token_type(),
            none().comma_separated_scope(),
            none().error_at("/errcode", "/errmsg"),
            none().expires_alias(),
            none().expires_in_millis(),
            none().form_encoded_response(),
            none().ignore_content_type(),
            none().ok_false_is_error(),
            none().token_at("/x"),
            none().wordless_refusals(),
            none().zero_means_no_expiry(),
            none().form_encoded_response().token_at("/x").error_at("/error", "/x/scope"),
        ]
    }

    fn member() -> impl Strategy<Value = String> {
        let name = prop::sample::select(vec![
            "access_token",
            "token_type",
            "expires_in",
            "refresh_token",
            "refresh_token_expires_in",
            "scope",
            "id_token",
            "issued_token_type",
            "expires",
            "error",
            "error_description",
            "error_uri",
            "ok",
            "errcode",
            "errmsg",
            "x",
            r"access\u005ftoken",
            "a\nb",
        ]);
        let value = prop::sample::select(vec![
            "\"at\"",
            "\"Bearer\"",
            "\"bearer\"",
            "\"DPoP\"",
            "3600",
            "\"3600\"",
            "3600.0",
            "0",
            "-1",
            "\"a b\"",
            "\"a,b\"",
            "[\"a\",\"b\"]",
            "[1]",
            "\"\"",
            "null",
            "false",
            "true",
            "{}",
            "[[[]]]",
            "\"invalid_grant\"",
            "\"strange\"",
            r#""a\/b""#,
            r#""\ud800""#,
            "\"é\"",
            "\"\u{FFFD}\"",
            "\"a\u{7f}\"",
            "\"a\nb\"",
            "\"open",
            "tru",
            "1e99",
            r#"{"access_token":"in","token_type":"Bearer","error":"x","scope":"s"}"#,
        ]);
        (name, value).prop_map(|(name, value)| format!("\"{name}\":{value}"))
    }

    /// Nearly always a good answer with something done to it.
    fn body() -> impl Strategy<Value = Vec<u8>> {
        let good = prop::sample::select(vec![
            r#""access_token":"at","token_type":"Bearer""#,
            r#""access_token":"at","token_type":"Bearer","issued_token_type":"t","x":{"a":1}"#,
            r#""error":"invalid_grant""#,
            r#""x":0"#,
        ]);
        let twice = prop::option::weighted(0.3, any::<prop::sample::Index>());
        let more = (prop::collection::vec(member(), 0..5), twice).prop_map(|(mut more, twice)| {
            let again = twice.filter(|_| !more.is_empty()).map(|at| at.get(&more).clone());
            more.extend(again);
            more
        });
        let before = prop::sample::select(vec!["", "", "", "\u{FEFF}", "\n ", "["]);
        let after = prop::sample::select(vec!["", "", "", "\n", "x", "]"]);
        let damage = prop::option::weighted(0.2, (any::<prop::sample::Index>(), any::<u8>()));
        (before, good, more, after, damage).prop_map(|(before, good, more, after, damage)| {
            let more: String = more.iter().map(|member| format!(",{member}")).collect();
            let mut body = format!("{before}{{{good}{more}}}{after}").into_bytes();
            if let Some((at, byte)) = damage {
                *at.get_mut(&mut body) = byte;
            }
            body
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn both_roads_agree(
            body in body(),
            quirks in prop::sample::select(all_quirks().to_vec()),
            status in prop::sample::select(vec![200_u16, 200, 200, 201, 302, 400, 401, 403, 429, 503]),
            kind in prop::sample::select(vec!["application/json", "application/json;charset=UTF-8",
                "Application/JSON ; x", "application/jwt", "text/html", "application/jsonx", ""]),
        ) {
            let mut headers = HeaderMap::new();
            if !kind.is_empty() {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            }
            let status = StatusCode::from_u16(status).unwrap();
            agree(Reply::new(status, &headers, &body), &quirks)?;
        }

        #[test]
        fn both_roads_agree_on_anything(body in prop::collection::vec(any::<u8>(), 0..60)) {
            let headers = HeaderMap::new();
            for quirks in all_quirks() {
                agree(Reply::new(StatusCode::OK, &headers, &body), &quirks)?;
            }
        }
    }

    /// What the fuzzers have kept, read with every tolerance. A published copy comes without them.
    #[test]
    fn both_roads_agree_on_the_corpora() {
        let corpora = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus");
        let Ok(folders) = std::fs::read_dir(corpora) else { return };
        let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
        let mut count = 0;
        for file in files {
            let input = std::fs::read(file.unwrap().path()).unwrap();
            // The body stands after the first empty line, and whatever has none is a body too.
            let end = input.windows(2).position(|two| two == b"\n\n").map_or(0, |at| at + 2);
            let first = input.get(..3).and_then(|code| StatusCode::from_bytes(code).ok());
            let statuses = [StatusCode::OK, StatusCode::BAD_REQUEST, first.unwrap_or_default()];
            for (status, quirks) in statuses.iter().flat_map(|s| all_quirks().map(|q| (s, q))) {
                agree(Reply::new(*status, &HeaderMap::new(), &input[end..]), &quirks).unwrap();
            }
            count += 1;
        }
        assert!(count > 100, "{count} files");
    }
}
