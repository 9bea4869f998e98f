//! Prints `allocations<tab>crate: work` of everything, after a look at what was made.

use grantwire_peers::CRATES;

fn main() {
    for (who, entries) in CRATES {
        for (what, prepare) in entries {
            // What is made once is made here.
            prepare().check();
            prepare().once();
            let mut work = prepare();
            let info = allocation_counter::measure(|| work.once());
            println!("{}\t{who}: {what}", info.count_total);
        }
    }
}
