//! [`Transition`]: a machine's moves as data.
//!
//! Each machine's table is what moves it; the diagram in its documentation is drawn from the same
//! table, and a test keeps the two equal.

/// One move of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Transition {
    /// The state before.
    pub from: &'static str,
    /// What happens.
    pub event: &'static str,
    /// The state after.
    pub to: &'static str,
}

impl Transition {
    pub(super) const fn new(from: &'static str, event: &'static str, to: &'static str) -> Self {
        Self { from, event, to }
    }
}

/// The table as a Mermaid state diagram. The first row's state is where it starts.
#[must_use]
pub fn mermaid(table: &[Transition]) -> String {
    let mut text = String::from("stateDiagram-v2\n");
    if let Some(first) = table.first() {
        text.push_str("    [*] --> ");
        text.push_str(first.from);
        text.push('\n');
    }
    for Transition { from, event, to } in table {
        for part in ["    ", from, " --> ", to, ": ", event, "\n"] {
            text.push_str(part);
        }
    }
    text
}

/// Declares a machine's states and events, and the one table that says which follows which.
macro_rules! transitions {
    (
        states { $($state:ident),+ $(,)? }
        events { $($event:ident),+ $(,)? }
        $($from:ident + $on:ident => $to:ident;)+
    ) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum State { $($state,)+ }

        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Event { $($event,)+ }

        impl State {
            const TABLE: &'static [$crate::flow::Transition] = &[
                $($crate::flow::Transition::new(
                    stringify!($from), stringify!($on), stringify!($to),
                ),)+
            ];

            /// The state after an event; `None` when the event does not fit.
            const fn after(self, event: Event) -> Option<Self> {
                match (self, event) {
                    $((Self::$from, Event::$on) => Some(Self::$to),)+
                    #[allow(unreachable_patterns)] // a full table would leave nothing
                    _ => None,
                }
            }

            const fn name(self) -> &'static str {
                match self { $(Self::$state => stringify!($state),)+ }
            }
        }
    };
}

pub(super) use transitions;
