//! What a request is bound to: the code verifier of PKCE.

pub mod pkce;
