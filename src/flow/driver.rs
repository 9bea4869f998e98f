//! [`Driver`]: the loop around a machine, written once.
//!
//! It calls closures and nothing else: no runtime, no thread, no timer. The same loop serves blocking
//! callers, whose closures answer at once.

use std::convert::Infallible;
use std::fmt;
use std::future::{Future, Ready, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::{Request, Response};

use super::error::{FlowError, Misuse, TransportFailure};
use super::machine::{Machine, Persisted, Step};
use crate::jose::{Signature, Unsigned};
use crate::reply::ReplyError;
use crate::request::{Duties, Resend};
use crate::value::Timestamp;

/// How often a request is sent again that may be.
const RESENDS: u32 = 2;

/// What drives machines: how to send, sleep, tell the time, and perhaps to sign and to store.
///
/// Each closure takes what it needs by value, so a future it returns borrows nothing of the loop's.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp, grant::ClientCredentials};
/// # use grantwire::flow::{Driver, TokenFlow, TransportFailure};
/// # fn my_http_client(_: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, TransportFailure> {
/// #     Ok(http::Response::new(br#"{"access_token":"a","token_type":"Bearer"}"#.to_vec()))
/// # }
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token");
/// # let client = Client::new(server, "c");
/// let mut driver = Driver::blocking(
///     || Timestamp::from(std::time::SystemTime::now()),
///     |until: Timestamp| { /* sleep until then */ },
///     |request, _duties| my_http_client(request),
/// );
/// let mut flow = TokenFlow::new(client.token(ClientCredentials::new()), Entropy::new([7; 32]));
/// let tokens = driver.run(&mut flow)?;
/// # Ok::<(), grantwire::flow::DriveError>(())
/// ```
pub struct Driver<Now, Sleep, Send, Sign, Persist> {
    now: Now,
    sleep: Sleep,
    send: Send,
    sign: Sign,
    persist: Persist,
}

type NoSigning = fn(Unsigned) -> Ready<Option<Signature>>;
type NoStore<P> = fn(P) -> Ready<Option<Persisted<P>>>;

/// Why a machine could not be driven to its end.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DriveError {
    /// The machine ended without a value.
    Flow(FlowError),
    /// A closure's answer did not fit.
    Misuse(Misuse),
    /// The machine wants to store something and the driver has no way to.
    NoStore,
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
            Self::NoStore => "the flow has to store something: give the driver a `persist`",
            Self::NotSigned => "the flow needs a signature and got none: give the driver a `sign`",
            Self::Outstanding => {
                "an answer is outstanding elsewhere: tell the machine what came of it first"
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

impl<Now, Sleep, Send> Driver<Now, Sleep, Send, NoSigning, NoStore<Infallible>> {
    /// For async callers: `sleep` and `send` return futures.
    ///
    /// `send` tells a failure as what it is: [`TransportFailure::NotSent`] only when connecting failed.
    pub fn new(now: Now, sleep: Sleep, send: Send) -> Self {
        Self { now, sleep, send, sign: |_| ready(None), persist: |_| ready(None) }
    }
}

impl<Now, Sleep, Send, Sign, Persist> Driver<Now, Sleep, Send, Sign, Persist> {
    /// With a way to sign: an HSM, a KMS. `None` from it ends the run.
    pub fn sign<S>(self, sign: S) -> Driver<Now, Sleep, Send, S, Persist> {
        let Self { now, sleep, send, persist, .. } = self;
        Driver { now, sleep, send, sign, persist }
    }

    /// With a way to store. `None` from it ends the run.
    ///
    /// A driver that stores is for machines that store what it takes, such as a
    /// [`Session`](super::Session); a machine that stores nothing wants a driver without.
    pub fn persist<P>(self, persist: P) -> Driver<Now, Sleep, Send, Sign, P> {
        let Self { now, sleep, send, sign, .. } = self;
        Driver { now, sleep, send, sign, persist }
    }

    /// Drives a machine to its end.
    ///
    /// A request that may be sent twice is sent again at most twice, at once. Any other failure is told
    /// to the machine as what it is: a claim may be running out, and only the machine knows.
    ///
    /// A run that is dropped half-way, or that ends with [`DriveError::NoStore`], leaves an answer
    /// outstanding. Before the machine is driven again, tell it what is known: `handle_failure` with
    /// [`TransportFailure::Unknown`], or `handle_persisted` with [`Persisted::Failed`].
    ///
    /// # Errors
    ///
    /// [`DriveError`].
    pub async fn run<M, SleepF, SendF, SignF, PersistF, B>(
        &mut self,
        machine: &mut M,
    ) -> Result<M::Output, DriveError>
    where
        M: Machine + ?Sized,
        Now: FnMut() -> Timestamp,
        Sleep: FnMut(Timestamp) -> SleepF,
        SleepF: Future<Output = ()>,
        Send: FnMut(Request<Vec<u8>>, Duties) -> SendF,
        SendF: Future<Output = Result<Response<B>, TransportFailure>>,
        Sign: FnMut(Unsigned) -> SignF,
        SignF: Future<Output = Option<Signature>>,
        Persist: FnMut(M::Snapshot) -> PersistF,
        PersistF: Future<Output = Option<Persisted<M::Snapshot>>>,
        B: AsRef<[u8]>,
    {
        loop {
            match machine.poll((self.now)()) {
                Step::Done(result) => return result.map_err(DriveError::Flow),
                Step::Outstanding => return Err(DriveError::Outstanding),
                Step::Wait(until) => (self.sleep)(until).await,
                Step::Sign(unsigned) => {
                    let Some(signature) = (self.sign)(unsigned).await else {
                        machine.handle_failure((self.now)(), TransportFailure::NotSent)?;
                        return Err(DriveError::NotSigned);
                    };
                    machine.handle_signature(&signature)?;
                }
                Step::Persist(snapshot) => {
                    let outcome = (self.persist)(snapshot).await.ok_or(DriveError::NoStore)?;
                    machine.handle_persisted((self.now)(), outcome)?;
                }
                Step::Send(request, duties) => {
                    let mut result = (self.send)(request.clone(), duties).await;
                    for _ in 0..RESENDS {
                        match result {
                            Err(_) if duties.resend == Resend::Always => {
                                result = (self.send)(request.clone(), duties).await;
                            }
                            _ => break,
                        }
                    }
                    match result {
                        Ok(response) => {
                            let reply = crate::reply::Reply::from(&response);
                            machine.handle_reply((self.now)(), reply)?;
                        }
                        Err(failure) => machine.handle_failure((self.now)(), failure)?,
                    }
                }
            }
        }
    }
}

/// As [`Driver`], for closures that answer at once. Made by [`Driver::blocking`].
pub struct BlockingDriver<Now, Sleep, Send, Sign, Persist>(Driver<Now, Sleep, Send, Sign, Persist>);

type NoSigningHere = fn(Unsigned) -> Option<Signature>;
type NoStoreHere<P> = fn(P) -> Option<Persisted<P>>;

impl Driver<(), (), (), (), ()> {
    /// For blocking callers: every closure answers at once.
    pub fn blocking<Now, Sleep, Send>(
        now: Now,
        sleep: Sleep,
        send: Send,
    ) -> BlockingDriver<Now, Sleep, Send, NoSigningHere, NoStoreHere<Infallible>> {
        BlockingDriver(Driver { now, sleep, send, sign: |_| None, persist: |_| None })
    }
}

impl<Now, Sleep, Send, Sign, Persist> BlockingDriver<Now, Sleep, Send, Sign, Persist> {
    /// As [`Driver::sign`].
    pub fn sign<S>(self, sign: S) -> BlockingDriver<Now, Sleep, Send, S, Persist> {
        BlockingDriver(self.0.sign(sign))
    }

    /// As [`Driver::persist`].
    pub fn persist<P>(self, persist: P) -> BlockingDriver<Now, Sleep, Send, Sign, P> {
        BlockingDriver(self.0.persist(persist))
    }

    /// Drives a machine to its end.
    ///
    /// # Errors
    ///
    /// [`DriveError`].
    pub fn run<M, B>(&mut self, machine: &mut M) -> Result<M::Output, DriveError>
    where
        M: Machine + ?Sized,
        Now: FnMut() -> Timestamp,
        Sleep: FnMut(Timestamp),
        Send: FnMut(Request<Vec<u8>>, Duties) -> Result<Response<B>, TransportFailure>,
        Sign: FnMut(Unsigned) -> Option<Signature>,
        Persist: FnMut(M::Snapshot) -> Option<Persisted<M::Snapshot>>,
        B: AsRef<[u8]>,
    {
        let Driver { now, sleep, send, sign, persist } = &mut self.0;
        let mut driver = Driver {
            now,
            sleep: |until| {
                sleep(until);
                ready(())
            },
            send: |request, duties| ready(send(request, duties)),
            sign: |unsigned| ready(sign(unsigned)),
            persist: |snapshot| ready(persist(snapshot)),
        };
        // Every future in it is ready at once, so one poll goes to the end.
        match pin!(driver.run(machine)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(DriveError::Outstanding),
        }
    }
}

macro_rules! opaque {
    ($($name:ident),+) => {$(
        impl<A, B, C, D, E> fmt::Debug for $name<A, B, C, D, E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )+};
}

opaque!(Driver, BlockingDriver);
