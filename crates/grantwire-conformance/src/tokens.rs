//! Access tokens, refresh tokens, and the families they belong to.
//!
//! Every token that comes, directly or by refresh, of one authorization is of one family. A
//! refresh token used twice, or a code used twice, ends the family
//! ([RFC 9700 §4.14.2](https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2)).

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::clients::{Client, Rotation, System};
use super::refusal::Refusal;

/// One authorization's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FamilyId(u64);

/// What tokens stand for.
#[derive(Clone)]
pub struct Grant {
    pub system: System,
    pub client_id: String,
    pub subject: String,
    pub scope: String,
    pub nonce: Option<String>,
    /// The thumbprint of the key it is bound to.
    pub jkt: Option<String>,
    /// Where the token is good. Empty: wherever no audience is asked for.
    pub audience: Vec<String>,
    /// Who acts for the subject, as in the claim
    /// ([RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1)).
    pub act: Option<Value>,
}

impl Grant {
    /// For this client and subject; nothing but a scope.
    pub fn new(client: &Client, subject: &str, scope: String) -> Self {
        Self {
            system: client.system,
            client_id: client.id.clone(),
            subject: subject.to_owned(),
            scope,
            nonce: None,
            jkt: None,
            audience: Vec::new(),
            act: None,
        }
    }

    /// The value of `token_type`.
    pub fn token_type(&self) -> &'static str {
        if self.jkt.is_some() { "DPoP" } else { "Bearer" }
    }
}

/// A live access token's meaning.
#[derive(Clone)]
pub struct Access {
    pub grant: Grant,
    pub expires_at: u64,
    pub family: FamilyId,
}

impl Access {
    /// Whether a place that takes tokens for nowhere in particular takes this one.
    pub fn is_good_at(&self, place: &str) -> bool {
        let audience = &self.grant.audience;
        audience.is_empty() || audience.iter().any(|each| each == place)
    }
}

struct Refresh {
    grant: Grant,
    family: FamilyId,
    expires_at: u64,
    used_at: Option<u64>,
}

/// All tokens.
#[derive(Default)]
pub struct Tokens {
    families: u64,
    ended: HashSet<FamilyId>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
}

impl Tokens {
    /// Opens a family.
    pub fn family(&mut self) -> FamilyId {
        self.families = self.families.wrapping_add(1);
        FamilyId(self.families)
    }

    /// Ends a family: none of its tokens is good any more.
    pub fn end(&mut self, family: FamilyId) {
        self.ended.insert(family);
    }

    pub fn issue_access(&mut self, value: &str, grant: Grant, family: FamilyId, expires_at: u64) {
        let access = Access { grant, expires_at, family };
        self.access.insert(value.to_owned(), access);
    }

    pub fn issue_refresh(&mut self, value: &str, grant: Grant, family: FamilyId, expires_at: u64) {
        let refresh = Refresh { grant, family, expires_at, used_at: None };
        self.refresh.insert(value.to_owned(), refresh);
    }

    /// What an access token means, if it is good for that system now.
    pub fn access(&self, system: System, value: &str, now: u64) -> Option<&Access> {
        self.access.get(value).filter(|access| {
            access.grant.system == system
                && access.expires_at > now
                && !self.ended.contains(&access.family)
        })
    }

    /// What a client's refresh token means, and when it ends, if it is good now.
    pub fn refresh(&self, client: &Client, value: &str, now: u64) -> Option<(&Grant, u64)> {
        let refresh = self.refresh.get(value).filter(|refresh| {
            refresh.grant.system == client.system
                && refresh.grant.client_id == client.id
                && refresh.expires_at > now
                && refresh.used_at.is_none()
                && !self.ended.contains(&refresh.family)
        })?;
        Some((&refresh.grant, refresh.expires_at))
    }

    /// Takes back one access token, or a refresh token with all that came of it
    /// ([RFC 7009 §2.1](https://www.rfc-editor.org/rfc/rfc7009#section-2.1)). Another client's is not
    /// this one's to take back.
    pub fn revoke(&mut self, client: &Client, value: &str) -> Result<(), Refusal> {
        let is_own = |grant: &Grant| grant.system == client.system && grant.client_id == client.id;
        let others = || Err(Refusal::unauthorized_client("the token is another client's"));
        if let Some(access) = self.access.get(value) {
            if !is_own(&access.grant) {
                return others();
            }
            self.access.remove(value);
        } else if let Some(refresh) = self.refresh.get(value) {
            if !is_own(&refresh.grant) {
                return others();
            }
            self.ended.insert(refresh.family);
        }
        Ok(())
    }

    /// Ends everything that a client has.
    pub fn end_all_of(&mut self, system: System, client_id: &str) {
        let is_its = |grant: &Grant| grant.system == system && grant.client_id == client_id;
        self.access.retain(|_, access| !is_its(&access.grant));
        self.refresh.retain(|_, refresh| !is_its(&refresh.grant));
    }

    /// Looks up the refresh token of a client, without using it.
    pub fn refreshable(
        &mut self,
        client: &Client,
        value: &str,
        now: u64,
    ) -> Result<(Grant, FamilyId), Refusal> {
        let known = self.refresh.get(value).filter(|refresh| {
            refresh.grant.system == client.system && refresh.grant.client_id == client.id
        });
        let Some(refresh) = known else {
            return Err(Refusal::invalid_grant("the refresh token is not known"));
        };
        if self.ended.contains(&refresh.family) {
            return Err(Refusal::invalid_grant("the refresh token was revoked"));
        }
        if refresh.expires_at <= now {
            return Err(Refusal::invalid_grant("the refresh token has expired"));
        }
        if let (Some(used_at), Rotation::Rotating { grace }) = (refresh.used_at, client.rotation) {
            // With no grace, the very second of the first use is too late as well.
            if grace == 0 || now > used_at.saturating_add(grace) {
                let family = refresh.family;
                self.end(family);
                return Err(Refusal::invalid_grant(
                    "the refresh token was used before; all its tokens are revoked",
                ));
            }
        }
        Ok((refresh.grant.clone(), refresh.family))
    }

    /// Marks a refresh token as used. Its first use is what counts.
    pub fn use_up(&mut self, value: &str, now: u64) {
        if let Some(refresh) = self.refresh.get_mut(value) {
            refresh.used_at.get_or_insert(now);
        }
    }
}
