//! The authorization endpoint ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1)): the URL that leaves, and the callback that comes
//! back.
//!
//! Opening the URL and receiving the callback are the caller's. Between the two a
//! [`PendingAuthorization`] is kept where only this user's browser session can reach it.

mod callback_error;
mod object;
mod pending;
mod push;
mod request;
mod response;
mod url;

pub use callback_error::{CallbackError, CallbackErrorKind};
pub use object::{AuthorizationDraft, RequestObject, SignedAuthorizationRequest};
pub use pending::{PendingAuthorization, PendingError};
pub use push::{PushedAuthorization, PushedAuthorizationRequest, StartedPush};
pub use request::{AuthorizationRequest, StartedAuthorization};
pub use response::{AuthorizationResponse, Callback};
pub use url::AuthorizationUrl;
