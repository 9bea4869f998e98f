//! Values: times that never overflow, secrets that compare as their text, waits as announced.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use grantwire::grant::ClientCredentials;
use grantwire::{AuthorizationServer, Client, Lifetime, RetryAfter, Scope, Secret, Timestamp};
use http::{HeaderValue, Response};
use proptest::prelude::*;

use crate::text::*;

fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::MAX),
        (any::<u64>(), 0..1_000_000_000_u32).prop_map(|(secs, nanos)| Duration::new(secs, nanos)),
        (0..1_000_000_u64).prop_map(Duration::from_millis),
    ]
}

fn moment() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        any::<u64>().prop_map(Timestamp::from_unix_millis),
        any::<u64>().prop_map(Timestamp::from_unix_seconds),
        (0..5_000_000_000_u64).prop_map(Timestamp::from_unix_seconds),
    ]
}

/// What is made of a `Retry-After` header.
fn retry_after(value: HeaderValue) -> Option<RetryAfter> {
    let server = AuthorizationServer::new().token_endpoint("https://as.example/token");
    let exchange = Client::new(server, "c").token(ClientCredentials::new());
    let response = Response::builder().status(503).header("retry-after", value);
    exchange.read(&response.body(Vec::new()).unwrap()).unwrap_err().retry_after()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn arithmetic_on_moments_never_overflows(a in moment(), b in moment(), span in duration()) {
        prop_assert!(a + span >= a);
        prop_assert_eq!(a + span, a.saturating_add(span));
        prop_assert!(a.saturating_sub(span) <= a);
        let (early, late) = (a.min(b), a.max(b));
        prop_assert_eq!(early.saturating_since(late), Duration::ZERO);
        prop_assert_eq!(early + late.saturating_since(early), late);
        prop_assert_eq!(a.as_unix_seconds(), a.as_unix_millis() / 1000);
        prop_assert!(Lifetime::Known(span).ends(a).unwrap() >= a);
        for wait in [RetryAfter::Delay(span), RetryAfter::At(b)] {
            prop_assert!(a + wait.from_now(a) >= a);
        }
        if let Some(time) = UNIX_EPOCH.checked_add(span) {
            prop_assert_eq!(Timestamp::from(time), Timestamp::EPOCH + span);
        }
        if let Some(time) = UNIX_EPOCH.checked_sub(span) {
            prop_assert_eq!(Timestamp::from(time), Timestamp::EPOCH);
        }
    }

    #[test]
    fn a_delay_is_read_as_announced(seconds in any::<u64>(), zeros in 0..30_usize) {
        let text = format!("{}{seconds}", "0".repeat(zeros));
        let read = retry_after(HeaderValue::from_str(&text).unwrap());
        prop_assert_eq!(read, Some(RetryAfter::Delay(Duration::from_secs(seconds))));
    }

    #[test]
    fn a_date_is_read_as_announced(seconds in 0..253_402_300_800_u64, now in moment()) {
        let date: SystemTime = UNIX_EPOCH + Duration::from_secs(seconds);
        let text = httpdate::fmt_http_date(date);
        let read = retry_after(HeaderValue::from_str(&text).unwrap()).unwrap();
        let at = Timestamp::from_unix_seconds(seconds);
        prop_assert_eq!(read, RetryAfter::At(at));
        prop_assert_eq!(read.from_now(now), at.saturating_since(now));
    }

    #[test]
    fn any_wait_is_read_or_left_aside(
        date in prop::sample::select(&["Fri, 31 Dec 1999 23:59:59 GMT", "120", "-1", "1.5",
            "Friday, 31-Dec-99 23:59:59 GMT", "Fri Dec 31 23:59:59 1999"]),
        edits in edits(),
    ) {
        if let Ok(value) = HeaderValue::from_bytes(&edited(date.as_bytes(), edits)) {
            let _ = retry_after(value).map(|wait| wait.from_now(Timestamp::EPOCH));
        }
    }

    #[test]
    fn secrets_are_equal_when_their_texts_are(a in text(0..6), b in text(0..6)) {
        let secrets = (Secret::new(a.as_str()), Secret::new(b.as_str()));
        prop_assert_eq!(secrets.0 == secrets.1, a == b);
        prop_assert!(secrets.0.clone() == secrets.0);
        prop_assert_eq!(secrets.0.expose(), &a);
        prop_assert_eq!(secrets.0.is_empty(), a.is_empty());
    }

    #[test]
    fn a_scope_is_its_tokens(tokens in prop::collection::vec("[!#-\\[\\]-~]{1,9}", 0..6)) {
        let scope = Scope::from_tokens(&tokens);
        prop_assert_eq!(scope.tokens().collect::<Vec<_>>(), tokens.iter().collect::<Vec<_>>());
        prop_assert_eq!(Scope::from(scope.as_str()), scope);
    }
}
