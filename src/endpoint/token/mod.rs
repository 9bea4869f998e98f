//! The token endpoint ([RFC 6749 §3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2)): every grant goes through here.

mod answer;
mod request;
mod response;

pub use request::TokenRequest;
pub use response::TokenResponse;
