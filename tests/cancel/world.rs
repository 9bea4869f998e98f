//! [`World`]: a clock, a server, a signer and a store that do as they should, but for one thing that is never
//! answered.

use std::cell::RefCell;
use std::future::pending;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::LazyLock;
use std::time::Duration;

use grantwire::flow::{
    AnswerBy, Driver, LocalBoxBlockingDriver, LocalBoxDriver, Outstanding, Persisted,
    SecretSnapshot, TransportFailure,
};
use grantwire::jose::{Algorithm, LocalKey, Signature, Unsigned};
use grantwire::{Duties, Timestamp};
use http::{Request, Response};

use crate::server::Server;

/// The one key there is.
pub static KEY: LazyLock<LocalKey> =
    LazyLock::new(|| LocalKey::generate(Algorithm::Es256).expect("a key"));

/// More than any run here does; one that does more goes in circles.
const TOO_MUCH: usize = 2_000;

/// What was handed out and is never answered.
#[derive(Debug, Clone)]
pub enum Unanswered {
    Sleep,
    /// The answer that came too late, and whether the request presented something that is good once.
    Send {
        late: Response<Vec<u8>>,
        once: bool,
    },
    Sign(Unsigned),
    Persist,
}

impl Unanswered {
    pub const fn kind(&self) -> Option<Outstanding> {
        match self {
            Self::Sleep => None,
            Self::Send { .. } => Some(Outstanding::Send),
            Self::Sign(_) => Some(Outstanding::Sign),
            Self::Persist => Some(Outstanding::Persist),
        }
    }
}

struct Inner {
    now: Timestamp,
    server: Server,
    stored: Option<SecretSnapshot>,
    /// How many things were asked for, and which of them is not answered.
    asked: usize,
    silent_at: Option<usize>,
    /// Whether what is not answered was done all the same.
    is_done: bool,
    silent: Option<Unanswered>,
}

#[derive(Clone)]
pub struct World(Rc<RefCell<Inner>>);

type Later<T> = Pin<Box<dyn Future<Output = T>>>;

/// What was asked for is answered, or never.
fn later<T: 'static>(answer: Option<T>) -> Later<T> {
    Box::pin(async move {
        match answer {
            Some(answer) => answer,
            None => pending().await,
        }
    })
}

/// The same in a thread of one's own, where the only way out is to unwind. It runs no hook.
fn at_once<T>(answer: Option<T>) -> T {
    answer.unwrap_or_else(|| resume_unwind(Box::new("nobody answers")))
}

impl World {
    pub fn new(now: Timestamp) -> Self {
        Self(Rc::new(RefCell::new(Inner {
            now,
            server: Server::default(),
            stored: None,
            asked: 0,
            silent_at: None,
            is_done: false,
            silent: None,
        })))
    }

    /// From here on, the thing asked for after so many others is never answered.
    pub fn falls_silent(&self, after: usize, is_done: bool) {
        let mut inner = self.0.borrow_mut();
        inner.silent_at = Some(inner.asked + after);
        inner.is_done = is_done;
        inner.silent = None;
    }

    /// From here on, everything is answered. Says what was not.
    pub fn speaks(&self) -> Option<Unanswered> {
        let mut inner = self.0.borrow_mut();
        inner.silent_at = None;
        inner.silent.take()
    }

    pub fn now(&self) -> Timestamp {
        self.0.borrow().now
    }

    pub fn set_clock(&self, now: Timestamp) {
        self.0.borrow_mut().now = now;
    }

    /// Whether tokens were in an answer that never came, to a request that may be made again.
    pub fn has_lost_tokens(&self) -> bool {
        self.0.borrow().server.has_lost_tokens
    }

    fn sleep(&self, until: Timestamp) -> Option<()> {
        let mut inner = self.0.borrow_mut();
        assert!(until > inner.now, "a wait for nothing");
        let is_silent = inner.asks();
        if is_silent {
            inner.silent = Some(Unanswered::Sleep);
            return None;
        }
        inner.now = until;
        Some(())
    }

    fn send(
        &self,
        request: &Request<Vec<u8>>,
        duties: Duties,
        answer_by: AnswerBy,
    ) -> Option<Result<Response<Vec<u8>>, TransportFailure>> {
        let mut inner = self.0.borrow_mut();
        assert!(answer_by.within() > Duration::ZERO);
        let is_silent = inner.asks();
        if is_silent && !inner.is_done {
            let once = Server::presents_once(request);
            let late = inner.server.refusal();
            inner.silent = Some(Unanswered::Send { late, once });
            return None;
        }
        let answer = inner.server.answer(request, duties);
        if is_silent {
            inner.server.lost(&answer);
            let once = Server::presents_once(request);
            inner.silent = Some(Unanswered::Send { late: answer, once });
            return None;
        }
        Some(Ok(answer))
    }

    fn sign(&self, unsigned: Unsigned) -> Option<Option<Signature>> {
        let is_silent = self.0.borrow_mut().asks();
        if is_silent {
            self.0.borrow_mut().silent = Some(Unanswered::Sign(unsigned));
            return None;
        }
        Some(Some(KEY.sign(&unsigned).expect("a signature")))
    }

    fn persist(&self, snapshot: SecretSnapshot) -> Option<Persisted<SecretSnapshot>> {
        let mut inner = self.0.borrow_mut();
        let is_silent = inner.asks();
        if is_silent {
            inner.silent = Some(Unanswered::Persist);
            if !inner.is_done {
                return None;
            }
        }
        let held = inner.stored.as_ref();
        if let Some(held) = held.filter(|held| held.generation() + 1 != snapshot.generation()) {
            let conflict = Persisted::Conflict(held.clone());
            return (!is_silent).then_some(conflict);
        }
        inner.stored = Some(snapshot);
        (!is_silent).then_some(Persisted::Stored)
    }

    pub fn driver(&self) -> LocalBoxDriver<SecretSnapshot> {
        let [now, sleep, send, sign, persist] = [(); 5].map(|()| self.clone());
        Driver::new(
            move || now.now(),
            move |until| later(sleep.sleep(until)),
            move |request, duties, by| later(send.send(&request, duties, by)),
        )
        .sign(move |unsigned| later(sign.sign(unsigned)))
        .persist(move |snapshot| later(persist.persist(snapshot)))
        .boxed_local()
    }

    pub fn blocking(&self) -> LocalBoxBlockingDriver<SecretSnapshot> {
        let [now, sleep, send, sign, persist] = [(); 5].map(|()| self.clone());
        Driver::blocking(
            move || now.now(),
            move |until| at_once(sleep.sleep(until)),
            move |request, duties, by| at_once(send.send(&request, duties, by)),
        )
        .sign(move |unsigned| at_once(sign.sign(unsigned)))
        .persist(move |snapshot| at_once(persist.persist(snapshot)))
        .boxed_local()
    }
}

impl Inner {
    /// Counts, and says whether this is what is never answered.
    fn asks(&mut self) -> bool {
        let is_silent = self.silent_at == Some(self.asked);
        self.asked += 1;
        assert!(self.asked < TOO_MUCH, "it goes in circles");
        is_silent
    }
}
