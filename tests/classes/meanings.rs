//! The caller's own table: a server's codes and statuses, and what they mean.

use grantwire::flow::SessionStatus;
use grantwire::flow::{Session, SessionConfig};
use grantwire::reply::{FailureClass, Fault};
use grantwire::{Client, Meaning, Quirks};

use crate::given::*;
use crate::session::an_hour;

use FailureClass::{Definitive, Transient};

fn known() -> Client {
    lenient(
        Quirks::new()
            .code_means("bad_refresh_token", Meaning::Dead)
            .code_means("invalid_request", Meaning::Dead)
            .code_means("overloaded", Meaning::Later)
            .code_means("mfa_required", Meaning::NeedsPerson)
            .code_means("blocked", Meaning::Denied)
            .code_means("invalid_grant", Meaning::Later)
            .code_under_status_means(403, "invalid_grant", Meaning::Dead)
            .status_means(403, Meaning::Later)
            .status_means(500, Meaning::Later)
            .status_means(302, Meaning::NeedsPerson),
    )
}

/// Status, body, class, fault, dead; how the session stands, and how often it tried within the hour.
type Row = (u16, &'static str, FailureClass, Fault, bool, SessionStatus, usize);

const ROWS: &[Row] = {
    use Fault::{Client, Credential, Server};
    use SessionStatus::{Dead, Resting};
    &[
        (200, r#"{"error":"bad_refresh_token"}"#, Definitive, Credential, true, Dead, 1),
        (400, r#"{"error":"invalid_request"}"#, Definitive, Credential, true, Dead, 1),
        (503, r#"{"error":"bad_refresh_token"}"#, Definitive, Credential, true, Dead, 1),
        (429, r#"{"error":"bad_refresh_token"}"#, Definitive, Credential, true, Dead, 1),
        (400, r#"{"error":"overloaded"}"#, Transient, Server, false, Resting, 20),
        (403, r#"{"error":"mfa_required"}"#, Definitive, Client, false, Resting, 1),
        (400, r#"{"error":"blocked"}"#, Definitive, Credential, false, Resting, 1),
        (400, r#"{"error":"invalid_grant"}"#, Transient, Server, false, Resting, 20),
        (403, r#"{"error":"invalid_grant"}"#, Definitive, Credential, true, Dead, 1),
        (403, "<html>", Transient, Server, false, Resting, 20),
        (403, r#"{"error":"another"}"#, Transient, Server, false, Resting, 20),
        (500, "", Transient, Server, false, Resting, 20),
        (302, "", Definitive, Client, false, Resting, 1),
    ]
};

#[test]
fn in_messages_and_sessions_alike() {
    for (status, body, class, fault, dead, stands, times) in ROWS {
        let reply = json(*status, *body);
        let error = refresh(&known()).read(&reply).expect_err("a failure");
        assert_eq!(error.rule().line(), "a", "{status} {body}");
        assert_eq!((error.class(), error.fault()), (*class, *fault), "{status} {body}");
        assert_eq!(error.credential_is_dead(), *dead, "{status} {body}");
        let mut session =
            Session::from_refresh_token(&known(), "r0", SessionConfig::new(), entropy());
        let seen = an_hour(&mut session, &reply);
        assert_eq!((seen.status, seen.presented.len()), (*stands, *times), "{status} {body}");
    }
}

/// The same replies where nobody has said anything.
#[test]
fn nothing_of_it_is_a_default() {
    for (status, body, ..) in ROWS {
        let error = refresh(&client()).read(&json(*status, *body)).expect_err("a failure");
        assert_ne!(error.rule().line(), "a", "{status} {body}");
    }
}

#[test]
fn codes_are_compared_exactly() {
    let error = refresh(&known()).read(&json(400, r#"{"error":"BAD_refresh_token"}"#)).unwrap_err();
    assert!(!error.credential_is_dead());
}

/// A code that is named means something wherever the caller has said it stands.
#[test]
fn a_code_in_a_place_of_its_own() {
    let quirks = Quirks::new().error_at("/code", "/message").code_means("40029", Meaning::Dead);
    let error = refresh(&lenient(quirks)).read(&json(200, r#"{"code":40029}"#)).unwrap_err();
    assert!(error.credential_is_dead());
}

/// Nothing of the client's is dead where nothing is presented that can die.
#[test]
fn the_client_itself_is_never_dead() {
    let reply = json(400, r#"{"error":"bad_refresh_token"}"#);
    assert!(!own_token(&known()).read(&reply).unwrap_err().credential_is_dead());
    let server = known().server().clone().revocation_endpoint("https://as.example/revoke");
    let revoke = Client::new(server, CLIENT_ID).revoke("t");
    assert!(!revoke.read(&reply).unwrap_err().credential_is_dead());
}

/// What may hold tokens has no meaning by its status alone, nor has what is a success and an error at once.
#[test]
fn a_2xx_has_no_meaning_by_its_status() {
    let client =
        lenient(Quirks::new().status_means(200, Meaning::Later).code_means("x", Meaning::Later));
    for body in ["", r#"{"access_token":"a1","token_type":"Bearer","error":"x"}"#] {
        let error = refresh(&client).read(&json(200, body)).unwrap_err();
        assert_eq!(error.class(), FailureClass::Indeterminate, "{body}");
    }
    assert!(
        refresh(&client).read(&json(200, r#"{"access_token":"a1","token_type":"Bearer"}"#)).is_ok()
    );
}

#[test]
fn the_text_says_whose_word_it_is() {
    let text =
        refresh(&known()).read(&json(403, r#"{"error":"mfa_required"}"#)).unwrap_err().to_string();
    assert_eq!(
        text,
        "the server refused with mfa_required, which is said to mean here: a person has to act first (status 403)"
    );
}
