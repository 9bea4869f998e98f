//! What all kinds of token share: whose it is, for whom, for how long, and that it is of its kind.
//!
//! What is special to a kind is in its own file.

use super::error::{ClaimFault, ClaimsError, TokenKind};
use super::reader::{Claims, Presented};
use super::rules::{IssuerClaim, Parts, TokenRules};
use crate::jose::{Jws, KeySet, KeyType, SharedSecret, Verified, Verify, VerifyError, is_same_typ};
use crate::value::Timestamp;

impl TokenRules {
    /// Takes a token apart and compares what can be compared before anybody fetches a key for it:
    /// algorithm, `typ`, `iss`.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`]: no key would make it a token of this issuer.
    pub fn open(&self, kind: TokenKind, text: &str) -> Result<Jws, ClaimsError> {
        let open = || {
            let jws = Jws::parse(text).map_err(VerifyError::from).map_err(ClaimFault::Verify)?;
            self.compare(kind, &jws)?;
            Ok(jws)
        };
        open().map_err(|fault| ClaimsError::new(kind, fault))
    }

    /// As [`TokenRules::open`], for a token that came out of an encrypted one.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`]: no key would make it a token of this issuer.
    pub fn examine(&self, kind: TokenKind, jws: &Jws) -> Result<(), ClaimsError> {
        self.compare(kind, jws).map_err(|fault| ClaimsError::new(kind, fault))
    }

    fn compare(&self, kind: TokenKind, jws: &Jws) -> Result<(), ClaimFault> {
        if !(jws.is_unsecured() && self.parts().unsecured && kind == TokenKind::IdToken) {
            jws.expect_algorithm(&self.parts().algorithms).map_err(ClaimFault::Verify)?;
        }
        self.check_typ(kind, jws.typ())?;
        let payload = jws.unverified_claims().expose_json();
        let issuer = jws.unverified_claim("iss").ok_or(ClaimFault::Missing("iss"))?;
        let issuer = issuer.string().ok_or(ClaimFault::Malformed("iss"))?;
        self.check_issuer(payload, &issuer)
    }

    /// Opens a token, chooses its key and verifies it, all at once. Its claims are still to be checked by
    /// what expects it.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`], with a [`VerifyError`] in it when it is not verified. With
    /// [`VerifyError::NoKey`] the key set may be older than the key: fetch it again, once.
    pub fn verify(
        &self,
        kind: TokenKind,
        text: &str,
        keys: &KeySet,
        backend: &dyn Verify,
    ) -> Result<Verified, ClaimsError> {
        let algorithms = self.expected_algorithms();
        let verify = || {
            let jws = Jws::parse(text)?;
            let key = keys.choose_one(&jws, jws.expect_algorithm(algorithms)?)?;
            jws.with_key(algorithms, key)?.verify_with(backend)
        };
        verify().map_err(|error| self.explain(kind, text, error))
    }

    /// As [`TokenRules::verify`], for a token under the client secret.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`], with a [`VerifyError`] in it when it is not verified.
    pub fn verify_with_secret(
        &self,
        kind: TokenKind,
        text: &str,
        secret: &SharedSecret,
    ) -> Result<Verified, ClaimsError> {
        let verified = Jws::parse(text).map_err(VerifyError::from);
        let verified = verified.and_then(|jws| secret.verify(jws, self.expected_algorithms()));
        verified.map_err(|error| self.explain(kind, text, error))
    }

    /// That a token is another issuer's says more than that no key verifies it.
    fn explain(&self, kind: TokenKind, text: &str, error: VerifyError) -> ClaimsError {
        match self.open(kind, text) {
            Err(earlier) => earlier,
            Ok(_) => ClaimsError::new(kind, ClaimFault::Verify(error)),
        }
    }

    /// What all kinds share: key, algorithm, encryption, `typ`, `iss`, `aud`, `exp`, `nbf`, `iat`. Gives the
    /// number of audiences.
    pub(super) fn check(
        &self,
        kind: TokenKind,
        token: &Presented,
        claims: &Claims<'_>,
        now: Timestamp,
    ) -> Result<usize, ClaimFault> {
        if let (Some((_, issuer)), own) = (&token.signed, &self.parts().issuer)
            && issuer != own
        {
            return Err(ClaimFault::KeyIssuer);
        }
        match token.algorithm {
            Some(algorithm) if self.parts().algorithms.contains(&algorithm) => {}
            // Only the road without a signature has none, and it has asked for the permission.
            None if token.signed.is_none() => {}
            other => return Err(ClaimFault::Verify(VerifyError::Algorithm(other))),
        }
        if self.parts().encrypted && !token.content.decrypted {
            return Err(ClaimFault::NotEncrypted);
        }
        self.check_typ(kind, token.content.typ.as_deref())?;
        self.check_issuer(&token.content.payload, &claims.required_text("iss")?)?;
        let audiences = self.check_audience(kind, claims)?;
        let symmetric = matches!(token.signed, Some((KeyType::Symmetric, _)));
        if symmetric && audiences > 1 {
            return Err(ClaimFault::SeveralAudiences);
        }
        self.check_times(kind, claims, now)?;
        Ok(audiences)
    }

