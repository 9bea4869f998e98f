//! [`Count`]: how much happened, to be told. Nothing is decided by it.

/// What a world counted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub events: u64,
    pub requests: u64,
    pub refreshes: u64,
    pub faults: u64,
    pub crashes: u64,
    pub conflicts: u64,
    pub resent: u64,
    pub writes: u64,
    pub unknown: u64,
    pub dead: u64,
}

impl Count {
    pub fn add(&mut self, other: Self) {
        self.events += other.events;
        self.requests += other.requests;
        self.refreshes += other.refreshes;
        self.faults += other.faults;
        self.crashes += other.crashes;
        self.conflicts += other.conflicts;
        self.resent += other.resent;
        self.writes += other.writes;
        self.unknown += other.unknown;
        self.dead += other.dead;
    }
}
