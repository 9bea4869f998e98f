//! [`Persist`]: what a driver has to be able to do with a machine's snapshots, and [`Store`], which does it by a
//! closure.

use std::convert::Infallible;
use std::future::{Future, Ready};
use std::marker::PhantomData;

use super::machine::Persisted;

/// What a machine stores. A type of one's own needs an `impl` without a word in it, so that
/// [`Infallible`], which stands for nothing to store, can be told from it.
pub trait Snapshot {}

/// A way to store snapshots of this kind. What [`Driver::persist`](super::Driver::persist) was given is one; and
/// every driver has one for machines that store nothing.
#[diagnostic::on_unimplemented(
    message = "the machine stores a `{P}`, and this driver has no `persist` that takes one",
    label = "this machine stores a `{P}`",
    note = "give the driver one: `driver.persist(|snapshot| ..)`, which answers `Persisted::Stored`, `Conflict` or `Failed`"
)]
pub trait Persist<P> {
    /// What becomes of it.
    type Outcome: Future<Output = Persisted<P>>;

    /// Stores it.
    fn persist(&mut self, snapshot: P) -> Self::Outcome;
}

/// As [`Persist`], at once: for a [`BlockingDriver`](super::BlockingDriver).
#[diagnostic::on_unimplemented(
    message = "the machine stores a `{P}`, and this driver has no `persist` that takes one",
    label = "this machine stores a `{P}`",
    note = "give the driver one: `driver.persist(|snapshot| ..)`, which answers `Persisted::Stored`, `Conflict` or `Failed`"
)]
pub trait PersistAtOnce<P> {
    /// Stores it.
    fn persist_at_once(&mut self, snapshot: P) -> Persisted<P>;
}

/// A closure that stores.
pub struct Store<F, P> {
    store: F,
    snapshot: PhantomData<fn(P)>,
}

/// No way to store anything.
pub type NoStore = Store<fn(Infallible) -> Ready<Persisted<Infallible>>, Infallible>;

/// No way to store anything, at once.
pub type NoBlockingStore = Store<fn(Infallible) -> Persisted<Infallible>, Infallible>;

impl<F, P> Store<F, P> {
    pub(super) const fn new(store: F) -> Self {
        Self { store, snapshot: PhantomData }
    }

    pub(super) fn into_inner(self) -> F {
        self.store
    }
}

impl<T> Store<fn(Infallible) -> T, Infallible> {
    pub(super) const fn none() -> Self {
        Self::new(|snapshot| match snapshot {})
    }
}

impl<F, P, Outcome> Persist<P> for Store<F, P>
where
    F: FnMut(P) -> Outcome,
    Outcome: Future<Output = Persisted<P>>,
    P: Snapshot,
{
    type Outcome = Outcome;

    fn persist(&mut self, snapshot: P) -> Outcome {
        (self.store)(snapshot)
    }
}

/// A machine that stores nothing is driven by any driver.
impl<F, P> Persist<Infallible> for Store<F, P> {
    type Outcome = Ready<Persisted<Infallible>>;

    fn persist(&mut self, snapshot: Infallible) -> Self::Outcome {
        match snapshot {}
    }
}

impl<F, P> PersistAtOnce<P> for Store<F, P>
where
    F: FnMut(P) -> Persisted<P>,
    P: Snapshot,
{
    fn persist_at_once(&mut self, snapshot: P) -> Persisted<P> {
        (self.store)(snapshot)
    }
}

impl<F, P> PersistAtOnce<Infallible> for Store<F, P> {
    fn persist_at_once(&mut self, snapshot: Infallible) -> Persisted<Infallible> {
        match snapshot {}
    }
}
