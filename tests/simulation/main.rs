//! A deterministic world: sessions against a model server, over a bad network, with crashes, wrong
//! clocks and several processes on one store. One seed is one world, and always the same one.
//!
//! `GRANTWIRE_SIM_SEEDS=2000` runs that many seeds; `GRANTWIRE_SIM_SEED=7` runs one and prints all of
//! it. Nothing here opens a socket or reads a clock, but to say how long it took.

mod chance;
mod plan;
mod process;
mod rules;
mod server;
mod store;
mod world;

use plan::Plan;
use world::{Count, World};

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn every_seed_keeps_the_rules() {
    let seeds = variable("GRANTWIRE_SIM_SEEDS").unwrap_or(300);
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
    let mut world = World::new(Plan::of(seed));
    let hash = world.run();
    println!("{}\n{:?}\n{:?}\n{hash}", world.lines.join("\n"), world.plan, world.count);
}
