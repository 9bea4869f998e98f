//! Any events in any order, to a session of any configuration, from any of its beginnings. Whatever it
//! wants stored can be read back, and another process can go on from it.

#![no_main]

use std::time::Duration;

use arbitrary::Arbitrary;
use grantwire::flow::{
    AfterUnknown, Machine, Rotation, SecretSnapshot, Session, SessionConfig, TokenSource,
};
use grantwire_fuzz::machines::{Event, beginning, client, dpop, entropy, run};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
enum Beginning {
    RefreshToken,
    ClientItself,
    Stored(Vec<u8>),
}

#[derive(Debug, Arbitrary)]
struct Input {
    signs: bool,
    bound: bool,
    reusable: bool,
    grace: Option<u16>,
    policy: u8,
    claim: u16,
    ahead: u16,
    patience: u8,
    assumed: Option<u16>,
    beginning: Beginning,
    events: Vec<Event>,
}

fn config(input: &Input) -> SessionConfig {
    let seconds = |number: u16| Duration::from_secs(number.into());
    let rotation = match (input.reusable, input.grace) {
        (true, _) => Rotation::Reusable,
        (_, Some(grace)) => Rotation::SingleUse { grace: seconds(grace) },
        _ => Rotation::Unknown,
    };
    let policy = match input.policy % 3 {
        0 => AfterUnknown::Hold,
        1 => AfterUnknown::GiveUp,
        _ => AfterUnknown::ResendWithinGrace,
    };
    let config = SessionConfig::new()
        .rotation(rotation)
        .after_unknown(policy)
        .claim_for(seconds(input.claim))
        .refresh_ahead(seconds(input.ahead))
        .patience(input.patience.into());
    match input.assumed {
        Some(assumed) => config.assume_lifetime(seconds(assumed)),
        None => config,
    }
}

fuzz_target!(|input: Input| {
    let (client, config) = (client(input.signs), config(&input));
    let session = match &input.beginning {
        Beginning::RefreshToken => {
            Session::from_refresh_token(&client, "r", config.clone(), entropy())
        }
        Beginning::ClientItself => {
            let source = TokenSource::client_credentials(&client, config, entropy());
            let mut source = if input.bound { source.dpop(dpop()) } else { source };
            let command = |source: &mut TokenSource, which: u8| match which % 2 {
                0 => source.refuse_access_token(),
                _ => drop((source.next_deadline(), source.access_token(beginning()))),
            };
            return run(&mut source, &input.events, command, |never| match *never {});
        }
        Beginning::Stored(bytes) => {
            let Ok(snapshot) = SecretSnapshot::from_bytes(bytes) else { return };
            let now = beginning();
            match Session::resume(&client, snapshot, config.clone(), now, entropy()) {
                Ok(session) => session,
                Err(_) => return,
            }
        }
    };
    let mut session = if input.bound { session.dpop(dpop()) } else { session };
    let command = |session: &mut Session, which: u8| match which % 4 {
        0 => session.refuse_access_token(),
        1 => drop(session.resend()),
        2 => drop(session.give_up()),
        _ => drop((session.next_deadline(), session.status(), session.access_token(beginning()))),
    };
    run(&mut session, &input.events, command, |snapshot| {
        let read = SecretSnapshot::from_bytes(&snapshot.to_bytes()).expect("it was just written");
        assert!(read == *snapshot);
        let other = Session::resume(&client, read, config.clone(), beginning(), entropy());
        let _ = other.expect("the same client").poll(beginning());
    });
});
