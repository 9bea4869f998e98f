//! `expires_in` in every shape. Whatever it is, it never costs the tokens.

use std::time::Duration;

use grantwire::reply::Unusable;
use grantwire::{Deviation, Lifetime, Quirks, Timestamp, TokenResponse};

use crate::given::*;
use crate::{intact, token_with, unusable};

enum Read {
    Known(u64),
    Unknown,
    /// With the raw value kept.
    Malformed,
}

fn check(who: &str, sent: &str, quirks: Quirks, read: &Read, deviations: &[Deviation]) {
    let body = token_with(&format!(r#""refresh_token":"rt-1","expires_in":{sent}"#));
    let tokens = code_exchange(&lenient(quirks)).read(&json(200, body)).expect(who);
    intact(&tokens, who);
    match (read, tokens.lifetime()) {
        (Read::Known(seconds), lifetime) => {
            assert_eq!(*lifetime, Lifetime::Known(Duration::from_secs(*seconds)), "{who}: {sent}");
        }
        (Read::Unknown, lifetime) => assert_eq!(*lifetime, Lifetime::Unknown, "{who}: {sent}"),
        (Read::Malformed, Lifetime::Malformed(raw)) => assert_eq!(raw.raw(), sent, "{who}"),
        (Read::Malformed, other) => panic!("{who}: {sent} was read as {other:?}"),
    }
    assert_eq!(tokens.deviations(), deviations, "{who}: {sent}");
}

#[test]
fn without_any_tolerance() {
    let by_default: &[(&str, &str, Read, &[Deviation])] = &[
        ("the RFC", "3600", Read::Known(3600), &[]),
        ("Azure AD v1", r#""3599""#, Read::Known(3599), &[Deviation::LifetimeString]),
        ("NetDocuments, CMS BCDA", r#""2700""#, Read::Known(2700), &[Deviation::LifetimeString]),
        ("Reddit, CMS Blue Button", "3600.0", Read::Known(3600), &[Deviation::LifetimeFloat]),
        ("Reddit, otherwise", "3.6e3", Read::Known(3600), &[Deviation::LifetimeFloat]),
        ("a fractional lifetime", "3600.5", Read::Malformed, &[]),
        ("Zoho, in milliseconds", "3600000", Read::Known(3_600_000), &[]),
        ("various", "null", Read::Unknown, &[]),
        ("VK with offline", "0", Read::Known(0), &[]),
        ("the provider of 59-second tokens", "59", Read::Known(59), &[]),
        ("a faulty server", "-1", Read::Malformed, &[]),
        ("a faulty server", r#""-1""#, Read::Malformed, &[]),
        ("a faulty server", r#""NaN""#, Read::Malformed, &[]),
        ("a faulty server", r#""Infinity""#, Read::Malformed, &[]),
        ("a faulty server", "1e999", Read::Malformed, &[]),
        ("a faulty server", "18446744073709551616", Read::Malformed, &[]),
        ("a faulty server", "4294967296", Read::Malformed, &[]),
        ("the longest that is believed", "4294967295", Read::Known(4_294_967_295), &[]),
        ("a faulty server", r#""""#, Read::Malformed, &[]),
        ("a faulty server", r#""3600.0""#, Read::Malformed, &[]),
        ("a faulty server", r#"" 3600""#, Read::Malformed, &[]),
        ("a faulty server", "true", Read::Malformed, &[]),
        ("a faulty server", r#"{"seconds":3600}"#, Read::Malformed, &[]),
        ("a faulty server", "[3600]", Read::Malformed, &[]),
    ];
    for (who, sent, read, deviations) in by_default {
        check(who, sent, Quirks::new(), read, deviations);
    }
}

#[test]
fn with_the_tolerance_that_is_named() {
    let millis = || Quirks::new().expires_in_millis();
    let zero = || Quirks::new().zero_means_no_expiry();
    check("Zoho", "3600000", millis(), &Read::Known(3600), &[Deviation::ExpiresInMillis]);
    check(
        "Zoho, as a string",
        r#""3600000""#,
        millis(),
        &Read::Known(3600),
        &[Deviation::LifetimeString, Deviation::ExpiresInMillis],
    );
    check("VK with offline", "0", zero(), &Read::Unknown, &[Deviation::LifetimeZero]);
    check("VK without", "86400", zero(), &Read::Known(86_400), &[]);
    // A tolerance stretches nothing else.
    check("VK, and a faulty server", "-1", zero(), &Read::Malformed, &[]);
    check("Zoho, and a faulty server", "-1", millis(), &Read::Malformed, &[]);
}

#[test]
fn zoho_never_has_its_size_guessed_at() {
    let tokens = tokens(&token_with(r#""expires_in_sec":3600,"expires_in":3600000"#));
    assert_eq!(tokens.lifetime().known(), Some(Duration::from_secs(3_600_000)));
    assert_eq!(tokens.extra::<u64>("expires_in_sec"), Some(3600), "the caller may know better");
}

#[test]
fn salesforce_zendesk_and_github_apps_say_nothing() {
    let tokens = tokens(&token_with(r#""issued_at":"1700000000000""#));
    assert_eq!(*tokens.lifetime(), Lifetime::Unknown);
    assert_eq!(tokens.lifetime().ends(now()), None, "unknown is neither never nor now");
    assert_eq!(tokens.extra::<String>("issued_at").as_deref(), Some("1700000000000"));
}

#[test]
fn shopify_says_nothing_on_refresh() {
    let read = |body: String| -> TokenResponse {
        refresh(&client()).read(&json(200, body)).expect("tokens")
    };
    assert_eq!(
        read(token_with(r#""expires_in":86399"#)).lifetime().known().map(|t| t.as_secs()),
        Some(86_399)
    );
    assert_eq!(
        *read(token_with("")).lifetime(),
        Lifetime::Unknown,
        "the old one is not carried over"
    );
}

#[test]
fn facebook_before_graph_2_3_needs_three_tolerances() {
    let reply = answer(200, &[("content-type", "text/plain")], "access_token=at-1&expires=5184000");
    unusable(&failure(&reply), Unusable::NotJson { line: 1, column: 1 }, &reply);
    let quirks = Quirks::new().form_encoded_response().expires_alias().assume_bearer();
    let tokens = code_exchange(&lenient(quirks)).read(&reply).unwrap();
    assert_eq!(tokens.lifetime().known(), Some(Duration::from_secs(5_184_000)));
    assert_eq!(
        tokens.deviations(),
        [
            Deviation::FormEncoded,
            Deviation::TokenTypeAbsent,
            Deviation::ExpiresAlias,
            Deviation::LifetimeString,
        ]
    );
}

#[test]
fn the_alias_does_not_beat_the_name() {
    let quirks = Quirks::new().expires_alias();
    let body = token_with(r#""expires":1,"expires_in":2"#);
    let tokens = code_exchange(&lenient(quirks)).read(&json(200, body)).unwrap();
    assert_eq!(tokens.lifetime().known(), Some(Duration::from_secs(2)));
    assert_eq!(tokens.deviations(), []);
}

#[test]
fn no_leeway_is_taken_off_a_fresh_token() {
    let tokens = tokens(&token_with(r#""expires_in":59"#));
    let ends = Timestamp::from_unix_seconds(now().as_unix_seconds() + 59);
    assert_eq!(tokens.lifetime().ends(now()), Some(ends));
}

#[test]
fn linkedin_adfs_and_shopify_say_when_the_refresh_token_ends() {
    for (sent, known) in [
        ("31536059", Some(31_536_059)),
        (r#""5184000""#, Some(5_184_000)),
        ("null", None),
        ("-1", None),
    ] {
        let body =
            token_with(&format!(r#""refresh_token":"rt-1","refresh_token_expires_in":{sent}"#));
        let tokens = tokens(&body);
        intact(&tokens, sent);
        assert_eq!(tokens.refresh_token_lifetime().known(), known.map(Duration::from_secs));
        assert_eq!(*tokens.lifetime(), Lifetime::Unknown);
    }
}
