//! A piece of work whose cost can be counted.
//!
//! Who counts, and what, is said elsewhere: `tests/cost.rs` counts allocations, and the benchmark of this
//! name instructions, in a program of its own, because an allocator that counts takes instructions too.

#![allow(dead_code, reason = "each program takes the part it needs")]

use std::hint::black_box;

/// One piece of work with everything it needs in hand: what a caller has before it calls is made before
/// the counting starts, and what the work made is dropped within it.
pub struct Work(Box<dyn FnMut(bool)>);

impl Work {
    /// `make` is counted, with the drop of what it made; `check` says that it was the right thing.
    pub fn new<T>(make: impl FnOnce() -> T + 'static, check: impl Fn(&T) + 'static) -> Self {
        let mut make = Some(make);
        Self(Box::new(move |checking| {
            let make = make.take().expect("work is done once");
            let made = black_box(make());
            if checking {
                check(&made);
            }
        }))
    }

    /// Does it and looks at what was made.
    ///
    /// # Panics
    ///
    /// When that is not what it should be.
    pub fn check(mut self) {
        (self.0)(true);
    }

    /// Does it, without a look.
    pub fn once(&mut self) {
        (self.0)(false);
    }
}

/// What outlives all counting, so that dropping it is never counted.
pub fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}
