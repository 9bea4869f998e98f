//! [`Driver`], blocking and async: it does what the machine wants, tells it what came of it, and does
//! no more than the duties allow.

mod given;
mod machines;

use std::cell::{Cell, RefCell};
use std::error::Error as _;
use std::future::{poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use grantwire::client::PrivateKeyJwt;
use grantwire::flow::{
    BlockingDriver, BoxBlockingDriver, BoxDriver, DeviceFlow, DriveError, Driver, FlowError,
    LocalBoxBlockingDriver, LocalBoxDriver, Machine, Misuse, Persisted, Plain, Rotation,
    SecretSnapshot, Session, SessionConfig, TokenFlow, TransportFailure,
};
use grantwire::jose::{Algorithm, LocalKey, Signature, Signer};
use grantwire::{Client, Duties, Resend, TokenRequest};
use http::Response;
use machines::*;

use given::{CLIENT_ID, client, code_exchange, entropy, json, own_token, server};

const TOKENS: &str = r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":3600,"refresh_token":"r1"}"#;

type Answer = Result<Response<Vec<u8>>, TransportFailure>;

fn good() -> Answer {
    Ok(json(200, TOKENS))
}

/// Drives this request with these answers, the last of them for ever, and counts the sendings.
fn driven(exchange: TokenRequest, answers: &[Answer]) -> (Result<(), DriveError>, usize) {
    let sendings = Cell::new(0);
    let mut driver = Driver::blocking(
        || at(0),
        |_| panic!("nothing to wait for"),
        |_, _, _| {
            let number = sendings.get();
            sendings.set(number + 1);
            answers[number.min(answers.len() - 1)].clone()
        },
    );
    let mut flow = TokenFlow::new(exchange, entropy());
    (driver.run(&mut flow).map(|_| ()), sendings.get())
}

#[test]
fn what_was_not_sent_is_the_machines_to_repeat_unless_it_does_no_harm() {
    // A claim may be running out, and only the machine knows of it.
    let not_sent = || Err(NOT_SENT);
    let (result, sendings) = driven(code_exchange(&client()), &[not_sent(), good()]);
    assert_eq!(sendings, 1);
    assert!(matches!(&result, Err(DriveError::Flow(error)) if is_not_sent(error)));
    let (result, sendings) = driven(own_token(&client()), &[not_sent(), not_sent(), good()]);
    assert!(result.is_ok() && sendings == 3, "once and two times again");
    assert_eq!(driven(own_token(&client()), &[not_sent()]).1, 3);
}

#[test]
fn what_may_have_arrived_is_sent_again_only_when_that_does_no_harm() {
    let lost = || Err(NO_ANSWER);
    let (result, sendings) = driven(code_exchange(&client()), &[lost(), good()]);
    assert_eq!(sendings, 1, "the code may be spent");
    assert!(matches!(&result, Err(DriveError::Flow(error)) if is_lost(error)));

    let (result, sendings) = driven(own_token(&client()), &[lost(), lost(), good()]);
    assert!(result.is_ok() && sendings == 3);
    let (result, sendings) = driven(own_token(&client()), &[lost()]);
    assert_eq!(sendings, 3);
    assert!(matches!(&result, Err(DriveError::Flow(error)) if is_lost(error)));

    // An assertion is for one use too: the same bytes are not sent twice.
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let signing = Client::new(server(), CLIENT_ID).auth(PrivateKeyJwt::new(key));
    assert_eq!(driven(own_token(&signing), &[lost(), good()]).1, 1);
}

/// An answer is an answer: a 503 is the machine's to judge.
#[test]
fn an_answer_is_never_sent_again() {
    for status in [400, 429, 500, 503] {
        let (result, sendings) = driven(own_token(&client()), &[Ok(json(status, "{}")), good()]);
        assert_eq!(sendings, 1);
        let error = result.unwrap_err();
        assert_eq!(error.reply().map(|reply| reply.raw().status().as_u16()), Some(status));
    }
}

#[test]
fn the_duties_go_with_the_request() {
    let seen: RefCell<Vec<Duties>> = RefCell::default();
    for (exchange, resend) in
        [(own_token(&client()), Resend::Always), (code_exchange(&client()), Resend::OnlyIfNotSent)]
    {
        let mut driver = Driver::blocking(
            || at(0),
            |_| {},
            |request, duties, _| {
                assert_eq!(request.uri(), given::TOKEN);
                seen.borrow_mut().push(duties);
                good()
            },
        );
        driver.run(&mut TokenFlow::new(exchange, entropy())).unwrap();
        let duties = seen.borrow_mut().pop().expect("it was sent");
        assert_eq!(duties.resend, resend);
        assert_eq!(duties.body_limit, grantwire::DEFAULT_BODY_LIMIT);
    }
}

fn device_flow() -> DeviceFlow {
    let at_door = server().device_authorization_endpoint("https://as.example/device");
    let client = Client::new(at_door, CLIENT_ID);
    let body = r#"{"device_code":"d","user_code":"u","verification_uri":"https://as.example/d","expires_in":1800}"#;
    let authorization = client.device_authorization().read(&json(200, body)).unwrap();
    DeviceFlow::new(&client, &authorization, at(0), entropy())
}

/// The clock only goes when the driver sleeps, so every wait is seen, and none is cut short.
#[test]
fn it_sleeps_until_the_moment_it_is_told() {
    let clock = Cell::new(at(0));
    let mut asked = 0;
    let mut driver = Driver::blocking(
        || clock.get(),
        |until| {
            assert!(until > clock.get());
            clock.set(until);
        },
        |_, _, _| {
            asked += 1;
            Ok(match asked {
                1 => json(400, r#"{"error":"authorization_pending"}"#),
                2 => json(400, r#"{"error":"slow_down"}"#),
                _ => json(200, TOKENS),
            })
        },
    );
    driver.run(&mut device_flow()).unwrap();
    assert_eq!(clock.get(), at(5 + 5 + 10));
    assert_eq!(asked, 3);
}

/// One driver for machines of all kinds, behind a pointer.
#[test]
fn any_machine_without_a_store_is_driven_alike() {
    let clock = Cell::new(at(0));
    let mut driver = Driver::blocking(|| clock.get(), |until| clock.set(until), |_, _, _| good());
    let mut tokens = TokenFlow::new(own_token(&client()), entropy());
    let mut device = device_flow();
    let machines: [&mut dyn Machine<Steps = Plain<_>>; 2] = [&mut tokens, &mut device];
    for machine in machines {
        driver.run(machine).unwrap();
    }
}

#[test]
fn a_signer_is_asked_and_may_have_none() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let remote = || {
        let method = PrivateKeyJwt::new(Signer::remote(Algorithm::Es256));
        TokenFlow::new(own_token(&Client::new(server(), CLIENT_ID).auth(method)), entropy())
    };
    let driver = || Driver::blocking(|| at(0), |_| {}, |_, _, _| good());
    driver().sign(|unsigned| key.sign(&unsigned).ok()).run(&mut remote()).unwrap();
    // Without a signer, and with one that fails.
    assert!(matches!(driver().run(&mut remote()), Err(DriveError::NotSigned)));
    let mut fails = driver().sign(|_| None::<Signature>);
    assert!(matches!(fails.run(&mut remote()), Err(DriveError::NotSigned)));
    let mut wrong = driver().sign(|unsigned| Some(unsigned.signed([1])));
    let refused = wrong.run(&mut remote());
    assert!(matches!(refused, Err(DriveError::Misuse(Misuse::Signature(_)))));
}

fn session() -> Session {
    Session::from_refresh_token(&client(), "r0", SessionConfig::new(), entropy())
}

#[test]
fn a_store_is_asked_before_and_after() {
    let stored: RefCell<Vec<SecretSnapshot>> = RefCell::default();
    let mut driver = Driver::blocking(
        || at(0),
        |_| {},
        |_, _, _| {
            assert_eq!(stored.borrow().len(), 1, "the claim came first");
            good()
        },
    )
    .persist(|snapshot: SecretSnapshot| {
        stored.borrow_mut().push(snapshot);
        Persisted::Stored
    });
    let token = driver.run(&mut session()).unwrap();
    assert_eq!(token.expose(), "2YotnFZFEjr1zCsicMWpAA");
    assert_eq!(stored.borrow().len(), 2, "a claim, and the tokens");
}

/// A store that is away is waited for, not skipped.
#[test]
fn a_store_that_fails_is_asked_again() {
    let clock = Cell::new(at(0));
    let mut tries = 0;
    let mut driver = Driver::blocking(|| clock.get(), |until| clock.set(until), |_, _, _| good())
        .persist(|_| {
            tries += 1;
            if tries < 4 { Persisted::Failed } else { Persisted::Stored }
        });
    driver.run(&mut session()).unwrap();
    assert_eq!(tries, 5);
    assert_eq!(clock.get(), at(1 + 2 + 4));
}

/// Somebody else holds the request: a second driver must not wait for an answer it will not get.
#[test]
fn two_drivers_of_one_machine() {
    let mut flow = TokenFlow::new(own_token(&client()), entropy());
    sent(flow.poll(at(0)));
    let mut driver = Driver::blocking(|| at(0), |_| {}, |_, _, _| good());
    assert!(matches!(driver.run(&mut flow), Err(DriveError::Outstanding)));
    // The first still gets its own.
    flow.handle_response(at(0), &json(200, TOKENS)).unwrap();
    driver.run(&mut flow).unwrap();
}

/// The machine has the failure, so the caller can go on from there: a session is not over.
#[test]
fn a_run_can_be_followed_by_another() {
    let online = Cell::new(false);
    let clock = Cell::new(at(0));
    let config = SessionConfig::new().rotation(Rotation::Reusable).patience(1);
    let mut session = Session::from_refresh_token(&client(), "r0", config, entropy());
    let mut driver = Driver::blocking(
        || clock.get(),
        |until| clock.set(until),
        |_, _, _| if online.get() { good() } else { Err(NO_ANSWER) },
    )
    .persist(|_| Persisted::Stored);
    assert!(matches!(driver.run(&mut session), Err(DriveError::Flow(FlowError::Transport(_)))));
    online.set(true);
    clock.set(at(60));
    assert_eq!(driver.run(&mut session).unwrap().expose(), "2YotnFZFEjr1zCsicMWpAA");
}

#[test]
fn errors_say_what_to_do_and_show_nothing() {
    let refused = driven(own_token(&client()), &[Ok(json(400, r#"{"error":"invalid_scope"}"#))]).0;
    let refused = refused.unwrap_err();
    let reply = refused.reply().expect("the server's answer").to_string();
    assert!(reply.contains("invalid_scope"), "{reply}");
    assert_eq!(refused.to_string(), reply, "one line says it all");
    assert!(refused.source().is_none(), "and nothing says it twice");

    let misuse = DriveError::from(Misuse::NotSending);
    assert!(misuse.reply().is_none());
    assert_eq!(misuse.source().unwrap().to_string(), "no request is outstanding");
    for (error, word) in [
        (DriveError::NotSigned, "`sign`"),
        (DriveError::Outstanding, "outstanding"),
        (misuse, "did not fit"),
    ] {
        let text = error.to_string();
        assert!(text.contains(word), "{text}");
        assert!(text.starts_with(char::is_lowercase) && !text.contains('\n'), "{text}");
    }
    let driver = Driver::blocking(|| at(0), |_| {}, |_, _, _| good());
    assert_eq!(format!("{driver:?}"), "BlockingDriver");
}

/// Wakes a thread that waits for a future.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The smallest runtime there is.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        thread::park();
    }
}

/// The same on a thread of its own, which only a future that is `Send` can be handed to.
fn spawned<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    thread::spawn(|| block_on(future)).join().expect("it does not panic")
}

/// Waits once: somebody else has to wake it.
fn pause() -> impl Future<Output = ()> + Send {
    let mut begun = false;
    poll_fn(move |context| {
        if begun {
            return Poll::Ready(());
        }
        begun = true;
        let waker = context.waker().clone();
        thread::spawn(move || waker.wake());
        Poll::Pending
    })
}

/// The future is `Send`: a runtime of many threads takes it, the machine inside.
#[test]
fn async_on_another_thread() {
    let clock = Arc::new(Mutex::new(at(0)));
    let (now, sleeping) = (Arc::clone(&clock), Arc::clone(&clock));
    let tokens = spawned(async move {
        let mut asked = 0;
        let mut driver = Driver::new(
            move || *now.lock().unwrap(),
            move |until| {
                let clock = Arc::clone(&sleeping);
                async move {
                    pause().await;
                    *clock.lock().unwrap() = until;
                }
            },
            move |_request, _duties, _answer_by| {
                asked += 1;
                let answer = if asked == 1 { Err(NO_ANSWER) } else { good() };
                async move {
                    pause().await;
                    answer
                }
            },
        );
        driver.run(&mut device_flow()).await
    })
    .unwrap();
    assert_eq!(tokens.access_token().expose(), "2YotnFZFEjr1zCsicMWpAA");
    assert_eq!(*clock.lock().unwrap(), at(5 + 10));
}

#[test]
fn an_async_session_with_a_signer_and_a_store() {
    let key = LocalKey::generate(Algorithm::Es256).unwrap();
    let token = spawned(async move {
        let method = PrivateKeyJwt::new(Signer::remote(Algorithm::Es256));
        let client = Client::new(server(), CLIENT_ID).auth(method);
        let mut session =
            Session::from_refresh_token(&client, "r0", SessionConfig::new(), entropy());
        let mut driver = Driver::new(|| at(0), |_| ready(()), |_, _, _| ready(good()))
            .sign(move |unsigned| {
                let key = key.clone();
                async move {
                    pause().await;
                    key.sign(&unsigned).ok()
                }
            })
            .persist(|_: SecretSnapshot| async {
                pause().await;
                Persisted::Stored
            });
        driver.run(&mut session).await
    })
    .unwrap();
    assert_eq!(token.expose(), "2YotnFZFEjr1zCsicMWpAA");
}

#[test]
fn async_defaults_refuse() {
    let method = PrivateKeyJwt::new(Signer::remote(Algorithm::Es256));
    let signing = Client::new(server(), CLIENT_ID).auth(method);
    let mut flow = TokenFlow::new(own_token(&signing), entropy());
    let mut driver = Driver::new(|| at(0), |_| ready(()), |_, _, _| ready(good()));
    assert!(matches!(block_on(driver.run(&mut flow)), Err(DriveError::NotSigned)));
}

/// What a struct of somebody's keeps: one type, whatever the closures are.
struct App {
    driver: BoxDriver<SecretSnapshot>,
    local: LocalBoxDriver,
    blocking: BoxBlockingDriver<SecretSnapshot>,
    local_blocking: LocalBoxBlockingDriver,
}

fn stores(
    count: &Arc<Mutex<usize>>,
) -> impl FnMut(SecretSnapshot) -> Persisted<SecretSnapshot> + use<> {
    let count = Arc::clone(count);
    move |_| {
        *count.lock().unwrap() += 1;
        Persisted::Stored
    }
}

#[test]
fn a_driver_is_kept_in_a_struct_by_its_name() {
    let stored = Arc::new(Mutex::new(0));
    let mut store = stores(&stored);
    let in_this_thread = Rc::new(Cell::new(0));
    let counted = || {
        let sent = Rc::clone(&in_this_thread);
        move || {
            sent.set(sent.get() + 1);
            good()
        }
    };
    let (send, send_at_once) = (counted(), counted());
    let mut app = App {
        driver: Driver::new(|| at(0), |_| ready(()), |_, _, _| async { good() })
            .persist(move |snapshot| ready(store(snapshot)))
            .boxed(),
        local: Driver::new(|| at(0), |_| ready(()), move |_, _, _| ready(send())).boxed_local(),
        blocking: Driver::blocking(|| at(0), |_| {}, |_, _, _| good())
            .persist(stores(&stored))
            .boxed(),
        local_blocking: Driver::blocking(|| at(0), |_| {}, move |_, _, _| send_at_once())
            .boxed_local(),
    };
    // One that stores drives what stores nothing, too.
    let tokens = || TokenFlow::new(own_token(&client()), entropy());
    block_on(app.driver.run(&mut session())).unwrap();
    block_on(app.driver.run(&mut tokens())).unwrap();
    block_on(app.local.run(&mut tokens())).unwrap();
    app.blocking.run(&mut session()).unwrap();
    app.blocking.run(&mut tokens()).unwrap();
    app.local_blocking.run(&mut tokens()).unwrap();
    assert_eq!(*stored.lock().unwrap(), 4, "a claim and the tokens, twice");
    assert_eq!(in_this_thread.get(), 2);
    // Another thread takes those whose closures may go there.
    let (mut driver, mut blocking) = (app.driver, app.blocking);
    spawned(async move { driver.run(&mut session()).await }).unwrap();
    std::thread::spawn(move || blocking.run(&mut session())).join().unwrap().unwrap();
}

/// The closure hears until when an answer is of use, and what is sent again has what is left of it.
#[test]
fn an_answer_is_of_use_for_so_long() {
    let clock = Cell::new(at(0));
    let heard = RefCell::new(Vec::new());
    let mut driver = Driver::blocking(
        || clock.get(),
        |_| panic!("nothing to wait for"),
        |_, _, answer_by| {
            heard.borrow_mut().push(answer_by.within().as_secs());
            clock.set(clock.get() + Duration::from_secs(4));
            Err::<Response<Vec<u8>>, _>(NO_ANSWER)
        },
    );
    let run = |driver: &mut BlockingDriver<_, _, _>, seconds| {
        let flow = TokenFlow::new(own_token(&client()), entropy());
        driver.run(&mut flow.answer_within(Duration::from_secs(seconds))).unwrap_err()
    };
    assert!(matches!(run(&mut driver, 10), DriveError::Flow(error) if is_lost(&error)));
    assert_eq!(heard.take(), [10, 6, 2]);
    run(&mut driver, 8);
    assert_eq!(heard.take(), [8, 4], "and when nothing is left, it is not sent again");
}

/// The HTTP client's own error is there for whoever asks for causes, and in no text of ours.
#[test]
fn a_transports_error_is_the_cause() {
    let url = "https://as.example/token?secret=7Fjfp0ZBr1";
    let refused = || std::io::Error::other(format!("connecting to {url}"));
    let send = |_, _, _| Err::<Response<Vec<u8>>, _>(TransportFailure::not_sent(refused()));
    let mut driver = Driver::blocking(|| at(0), |_| {}, send);
    let ended = driver.run(&mut TokenFlow::new(code_exchange(&client()), entropy())).unwrap_err();
    let ours = format!("{ended} {ended:?} {ended:#?}");
    assert!(!ours.contains("7Fjfp0ZBr1") && !ours.contains("as.example"), "{ours}");
    let sum = grantwire::Error::from(ended.clone());
    for error in [&ended as &dyn std::error::Error, &sum] {
        let cause = error.source().expect("the client's");
        assert!(cause.downcast_ref::<std::io::Error>().is_some());
        assert!(cause.to_string().contains(url));
        assert!(error.to_string().contains("not sent"), "{error}");
    }
    assert!(TransportFailure::UNKNOWN.source().is_none(), "and none where none was given");
}

/// A store that answers nonsense ends the run, and the machine is not stuck with it.
#[test]
fn a_stale_conflict_leaves_nothing_outstanding() {
    let mut session = session();
    let first = session.snapshot().clone();
    let lies = Cell::new(0);
    let mut driver = Driver::blocking(|| at(0), |_| {}, |_, _, _| good()).persist(|_| {
        lies.set(lies.get() + 1);
        // Of the second write it says that it has what stood there before the first.
        if lies.get() == 2 { Persisted::Conflict(first.clone()) } else { Persisted::Stored }
    });
    assert!(matches!(driver.run(&mut session), Err(DriveError::Misuse(Misuse::Stale))));
    assert_eq!(session.outstanding(), None);
    assert_eq!(driver.run(&mut session).unwrap().expose(), "2YotnFZFEjr1zCsicMWpAA");
    assert_eq!(lies.get(), 3, "the tokens are offered again");
}

/// A closure that panics, the clock's too, leaves nothing outstanding, and brings nothing else down.
#[test]
fn a_panic_lets_go() {
    let mut flow = TokenFlow::new(own_token(&client()), entropy());
    let asked = Cell::new(0);
    let clock = || {
        asked.set(asked.get() + 1);
        if asked.get() > 1 { resume_unwind(Box::new("no clock")) } else { at(0) }
    };
    let mut driver = Driver::blocking(clock, |_| {}, |_, _, _| good());
    let run = catch_unwind(AssertUnwindSafe(|| driver.run(&mut flow)));
    assert!(run.is_err() && asked.get() == 2);
    assert_eq!(flow.outstanding(), None);
    Driver::blocking(|| at(0), |_| {}, |_, _, _| good()).run(&mut flow).unwrap();
}
