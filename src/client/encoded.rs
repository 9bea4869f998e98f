//! [`Encoded`]: credentials that are the same in every request, written when the client is configured.
//!
//! What they are and how they are encoded is decided by the method that keeps them.

use std::fmt;

use http::HeaderValue;

/// The value of an `Authorization` header, and for which client identifier it was written.
///
/// A clone keeps nothing, since it may be given other settings.
#[derive(Default)]
pub(super) struct Encoded(Option<(Box<str>, HeaderValue)>);

impl Encoded {
    /// Keeps a value for this client identifier.
    pub(super) fn new(id: &str, value: HeaderValue) -> Self {
        // The first copy makes the value one that all copies share.
        drop(value.clone());
        Self(Some((id.into(), value)))
    }

    /// The value for this client identifier, if it is the one that was configured.
    pub(super) fn get(&self, id: &str) -> Option<HeaderValue> {
        let (known, value) = self.0.as_ref()?;
        (**known == *id).then(|| value.clone())
    }
}

impl Clone for Encoded {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Encoded(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_for_one_client_and_not_for_a_clone() {
        let encoded = Encoded::new("a", HeaderValue::from_static("1"));
        assert_eq!(encoded.get("a"), Some(HeaderValue::from_static("1")));
        assert_eq!(encoded.get("b"), None);
        assert_eq!(encoded.clone().get("a"), None);
        assert_eq!(Encoded::default().get(""), None);
    }
}
