//! Attacks on a client, one test each: those of RFC 9700 that a client can be hit by, and those seen in
//! the field.
//!
//! Each test is named for its attack and says where the attack is described. Attacks on metadata and on
//! DPoP are not here, nor those that only a server or a browser can stop.

#[path = "../given/mod.rs"]
mod given;

mod callback;
mod flood;
mod pkce;
mod reply;
mod request;
mod secrets;

/// Whether a type is `Clone`: what is used once must not be.
macro_rules! is_clone {
    ($type:ty) => {{
        #[allow(dead_code, reason = "which of the two is asked is the question")]
        trait Fallback {
            const ANSWER: bool = false;
        }
        impl<T: ?Sized> Fallback for T {}
        struct Probe<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code, reason = "which of the two is asked is the question")]
        impl<T: Clone> Probe<T> {
            const ANSWER: bool = true;
        }
        <Probe<$type>>::ANSWER
    }};
}
pub(crate) use is_clone;
