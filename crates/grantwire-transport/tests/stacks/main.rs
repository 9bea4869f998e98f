//! The stacks, each against the same table of hostile cases.
//!
//! Each sends over loopback to a server that counts what arrives and answers by a script. What is judged
//! is what a stack owes a request: its [`Duties`](grantwire::Duties), and telling what was not sent from
//! what nobody knows of.

#[path = "../given/mod.rs"]
mod given;
#[path = "../../examples/stand_in/mod.rs"]
mod stand_in;

mod bodies;
mod certificate;
mod in_browser;
mod peer;
mod sending;
mod stack;

/// Cases of the table for one stack.
macro_rules! table {
    ($name:ident, $make:ident, $($test:ident: $case:path),+) => {
        mod $name {
            $(#[test]
            fn $test() {
                $case(crate::stack::$make);
            })+
        }
    };
}

/// What is the same for every stack.
macro_rules! every_stack {
    ($($name:ident: $make:ident),+) => {$(table!(
        $name, $make,
        a_request_goes_out_as_it_is: crate::sending::as_it_is,
        a_refusal_is_an_answer: crate::sending::refusal,
        a_server_that_never_answers: crate::sending::no_answer,
        a_connection_closed_under_a_request: crate::sending::closed_under_it,
        a_connection_closed_between_two_requests: crate::sending::closed_between,
        a_body_beyond_the_limit: crate::bodies::beyond_the_limit,
        a_body_at_the_limit: crate::bodies::at_the_limit,
        a_body_that_breaks_off: crate::bodies::breaks_off,
        a_body_that_drips: crate::bodies::drips,
        no_certificate_to_show: crate::certificate::none_to_show
    );)+};
}

/// What a stack can do that is not a browser's.
macro_rules! stacks_with_sockets {
    ($($name:ident: $make:ident),+) => {$(table!(
        $name, $make,
        a_redirect_is_an_answer: crate::sending::redirect,
        a_closed_port_was_not_sent_to: crate::sending::closed_port_is_told,
        a_certificate_is_shown: crate::certificate::shown
    );)+};
}

every_stack!(
    with_curl: curl,
    with_fetch: fetch,
    with_hyper: hyper,
    with_reqwest_async: reqwest_async,
    with_reqwest_blocking: reqwest_blocking,
    with_tower: tower,
    with_ureq: ureq
);

stacks_with_sockets!(
    sockets_of_curl: curl,
    sockets_of_hyper: hyper,
    sockets_of_reqwest_async: reqwest_async,
    sockets_of_reqwest_blocking: reqwest_blocking,
    sockets_of_tower: tower,
    sockets_of_ureq: ureq
);
