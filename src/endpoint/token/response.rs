//! [`TokenResponse`]: a successful answer of the token endpoint
//! ([RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)).
//!
//! Only `access_token` and `token_type` can spoil an answer. Every other member is read on its own,
//! and one that cannot be read costs nothing but itself.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::grant::TokenTypeIdentifier;
use crate::reply::members::{GrantedScope, Lifetime};
use crate::reply::{Deviation, Reply, ReplyError, Rules, Unusable, body};
use crate::server::Quirks;
use crate::value::{AccessToken, Secret, TokenType};
use crate::wire::json::{self, Members};

/// A successful answer of the token endpoint.
#[derive(Clone)]
pub struct TokenResponse {
    access_token: AccessToken,
    lifetime: Lifetime,
    refresh_token: Option<Secret>,
    refresh_token_lifetime: Lifetime,
    scope: GrantedScope,
    id_token: Option<Secret>,
    issued_token_type: Option<TokenTypeIdentifier>,
    deviations: Vec<Deviation>,
    /// The whole document, and where in it the token object stands.
    body: Zeroizing<String>,
    at: Option<Arc<str>>,
}

impl TokenResponse {
    /// REQUIRED. The access token: not empty, and fit for a header.
    #[must_use]
    pub const fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    /// RECOMMENDED. How long the access token is good for, counted from when the answer was made.
    #[must_use]
    pub const fn lifetime(&self) -> &Lifetime {
        &self.lifetime
    }

    /// OPTIONAL. The refresh token to use from now on; `None` means the old one stays, if there was
    /// one ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)).
    #[must_use]
    pub const fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// How long the refresh token is good for, where a server says so (`refresh_token_expires_in`).
    #[must_use]
    pub const fn refresh_token_lifetime(&self) -> &Lifetime {
        &self.refresh_token_lifetime
    }

    /// The scope that was granted, as far as the server said.
    #[must_use]
    pub const fn scope(&self) -> &GrantedScope {
        &self.scope
    }

    /// OPTIONAL. An ID token. It is not verified here.
    #[must_use]
    pub const fn id_token(&self) -> Option<&Secret> {
        self.id_token.as_ref()
    }

    /// What exactly was granted, beyond scopes, as any type
    /// ([RFC 9396 §7](https://www.rfc-editor.org/rfc/rfc9396#section-7)); `None` when the server said nothing or the type does
    /// not fit.
    #[must_use]
    pub fn authorization_details<T: DeserializeOwned>(&self) -> Option<Vec<T>> {
        self.extra(crate::value::authorization_details::NAME)
    }

    /// How the answer departed from the rules and was accepted all the same.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// What was issued ([RFC 8693 §2.2.1](https://www.rfc-editor.org/rfc/rfc8693#section-2.2.1)). REQUIRED in the answer to a
    /// token exchange, and only read there: whatever it is, it is [`TokenResponse::access_token`].
    #[must_use]
    pub const fn issued_token_type(&self) -> Option<&TokenTypeIdentifier> {
        self.issued_token_type.as_ref()
    }

    /// Any member by name, as any type, read when asked; `None` when it is absent or of another type.
    ///
    /// ```
    /// # fn show(tokens: &grantwire::TokenResponse) {
    /// let account: Option<String> = tokens.extra("account_id");
    /// # }
    /// ```
    #[must_use]
    pub fn extra<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let object = self.at.as_deref().and_then(|path| json::descend(&self.body, path));
        let inside = object.and_then(|object| json::member(object, name).ok()?);
        // What stands outside the envelope is reachable too.
        inside.or_else(|| json::member(&self.body, name).ok()?)?.read()
    }
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenResponse")
            .field("token_type", &self.access_token.token_type())
            .field("lifetime", &self.lifetime)
            .field("refresh_token", &self.refresh_token)
            .field("scope", &self.scope)
            .field("id_token", &self.id_token)
            .field("deviations", &self.deviations)
            .finish_non_exhaustive()
    }
}

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
    let mut body = body::open(reply, rules)?;
    body.expect_status(reply, 200);
    interpret(&body.text, rules.quirks, exchange, body.deviations)
        .map_err(|why| rules.unusable(reply, why))
}

fn interpret(
    text: &str,
    quirks: &Quirks,
    exchange: Option<&TokenTypeIdentifier>,
    mut deviations: Vec<Deviation>,
) -> Result<TokenResponse, Unusable> {
    let mut object = text;
    if let Some(path) = &quirks.token_at {
        object = json::descend(text, path).ok_or(Unusable::EnvelopeMissing)?;
        deviations.push(Deviation::Envelope);
    }
    let unique = if exchange.is_some() { 8 } else { 7 };
    let members = json::object_with_unique(object, MEMBERS, unique)?;
    let secret = access_token(&members)?;
    let token_type = token_type(&members, quirks, &mut deviations)?;
    let issued_token_type = match exchange {
        None => None,
        Some(asked) => Some(issued(&members, asked, quirks, &mut deviations)?),
    };
    let mut expires = members.get("expires_in");
    if expires.is_none() && quirks.expires_alias {
        expires = members.get("expires");
        if expires.is_some() {
            deviations.push(Deviation::ExpiresAlias);
        }
    }
    Ok(TokenResponse {
        access_token: AccessToken::new(secret, token_type),
        lifetime: Lifetime::read(expires, quirks, &mut deviations),
        refresh_token: optional_secret(&members, "refresh_token", &mut deviations),
        refresh_token_lifetime: Lifetime::read(
            members.get("refresh_token_expires_in"),
            quirks,
            &mut deviations,
        ),
        scope: GrantedScope::read(members.get("scope"), quirks, &mut deviations),
        id_token: optional_secret(&members, "id_token", &mut deviations),
        issued_token_type,
        deviations,
        body: Zeroizing::new(text.to_owned()),
        at: quirks.token_at.clone(),
    })
}

/// It goes into a header, so a space or anything that is not visible ASCII makes it useless.
fn access_token<const N: usize>(members: &Members<'_, N>) -> Result<Secret, Unusable> {
    const NAME: &str = "access_token";
    let member = members.get(NAME).ok_or(Unusable::MemberMissing(NAME))?;
    let token = member.string().ok_or(Unusable::MemberMalformed(NAME))?;
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Unusable::MemberMalformed(NAME));
    }
    Ok(Secret::new(token))
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
fn optional_secret<const N: usize>(
    members: &Members<'_, N>,
    name: &'static str,
    deviations: &mut Vec<Deviation>,
) -> Option<Secret> {
    // What could never be sent again, or is no longer what was sent, is no token.
    let damaged =
        |text: &str| text.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER);
    match members.get(name)?.string().filter(|text| !damaged(text)) {
        Some(text) => (!text.is_empty()).then(|| Secret::new(text)),
        None => {
            deviations.push(Deviation::MalformedMember(name));
            None
        }
    }
}
