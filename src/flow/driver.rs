//! [`Driver`]: the loop around a machine, written once.
//!
//! It calls closures and nothing else: no runtime, no thread, no timer. The same loop serves blocking
//! callers, whose closures answer at once: [`BlockingDriver`](super::BlockingDriver).

use crate::reply::{Reply, ReplyError};
use crate::request::{Duties, Resend};
use crate::value::Timestamp;
use std::convert::Infallible;
use std::fmt;
use std::future::{Future, Ready, ready};

use http::{Request, Response};

use super::answer_by::AnswerBy;
use super::error::{FlowError, Misuse};
use super::machine::{Machine, Persisted};
use super::persist::{NoStore, Snapshot, Store, StoredBy};
use super::step::{Step, Steps};
use super::transport_failure::TransportFailure;
use crate::jose::{Signature, Unsigned};

/// How often a request is sent again that may be.
const RESENDS: u32 = 2;

/// What drives machines: how to send, sleep, tell the time, and perhaps to sign and to store.
///
/// Each closure takes what it needs by value, so a future it returns borrows nothing of the loop's. What the closures
/// take is known where they are given, so they need no types written down. A driver that is kept in a struct has a
/// name as [`BoxDriver`](super::BoxDriver), from [`Driver::boxed`].
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp, grant::ClientCredentials};
/// # use grantwire::flow::{Driver, TokenFlow, TransportFailure};
/// # fn my_http_client(_: http::Request<Vec<u8>>, _: std::time::Duration) -> Result<http::Response<Vec<u8>>, TransportFailure> {
/// #     Ok(http::Response::new(br#"{"access_token":"a","token_type":"Bearer"}"#.to_vec()))
/// # }
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token");
/// # let client = Client::new(server, "c");
/// let mut driver = Driver::blocking(
///     || Timestamp::from(std::time::SystemTime::now()),
///     |until| { /* sleep until then */ },
///     |request, _duties, answer_by| my_http_client(request, answer_by.within()),
/// );
/// let mut flow = TokenFlow::new(client.token(ClientCredentials::new()), Entropy::new([7; 32]));
/// let tokens = driver.run(&mut flow)?;
/// # Ok::<(), grantwire::flow::DriveError>(())
/// ```
///
/// A machine that stores something is not driven without a `persist`, and the compiler says so:
///
/// ```compile_fail,E0277
/// # use std::future::ready;
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
/// # use grantwire::flow::{Driver, Session, SessionConfig, TransportFailure};
/// # let client = Client::new(AuthorizationServer::new(), "c");
/// let mut session = Session::from_refresh_token(&client, "r", SessionConfig::new(), Entropy::new([7; 32]));
/// let send = |_, _, _| Err::<http::Response<Vec<u8>>, _>(TransportFailure::NOT_SENT);
/// let mut driver = Driver::blocking(|| Timestamp::EPOCH, |_| (), send);
/// let token = driver.run(&mut session);   // the machine stores a `SecretSnapshot`, and this driver has no `persist`
/// ```
pub struct Driver<Now, Sleep, Send, Sign = NoSigner, Persist = NoStore> {
    now: Now,
    sleep: Sleep,
    send: Send,
    sign: Sign,
    persist: Persist,
}

/// No way to sign.
pub type NoSigner = fn(Unsigned) -> Ready<Option<Signature>>;

/// Why a machine could not be driven to its end.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DriveError {
    /// The machine ended without a value.
    Flow(FlowError),
    /// A closure's answer did not fit.
    Misuse(Misuse),
    /// The machine wants a signature, and there is no way to sign or the signer gave none.
    NotSigned,
    /// Another driver has something outstanding.
    Outstanding,
}

impl DriveError {
    /// The server's answer, if that is what ended it.
    #[must_use]
    pub fn reply(&self) -> Option<&ReplyError> {
        match self {
            Self::Flow(error) => error.reply(),
            _ => None,
        }
    }
}

impl fmt::Display for DriveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flow(error) => return error.fmt(f),
            Self::Misuse(_) => "a closure's answer did not fit",
            Self::NotSigned => "the flow needs a signature and got none: give the driver a `sign`",
            Self::Outstanding => {
                "an answer is outstanding elsewhere: tell the machine what came of it first, or `abandon` it"
            }
        })
    }
}

