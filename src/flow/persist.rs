//! [`StoredBy`]: what a driver has to be able to do with a machine's snapshots, and [`Store`], which does it by a
//! closure.

use std::convert::Infallible;
use std::future::{Future, Ready};
use std::marker::PhantomData;

use super::machine::Persisted;

/// What a machine stores. A type of one's own needs an `impl` without a word in it, so that
/// [`Infallible`], which stands for nothing to store, can be told from it.
pub trait Snapshot {}

/// A snapshot that this store of a driver takes. A [`Store`] takes what its closure takes; and [`Infallible`], of which
/// there is none, is taken by any.
#[diagnostic::on_unimplemented(
    message = "the machine stores a `{Self}`, and this driver has no `persist` that takes one",
    label = "this machine stores a `{Self}`",
    note = "give the driver one: `driver.persist(|snapshot| ..)`, which answers `Persisted::Stored`, `Conflict` or `Failed`"
)]
pub trait StoredBy<S>: Sized {
    /// What becomes of it.
    type Outcome: Future<Output = Persisted<Self>>;

    /// Stores it.
    fn stored_by(self, store: &mut S) -> Self::Outcome;
}

/// As [`StoredBy`], at once: for a [`BlockingDriver`](super::BlockingDriver).
#[diagnostic::on_unimplemented(
    message = "the machine stores a `{Self}`, and this driver has no `persist` that takes one",
    label = "this machine stores a `{Self}`",
    note = "give the driver one: `driver.persist(|snapshot| ..)`, which answers `Persisted::Stored`, `Conflict` or `Failed`"
)]
pub trait StoredAtOnceBy<S>: Sized {
    /// Stores it.
    fn stored_at_once_by(self, store: &mut S) -> Persisted<Self>;
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

impl<F, P, Outcome> StoredBy<Store<F, P>> for P
where
    F: FnMut(P) -> Outcome,
    Outcome: Future<Output = Persisted<P>>,
    P: Snapshot,
{
    type Outcome = Outcome;

    fn stored_by(self, store: &mut Store<F, P>) -> Outcome {
        (store.store)(self)
    }
}

impl<S> StoredBy<S> for Infallible {
    type Outcome = Ready<Persisted<Self>>;

    fn stored_by(self, _: &mut S) -> Self::Outcome {
        match self {}
    }
}

impl<F, P> StoredAtOnceBy<Store<F, P>> for P
where
    F: FnMut(P) -> Persisted<P>,
    P: Snapshot,
{
    fn stored_at_once_by(self, store: &mut Store<F, P>) -> Persisted<P> {
        (store.store)(self)
    }
}

impl<S> StoredAtOnceBy<S> for Infallible {
    fn stored_at_once_by(self, _: &mut S) -> Persisted<Self> {
        match self {}
    }
}
