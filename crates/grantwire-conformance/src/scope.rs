//! Scope strings against a registration.
//!
//! The grammar is that of [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3):
//! tokens between single spaces.

use super::refusal::Refusal;

/// The scope to grant: what was asked for, or all that `allowed` holds when nothing was.
pub fn grantable(asked: Option<&str>, allowed: &[String]) -> Result<String, Refusal> {
    let Some(asked) = asked else {
        return Ok(allowed.join(" "));
    };
    for token in asked.split(' ') {
        if token.is_empty() || !token.bytes().all(is_scope_byte) {
            return Err(Refusal::invalid_scope("scope is not well formed"));
        }
        if !allowed.iter().any(|scope| scope == token) {
            return Err(Refusal::invalid_scope("scope holds a token that is not allowed here"));
        }
    }
    Ok(asked.to_owned())
}

/// Whether a scope string holds a token.
pub fn holds(scope: &str, token: &str) -> bool {
    scope.split(' ').any(|each| each == token)
}

fn is_scope_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'"' && byte != b'\\'
}