/// Transparent for what the machine says: the text is the machine's, and so is the cause.
impl std::error::Error for DriveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Flow(error) => error.source(),
            Self::Misuse(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Misuse> for DriveError {
    fn from(error: Misuse) -> Self {
        Self::Misuse(error)
    }
}

impl<Now, Sleep, Send> Driver<Now, Sleep, Send> {
    /// For async callers: `sleep` and `send` return futures.
    ///
    /// `send` times out by the [`AnswerBy`] that it is given, and tells a failure as what it is:
    /// [`TransportFailure::not_sent`] only when connecting failed.
    pub fn new<Slept, Sent, B>(now: Now, sleep: Sleep, send: Send) -> Self
    where
        Now: FnMut() -> Timestamp,
        Sleep: FnMut(Timestamp) -> Slept,
        Slept: Future<Output = ()>,
        Send: FnMut(Request<Vec<u8>>, Duties, AnswerBy) -> Sent,
        Sent: Future<Output = Result<Response<B>, TransportFailure>>,
        B: AsRef<[u8]>,
    {
        Self { now, sleep, send, sign: |_| ready(None), persist: Store::none() }
    }
}

impl<Now, Sleep, Send, Sign, Persist> Driver<Now, Sleep, Send, Sign, Persist> {
    /// With a way to sign: an HSM, a KMS. `None` from it ends the run.
    pub fn sign<S, Signed>(self, sign: S) -> Driver<Now, Sleep, Send, S, Persist>
    where
        S: FnMut(Unsigned) -> Signed,
        Signed: Future<Output = Option<Signature>>,
    {
        let Self { now, sleep, send, persist, .. } = self;
        Driver { now, sleep, send, sign, persist }
    }

    /// With a way to store, for machines that store a `P`. It drives those that store nothing, too.
    pub fn persist<F, P, Outcome>(self, persist: F) -> Driver<Now, Sleep, Send, Sign, Store<F, P>>
    where
        F: FnMut(P) -> Outcome,
        Outcome: Future<Output = Persisted<P>>,
        P: Snapshot,
    {
        let Self { now, sleep, send, sign, .. } = self;
        Driver { now, sleep, send, sign, persist: Store::new(persist) }
    }

    /// The closures, for a driver of another form.
    pub(super) fn into_parts(self) -> (Now, Sleep, Send, Sign, Persist) {
        (self.now, self.sleep, self.send, self.sign, self.persist)
    }

    pub(super) const fn parts(
        &mut self,
    ) -> (&mut Now, &mut Sleep, &mut Send, &mut Sign, &mut Persist) {
        let Self { now, sleep, send, sign, persist } = self;
        (now, sleep, send, sign, persist)
    }

    pub(super) const fn of(
        now: Now,
        sleep: Sleep,
        send: Send,
        sign: Sign,
        persist: Persist,
    ) -> Self {
        Self { now, sleep, send, sign, persist }
    }
}

impl<Now, Sleep, Send, Sign, Store> Driver<Now, Sleep, Send, Sign, Store> {
    /// Drives a machine to its end.
    ///
    /// A request that may be sent twice is sent again at most twice, at once, and while an answer is of use. Any
    /// other failure is told to the machine as what it is: a claim may be running out, and only the machine knows.
    ///
    /// A run that is dropped half-way, or that ends early, [abandons](Machine::abandon) what is outstanding. That
    /// costs nothing that is not on the wire: only a request with a credential that is good once has an unknown
    /// outcome then, and the machine can be driven again.
    ///
    /// # Errors
    ///
    /// [`DriveError`].
    pub async fn run<M, S, Slept, Sent, Signed, B>(
        &mut self,
        machine: &mut M,
    ) -> Result<S::Output, DriveError>
    where
        M: Machine<Steps = S> + ?Sized,
        S: Steps<
                Look = Infallible,
                Unverified = Infallible,
                Question = Infallible,
                Options = Infallible,
            >,
        Now: FnMut() -> Timestamp,
        Sleep: FnMut(Timestamp) -> Slept,
        Slept: Future<Output = ()>,
        Send: FnMut(Request<Vec<u8>>, Duties, AnswerBy) -> Sent,
        Sent: Future<Output = Result<Response<B>, TransportFailure>>,
        Sign: FnMut(Unsigned) -> Signed,
        Signed: Future<Output = Option<Signature>>,
        S::Snapshot: StoredBy<Store>,
        B: AsRef<[u8]>,
    {
        let Self { now, sleep, send, sign, persist } = self;
        drive(machine, now, sleep, send, sign, |snapshot| snapshot.stored_by(persist)).await
    }
}

/// The loop, for whatever closures.
pub(super) async fn drive<M, S, Slept, Sent, Signed, Stored, B>(
    machine: &mut M,
    now: &mut impl FnMut() -> Timestamp,
    mut sleep: impl FnMut(Timestamp) -> Slept,
    mut send: impl FnMut(Request<Vec<u8>>, Duties, AnswerBy) -> Sent,
    mut sign: impl FnMut(Unsigned) -> Signed,
    mut persist: impl FnMut(S::Snapshot) -> Stored,
) -> Result<S::Output, DriveError>
where
    M: Machine<Steps = S> + ?Sized,
    S: Steps<
            Look = Infallible,
            Unverified = Infallible,
            Question = Infallible,
            Options = Infallible,
        >,
    Slept: Future<Output = ()>,
    Sent: Future<Output = Result<Response<B>, TransportFailure>>,
    Signed: Future<Output = Option<Signature>>,
    Stored: Future<Output = Persisted<S::Snapshot>>,
    B: AsRef<[u8]>,
{
    let mut run = Run { machine, now, seen: Timestamp::EPOCH, is_asked: false };
    loop {
        match run.poll() {
            Step::Done(result) => return result.map_err(DriveError::Flow),
            Step::Outstanding => return Err(DriveError::Outstanding),
            Step::Wait(until) => sleep(until).await,
            Step::Sign(unsigned) => {
                let signed = sign(unsigned).await;
                run.tell(|machine, now| match &signed {
                    Some(signature) => machine.handle_signature(signature),
                    None => machine.handle_failure(now, TransportFailure::NOT_SENT),
                })?;
                signed.ok_or(DriveError::NotSigned)?;
            }
            Step::Persist(snapshot) => {
                let outcome = persist(snapshot).await;
                run.tell(|machine, now| machine.handle_persisted(now, outcome))?;
            }
            Step::Send(request, duties, answer_by) => {
                // Only what may be sent twice is kept for it.
                let mut spare = (duties.resend == Resend::Always).then(|| request.clone());
                let mut result = send(request, duties, answer_by).await;
                for resends in (0..RESENDS).rev() {
                    let left = answer_by.left(run.now());
                    if result.is_ok() || left.within().is_zero() {
                        break;
                    }
                    let last = resends == 0;
                    let next = if last { spare.take() } else { spare.clone() };
                    let Some(request) = next else { break };
                    result = send(request, duties, left).await;
                }
                run.tell(|machine, now| match result {
                    Ok(response) => machine.handle_reply(now, Reply::from(&response)),
                    Err(failure) => machine.handle_failure(now, failure),
                })?;
            }
        }
    }
}

/// One run. When it is dropped while something is outstanding that it has taken, nobody will answer that.
struct Run<'a, M: Machine + ?Sized, Now: FnMut() -> Timestamp> {
    machine: &'a mut M,
    now: &'a mut Now,
    /// What the clock said last.
    seen: Timestamp,
    /// Whether this run has taken something that the machine waits for.
    is_asked: bool,
}

impl<M: Machine + ?Sized, Now: FnMut() -> Timestamp> Run<'_, M, Now> {
    fn now(&mut self) -> Timestamp {
        self.seen = (self.now)();
        self.seen
    }

    fn poll(&mut self) -> Step<M::Steps> {
        let now = self.now();
        let step = self.machine.poll(now);
        self.is_asked = !matches!(step, Step::Wait(_) | Step::Outstanding | Step::Done(_));
        step
    }

    fn tell(
        &mut self,
        what: impl FnOnce(&mut M, Timestamp) -> Result<(), Misuse>,
    ) -> Result<(), DriveError> {
        let now = self.now();
        what(self.machine, now)?;
        self.is_asked = false;
        Ok(())
    }
}

impl<M: Machine + ?Sized, Now: FnMut() -> Timestamp> Drop for Run<'_, M, Now> {
    fn drop(&mut self) {
        if self.is_asked {
            // It may be the clock itself that panics, and once is enough.
            let now = if std::thread::panicking() { self.seen } else { self.now() };
            self.machine.abandon(now);
        }
    }
}

impl<A, B, C, D, E> fmt::Debug for Driver<A, B, C, D, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Driver")
    }
}
