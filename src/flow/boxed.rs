//! Drivers with a name: [`BoxDriver`] and its sisters, whose closures are boxed, to be kept in a struct.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use http::{Request, Response};

use super::answer_by::AnswerBy;
use super::blocking::BlockingDriver;
use super::driver::Driver;
use super::machine::Persisted;
use super::persist::Store;
use super::transport_failure::TransportFailure;
use crate::jose::{Signature, Unsigned};
use crate::request::Duties;
use crate::value::Timestamp;

type Answer = Result<Response<Vec<u8>>, TransportFailure>;
type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type LocalLater<T> = Pin<Box<dyn Future<Output = T>>>;

/// An async driver of one type whatever its closures are, which another thread may take. It stores `P`, and nothing by
/// default. From [`Driver::boxed`].
///
/// ```
/// # use std::future::ready;
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp, grant::ClientCredentials};
/// use grantwire::flow::{BoxDriver, Driver, Persisted, SecretSnapshot, Session, TransportFailure};
///
/// struct App {
///     driver: BoxDriver<SecretSnapshot>,
///     session: Session,
/// }
///
/// # async fn my_http_client(_: http::Request<Vec<u8>>, _: std::time::Duration) -> Result<http::Response<Vec<u8>>, TransportFailure> {
/// #     Err(TransportFailure::NOT_SENT)
/// # }
/// # async fn my_store(_: SecretSnapshot) -> Persisted<SecretSnapshot> { Persisted::Stored }
/// # fn make(session: Session) -> App {
/// let driver = Driver::new(
///     || Timestamp::from(std::time::SystemTime::now()),
///     |_until| ready(()), // or a timer
///     |request, _duties, answer_by| my_http_client(request, answer_by.within()),
/// );
/// let app = App { driver: driver.persist(my_store).boxed(), session };
/// # app
/// # }
/// ```
pub type BoxDriver<P = Infallible> = Driver<
    Box<dyn FnMut() -> Timestamp + Send>,
    Box<dyn FnMut(Timestamp) -> Later<()> + Send>,
    Box<dyn FnMut(Request<Vec<u8>>, Duties, AnswerBy) -> Later<Answer> + Send>,
    Box<dyn FnMut(Unsigned) -> Later<Option<Signature>> + Send>,
    Store<Box<dyn FnMut(P) -> Later<Persisted<P>> + Send>, P>,
>;

/// As [`BoxDriver`], for closures and futures that stay in one thread. From [`Driver::boxed_local`].
pub type LocalBoxDriver<P = Infallible> = Driver<
    Box<dyn FnMut() -> Timestamp>,
    Box<dyn FnMut(Timestamp) -> LocalLater<()>>,
    Box<dyn FnMut(Request<Vec<u8>>, Duties, AnswerBy) -> LocalLater<Answer>>,
    Box<dyn FnMut(Unsigned) -> LocalLater<Option<Signature>>>,
    Store<Box<dyn FnMut(P) -> LocalLater<Persisted<P>>>, P>,
>;

/// A blocking driver of one type whatever its closures are, which another thread may take. From
/// [`BlockingDriver::boxed`].
pub type BoxBlockingDriver<P = Infallible> = BlockingDriver<
    Box<dyn FnMut() -> Timestamp + Send>,
    Box<dyn FnMut(Timestamp) + Send>,
    Box<dyn FnMut(Request<Vec<u8>>, Duties, AnswerBy) -> Answer + Send>,
    Box<dyn FnMut(Unsigned) -> Option<Signature> + Send>,
    Store<Box<dyn FnMut(P) -> Persisted<P> + Send>, P>,
>;

/// As [`BoxBlockingDriver`], for closures that stay in one thread. From [`BlockingDriver::boxed_local`].
pub type LocalBoxBlockingDriver<P = Infallible> = BlockingDriver<
    Box<dyn FnMut() -> Timestamp>,
    Box<dyn FnMut(Timestamp)>,
    Box<dyn FnMut(Request<Vec<u8>>, Duties, AnswerBy) -> Answer>,
    Box<dyn FnMut(Unsigned) -> Option<Signature>>,
    Store<Box<dyn FnMut(P) -> Persisted<P>>, P>,
>;

