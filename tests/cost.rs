//! What requests and replies may cost in memory.
//!
//! A test binary of its own, because counting replaces the allocator. The benchmark of this name does the
//! same and counts instructions too, and the budgets of both are in `benches/cost/budgets.rs`.

#[path = "../benches/cost/budgets.rs"]
mod budgets;
#[path = "../benches/cost/count.rs"]
mod count;
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

use std::collections::HashSet;

use budgets::{HOSTILE, LINEAR, OPERATIONS};
use table::Table;

/// What the table finds over its budget.
fn over(count: impl FnOnce(&mut Table)) -> Vec<String> {
    let mut table = Table::new(false);
    count(&mut table);
    table.failures
}

#[test]
fn operations_keep_to_their_allocations() {
    assert_eq!(over(|table| table.operations(OPERATIONS, "")), [""; 0]);
}

#[test]
fn hostile_input_keeps_to_its_memory() {
    assert_eq!(over(|table| table.sized("hostile input", HOSTILE, "")), [""; 0]);
}

#[test]
fn memory_is_linear_in_the_number_of_things() {
    assert_eq!(over(|table| table.sized("many of one thing", LINEAR, "")), [""; 0]);
}

/// The program under valgrind finds its work by name.
#[test]
fn every_name_stands_once() {
    let sized = HOSTILE.iter().chain(LINEAR).map(|it| it.name);
    let names: Vec<_> = OPERATIONS.iter().map(|it| it.name).chain(sized).collect();
    let different: HashSet<_> = names.iter().collect();
    assert_eq!(different.len(), names.len());
}

/// A budget that is one too small is noticed, in each of the columns.
#[test]
fn a_budget_that_is_exceeded_is_named() {
    let read = OPERATIONS.iter().find(|it| it.name.starts_with("read 200")).expect("a row");
    let less = budgets::Operation { allocations: 0, ..*read };
    let found = over(|table| table.operations(&[less], ""));
    assert!(matches!(found.as_slice(), [one] if one.contains("allocations")), "{found:?}");

    let row = HOSTILE.iter().find(|it| it.name == "one long string").expect("a row");
    let less = budgets::Sized { peak: 1, ..*row };
    let found = over(|table| table.sized("", &[less], ""));
    assert!(matches!(found.as_slice(), [one] if one.contains("at once")), "{found:?}");
}
