//! Members of a JSON object that several endpoints read: lifetimes, moments, scopes, lists.
//!
//! Each is read on its own, so that one that cannot be read costs nothing but itself.

mod granted_scope;
mod lifetime;
mod list;
mod number;

pub use granted_scope::GrantedScope;
pub use lifetime::{Lifetime, Malformed};
pub(crate) use list::List;
pub(crate) use number::{moment, read_moment};
