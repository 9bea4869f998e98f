//! What a request and a reply may cost in memory.
//!
//! A test binary of its own, because counting replaces the allocator. The benchmark `cost` prints the
//! same figures and counts instructions too; nothing here measures time.

#[path = "../benches/cost/cases.rs"]
mod cases;
#[path = "../benches/cost/hostile.rs"]
mod hostile;

use allocation_counter::{AllocationInfo, measure};
use cases::{CASES, Case, Made, Run, check};
use hostile::{LARGE, SHAPES, SMALL};

/// Counts one run, after two that warm up whatever is made once.
fn counted(prepare: impl Fn() -> Run) -> (AllocationInfo, Made) {
    let mut made = (prepare())();
    made = std::hint::black_box(made);
    drop(std::mem::replace(&mut made, (prepare())()));
    let run = prepare();
    let info = measure(|| made = run());
    (info, made)
}

#[test]
fn budgets_are_kept() {
    for Case { name, budget, prepare } in CASES {
        let (info, made) = counted(prepare);
        check(name, &made).unwrap();
        println!("{name}: {} allocations, {} bytes", info.count_total, info.bytes_total);
        assert!(
            info.count_total <= *budget,
            "{name}: {} allocations where {budget} are allowed",
            info.count_total
        );
    }
}

/// The most bytes held at once, and the most allocated in all, for each byte of the largest body. The
/// worst shape is a body that is not UTF-8: each of its bytes becomes a character of three.
const PEAK: u64 = 7;
const TOTAL: u64 = 9;

#[test]
fn memory_is_linear_in_the_body() {
    for shape in SHAPES {
        let [small, large] = [SMALL, LARGE].map(|size| counted(|| shape.run(size)).0);
        println!(
            "{}: {} and {} bytes in all, {} and {} at once",
            shape.name, small.bytes_total, large.bytes_total, small.bytes_max, large.bytes_max
        );
        let times = (LARGE / SMALL) as u64;
        for (small, large, most) in [
            (small.bytes_total, large.bytes_total, TOTAL),
            (small.bytes_max, large.bytes_max, PEAK),
        ] {
            // A tenth more, because buffers that grow do so in steps.
            assert!(large <= small * times * 11 / 10, "{}: {small} became {large}", shape.name);
            assert!(large <= LARGE as u64 * most, "{}: {large}", shape.name);
        }
    }
}
