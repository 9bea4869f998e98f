//! [`Deadlines`]: which of many machines is due next.
//!
//! A service with a hundred thousand sessions polls only the few that are due. This is a queue of
//! keys and how long each is to be left alone; it holds no machine and reads no clock.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::Hash;
use std::time::Duration;

use crate::value::Timestamp;

/// A queue of keys by the moment each is due. One moment for each key; setting another replaces it.
///
/// It counts down what is left, as the machines' own waits do: a clock set back, even by hours, makes nobody
/// wait longer than was said, and one set forward makes them due early, which does no harm.
///
/// ```
/// use grantwire::Timestamp;
/// use grantwire::flow::Deadlines;
///
/// let at = Timestamp::from_unix_seconds;
/// let mut queue = Deadlines::new();
/// queue.set("alice", at(7020), at(7000));
/// queue.set("bob", at(7010), at(7000));
/// queue.set("alice", at(7005), at(7000));
/// assert_eq!(queue.next_deadline(at(7001)), Some(at(7005)));
/// assert_eq!(queue.pop_due(at(7007)), Some("alice"));
/// assert_eq!(queue.pop_due(at(7007)), None);
/// // Three seconds are left for bob. The clock is set back by an hour, and they are still three.
/// assert_eq!(queue.next_deadline(at(3407)), Some(at(3410)));
/// assert_eq!(queue.pop_due(at(3410)), Some("bob"));
/// ```
#[derive(Debug, Clone)]
pub struct Deadlines<K> {
    /// By the time that has passed since the first call, which never goes back.
    heap: BinaryHeap<Reverse<(Duration, u64)>>,
    passed: Duration,
    /// What the clock said last; none before the first call.
    seen: Option<Timestamp>,
    /// The key of each ticket in the heap; a ticket without one was replaced and is passed over.
    keys: HashMap<u64, K>,
    tickets: HashMap<K, u64>,
    last_ticket: u64,
}

impl<K: Clone + Eq + Hash> Default for Deadlines<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Clone + Eq + Hash> Deadlines<K> {
    /// An empty queue.
    #[must_use]
    pub fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            passed: Duration::ZERO,
            seen: None,
            keys: HashMap::new(),
            tickets: HashMap::new(),
            last_ticket: 0,
        }
    }

    /// Notes how much time has passed since the last call.
    fn tick(&mut self, now: Timestamp) {
        let since = self.seen.map_or(Duration::ZERO, |seen| now.saturating_since(seen));
        self.passed = self.passed.saturating_add(since);
        self.seen = Some(now);
    }

    /// Sets when this key is due, by the clock that says `now`.
    pub fn set(&mut self, key: K, at: Timestamp, now: Timestamp) {
        self.tick(now);
        self.remove(&key);
        self.last_ticket = self.last_ticket.wrapping_add(1);
        let due = self.passed.saturating_add(at.saturating_since(now));
        self.heap.push(Reverse((due, self.last_ticket)));
        self.keys.insert(self.last_ticket, key.clone());
        self.tickets.insert(key, self.last_ticket);
    }

    /// Forgets this key.
    pub fn remove(&mut self, key: &K) {
        if let Some(ticket) = self.tickets.remove(key) {
            self.keys.remove(&ticket);
        }
        // Replaced tickets stay in the heap until they come up; sweep when they are the most of it.
        if self.heap.len() > self.keys.len().saturating_mul(2).saturating_add(64) {
            self.heap.retain(|Reverse((_, ticket))| self.keys.contains_key(ticket));
        }
    }

    /// The next moment anything is due, by the clock that says `now`: `now` itself when something is due
    /// already.
    pub fn next_deadline(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.tick(now);
        let due = self.first()?;
        Some(now.saturating_add(due.saturating_sub(self.passed)))
    }

    /// When the first key is due, after those that were replaced have been passed over.
    fn first(&mut self) -> Option<Duration> {
        loop {
            let Reverse((due, ticket)) = *self.heap.peek()?;
            if self.keys.contains_key(&ticket) {
                return Some(due);
            }
            self.heap.pop();
        }
    }

    /// Takes a key that is due; the earliest first.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<K> {
        self.tick(now);
        if self.first()? > self.passed {
            return None;
        }
        let Reverse((_, ticket)) = self.heap.pop()?;
        let key = self.keys.remove(&ticket)?;
        self.tickets.remove(&key);
        Some(key)
    }

    /// How many keys wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tickets.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tickets.is_empty()
    }
}
