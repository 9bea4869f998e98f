//! [`Session`]: tokens that stay fresh, over hours and processes.
//!
//! Driving a session *is* getting an access token. It refreshes ahead of expiry, one refresh at a
//! time; it stores a claim before it presents a single-use refresh token and stores what came of it
//! before anything is used; and when nobody can know what came of it, it says so.
//!
#![doc = include_str!("../session.md")]

mod begin;
mod config;
mod life;
mod machine;
mod outcome;
mod snapshot;

use std::fmt;
use std::sync::Arc;

pub use config::{AfterUnknown, Rotation, SessionConfig};
use life::Life;
pub use snapshot::{SecretSnapshot, SnapshotError};

use crate::client::Client;
use crate::dpop::Dpop;
use crate::endpoint::revocation::RevocationRequest;
use crate::endpoint::token_type_hint::TokenTypeHint;
use crate::flow::table::transitions;
use crate::flow::wait::Wait;
use crate::flow::{FlowError, Misuse, TokenFlow, Transition};
use crate::grant::JwtAssertion;
use crate::value::{AccessToken, Entropy, Timestamp};

transitions! {
    states {
        Resting, WaitingForOther, Claiming, Refreshing, Storing, Releasing, Marking, Burying, Unknown,
        Dead,
    }
    events {
        Due, DueUnclaimed, ClaimedByOther, ClaimExpired, FoundUnknown, FoundDead, Stored, NotStored,
        Overtaken, Rebased, Answered, AnsweredUnstored, Kept, KeptUnclaimed, Lost, Spent, Recheck,
        Resend, GivenUp,
    }
    Resting + Due => Claiming;
    Resting + DueUnclaimed => Refreshing;
    Resting + ClaimedByOther => WaitingForOther;
    Resting + FoundUnknown => Unknown;
    Resting + FoundDead => Dead;
    Resting + Overtaken => Resting;
    WaitingForOther + ClaimExpired => Marking;
    WaitingForOther + Overtaken => Resting;
    Claiming + Stored => Refreshing;
    Claiming + NotStored => Claiming;
    Claiming + Overtaken => Resting;
    Refreshing + Answered => Storing;
    Refreshing + AnsweredUnstored => Resting;
    Refreshing + Kept => Releasing;
    Refreshing + KeptUnclaimed => Resting;
    Refreshing + Lost => Marking;
    Refreshing + Spent => Burying;
    Storing + Stored => Resting;
    Storing + NotStored => Storing;
    Storing + Rebased => Storing;
    Storing + Overtaken => Resting;
    Releasing + Stored => Resting;
    Releasing + NotStored => Releasing;
    Releasing + Rebased => Releasing;
    Releasing + Overtaken => Resting;
    Marking + Stored => Unknown;
    Marking + NotStored => Marking;
    Marking + Overtaken => Resting;
    Burying + Stored => Dead;
    Burying + NotStored => Burying;
    Burying + Rebased => Burying;
    Burying + Overtaken => Resting;
    Unknown + Recheck => Marking;
    Unknown + Resend => Claiming;
    Unknown + GivenUp => Burying;
    Unknown + Overtaken => Resting;
    Dead + Overtaken => Resting;
}

/// How a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionStatus {
    /// Nothing is under way.
    Resting,
    /// A refresh, or the storing that belongs to it, is under way here or in another process.
    Refreshing,
    /// A refresh was sent and its outcome is unknown.
    OutcomeUnknown,
    /// The refresh token is dead.
    Dead,
}

/// Tokens of one user at one server, or of the client itself, kept fresh.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
/// # use grantwire::flow::{Machine, Persisted, Session, SessionConfig, Step};
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token");
/// # let client = Client::new(server, "c");
/// # let (now, entropy) = (Timestamp::EPOCH, Entropy::new([7; 32]));
/// let mut session = Session::from_refresh_token(&client, "tGzv3JOkF0XG5Qx2TlKWIA", SessionConfig::new(), entropy);
/// // The token may be good for one use only, so first of all a claim is stored:
/// assert!(matches!(session.poll(now), Step::Persist(_)));
/// session.handle_persisted(now, Persisted::Stored)?;
/// assert!(matches!(session.poll(now), Step::Send(..)));
/// # Ok::<(), grantwire::flow::Misuse>(())
/// ```
#[doc = ""]
#[doc = include_str!("../session.md")]
pub struct Session {
    client: Client,
    config: Arc<SessionConfig>,
    owner: [u8; 16],
    state: State,
    /// What the store holds, as far as this session knows.
    view: SecretSnapshot,
    /// What the store is being asked to hold.
    proposed: Option<Box<SecretSnapshot>>,
    handed_out: bool,
    life: Life,
    call: Option<Box<TokenFlow>>,
    entropy: Option<Entropy>,
    dpop: Option<Box<Dpop>>,
    /// What the server wants an attested client's next proof to hold.
    challenge: Option<Box<str>>,
    /// The claim this session holds, another's that it waits for, or the pause before the store is
    /// asked again.
    pause: Wait,
    /// How long the server is to be left alone.
    quiet: Wait,
    /// For how long the server still takes a token again that may have been used.
    grace: Wait,
    failures: u32,
    store_failures: u32,
    trouble: Option<FlowError>,
    sent: Option<Timestamp>,
    orders: Orders,
    is_client_credentials: bool,
    /// What is asked with, where it is made anew each time.
    assertion: Option<Box<JwtAssertion>>,
    /// `invalid_grant` was not believed, once.
    doubted: bool,
    /// The tokens to be stored first are a new login's, which beats whatever is stored.
    is_login: bool,
}

