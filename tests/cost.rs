//! What requests and replies may cost in memory.
//!
//! A test binary of its own, because counting replaces the allocator. The budgets are those of
//! `benches/cost/budgets.rs`; the benchmark `cost` holds the instructions.

#[path = "../benches/cost/budgets.rs"]
mod budgets;
#[path = "../benches/cost/hostile.rs"]
mod hostile;
#[path = "../benches/cost/inputs.rs"]
mod inputs;
#[path = "../benches/cost/linear.rs"]
mod linear;
#[path = "../benches/cost/operations.rs"]
mod operations;
#[path = "../benches/cost/table.rs"]
mod table;
#[path = "../benches/cost/work.rs"]
mod work;

use std::collections::HashSet;

use allocation_counter::{AllocationInfo, measure};
use budgets::{HOSTILE, LINEAR, OPERATIONS, Operation, STEPS, Sized};
use table::{Figure, Table};
use work::Work;

/// Counts one piece of work, after two that warm up whatever is made once.
fn allocations(prepare: impl Fn() -> Work) -> AllocationInfo {
    prepare().check();
    prepare().once();
    let mut work = prepare();
    measure(|| work.once())
}

fn operations_over(rows: &[Operation]) -> Vec<String> {
    let mut table = Table::default();
    table.title("one operation");
    for it in rows {
        let found = allocations(it.prepare).count_total;
        table.row(it.name, [Figure { what: "allocations", found, most: it.allocations }]);
    }
    table.failures
}

fn sized_over(title: &'static str, rows: &[Sized]) -> Vec<String> {
    let mut table = Table::default();
    table.title(title);
    for it in rows {
        let [small, large] = it.sizes.map(|size| allocations(|| (it.prepare)(size)));
        let grown = it.growth_of([small.bytes_total, large.bytes_total]);
        table.row(
            it.name,
            [
                Figure {
                    what: "at once %",
                    found: it.for_each_hundred(large.bytes_max),
                    most: it.peak,
                },
                Figure {
                    what: "in all %",
                    found: it.for_each_hundred(large.bytes_total),
                    most: it.bytes,
                },
                Figure { what: "growth %", found: grown, most: STEPS },
            ],
        );
    }
    table.failures
}

#[test]
fn operations_keep_to_their_allocations() {
    assert_eq!(operations_over(OPERATIONS), [""; 0]);
}

#[test]
fn hostile_input_keeps_to_its_memory() {
    assert_eq!(sized_over("hostile input", HOSTILE), [""; 0]);
}

#[test]
fn memory_is_linear_in_the_number_of_things() {
    assert_eq!(sized_over("many of one thing", LINEAR), [""; 0]);
}

/// The program under valgrind finds its work by name.
#[test]
fn every_name_stands_once() {
    let sized = HOSTILE.iter().chain(LINEAR).map(|it| it.name);
    let names: Vec<_> = OPERATIONS.iter().map(|it| it.name).chain(sized).collect();
    let different: HashSet<_> = names.iter().collect();
    assert_eq!(different.len(), names.len());
}

/// Each budget is one that could be exceeded.
#[test]
fn a_budget_that_is_exceeded_is_named() {
    let read = OPERATIONS.iter().find(|it| it.name.starts_with("read 200")).expect("a row");
    let found = operations_over(&[Operation { allocations: 0, ..*read }]);
    assert!(matches!(found.as_slice(), [one] if one.contains("allocations")), "{found:?}");

    let row = HOSTILE.iter().find(|it| it.name == "one long token").expect("a row");
    let found = sized_over("", &[Sized { peak: 1, ..*row }, Sized { bytes: 1, ..*row }]);
    let named = |found: &[String]| found[0].contains("at once") && found[1].contains("in all");
    assert!(found.len() == 2 && named(&found), "{found:?}");
    assert_eq!(row.growth_of([10, 10 * 16]), 100, "sixteen times the size");
    assert_eq!(row.growth_of([10, 10 * 16 * 16]), 1600, "quadratic");
    assert_eq!(row.growth_of([0, 1]), u64::MAX);
}
