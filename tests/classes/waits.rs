//! `Retry-After` in every form, and that nothing is presented before it says so.

use std::time::Duration;

use grantwire::flow::{AfterUnknown, Rotation, Session, SessionConfig};

use crate::given::{answer, client, entropy, json};
use crate::replies::{Hour, REPLIES};
use crate::session::an_hour;

fn session(config: SessionConfig) -> Session {
    Session::from_refresh_token(&client(), "r0", config, entropy())
}

/// When a session presents its token for the second time; the hand clock starts at 2027-01-15T08:00:00Z.
fn second_time(values: &[&str], config: SessionConfig) -> Option<u64> {
    let mut headers = vec![("content-type", "text/plain")];
    headers.extend(values.iter().map(|value| ("retry-after", *value)));
    let mut session = session(config);
    an_hour(&mut session, &answer(429, &headers, "")).presented.get(1).copied()
}

#[test]
fn every_form() {
    for (values, second) in [
        (&[][..], Some(1)),
        (&["120"], Some(120)),
        (&[" 120 "], Some(120)),
        (&["0"], Some(1)),
        (&["00120"], Some(120)),
        (&["3599"], Some(3_599)),
        (&["99999999999999999999999"], None),
        (&["-1"], Some(1)),
        (&["+120"], Some(1)),
        (&["1.5"], Some(1)),
        (&["120.0"], Some(1)),
        (&["1e3"], Some(1)),
        (&["soon"], Some(1)),
        (&[""], Some(1)),
        (&["120s"], Some(1)),
        (&["0x10"], Some(1)),
        (&["Fri, 15 Jan 2027 08:02:00 GMT"], Some(120)),
        (&["Friday, 15-Jan-27 08:02:00 GMT"], Some(120)),
        (&["Fri Jan 15 08:02:00 2027"], Some(120)),
        (&["Fri, 15 Jan 2027 07:59:59 GMT"], Some(1)),
        (&["Thu, 01 Jan 1970 00:00:00 GMT"], Some(1)),
        (&["2027-01-15T08:02:00Z"], Some(1)),
        (&["120", "60"], Some(60)),
        (&["60", "120"], Some(60)),
        (&["120, 60"], Some(60)),
        (&["120", "soon"], Some(120)),
        (&["300", "Fri, 15 Jan 2027 08:02:00 GMT"], Some(120)),
        (&["90", "Fri, 15 Jan 2027 08:02:00 GMT"], Some(90)),
        (&["Fri, 15 Jan 2027 07:00:00 GMT", "90"], Some(90)),
    ] {
        assert_eq!(second_time(values, SessionConfig::new()), second, "{values:?}");
    }
}

#[test]
fn it_is_cut_at_the_callers_longest_wait() {
    let longest = |seconds| SessionConfig::new().longest_wait(Duration::from_secs(seconds));
    assert_eq!(second_time(&["86400"], longest(600)), Some(600));
    assert_eq!(second_time(&["599"], longest(600)), Some(599));
    assert_eq!(second_time(&["86400"], longest(7_200)), None);
    // The session's own pauses are bound by it, too; what only a person can change is not.
    let mut short = session(longest(2));
    let seen = an_hour(&mut short, &answer(404, &[], ""));
    assert!(seen.presented.windows(2).all(|pair| pair[1] - pair[0] <= 2));
    let mut short = session(longest(2));
    assert_eq!(an_hour(&mut short, &json(401, r#"{"error":"invalid_client"}"#)).presented, [0]);
}

/// Under every line, and whatever the policy is where the outcome is unknown.
#[test]
fn nothing_is_presented_before_its_time() {
    for (who, status, headers, body, .., hour, _) in REPLIES {
        let mut said = headers.to_vec();
        said.push(("retry-after", "700"));
        let reply = answer(*status, &said, *body);
        let policy = SessionConfig::new()
            .rotation(Rotation::SingleUse { grace: Duration::from_secs(3_000) })
            .after_unknown(AfterUnknown::ResendWithinGrace);
        for config in [SessionConfig::new(), policy] {
            let seen = an_hour(&mut session(config), &reply);
            let pauses = seen.presented.windows(2).map(|pair| pair[1] - pair[0]);
            assert!(pauses.clone().all(|pause| pause >= 700), "{who} {status}: {seen:?}");
            let again = seen.presented.len() > 1;
            if matches!(hour, Hour::Soon | Hour::Slow) {
                assert!(again, "{who} {status}: it is kept");
            }
        }
    }
}

/// A 503 with it is in doubt all the same: a cache puts it on every 503 it makes.
#[test]
fn it_makes_no_answer_of_a_503() {
    for headers in [&[][..], &[("retry-after", "5")]] {
        let seen = an_hour(&mut session(SessionConfig::new()), &answer(503, headers, ""));
        assert_eq!(seen.presented, [0], "{headers:?}");
    }
}
