//! [`Deadlines`]: which of many machines is due next.
//!
//! A service with a hundred thousand sessions polls only the few that are due. This is a queue of
//! moments and keys; it holds no machine and reads no clock.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::Hash;

use crate::value::Timestamp;

/// A queue of keys by the moment each is due. One moment for each key; setting another replaces it.
///
/// ```
/// use grantwire::Timestamp;
/// use grantwire::flow::Deadlines;
///
/// let at = Timestamp::from_unix_seconds;
/// let mut queue = Deadlines::new();
/// queue.set("alice", at(20));
/// queue.set("bob", at(10));
/// queue.set("alice", at(5));
/// assert_eq!(queue.next_deadline(), Some(at(5)));
/// assert_eq!(queue.pop_due(at(7)), Some("alice"));
/// assert_eq!(queue.pop_due(at(7)), None);
/// ```
#[derive(Debug, Clone)]
pub struct Deadlines<K> {
    heap: BinaryHeap<Reverse<(Timestamp, u64)>>,
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
            keys: HashMap::new(),
            tickets: HashMap::new(),
            last_ticket: 0,
        }
    }

    /// Sets when this key is due.
    pub fn set(&mut self, key: K, at: Timestamp) {
        self.remove(&key);
        self.last_ticket = self.last_ticket.wrapping_add(1);
        self.heap.push(Reverse((at, self.last_ticket)));
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

    /// The next moment anything is due.
    pub fn next_deadline(&mut self) -> Option<Timestamp> {
        loop {
            let Reverse((at, ticket)) = *self.heap.peek()?;
            if self.keys.contains_key(&ticket) {
                return Some(at);
            }
            self.heap.pop();
        }
    }

    /// Takes a key that is due; the earliest first.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<K> {
        if self.next_deadline()? > now {
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
