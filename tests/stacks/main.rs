//! The files to copy in `examples/stacks`, each against the same table of hostile cases.
//!
//! Each sends over loopback to a server that counts what arrives and answers by a script. What is judged
//! is what a stack owes a request: its [`Duties`](grantwire::Duties), and telling what was not sent from
//! what nobody knows of.

#[path = "../given/mod.rs"]
mod given;

#[path = "../../examples/stacks/curl.rs"]
mod curl;
#[path = "../../examples/stacks/hyper.rs"]
mod hyper;
#[path = "../../examples/stacks/reqwest_async.rs"]
mod reqwest_async;
#[path = "../../examples/stacks/reqwest_blocking.rs"]
mod reqwest_blocking;
#[path = "../../examples/stacks/tower.rs"]
mod tower;
#[path = "../../examples/stacks/ureq.rs"]
mod ureq;

mod bodies;
mod certificate;
mod peer;
mod sending;
mod stack;

/// The whole table for one stack.
macro_rules! table {
    ($name:ident, $make:path) => {
        mod $name {
            use crate::stack::Make;
            use crate::{bodies, certificate, sending};

            const MAKE: Make = $make;

            #[test]
            fn a_request_goes_out_as_it_is() {
                sending::as_it_is(MAKE);
            }

            #[test]
            fn a_redirect_is_an_answer() {
                sending::redirect(MAKE);
            }

            #[test]
            fn a_refusal_is_an_answer() {
                sending::refusal(MAKE);
            }

            #[test]
            fn a_closed_port_was_not_sent_to() {
                sending::closed_port_is_told(MAKE);
            }

            #[test]
            fn a_server_that_never_answers() {
                sending::no_answer(MAKE);
            }

            #[test]
            fn a_connection_closed_under_a_request() {
                sending::closed_under_it(MAKE);
            }

            #[test]
            fn a_connection_closed_between_two_requests() {
                sending::closed_between(MAKE);
            }

            #[test]
            fn a_body_beyond_the_limit() {
                bodies::beyond_the_limit(MAKE);
            }

            #[test]
            fn a_body_at_the_limit() {
                bodies::at_the_limit(MAKE);
            }

            #[test]
            fn a_body_that_breaks_off() {
                bodies::breaks_off(MAKE);
            }

            #[test]
            fn a_body_that_drips() {
                bodies::drips(MAKE);
            }

            #[test]
            fn no_certificate_to_show() {
                certificate::none_to_show(MAKE);
            }

            #[test]
            fn a_certificate_is_shown() {
                certificate::shown(MAKE);
            }
        }
    };
}

table!(with_curl, crate::stack::curl);
table!(with_hyper, crate::stack::hyper);
table!(with_reqwest_async, crate::stack::reqwest_async);
table!(with_reqwest_blocking, crate::stack::reqwest_blocking);
table!(with_tower, crate::stack::tower);
table!(with_ureq, crate::stack::ureq);
