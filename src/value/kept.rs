//! [`Kept`]: text that is kept once and wiped when it goes, and [`Piece`], which is such a text or a part of
//! one.
//!
//! The body of a reply is kept whole, and the tokens in it are pieces of it. Nothing here knows what a piece
//! means, and nothing here prints one.

use std::sync::Arc;

use zeroize::optimization_barrier;

/// Text whose memory is wiped when it is dropped.
#[derive(Clone, Default)]
pub(crate) struct Kept(String);

impl Kept {
    /// Takes the text over; no copy is made of it.
    pub(crate) const fn new(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        wipe(&mut std::mem::take(&mut self.0).into_bytes());
    }
}

/// Overwrites all that the buffer has room for.
pub(crate) fn wipe(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.capacity(), 0);
    // In steps, since C libraries fill what is longer byte by byte, and leave it to the processor to be fast.
    bytes.chunks_mut(1024).for_each(|step| step.fill(0));
    // Without it the compiler may leave out what nobody reads any more.
    optimization_barrier(bytes.as_slice());
}

/// A text of its own, or a part of one that others share.
///
/// A clone is always a text of its own: it may live long, and must not keep the whole body alive.
pub(crate) enum Piece {
    Own(Kept),
    Part { of: Arc<Kept>, start: u32, len: u32 },
}

impl Piece {
    /// A part of a text, by its place. `None` when there is no such part.
    pub(crate) fn part(of: &Arc<Kept>, start: usize, len: usize) -> Option<Self> {
        let end = start.checked_add(len)?;
        of.as_str().get(start..end)?;
        let (start, len) = (u32::try_from(start).ok()?, u32::try_from(len).ok()?);
        Some(Self::Part { of: Arc::clone(of), start, len })
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Own(text) => text.as_str(),
            Self::Part { of, start, len } => {
                let start = usize::try_from(*start).unwrap_or(usize::MAX);
                let end = usize::try_from(*len).unwrap_or(usize::MAX).saturating_add(start);
                of.as_str().get(start..end).unwrap_or_default()
            }
        }
    }

    /// Another one that shares what this one shares.
    pub(crate) fn share(&self) -> Self {
        match self {
            Self::Own(text) => Self::Own(text.clone()),
            Self::Part { of, start, len } => {
                Self::Part { of: Arc::clone(of), start: *start, len: *len }
            }
        }
    }
}

impl Clone for Piece {
    fn clone(&self) -> Self {
        Self::Own(Kept::new(self.as_str().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wiping_reaches_what_is_not_in_use_and_moves_nothing() {
        let mut bytes = b"secret".to_vec();
        bytes.reserve(100);
        let (place, room) = (bytes.as_ptr(), bytes.capacity());
        bytes.truncate(3);
        wipe(&mut bytes);
        assert_eq!((bytes.as_ptr(), bytes.capacity()), (place, room));
        assert_eq!(bytes, vec![0; room]);
    }

    #[test]
    fn a_part_shares_and_a_clone_does_not() {
        let body = Arc::new(Kept::new(String::from("at: é2Y")));
        let part = Piece::part(&body, 4, 4).unwrap();
        assert_eq!(part.as_str(), "é2Y");
        assert_eq!(Arc::strong_count(&body), 2);
        let (shared, own) = (part.share(), part.clone());
        assert_eq!((shared.as_str(), own.as_str()), ("é2Y", "é2Y"));
        assert_eq!(Arc::strong_count(&body), 3);
        assert!(Piece::part(&body, 5, 3).is_none(), "inside a character");
        assert!(Piece::part(&body, 4, 5).is_none(), "past the end");
        assert!(Piece::part(&body, usize::MAX, 2).is_none());
    }
}
