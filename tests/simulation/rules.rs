//! [`Rules`]: what was sent and what came of it, and whether it may be sent again.

use std::collections::HashMap;

use grantwire::flow::AfterUnknown;

use crate::driven::Driven;
use crate::plan::Plan;
use crate::process::Process;
use crate::store::Seen;

/// What the process that sent a refresh token knows of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Pending,
    /// It heard that the token is as good as before.
    Clean,
    /// It was used, or nobody knows.
    Burnt,
}

#[derive(Debug)]
pub struct Sent {
    process: usize,
    life: u64,
    at: u64,
    fate: Fate,
    /// The user said so.
    ordered: bool,
}

#[derive(Debug, Default)]
pub struct Rules {
    sent: Vec<Sent>,
    of_token: HashMap<String, Vec<usize>>,
    /// How often the outcome of a request became unknown, for whatever reason.
    pub excuses: u64,
    /// How often a token was presented again that might have been used.
    pub resent: u64,
    pub duplicated: u64,
}

impl Rules {
    /// Notes that a request leaves, and says what is wrong with that.
    pub fn send(
        &mut self,
        plan: &Plan,
        now: u64,
        number: usize,
        process: &Process,
        token: Option<&str>,
    ) -> Result<usize, String> {
        if !process.is_idle() {
            return Err("a second thing is in flight".into());
        }
        if process.wait_until.is_some_and(|until| now < until) {
            return Err("a request is sent before its time".into());
        }
        if now < process.not_before && !process.ordered {
            return Err(format!("Retry-After is not honoured until {}", process.not_before));
        }
        if process.nonce_asked && process.is_repetition {
            return Err("a second repetition for a nonce".into());
        }
        if plan.is_single_use() {
            let session = process.session.as_ref().and_then(Driven::snapshot);
            let snapshot = session.expect("it has just been polled");
            let until = Seen::of(&snapshot.to_bytes()).claimed_until;
            if until.is_none_or(|until| process.clock(now).as_unix_millis() >= until) {
                return Err("a single-use token is sent without a claim that holds".into());
            }
        }
        let id = self.sent.len();
        self.sent.push(Sent {
            process: number,
            life: process.life,
            at: now,
            fate: Fate::Pending,
            ordered: process.ordered,
        });
        if let Some(token) = token {
            let earlier = self.of_token.entry(token.to_owned()).or_default();
            let dirty = earlier.iter().map(|id| &self.sent[*id]);
            // By a wrong clock, a user may order a resend while the first use is still to come.
            let counts = |sent: &&Sent| plan.is_clock_right() || !sent.ordered;
            let dirty = dirty.filter(|sent| sent.fate != Fate::Clean).filter(counts);
            let first = dirty.map(|sent| sent.at).min();
            earlier.push(id);
            if let Some(first) = first
                && plan.is_single_use()
            {
                self.resent += 1;
                may_resend(plan, now, first, process)?;
            }
        }
        Ok(id)
    }

    pub fn settle(&mut self, id: usize, fate: Fate) {
        if fate == Fate::Burnt {
            self.excuses += 1;
        }
        self.sent[id].fate = fate;
    }

    /// The server took this token and gave no other for it: it is as good as ever.
    pub fn still_good(&mut self, id: usize) {
        for ids in self.of_token.values().filter(|ids| ids.contains(&id)) {
            for earlier in ids {
                self.sent[*earlier].fate = Fate::Clean;
            }
        }
    }

    /// Whatever this process had in flight, it will not hear of.
    pub fn crashed(&mut self, process: usize, life: u64) {
        for sent in self.sent.iter_mut().rev().take(64) {
            if sent.process == process && sent.life == life && sent.fate == Fate::Pending {
                sent.fate = Fate::Burnt;
            }
        }
        self.excuses += 1;
    }
}

fn may_resend(plan: &Plan, now: u64, first: u64, process: &Process) -> Result<(), String> {
    if process.ordered {
        return Ok(());
    }
    if plan.policy != AfterUnknown::ResendWithinGrace || plan.grace_s == 0 {
        return Err("a refresh token is sent twice".into());
    }
    if process.nonce_asked && !plan.is_clock_right() {
        // By a clock that jumps, another may think that this process is gone, and resend as the policy
        // says. The claim of this one still holds by its own.
        return Ok(());
    }
    let session = process.session.as_ref().and_then(Driven::snapshot);
    let snapshot = session.expect("it has just been polled");
    let Some(since) = Seen::of(&snapshot.to_bytes()).unknown_since else {
        return Err("a refresh token is sent twice, and the claim does not say so".into());
    };
    let grace = plan.grace_s * 1000;
    if process.clock(now).as_unix_millis() >= since + grace {
        return Err("a refresh token is sent after its grace".into());
    }
    if plan.is_clock_right() && now >= first + grace {
        return Err(format!("a refresh token is sent {} ms after its first use", now - first));
    }
    Ok(())
}