impl<Now, Sleep, Sending, Sign, F, P> Driver<Now, Sleep, Sending, Sign, Store<F, P>> {
    /// With its closures in boxes, so that it has a name. Each thing it does costs one allocation more.
    pub fn boxed<Slept, Sent, Signed, Stored>(self) -> BoxDriver<P>
    where
        Now: FnMut() -> Timestamp + Send + 'static,
        Sleep: FnMut(Timestamp) -> Slept + Send + 'static,
        Slept: Future<Output = ()> + Send + 'static,
        Sending: FnMut(Request<Vec<u8>>, Duties, AnswerBy) -> Sent + Send + 'static,
        Sent: Future<Output = Answer> + Send + 'static,
        Sign: FnMut(Unsigned) -> Signed + Send + 'static,
        Signed: Future<Output = Option<Signature>> + Send + 'static,
        F: FnMut(P) -> Stored + Send + 'static,
        Stored: Future<Output = Persisted<P>> + Send + 'static,
    {
        let (now, mut sleep, mut send, mut sign, store) = self.into_parts();
        let mut store = store.into_inner();
        Driver::of(
            Box::new(now),
            Box::new(move |until| Box::pin(sleep(until))),
            Box::new(move |request, duties, by| Box::pin(send(request, duties, by))),
            Box::new(move |unsigned| Box::pin(sign(unsigned))),
            Store::new(Box::new(move |snapshot| Box::pin(store(snapshot)))),
        )
    }

    /// As [`Driver::boxed`], for closures and futures that stay in one thread.
    pub fn boxed_local<Slept, Sent, Signed, Stored>(self) -> LocalBoxDriver<P>
    where
        Now: FnMut() -> Timestamp + 'static,
        Sleep: FnMut(Timestamp) -> Slept + 'static,
        Slept: Future<Output = ()> + 'static,
        Sending: FnMut(Request<Vec<u8>>, Duties, AnswerBy) -> Sent + 'static,
        Sent: Future<Output = Answer> + 'static,
        Sign: FnMut(Unsigned) -> Signed + 'static,
        Signed: Future<Output = Option<Signature>> + 'static,
        F: FnMut(P) -> Stored + 'static,
        Stored: Future<Output = Persisted<P>> + 'static,
    {
        let (now, mut sleep, mut send, mut sign, store) = self.into_parts();
        let mut store = store.into_inner();
        Driver::of(
            Box::new(now),
            Box::new(move |until| Box::pin(sleep(until))),
            Box::new(move |request, duties, by| Box::pin(send(request, duties, by))),
            Box::new(move |unsigned| Box::pin(sign(unsigned))),
            Store::new(Box::new(move |snapshot| Box::pin(store(snapshot)))),
        )
    }
}

impl<Now, Sleep, Sending, Sign, F, P> BlockingDriver<Now, Sleep, Sending, Sign, Store<F, P>> {
    /// With its closures in boxes, so that it has a name.
    pub fn boxed(self) -> BoxBlockingDriver<P>
    where
        Now: FnMut() -> Timestamp + Send + 'static,
        Sleep: FnMut(Timestamp) + Send + 'static,
        Sending: FnMut(Request<Vec<u8>>, Duties, AnswerBy) -> Answer + Send + 'static,
        Sign: FnMut(Unsigned) -> Option<Signature> + Send + 'static,
        F: FnMut(P) -> Persisted<P> + Send + 'static,
    {
        let (now, sleep, send, sign, store) = self.0.into_parts();
        let store: Box<dyn FnMut(P) -> Persisted<P> + Send> = Box::new(store.into_inner());
        BlockingDriver(Driver::of(
            Box::new(now),
            Box::new(sleep),
            Box::new(send),
            Box::new(sign),
            Store::new(store),
        ))
    }

    /// As [`BlockingDriver::boxed`], for closures that stay in one thread.
    pub fn boxed_local(self) -> LocalBoxBlockingDriver<P>
    where
        Now: FnMut() -> Timestamp + 'static,
        Sleep: FnMut(Timestamp) + 'static,
        Sending: FnMut(Request<Vec<u8>>, Duties, AnswerBy) -> Answer + 'static,
        Sign: FnMut(Unsigned) -> Option<Signature> + 'static,
        F: FnMut(P) -> Persisted<P> + 'static,
    {
        let (now, sleep, send, sign, store) = self.0.into_parts();
        let store: Box<dyn FnMut(P) -> Persisted<P>> = Box::new(store.into_inner());
        BlockingDriver(Driver::of(
            Box::new(now),
            Box::new(sleep),
            Box::new(send),
            Box::new(sign),
            Store::new(store),
        ))
    }
}
