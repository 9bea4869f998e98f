//! Authorization codes and PKCE.
//!
//! A code is bound to its client, its redirect URI and its challenge, lives for a short time, and
//! is good for one exchange. A refused exchange does not use it up.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::clients::{Client, Pkce, RedirectRule, System};
use super::form::Form;
use super::refusal::Refusal;
use super::tokens::FamilyId;

/// What a code stands for.
#[derive(Clone)]
pub struct Code {
    pub system: System,
    pub client_id: String,
    /// Where the code was sent.
    pub redirect_uri: String,
    /// Whether the authorization request named the redirect URI.
    pub redirect_uri_named: bool,
    pub challenge: Option<String>,
    pub scope: String,
    pub nonce: Option<String>,
    pub subject: String,
    /// The key that the code was asked for with
    /// ([RFC 9449 §10](https://www.rfc-editor.org/rfc/rfc9449#section-10)).
    pub dpop_jkt: Option<String>,
    /// Where its tokens will be good.
    pub audience: Vec<String>,
    pub expires_at: u64,
}

/// Why a code was not taken.
pub enum Rejected {
    /// It was used before. The tokens that came of it have to go
    /// ([RFC 6749 §4.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2)).
    UsedBefore(FamilyId),
    Refused(Refusal),
}

/// All codes, and what became of them.
#[derive(Default)]
pub struct Codes {
    issued: HashMap<String, Code>,
    used: HashMap<String, FamilyId>,
}

impl Codes {
    pub fn issue(&mut self, value: String, code: Code) {
        self.issued.insert(value, code);
    }

    /// Checks a code exchange. The code stays good until [`Codes::spend`].
    pub fn check(&self, client: &Client, form: &Form, now: u64) -> Result<Code, Rejected> {
        let value = form.required("code").map_err(Rejected::Refused)?;
        let code = self
            .issued
            .get(value)
            .filter(|code| code.system == client.system && code.client_id == client.id)
            .ok_or_else(|| Rejected::Refused(Refusal::invalid_grant("the code is not known")))?;
        if let Some(family) = self.used.get(value) {
            return Err(Rejected::UsedBefore(*family));
        }
        if code.expires_at <= now {
            let refusal = Refusal::invalid_grant("the code has expired");
            return Err(Rejected::Refused(refusal));
        }
        check_redirect_uri(client, Some(code), form)
            .and_then(|()| check_verifier(code, form.get("code_verifier")))
            .map_err(Rejected::Refused)?;
        Ok(code.clone())
    }

    /// Marks a code as used for that family.
    pub fn spend(&mut self, value: &str, family: FamilyId) {
        self.used.insert(value.to_owned(), family);
    }
}

/// Applies the client's rule for `redirect_uri`. `code` is there for the code grant.
pub fn check_redirect_uri(
    client: &Client,
    code: Option<&Code>,
    form: &Form,
) -> Result<(), Refusal> {
    let sent = form.get("redirect_uri");
    match (client.redirect_rule, sent, code) {
        (RedirectRule::Absent, Some(_), _) => {
            Err(Refusal::about("redirect_uri", "is not expected here"))
        }
        (RedirectRule::Absent, None, _) => Ok(()),
        (RedirectRule::Fixed(fixed), Some(sent), _) if sent == fixed => Ok(()),
        (RedirectRule::Fixed(_), Some(_), _) => {
            Err(Refusal::about("redirect_uri", "is not the fixed one"))
        }
        (RedirectRule::Fixed(_), None, _) => Err(Refusal::about("redirect_uri", "is missing")),
        (RedirectRule::AsAuthorized, None, Some(code)) if code.redirect_uri_named => {
            Err(Refusal::about("redirect_uri", "is missing"))
        }
        (RedirectRule::AsAuthorized, Some(sent), Some(code)) if sent != code.redirect_uri => {
            Err(Refusal::invalid_grant("redirect_uri is not the one the code was sent to"))
        }
        (RedirectRule::AsAuthorized, _, _) => Ok(()),
    }
}

/// Reads the challenge of an authorization request
/// ([RFC 7636 §4.3](https://www.rfc-editor.org/rfc/rfc7636#section-4.3)); `S256` only.
pub fn challenge(form: &Form, policy: Pkce) -> Result<Option<String>, Refusal> {
    let challenge = form.get("code_challenge");
    match (challenge, form.get("code_challenge_method"), policy) {
        (None, Some(_), _) | (None, None, Pkce::Required) => {
            Err(Refusal::about("code_challenge", "is missing"))
        }
        (None, None, Pkce::Optional) => Ok(None),
        (Some(challenge), Some("S256"), _) => {
            // 32 bytes of SHA-256 are 43 characters of base64url.
            match URL_SAFE_NO_PAD.decode(challenge).map(|hash| hash.len()) {
                Ok(32) => Ok(Some(challenge.to_owned())),
                _ => Err(Refusal::about("code_challenge", "is not a SHA-256 hash")),
            }
        }
        (Some(_), _, _) => Err(Refusal::about("code_challenge_method", "is not S256")),
    }
}

/// [RFC 7636 §4.6](https://www.rfc-editor.org/rfc/rfc7636#section-4.6). A verifier for a code that
/// was asked for without a challenge is refused too: somebody took the challenge away.
fn check_verifier(code: &Code, verifier: Option<&str>) -> Result<(), Refusal> {
    match (&code.challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => {
            Err(Refusal::invalid_grant("the code was asked for without a code_challenge"))
        }
        (Some(_), None) => Err(Refusal::about("code_verifier", "is missing")),
        (Some(challenge), Some(verifier)) => {
            let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(unreserved) {
                return Err(Refusal::about("code_verifier", "is not well formed"));
            }
            if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == *challenge {
                Ok(())
            } else {
                Err(Refusal::invalid_grant("code_verifier is wrong"))
            }
        }
    }
}
