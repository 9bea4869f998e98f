//! [`List`]: an array of strings in a document, of which one bad element costs only itself.

use crate::value::Deviation;
use crate::wire::json::{Member, Members};

/// The strings that could be read, in order, and whether that is all there was.
#[derive(Clone)]
pub(super) struct List {
    pub(super) known: Vec<String>,
    pub(super) whole: bool,
}

impl List {
    /// The list of this name; what of it cannot be read is reported.
    pub(super) fn of<const N: usize>(
        members: &Members<'_, N>,
        name: &'static str,
        deviations: &mut Vec<Deviation>,
    ) -> Option<Self> {
        let list = Self::read(members.get(name)?);
        match &list {
            None => deviations.push(Deviation::MalformedMember(name)),
            Some(list) if !list.whole => deviations.push(Deviation::MalformedElement(name)),
            Some(_) => {}
        }
        list
    }

    /// `None` for what is no array.
    pub(super) fn read(member: Member<'_>) -> Option<Self> {
        let elements = member.elements()?;
        let known: Vec<String> =
            elements.iter().filter_map(|element| serde_json::from_str(element).ok()).collect();
        let whole = known.len() == elements.len();
        Some(Self { known, whole })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.known.iter().any(|known| known == name)
    }
}
