//! [`Deadlines`] under a clock that is set forward and back: nobody is due later than was said, and by a clock that
//! only goes on, nobody earlier.

use std::collections::HashMap;

use grantwire::Timestamp;
use grantwire::flow::Deadlines;
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Happens {
    /// A key is due so many seconds from now.
    Set(u8, u16),
    Removed(u8),
    /// So many seconds pass.
    Passes(u16),
    /// The clock is set, by so many seconds.
    ClockSet(i32),
}

fn happens(jumps: bool) -> impl Strategy<Value = Happens> {
    let by = if jumps { -100_000..100_000_i32 } else { 0..1 };
    prop_oneof![
        4 => (0..6_u8, 0..2_000_u16).prop_map(|(key, after)| Happens::Set(key, after)),
        1 => (0..6_u8).prop_map(Happens::Removed),
        4 => (0..900_u16).prop_map(Happens::Passes),
        2 => by.prop_map(Happens::ClockSet),
    ]
}

/// What is true of a key: when it is due by a clock that only goes on, and how far the clock was set forward since.
struct Due {
    at: u64,
    gained: u64,
}

fn watch(events: &[Happens]) -> Result<(), TestCaseError> {
    let mut queue = Deadlines::new();
    let mut keys: HashMap<u8, Due> = HashMap::new();
    let (mut time, mut offset) = (0_u64, 0_i64);
    let clock = |time: u64, offset: i64| {
        Timestamp::from_unix_seconds((1_800_000_000 + time).saturating_add_signed(offset))
    };
    for event in events {
        match event {
            Happens::Set(key, after) => {
                let now = clock(time, offset);
                queue.set(*key, now + std::time::Duration::from_secs((*after).into()), now);
                keys.insert(*key, Due { at: time + u64::from(*after), gained: 0 });
            }
            Happens::Removed(key) => {
                queue.remove(key);
                keys.remove(key);
            }
            Happens::Passes(seconds) => time += u64::from(*seconds),
            Happens::ClockSet(by) => {
                // It is looked at before, so that no time is lost between two looks.
                queue.next_deadline(clock(time, offset));
                offset += i64::from(*by);
                let forward = u64::try_from(*by).unwrap_or(0);
                keys.values_mut().for_each(|due| due.gained += forward);
            }
        }
        let now = clock(time, offset);
        while let Some(key) = queue.pop_due(now) {
            let due = keys.remove(&key).expect("a key that was set");
            prop_assert!(time + due.gained >= due.at, "{key} is early: {time} of {}", due.at);
        }
        prop_assert_eq!(queue.len(), keys.len());
        prop_assert_eq!(queue.is_empty(), keys.is_empty());
        for (key, due) in &keys {
            prop_assert!(due.at > time, "{key} is late: {time} of {}", due.at);
        }
        let next = queue.next_deadline(now);
        prop_assert!(next.is_none_or(|next| next > now), "what is due was not handed out");
        let soonest = keys.values().map(|due| due.at - time).min();
        let says = next.map(|next| next.saturating_since(now).as_secs());
        prop_assert!(says <= soonest, "{says:?} and not {soonest:?}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn by_a_clock_that_jumps(events in vec(happens(true), 0..80)) {
        watch(&events)?;
    }

    #[test]
    fn by_a_clock_that_goes_on(events in vec(happens(false), 0..80)) {
        watch(&events)?;
    }
}

/// The clock is set back by an hour ten minutes after a token of an hour came.
#[test]
fn an_hour_back_costs_no_hour() {
    let at = Timestamp::from_unix_seconds;
    let mut queue = Deadlines::new();
    queue.set("session", at(10_000 + 3_540), at(10_000));
    assert_eq!(queue.pop_due(at(10_600)), None);
    let back = 10_600 - 3_600;
    assert_eq!(queue.next_deadline(at(back)), Some(at(back + 2_940)));
    assert_eq!(queue.pop_due(at(back + 2_939)), None);
    assert_eq!(queue.pop_due(at(back + 2_940)), Some("session"));
}
