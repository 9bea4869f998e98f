//! [`Plan`]: what a world is like, drawn from its seed.

use std::sync::Arc;
use std::time::Duration;

use grantwire::client::PrivateKeyJwt;
use grantwire::dpop::DpopKey;
use grantwire::flow::{AfterUnknown, Dpop, Rotation, SessionConfig};
use grantwire::jose::{Algorithm, PublicJwk, Signer};
use grantwire::{AuthorizationServer, Client};

use crate::chance::Chance;
use crate::server::{Manners, Rotates};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The session knows that tokens are for one use.
    SingleUse,
    /// It does not know, and they may be.
    Unknown,
    Reusable,
    ClientCredentials,
}

/// How often, in a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Often {
    pub server_fault: u64,
    pub not_sent: u64,
    pub request_lost: u64,
    pub answer_lost: u64,
    pub answer_late: u64,
    pub duplicated: u64,
    pub store_fails: u64,
    pub crash: u64,
}

impl Often {
    pub const NEVER: Self = Self {
        server_fault: 0,
        not_sent: 0,
        request_lost: 0,
        answer_lost: 0,
        answer_late: 0,
        duplicated: 0,
        store_fails: 0,
        crash: 0,
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    pub kind: Kind,
    pub policy: AfterUnknown,
    pub grace_s: u64,
    pub manners: Manners,
    pub assertions: bool,
    pub processes: usize,
    pub begins_with_login: bool,
    pub claim_s: u64,
    pub timeout_ms: u64,
    /// How wrong clocks are, in milliseconds, and whether they jump.
    pub skew_ms: u64,
    pub jumps: bool,
    pub often: Often,
    pub trouble_ms: u64,
    /// What the user does in the end about an outcome that is unknown.
    pub orders_resend: bool,
}

impl Plan {
    pub fn of(seed: u64) -> Self {
        let chance = &mut Chance::new(seed);
        let kinds = [Kind::SingleUse, Kind::SingleUse, Kind::Unknown, Kind::Reusable];
        let kind = match chance.permille(80) {
            true => Kind::ClientCredentials,
            false => chance.pick(&kinds),
        };
        let policies = [AfterUnknown::Hold, AfterUnknown::GiveUp, AfterUnknown::ResendWithinGrace];
        let policy = chance.pick(&policies);
        let grace_s = match kind {
            Kind::SingleUse if chance.permille(700) => chance.between(20, 300),
            _ => 0,
        };
        let rotates = match kind {
            Kind::SingleUse => Rotates::Always,
            Kind::Unknown => chance.pick(&[Rotates::Always, Rotates::Never, Rotates::Sometimes]),
            Kind::Reusable | Kind::ClientCredentials => Rotates::Never,
        };
        let timeout_ms = chance.between(5, 31) * 1000;
        let dpop = chance.permille(350);
        let calm = chance.permille(100);
        let (wrong, jumps) = (chance.permille(400), chance.permille(250));
        let often = |chance: &mut Chance, most| if calm { 0 } else { chance.between(0, most) };
        Self {
            seed,
            kind,
            policy,
            grace_s,
            manners: Manners {
                rotates,
                grace_ms: if grace_s > 0 { grace_s * 1000 + timeout_ms * 2 } else { 0 },
                lifetime_s: chance.pick(&[90, 300, 600, 3600]),
                says_lifetime: chance.permille(900),
                dpop,
                nonce_ms: chance.pick(&[20_000, 120_000, 900_000]),
            },
            assertions: chance.permille(250),
            processes: chance.pick(&[1, 2, 2, 3]),
            begins_with_login: chance.permille(600),
            claim_s: chance.pick(&[35, 60, 90]),
            timeout_ms,
            skew_ms: if wrong && !calm { chance.between(0, 600_000) } else { 0 },
            jumps: jumps && !calm,
            often: Often {
                server_fault: often(chance, 250),
                not_sent: often(chance, 100),
                request_lost: often(chance, 80),
                answer_lost: often(chance, 80),
                answer_late: often(chance, 80),
                duplicated: if chance.permille(100) { often(chance, 60) } else { 0 },
                store_fails: often(chance, 200),
                crash: often(chance, 60),
            },
            trouble_ms: chance.between(1, 4) * 3_600_000,
            orders_resend: chance.permille(300),
        }
    }

    /// Whether the session treats a refresh token as good for one use.
    pub fn is_single_use(&self) -> bool {
        matches!(self.kind, Kind::SingleUse | Kind::Unknown)
    }

    pub fn is_clock_right(&self) -> bool {
        self.skew_ms == 0 && !self.jumps
    }

    pub fn config(&self) -> Arc<SessionConfig> {
        let rotation = match self.kind {
            Kind::SingleUse => Rotation::SingleUse { grace: Duration::from_secs(self.grace_s) },
            Kind::Unknown => Rotation::Unknown,
            Kind::Reusable | Kind::ClientCredentials => Rotation::Reusable,
        };
        let config = SessionConfig::new().rotation(rotation).after_unknown(self.policy);
        let config = config.claim_for(Duration::from_secs(self.claim_s));
        let lifetime = Duration::from_secs(self.manners.lifetime_s);
        let assumes = !self.manners.says_lifetime && self.seed.is_multiple_of(2);
        Arc::new(if assumes { config.assume_lifetime(lifetime) } else { config })
    }

    pub fn client(&self) -> Client {
        let server = AuthorizationServer::new()
            .issuer("https://as.example")
            .token_endpoint("https://as.example/token");
        let client = Client::new(server, "simulated");
        match self.assertions {
            true => client.auth(PrivateKeyJwt::new(Signer::remote(Algorithm::Es256))),
            false => client,
        }
    }

    pub fn dpop(&self) -> Option<Dpop> {
        self.manners.dpop.then(|| Dpop::new(key()))
    }
}

/// The public key of RFC 7517 appendix A.1; what signs for it here signs nonsense.
pub fn key() -> DpopKey {
    let public = PublicJwk::from_json(
        r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#,
    );
    DpopKey::new(Signer::remote(Algorithm::Es256), &public.expect("a key")).expect("it fits")
}

/// As long as a signature is, and within the curve.
pub const SIGNATURE: [u8; 64] = [1; 64];
