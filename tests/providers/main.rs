//! What providers really send, row by row: with the default reading and with the tolerance that the
//! provider needs.
//!
//! Each body is a minimal one of our own, made from a public report; the label names who sends the
//! like. It is the token endpoint that is asked, and in `wordless` some others too; the device flow and
//! DPoP have rows of their own.

#[path = "../given/mod.rs"]
mod given;

mod assertions;
mod demands;
mod encoding;
mod lifetime;
mod redirects;
mod refresh;
mod refusals;
mod scope;
mod shape;
mod wordless;

use grantwire::reply::{FailureClass, ReplyErrorKind, Unusable};
use grantwire::{ReplyError, TokenResponse};
use http::Response;

/// A token object around these members.
fn token_with(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(r#"{{"access_token":"at-1","token_type":"Bearer"{comma}{members}}}"#)
}

/// The reply was not usable, for this reason; and yet all of it is still there.
fn unusable(error: &ReplyError, why: Unusable, sent: &Response<Vec<u8>>) {
    assert_eq!(*error.kind(), ReplyErrorKind::Unusable(why));
    assert_eq!(error.raw().expose_body(), sent.body(), "{why}");
    assert_eq!(error.raw().status(), sent.status());
    if sent.status().is_success() {
        assert_eq!(error.class(), FailureClass::Indeterminate, "{why}");
    }
}

/// Both tokens came through.
fn intact(tokens: &TokenResponse, who: &str) {
    assert_eq!(tokens.access_token().expose(), "at-1", "{who}");
    assert_eq!(tokens.refresh_token().map(grantwire::Secret::expose), Some("rt-1"), "{who}");
}