/// What the caller told the session to do at the next opportunity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Orders {
    #[default]
    None,
    Resend,
    GiveUp,
}

impl Session {
    /// The moves of this machine.
    pub const TRANSITIONS: &'static [Transition] = State::TABLE;

    /// The access token, if there is a usable one at this moment. Drives nothing.
    #[must_use]
    pub fn access_token(&self, now: Timestamp) -> Option<&AccessToken> {
        let held = self.view.tokens.as_ref()?;
        self.life.is_usable_at(now).then_some(&held.token)
    }

    /// How the session stands.
    #[must_use]
    pub const fn status(&self) -> SessionStatus {
        match self.state {
            State::Resting => SessionStatus::Resting,
            State::Unknown => SessionStatus::OutcomeUnknown,
            State::Dead => SessionStatus::Dead,
            _ => SessionStatus::Refreshing,
        }
    }

    /// The name of the state, as in [`Session::TRANSITIONS`].
    #[must_use]
    pub const fn state(&self) -> &'static str {
        self.state.name()
    }

    /// When driving would do more than hand out the token it has: refresh ahead of expiry, or look
    /// again. `None` when no moment is known: the lifetime is unknown, the session is dead or has no
    /// refresh token, or an answer is outstanding.
    ///
    /// Whenever driving has come to [`Step::Done`](super::Step::Done) or [`Step::Wait`](super::Step::Wait), it is ahead.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let due = |wait: &Wait| self.life.refresh_at().map(|due| due.max(wait.moment()));
        match self.state {
            State::Resting if !self.has_credential() => None,
            State::Resting => due(&self.quiet),
            State::Unknown if self.may_resend() => due(self.quiet.earlier(&self.grace)),
            State::Unknown => due(&self.pause),
            State::Refreshing | State::Dead => None,
            _ => (!self.handed_out).then(|| self.pause.moment()),
        }
    }

    /// Why the last refresh came to nothing, until one succeeds. A reply that could not be understood
    /// may hold the tokens all the same: [`FlowError::OutcomeUnknown`] says how they are taken up.
    #[must_use]
    pub const fn last_failure(&self) -> Option<&FlowError> {
        self.trouble.as_ref()
    }

    /// What the store holds, as far as this session knows.
    #[must_use]
    pub const fn snapshot(&self) -> &SecretSnapshot {
        &self.view
    }

    /// The request that revokes the session's refresh token, or its access token when that is all there
    /// is: on the way out, when the user signs off ([RFC 7009 §2](https://www.rfc-editor.org/rfc/rfc7009#section-2)). `None` when
    /// there is nothing to revoke. Drive it with an [`ExchangeFlow`](super::ExchangeFlow), and forget the
    /// snapshot.
    #[must_use]
    pub fn revocation(&self) -> Option<RevocationRequest> {
        let refresh = self.view.refresh_token.as_ref();
        let refresh = refresh.map(|token| (token.expose(), TokenTypeHint::RefreshToken));
        let access = self.view.tokens.as_ref();
        let access = access.map(|held| (held.token.expose(), TokenTypeHint::AccessToken));
        let (token, hint) = refresh.or(access)?;
        Some(self.client.revoke(token).hint(hint))
    }

    /// Command: a resource has refused this access token. Driving gets another. Where several requests are
    /// under way at once, a late refusal of a token that has been replaced by now changes nothing; returns
    /// whether it was the one in use.
    pub fn refuse(&mut self, token: &AccessToken) -> bool {
        let is_current = self.view.tokens.as_ref().is_some_and(|held| held.token == *token);
        if is_current {
            self.life.refuse();
        }
        is_current
    }

    /// Command: the access token is not to be used any more, whichever it is. Driving gets another.
    pub fn refuse_access_token(&mut self) {
        self.life.refuse();
    }

    /// Command: this is what the store holds now. A process that waits for another's claim, or that
    /// took the session for dead, need not wait to find out. Returns whether it was news.
    ///
    /// # Errors
    ///
    /// [`Misuse::OtherSession`] when it is another session's, [`Misuse::NotNow`] while something is
    /// under way here; the store will then say so by itself.
    pub fn catch_up(&mut self, now: Timestamp, stored: SecretSnapshot) -> Result<bool, Misuse> {
        stored.check(&self.client).map_err(|_| Misuse::OtherSession)?;
        if self.state.after(Event::Overtaken).is_none() || self.proposed.is_some() {
            return Err(Misuse::NotNow);
        }
        let is_news = stored.generation() > self.view.generation();
        if is_news {
            self.take_over(now, stored);
        }
        Ok(is_news)
    }

    /// Command: presents a refresh token again whose outcome is unknown, at one's own risk. If another
    /// process turns out to have presented it meanwhile, the command is void: that is another risk.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotNow`] unless the outcome is unknown.
    pub fn resend(&mut self) -> Result<(), Misuse> {
        self.order(Orders::Resend)
    }

    /// Command: gives the session up whose outcome is unknown. The user has to sign in again.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotNow`] unless the outcome is unknown.
    pub fn give_up(&mut self) -> Result<(), Misuse> {
        self.order(Orders::GiveUp)
    }

    fn order(&mut self, orders: Orders) -> Result<(), Misuse> {
        if self.state != State::Unknown {
            return Err(Misuse::NotNow);
        }
        self.orders = orders;
        Ok(())
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("state", &self.state)
            .field("snapshot", &self.view)
            .finish_non_exhaustive()
    }
}
