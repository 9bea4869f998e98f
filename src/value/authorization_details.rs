//! [`AuthorizationDetails`]: rich authorization requests ([RFC 9396 §2](https://www.rfc-editor.org/rfc/rfc9396#section-2)).
//!
//! Each API defines its own details; here they are any `serde` type, checked for the one thing they
//! share: an array of objects, each with a `type`.

use std::fmt;

use serde::Serialize;

use super::text::TextError;
use crate::wire::json;

/// Authorization details, ready to be sent.
///
/// ```
/// use grantwire::AuthorizationDetails;
///
/// #[derive(serde::Serialize)]
/// struct Payment {
///     r#type: &'static str,
///     amount: u32,
/// }
///
/// let details = AuthorizationDetails::new(&[Payment { r#type: "payment_initiation", amount: 123 }])?;
/// assert_eq!(details.as_json(), r#"[{"type":"payment_initiation","amount":123}]"#);
/// # Ok::<(), grantwire::TextError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationDetails(String);

impl AuthorizationDetails {
    /// From a list of details.
    ///
    /// # Errors
    ///
    /// [`TextError::Rule`] unless each is written as an object with a string `type`.
    pub fn new<T: Serialize>(details: &[T]) -> Result<Self, TextError> {
        let invalid = |rule| TextError::Rule(NAME, rule);
        let text =
            serde_json::to_string(details).map_err(|_| invalid("cannot be written as JSON"))?;
        let elements = json::elements(&text).filter(|elements| !elements.is_empty());
        let elements = elements.ok_or_else(|| invalid("takes at least one object"))?;
        let typed = |element: &&str| {
            json::member(element, "type").ok().flatten().and_then(|kind| kind.string()).is_some()
        };
        if elements.iter().all(typed) {
            Ok(Self(text))
        } else {
            Err(invalid("takes objects, each with a string in `type`"))
        }
    }

    /// The JSON array, as it is sent.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

/// They may name accounts and amounts.
impl fmt::Debug for AuthorizationDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationDetails(..)")
    }
}

/// The parameter, and the member of a token response.
pub(crate) const NAME: &str = "authorization_details";
