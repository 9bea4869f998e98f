//! Interop tests: the crate against `oidc-provider`, a certified authorization server.
//!
//! They need Node, so they are ignored by default. `bash .ci/interop` installs what they need and
//! runs them; when it has run once, `cargo test -p grantwire-transport --test interop -- --ignored` does too.
//!
//! One file a theme: `cases_*.rs` holds the cases, the other modules hold what they stand on.
//! This is not a test of the server: `cases_server` only shows that the ground is firm.

mod browser;
mod case;
mod cases_attestation;
mod cases_auth_methods;
mod cases_callback;
mod cases_ciba;
mod cases_client_credentials;
mod cases_code;
mod cases_device;
mod cases_dpop;
mod cases_dpop_refusals;
mod cases_end_session;
mod cases_introspection;
mod cases_metadata;
mod cases_mutual_tls;
mod cases_presenting;
mod cases_pushed;
mod cases_refresh;
mod cases_refusals;
mod cases_registration;
mod cases_request_objects;
mod cases_revocation;
mod cases_server;
mod cases_session;
mod cases_signing;
mod cases_targets;
mod cases_userinfo;
mod certificates;
mod clients;
mod expect;
mod form_post;
mod harness;
mod notifications;
