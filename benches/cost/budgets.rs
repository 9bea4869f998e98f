//! What everything may cost: the one place where it is written.
//!
//! To lower a budget is to change its line. To raise one is a decision, which the commit explains.
//! `cargo test --test cost` holds allocations and bytes, `cargo bench --bench cost` instructions.

#![allow(dead_code, reason = "each program takes the part it needs")]

use super::work::Work;
use super::{hostile, linear, operations};

/// One operation, with the drop of what it made.
pub struct Operation {
    pub allocations: u64,
    /// Of a release build under callgrind.
    pub instructions: u64,
    pub name: &'static str,
    pub prepare: fn() -> Work,
}

const fn operation(
    allocations: u64,
    instructions: u64,
    name: &'static str,
    prepare: fn() -> Work,
) -> Operation {
    Operation { allocations, instructions, name, prepare }
}

#[rustfmt::skip]
pub const OPERATIONS: &[Operation] = &[
    operation( 3,   7_000, "build code, PKCE and Basic",       operations::build),
    operation( 3,  14_000, "read 200 of 2.2 KB",               operations::read_tokens),
    operation( 4,   6_300, "read 400 invalid_grant",           operations::read_invalid_grant),
    operation( 6,  21_500, "exchange, built and read",         operations::exchange),
    operation( 6,  19_800, "refresh, built and read",          operations::refresh),
    operation( 2,  15_200, "authorization URL, state, PKCE",   operations::authorization_url),
    operation(29,  60_000, "device, 3 pendings and a token",   operations::device),
    operation(13, 255_000, "ES256 assertion and request",      operations::es256_assertion),
    operation(10, 142_000, "EdDSA assertion and request",      operations::eddsa_assertion),
];

/// Work of two sizes.
pub struct Sized {
    /// The most bytes held at once beyond what the caller holds, for each hundred of the larger size.
    pub peak: u64,
    /// The same of all bytes taken, one after the other.
    pub bytes: u64,
    /// Instructions for each one of the larger size, of a release build under callgrind.
    pub each: u64,
    /// How many times faster than the size instructions may grow, in hundredths: 100 is linear, and 140 lets things
    /// be sorted; what is quadratic is at 1000 or above.
    pub growth: u64,
    pub sizes: [usize; 2],
    pub name: &'static str,
    pub prepare: fn(usize) -> Work,
}

impl Sized {
    /// How many times faster than the sizes a cost has grown, in hundredths.
    pub fn growth_of(&self, [small, large]: [u64; 2]) -> u64 {
        let [few, many] = self.sizes.map(|size| size as u64);
        // What costs nothing at the smaller size must cost nothing at the larger.
        let grown = (large * few * 100).checked_div(small * many);
        grown.unwrap_or(if large == 0 { 0 } else { u64::MAX })
    }

    /// What each hundred of the larger size costs.
    pub fn for_each_hundred(&self, large: u64) -> u64 {
        large * 100 / self.sizes[1] as u64
    }
}

/// By how much all bytes may grow, in the same measure. A buffer that doubles takes sixteen times as much
/// for ten times the things when it is unlucky; what is not linear grows tenfold at least.
pub const STEPS: u64 = 165;

const fn sized(
    peak: u64,
    bytes: u64,
    each: u64,
    growth: u64,
    sizes: [usize; 2],
    name: &'static str,
    prepare: fn(usize) -> Work,
) -> Sized {
    Sized { peak, bytes, each, growth, sizes, name, prepare }
}

/// As large as an answer may be, where nobody asked for less.
const BODY: [usize; 2] = [64 << 10, 1 << 20];
/// As large as a callback may be.
const CALLBACK: [usize; 2] = [4 << 10, 64 << 10];

/// Replies and callbacks made to be expensive. Sizes are bytes.
#[rustfmt::skip]
pub const HOSTILE: &[Sized] = &[
    sized(  200,   200,     97,  140, BODY,     "many unknown members",           hostile::many_members),
    sized(  200,   200,     37,  140, BODY,     "one long string",                hostile::long_string),
    sized(  200,   200,     47,  140, BODY,     "one long token",                 hostile::long_token),
    sized(  200,   200,    120,  140, BODY,     "deep nesting",                   hostile::nested),
    sized(  200,   345,     97,  140, BODY,     "many escapes",                   hostile::escapes),
    sized(  200,   210,    186,  140, BODY,     "a long scope array",             hostile::scope_array),
    sized(  200,   350,     98,  140, BODY,     "an error with a long text",      hostile::error_text),
    sized(  200,   310,     64,  140, BODY,     "open brackets only",             hostile::brackets),
    sized(  200,   200,     37,  140, BODY,     "a member that stands twice",     hostile::repeated_member),
    sized(  200,   200,    125,  140, BODY,     "bytes that are not UTF-8",       hostile::not_utf8),
    sized(  200,   200,    110,  140, BODY,     "a member that is not UTF-8",     hostile::not_utf8_in_a_member),
    sized(  200,   210,    630,  140, BODY,     "a form of pairs",                hostile::form_pairs),
    sized(  200,   210,    530,  140, BODY,     "a form of empty pairs",          hostile::form_empty_pairs),
    sized(  200,   200,     45,  140, BODY,     "a form of separators",           hostile::form_separators),
    sized(  200,   210,     80,  140, BODY,     "a form of escapes",              hostile::form_escapes),
    sized(  200,   200,    390,  140, CALLBACK, "a callback of pairs",            hostile::callback_pairs),
    sized(  200,   200,    265,  140, CALLBACK, "a callback of empty pairs",      hostile::callback_empty_pairs),
    sized(  200,   200,     24,  140, CALLBACK, "a callback of separators",       hostile::callback_separators),
    sized(  200,   200,     40,  140, CALLBACK, "a callback of escapes",          hostile::callback_escapes),
    sized(  200,   200,     30,  140, BODY,     "headers of challenges",          hostile::challenges),
];

const MANY: [usize; 2] = [1_000, 10_000];

/// Many of one thing. Sizes are their number.
#[rustfmt::skip]
pub const LINEAR: &[Sized] = &[
    sized(27300, 45700,  12000,  160, MANY,     "parameters of a token request",  linear::token_parameters),
    sized(28450, 44100,   3200,  140, MANY,     "headers of a token request",     linear::token_headers),
    sized(22500, 40700,   6000,  140, MANY,     "resources of a token request",   linear::resources),
    sized(28600, 48300,  12000,  160, MANY,     "parameters of a grant",          linear::grant_parameters),
    sized( 2060,  3760,   1100,  140, MANY,     "scopes asked for",               linear::requested_scopes),
    sized(27300, 45700,  12000,  160, MANY,     "parameters of a URL",            linear::url_parameters),
    sized( 8860, 16960,   9000,  160, MANY,     "claims of a JWT",                linear::claims),
    sized(14000, 27600,   9000,  160, MANY,     "header members of a JWT",        linear::jwt_headers),
    sized( 4500,  8800,   9000,  160, MANY,     "scopes missing of as many",      linear::missing_scopes),
    sized( 9460, 16200,   3300,  140, MANY,     "authorization details",          linear::details),
    sized( 9530, 15640,   1800,  140, MANY,     "audiences of an introspection",  linear::audiences),
    sized(14520, 32540,   4300,  140, MANY,     "elements of metadata's lists",   linear::metadata_lists),
    sized(12480, 16600,   2050,  140, MANY,     "parameters of a callback",       linear::callback_parameters),
];