    fn check_typ(&self, kind: TokenKind, typ: Option<&str>) -> Result<(), ClaimFault> {
        let own = match kind {
            TokenKind::LogoutToken => Some("logout+jwt"),
            TokenKind::Introspection => Some("token-introspection+jwt"),
            _ => None,
        };
        let must = kind == TokenKind::Introspection || self.parts().require_typ && own.is_some();
        let fits = match typ {
            Some(typ) if own.is_some_and(|own| is_same_typ(typ, own)) => true,
            Some(typ) if self.parts().typ.iter().any(|other| is_same_typ(typ, other)) => true,
            Some(typ) => !must && !names_a_profile(typ),
            None => !must,
        };
        if fits { Ok(()) } else { Err(ClaimFault::Typ) }
    }

    fn check_issuer(&self, payload: &str, issuer: &str) -> Result<(), ClaimFault> {
        let fits = match &self.parts().tenants {
            Some(check) => check(IssuerClaim { issuer, payload }),
            None => issuer == self.parts().issuer.as_str(),
        };
        if fits { Ok(()) } else { Err(ClaimFault::Issuer) }
    }

    fn check_audience(&self, kind: TokenKind, claims: &Claims<'_>) -> Result<usize, ClaimFault> {
        let Parts { client_id, trusted, .. } = self.parts();
        let (mut own, mut strange, mut count) = (false, false, 0_usize);
        claims.audience(&mut |audience| {
            count = count.saturating_add(1);
            let is_own = audience == client_id.as_str();
            own |= is_own;
            strange |= !is_own && !trusted.iter().any(|other| **other == *audience);
        })?;
        // These two say "is or contains", and are answers to what this client has asked itself.
        let alone = !matches!(kind, TokenKind::Userinfo | TokenKind::Introspection);
        match (own, strange && alone) {
            (false, _) => Err(ClaimFault::Audience),
            (true, true) => Err(ClaimFault::OtherAudience),
            (true, false) => Ok(count),
        }
    }

    fn check_times(
        &self,
        kind: TokenKind,
        claims: &Claims<'_>,
        now: Timestamp,
    ) -> Result<(), ClaimFault> {
        let Parts { skew, most_age, .. } = self.parts();
        let (expires, issued) = (claims.moment("exp")?, claims.moment("iat")?);
        let needs_expiry = !matches!(kind, TokenKind::Userinfo | TokenKind::Introspection);
        let needs_issue = !matches!(kind, TokenKind::Userinfo | TokenKind::AuthorizationResponse);
        match expires {
            Some(expires) if now >= expires.saturating_add(*skew) => {
                return Err(ClaimFault::Expired);
            }
            None if needs_expiry => return Err(ClaimFault::Missing("exp")),
            _ => {}
        }
        let latest = now.saturating_add(*skew);
        if claims.moment("nbf")?.is_some_and(|begins| begins > latest) {
            return Err(ClaimFault::NotYetValid);
        }
        match issued {
            Some(issued) if issued > latest => Err(ClaimFault::IssuedInFuture),
            Some(issued)
                if most_age
                    .is_some_and(|age| now > issued.saturating_add(age).saturating_add(*skew)) =>
            {
                Err(ClaimFault::TooOld)
            }
            None if needs_issue || most_age.is_some() => Err(ClaimFault::Missing("iat")),
            _ => Ok(()),
        }
    }
}

/// Whether a `typ` says for which protocol a JWT was made (RFC 8725 section 3.11): it ends in `+jwt`
/// then. Some servers give such a name to ID tokens, which have none of their own.
fn names_a_profile(typ: &str) -> bool {
    const SUFFIX: &str = "+jwt";
    let tail = typ.len().checked_sub(SUFFIX.len()).and_then(|at| typ.get(at..));
    let is_profile = tail.is_some_and(|tail| tail.eq_ignore_ascii_case(SUFFIX));
    let of_id_tokens = ["id+jwt", "id_token+jwt", "id-token+jwt"];
    is_profile && !of_id_tokens.iter().any(|own| is_same_typ(typ, own))
}
