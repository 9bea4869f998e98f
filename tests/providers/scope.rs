//! `scope` in every shape. What was granted is data, never an error.

use grantwire::{Deviation, GrantedScope, Quirks, Scope};

use crate::given::*;
use crate::{intact, token_with};

fn check(who: &str, sent: &str, quirks: Quirks, expected: &GrantedScope, deviations: &[Deviation]) {
    let body = token_with(&format!(r#""refresh_token":"rt-1","scope":{sent}"#));
    let tokens = code_exchange(&lenient(quirks)).read(&json(200, body)).expect(who);
    intact(&tokens, who);
    assert_eq!(tokens.scope(), expected, "{who}: {sent}");
    assert_eq!(tokens.deviations(), deviations, "{who}: {sent}");
}

fn set(text: &str) -> GrantedScope {
    GrantedScope::Set(Scope::from(text))
}

#[test]
fn without_any_tolerance() {
    let array = [Deviation::ScopeArray];
    let none: [Deviation; 0] = [];
    for (who, sent, expected, deviations) in [
        ("the RFC", r#""read write""#, set("read write"), none.as_slice()),
        ("Twitch", r#"["user:read","chat:read"]"#, set("user:read chat:read"), &array),
        ("Twitch, none granted", "[]", GrantedScope::Empty, &array),
        ("GitHub", r#""repo,gist""#, set("repo,gist"), &[]),
        ("SugarCRM", "null", GrantedScope::Absent, &[]),
        ("Gravitee", r#""""#, GrantedScope::Empty, &[]),
        ("a server with a stray space", r#"" ""#, GrantedScope::Empty, &[]),
    ] {
        check(who, sent, Quirks::new(), &expected, deviations);
    }
}

#[test]
fn github_separates_by_commas() {
    let quirks = || Quirks::new().comma_separated_scope();
    let comma = [Deviation::CommaSeparatedScope];
    check("GitHub", r#""repo,gist""#, quirks(), &set("repo gist"), &comma);
    check("GitHub, one scope", r#""repo""#, quirks(), &set("repo"), &[]);
    check("GitHub, none granted", r#""""#, quirks(), &GrantedScope::Empty, &[]);
    // A comma is a legal character, so without the name it is one scope token.
    let tokens = tokens(&token_with(r#""scope":"repo,gist""#));
    assert!(!tokens.scope().contains("repo"));
    assert!(tokens.scope().contains("repo,gist"));
}

#[test]
fn many_leave_it_out() {
    assert_eq!(*tokens(&token_with("")).scope(), GrantedScope::Absent);
}

#[test]
fn nonsense_costs_nothing_else() {
    for sent in ["7", "true", r#"{"a":1}"#, "[1]", r#"["a",null]"#] {
        let body = token_with(&format!(r#""refresh_token":"rt-1","scope":{sent}"#));
        let tokens = tokens(&body);
        intact(&tokens, sent);
        let GrantedScope::Malformed(raw) = tokens.scope() else { panic!("{sent}") };
        assert_eq!(raw.raw(), sent);
        assert_eq!(tokens.deviations(), [Deviation::MalformedMember("scope")]);
        assert!(!tokens.scope().contains("a"), "nothing is granted by a value that cannot be read");
    }
}

#[test]
fn microsoft_xero_google_and_zoom_grant_something_else() {
    let asked = Scope::from("openid offline_access accounts");
    let tokens = tokens(&token_with(r#""scope":"accounts openid profile""#));
    let missing: Vec<&str> = tokens.scope().missing(&asked).collect();
    assert_eq!(missing, ["offline_access"]);
    assert!(tokens.scope().contains("profile"), "more than was asked for is no error either");
}

#[test]
fn path_of_exile_changes_the_order() {
    let asked = Scope::from("account:profile account:characters");
    let tokens = tokens(&token_with(r#""scope":"account:characters account:profile""#));
    assert_eq!(tokens.scope().missing(&asked).count(), 0);
}

#[test]
fn absent_means_as_requested_only_when_one_asks() {
    let asked = Scope::from("read write");
    let read = |members: &str| tokens(&token_with(members)).scope().or_requested(&asked);
    assert_eq!(read(""), asked);
    assert_eq!(read(r#""scope":null"#), asked);
    assert_eq!(read(r#""scope":"""#), Scope::default(), "empty is not absent");
    assert_eq!(read(r#""scope":"read""#), Scope::from("read"));
    assert_eq!(read(r#""scope":7"#), Scope::default());
}
