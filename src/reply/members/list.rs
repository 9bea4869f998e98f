//! [`List`]: an array of strings in a document, of which one bad element costs only itself.

use crate::reply::Deviation;
use crate::wire::json::{Member, Members};

/// The strings that could be read, in order, and whether that is all there was.
#[derive(Clone)]
pub(crate) struct List {
    pub(crate) known: Vec<String>,
    pub(crate) whole: bool,
}

impl List {
    /// The list of this name; what of it cannot be read is reported.
    pub(crate) fn of<const N: usize>(
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
    pub(crate) fn read(member: Member<'_>) -> Option<Self> {
        let elements = member.elements()?;
        let known: Vec<String> =
            elements.iter().filter_map(|element| serde_json::from_str(element).ok()).collect();
        let whole = known.len() == elements.len();
        Some(Self { known, whole })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.known.iter().any(|known| known == name)
    }
}
