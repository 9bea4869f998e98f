//! The authorization endpoint ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1)): the URL that leaves, and the callback that comes
//! back.
//!
//! Opening the URL and receiving the callback are the caller's. Between the two a
//! [`PendingAuthorization`] is kept where only this user's browser session can reach it.

pub(crate) mod asked;
mod callback_error;
mod identity;
mod jarm;
pub(crate) mod pending;
mod pushed;
mod request;
mod request_object;
mod response;
pub(crate) mod url;

pub use callback_error::{CallbackError, CallbackErrorKind};
pub use pending::PendingAuthorization;
pub use pushed::{PushedAuthorization, PushedAuthorizationRequest, StartedPush};
pub use request::{AuthorizationRequest, StartedAuthorization};
pub use request_object::{AuthorizationDraft, RequestObject, SignedAuthorizationRequest};
pub use response::{AuthorizationResponse, Callback};
pub use url::AuthorizationUrl;
