//! Permissions that weaken the checks of an ID token. The root's `danger` lists them.

/// Takes an ID token without looking at its signature, because it came over TLS straight from the
/// token endpoint
/// ([OpenID Connect Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation)). Whoever terminates TLS
/// in between can then sign anybody in.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::exhaustive_structs)] // a permission is its name and nothing else
pub struct UncheckedSignature;

/// Takes an ID token that nobody signed (`alg` is `none`), because the client is registered for that
/// ([OpenID Connect Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)). From the token endpoint only.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::exhaustive_structs)] // a permission is its name and nothing else
pub struct UnsecuredIdToken;
