//! A session that hears the same failure for an hour: how often it presents its refresh token, when it reports,
//! and how it stands then.

use grantwire::Timestamp;
use grantwire::flow::{
    FlowError, Machine, Persisted, Rotation, Session, SessionConfig, SessionStatus, Step,
};
use http::Response;

use crate::given::{client, entropy};
use crate::machines::at;
use crate::replies::{Hour, REPLIES};
use crate::reply_of;

const HOUR: u64 = 3_600;

/// What was seen of a session within an hour.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    /// The seconds at which it presented the refresh token.
    pub presented: Vec<u64>,
    /// The second at which it first gave an error to whoever drove it.
    pub reported: Option<u64>,
    pub status: SessionStatus,
}

fn seconds(moment: Timestamp) -> u64 {
    moment.as_unix_seconds() - at(0).as_unix_seconds()
}

/// Drives a session for an hour, every 20 seconds while it reports and whenever it is due, against a server that
/// always says this.
pub fn an_hour(session: &mut Session, reply: &Response<Vec<u8>>) -> Seen {
    let (mut presented, mut reported, mut now) = (Vec::new(), None, at(0));
    while seconds(now) < HOUR {
        match session.poll(now) {
            Step::Persist(_) => session.handle_persisted(now, Persisted::Stored).expect("asked"),
            Step::Send(..) => {
                presented.push(seconds(now));
                session.handle_response(now, reply).expect("asked");
            }
            Step::Wait(until) => {
                assert!(until > now, "a wait for a moment that is past");
                now = until;
            }
            Step::Done(result) => {
                result.expect_err("no token ever came");
                reported.get_or_insert(seconds(now));
                let soon = at(seconds(now) + 20);
                now = session
                    .next_deadline()
                    .filter(|due| *due > now)
                    .map_or(soon, |due| due.min(soon));
            }
            _ => panic!("nothing else is outstanding"),
        }
    }
    Seen { presented, reported, status: session.status() }
}

fn session(config: SessionConfig) -> Session {
    Session::from_refresh_token(&client(), "r0", config, entropy())
}

fn doubling(longest: u64) -> Vec<u64> {
    let pauses = (0..).map(|n| 2_u64.pow(n).min(longest));
    let moments = pauses.scan(0, |sum, pause| {
        *sum += pause;
        Some(*sum)
    });
    std::iter::once(0).chain(moments).take_while(|moment| *moment < HOUR).collect()
}

#[test]
fn an_hour_of_each_reply() {
    for row @ (who, status, _, body, .., hour, _) in REPLIES {
        let seen = an_hour(&mut session(SessionConfig::new()), &reply_of(row));
        // Four failures in a row, the fourth after 1, 2 and 4 seconds.
        let patience = Some(7);
        let (presented, reported, stands) = match hour {
            Hour::Dies => (vec![0], Some(0), SessionStatus::Dead),
            Hour::Doubts => (vec![0], Some(0), SessionStatus::OutcomeUnknown),
            Hour::Soon => (doubling(300), patience, SessionStatus::Resting),
            Hour::Slow => (doubling(HOUR), patience, SessionStatus::Resting),
            Hour::Hourly => (vec![0], Some(0), SessionStatus::Resting),
        };
        let wanted = Seen { presented, reported, status: stands };
        assert_eq!(seen, wanted, "{who}: {status} {body}");
    }
}

/// A token that can be presented again is never in doubt, and never buried but by the server's word.
#[test]
fn an_hour_with_a_reusable_token() {
    for row @ (who, status, _, body, .., hour, _) in REPLIES {
        let config = SessionConfig::new().rotation(Rotation::Reusable);
        let seen = an_hour(&mut session(config), &reply_of(row));
        let wanted = match hour {
            Hour::Dies => SessionStatus::Dead,
            _ => SessionStatus::Resting,
        };
        assert_eq!(seen.status, wanted, "{who}: {status} {body}");
        if *hour == Hour::Doubts {
            assert_eq!(seen.presented, doubling(300), "{who}: {status} {body}");
        }
    }
}

/// What only a person can do something about is tried hourly: not sooner, and not never.
#[test]
fn hourly_is_hourly() {
    let mut session = session(SessionConfig::new());
    let reply = crate::given::json(401, r#"{"error":"invalid_client"}"#);
    an_hour(&mut session, &reply);
    for (now, tries) in [(HOUR - 1, false), (HOUR, true)] {
        let step = session.poll(at(now));
        assert_eq!(matches!(step, Step::Persist(_)), tries, "at {now}");
        if !tries {
            assert!(matches!(step, Step::Done(Err(FlowError::Reply(_)))));
        }
    }
}
