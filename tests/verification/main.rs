//! What is believed of what is signed: each rule by its id, the wrong value beside the right one.
//!
//! Ids: A for signatures, B for key sets, C for ID tokens, D for signed authorization responses, E for
//! signed introspection, F for logout tokens. The signatures are made here, with keys that live as
//! long as the test.

mod answers;
mod hashes;
mod id_tokens;
mod key_sets;
mod logout_tokens;
mod logouts;
mod printed;
mod properties;
mod refreshed;
mod responses;
mod signatures;
mod tools;
mod vectors;
