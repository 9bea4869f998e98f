//! The canary: a marked secret is put wherever one can be held or received, everything that can be
//! printed is printed, and the mark must not be in it.
//!
//! It is looked for as text, as decimal bytes (which is how `Debug` prints a body), in base64, and
//! percent-encoded. What an accessor with `expose`, `raw` or `as_str` in its name gives out is not
//! looked at: giving it out is what those are for.

mod callbacks;
mod doors;
mod flows;
mod grants;
mod keys;
mod listed;
mod messages;
mod needle;
mod parties;
mod providers;
mod signed;
mod stored;
mod values;
mod verified;
mod watch;

use watch::Watch;

/// Puts the canary everywhere.
fn everything() -> Watch {
    let mut watch = Watch::new(needle::CANARY.as_bytes());
    values::show(&mut watch);
    grants::show(&mut watch);
    parties::show(&mut watch);
    messages::show(&mut watch);
    callbacks::show(&mut watch);
    stored::show(&mut watch);
    keys::show(&mut watch);
    providers::show(&mut watch);
    flows::show(&mut watch);
    doors::show(&mut watch);
    signed::show(&mut watch);
    verified::show(&mut watch);
    watch
}

#[test]
fn nothing_printed_holds_a_secret() {
    everything().assert_silent();
}

#[test]
fn every_public_type_was_printed_or_cannot_hold_one() {
    listed::assert_complete(everything().seen());
}
