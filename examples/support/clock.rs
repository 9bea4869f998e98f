//! The system's clock, for those who drive machines by it. The crate itself has none.

use std::thread;
use std::time::SystemTime;

use grantwire::Timestamp;

/// This moment.
pub fn now() -> Timestamp {
    SystemTime::now().into()
}

/// Waits for a moment.
pub fn sleep_until(until: Timestamp) {
    thread::sleep(until.saturating_since(now()));
}
