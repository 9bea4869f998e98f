//! [`Watch`]: prints values in every way there is and remembers which types it saw.

use std::any::type_name;
use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::{Debug, Display};

use crate::needle::Needle;

pub struct Watch {
    needle: Needle,
    seen: BTreeSet<String>,
    leaks: Vec<String>,
}

impl Watch {
    pub fn new(secret: &[u8]) -> Self {
        Self { needle: Needle::new(secret), seen: BTreeSet::new(), leaks: Vec::new() }
    }

    /// A value that has only `Debug`.
    pub fn debug<T: Debug>(&mut self, value: &T) {
        self.note::<T>();
        self.look::<T>(format!("{value:?}"));
        self.look::<T>(format!("{value:#?}"));
    }

    /// A value that can also be displayed.
    pub fn display<T: Debug + Display>(&mut self, value: &T) {
        self.debug(value);
        self.look::<T>(format!("{value}"));
        self.look::<T>(format!("{value:#}"));
    }

    /// An error with all its causes, in the same ways.
    pub fn error<T: Error>(&mut self, error: &T) {
        self.display(error);
        let mut cause = error.source();
        while let Some(error) = cause {
            self.look::<T>(format!("{error} {error:?} {error:#} {error:#?}"));
            cause = error.source();
        }
    }

    /// The error of something that must fail.
    pub fn failure<V, E: Error>(&mut self, result: Result<V, E>) {
        match result {
            Ok(_) => panic!("{} was expected", type_name::<E>()),
            Err(error) => self.error(&error),
        }
    }

    /// What was printed elsewhere.
    pub fn text(&mut self, printed: String) {
        self.look::<str>(printed);
    }

    /// The names of the types of ours that were printed.
    pub fn seen(&self) -> &BTreeSet<String> {
        &self.seen
    }

    pub fn assert_silent(&self) {
        assert!(self.leaks.is_empty(), "\n{}\n", self.leaks.join("\n"));
    }

    /// The last part of a type's path, without its parameters.
    fn note<T: ?Sized>(&mut self) {
        let path = type_name::<T>().split('<').next().unwrap_or_default();
        if path.starts_with("grantwire::") {
            self.seen.extend(path.rsplit("::").next().map(str::to_owned));
        }
    }

    fn look<T: ?Sized>(&mut self, printed: String) {
        if self.needle.is_in(&printed) {
            let start: String = printed.chars().take(400).collect();
            self.leaks.push(format!("{} prints the secret: {start}", type_name::<T>()));
        }
    }
}

#[test]
#[should_panic(expected = "prints the secret")]
fn a_leak_in_a_cause_is_seen() {
    let mut watch = Watch::new(b"0123456789abcdef0123");
    watch.error(&std::io::Error::other("about 0123456789abcdef"));
    watch.assert_silent();
}
