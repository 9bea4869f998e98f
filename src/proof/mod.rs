//! What a request is bound to: the code verifier of PKCE, and the key of DPoP.

pub mod dpop;
pub mod pkce;
