//! A deterministic world: sessions against a model server, over a bad network, with crashes, wrong
//! clocks and several processes on one store. One seed is one world, and always the same one.
//!
//! `GRANTWIRE_SIM_SEEDS=2000` runs that many seeds; `GRANTWIRE_SIM_SEED=7` runs one and prints all of
//! it. Nothing here opens a socket or reads a clock, but to say how long it took.

mod chance;
mod count;
mod device;
mod driven;
mod fleet;
mod plan;
mod process;
mod rules;
mod server;
mod store;
mod world;

use count::Count;
use fleet::Fleet;
use plan::Plan;
use world::World;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn every_seed_keeps_the_rules() {
    let seeds = variable("GRANTWIRE_SIM_SEEDS").unwrap_or(200);
    let began = std::time::Instant::now();
    let mut sum = Count::default();
    for seed in 0..seeds {
        let mut world = World::new(Plan::of(seed));
        world.run();
        sum.add(world.count);
    }
    println!("{seeds} seeds in {:?}: {sum:?}", began.elapsed());
}

#[test]
fn one_seed_gives_one_trace() {
    for seed in (0..12).map(|n| n * 31) {
        let [first, second] = [0; 2].map(|_| World::new(Plan::of(seed)).run());
        assert_eq!(first, second, "seed {seed}");
    }
}

/// Runs the seed that `GRANTWIRE_SIM_SEED` names, and prints what happens.
#[test]
fn one_seed() {
    let Some(seed) = variable("GRANTWIRE_SIM_SEED") else { return };
    println!("a device flow ends {}", device::run(seed).result);
    let mut world = World::new(Plan::of(seed));
    let hash = world.run();
    println!("{}\n{:?}\n{:?}\n{hash}", world.lines.join("\n"), world.plan, world.count);
}

#[test]
fn every_device_flow_keeps_the_rules() {
    let seeds = variable("GRANTWIRE_SIM_SEEDS").unwrap_or(200);
    let mut ends = std::collections::BTreeMap::new();
    let mut polls = 0;
    for seed in 0..seeds {
        let ended = device::run(seed);
        *ends.entry(ended.result).or_insert(0) += 1;
        polls += ended.polls;
        if seed % 10 == 0 {
            assert_eq!(device::run(seed).trace, ended.trace, "seed {seed}");
        }
    }
    println!("{seeds} device flows, {polls} polls: {ends:?}");
    assert!(ends.len() == 4, "each end is reached");
}

const HOUR: u64 = 3_600_000;

#[test]
fn a_hundred_sessions_for_a_day() {
    let mut fleet = Fleet::new(1, 100);
    fleet.run(20 * HOUR, 24 * HOUR);
    let report = fleet.finish();
    assert!(report.refreshes > 1000, "{report:?}");
}

/// Takes a minute or so: `cargo test --release --test simulation -- --ignored --nocapture`.
#[test]
#[ignore = "for release builds"]
fn ten_thousand_sessions_for_seven_days() {
    let began = std::time::Instant::now();
    let mut fleet = Fleet::new(7, 10_000);
    fleet.run((7 * 24 - 4) * HOUR, 7 * 24 * HOUR);
    let report = fleet.finish();
    println!("10000 sessions, seven days, in {:?}: {report:?}", began.elapsed());
    assert!(report.refreshes > 10_000 * 7 * 10 && report.faults > 10_000);
}
