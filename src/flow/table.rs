//! [`Transition`]: a machine's moves as data.
//!
//! Each machine's table is what moves it; the diagram in its documentation is drawn from the same
//! table, and a test keeps the two equal. A condition that decides between events, or that holds a row back, is
//! written beside that row.

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
    /// On what condition, where the event does not say it.
    pub guard: Option<&'static str>,
}

impl Transition {
    pub(super) const fn new(from: &'static str, event: &'static str, to: &'static str) -> Self {
        Self { from, event, to, guard: None }
    }

    pub(super) const fn guarded(mut self, guard: &'static str) -> Self {
        self.guard = Some(guard);
        self
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
    for Transition { from, event, to, guard } in table {
        for part in ["    ", from, " --> ", to, ": ", event] {
            text.push_str(part);
        }
        if let Some(guard) = guard {
            for part in [" [", guard, "]"] {
                text.push_str(part);
            }
        }
        text.push('\n');
    }
    text
}

/// Declares the names of a machine's states, its events, and the one table that says which follows which.
///
/// What a state holds is the machine's to say, in an enum of its own with one variant a name; it moves by asking
/// the table whether the name of the next state is the one that follows.
macro_rules! transitions {
    (
        states $State:ident { $($state:ident),+ $(,)? }
        events { $($event:ident),+ $(,)? }
        $($from:ident + $on:ident $(if $guard:literal)? => $to:ident;)+
    ) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum $State { $($state,)+ }

        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Event { $($event,)+ }

        impl $State {
            pub(super) const TABLE: &'static [$crate::flow::table::Transition] = &[
                $($crate::flow::table::Transition::new(
                    stringify!($from), stringify!($on), stringify!($to),
                )$(.guarded($guard))?,)+
            ];

            /// The state after an event; `None` when the event does not fit.
            pub(super) const fn after(self, event: Event) -> Option<Self> {
                match (self, event) {
                    $((Self::$from, Event::$on) => Some(Self::$to),)+
                    #[allow(unreachable_patterns)] // a full table would leave nothing
                    _ => None,
                }
            }

            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$state => stringify!($state),)+ }
            }
        }
    };
}

pub(super) use transitions;
