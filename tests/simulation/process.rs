//! [`Process`]: one process with its session, its clock, and what it is owed.

use grantwire::Timestamp;

use crate::driven::Driven;
use crate::server::BEGINNING;

#[derive(Default)]
pub struct Process {
    pub session: Option<Driven>,
    /// Counts restarts, so that what was meant for an earlier life goes nowhere.
    pub life: u64,
    /// How wrong its clock is, in milliseconds.
    pub offset: i64,
    pub asked: Option<usize>,
    pub storing: Option<u64>,
    pub signing: bool,
    /// Its last step was to wait until this true moment.
    pub wait_until: Option<u64>,
    /// The server has asked it to stay away until this true moment.
    pub not_before: u64,
    /// The last answer asked for a nonce; and the request before it was itself a repetition.
    pub nonce_asked: bool,
    pub is_repetition: bool,
    /// A refresh token it was given and has not stored.
    pub owed: Option<String>,
    /// The user said to present the token again.
    pub ordered: bool,
    /// What came of the last demand.
    pub result: Option<String>,
}

impl Process {
    /// What its clock says at this true moment.
    pub const fn clock(&self, now: u64) -> Timestamp {
        Timestamp::from_unix_millis((BEGINNING + now).saturating_add_signed(self.offset))
    }

    pub const fn is_idle(&self) -> bool {
        self.asked.is_none() && self.storing.is_none() && !self.signing
    }

    /// What a machine does next is something new: it waits no more.
    pub const fn heard(&mut self) {
        self.wait_until = None;
    }

    /// The clock is set. Set forward, it uses up what was to be waited for.
    pub fn jump(&mut self, by: i64) {
        self.offset += by;
        let forward = u64::try_from(by).unwrap_or(0);
        self.not_before = self.not_before.saturating_sub(forward);
        self.wait_until = self.wait_until.map(|until| until.saturating_sub(forward));
    }

    /// Everything but the clock is gone.
    pub fn crash(&mut self) {
        let (life, offset) = (self.life + 1, self.offset);
        *self = Self { life, offset, ..Self::default() };
    }
}
