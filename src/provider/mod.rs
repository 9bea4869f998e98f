//! Named providers, as they document themselves.
//!
//! Each file holds facts about one system and thin wrappers over the general parts. Nothing here can
//! do what those parts cannot; a provider that is not listed needs no code, only configuration.

pub mod agekey;
pub mod dressipi;
pub mod pingone;
