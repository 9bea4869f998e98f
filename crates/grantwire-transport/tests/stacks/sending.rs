//! What becomes of a request: it is sent once, as it is, to nobody else, and its loss is told truly.

use std::time::{Duration, Instant};

use grantwire::flow::{AnswerBy, DriveError, Driver, FlowError, TokenFlow};
use grantwire::{AuthorizationServer, Client, Duties, TokenRequest};
use http::{Request, StatusCode};

use crate::given::{self, CLIENT_ID, code_exchange, entropy, own_token};
use crate::peer::{Peer, Server, closed_port};
use crate::stack::{Answer, Make, Pem, Send};

/// Longer than any case takes that goes well.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// For a case that has to run into it.
pub const SHORT: Duration = Duration::from_millis(1000);
/// Far more than `SHORT`, and less than without an end.
pub const SOON: Duration = Duration::from_secs(10);

const TOKENS: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 42\r\n\r\n\
    {\"access_token\":\"a\",\"token_type\":\"Bearer\"}";

pub fn post(url: &str) -> Request<Vec<u8>> {
    Request::post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .body(b"grant_type=refresh_token".to_vec())
        .unwrap()
}

/// An answer is of use for longer than any stack has patience here.
pub fn long() -> AnswerBy {
    AnswerBy::new(given::now(), 2 * PATIENCE)
}

/// Sends one request with the usual duties.
pub fn ask(send: &Send, server: &Server) -> Answer {
    send(post(&server.url()), Duties::default(), long())
}

fn client(server: &Server) -> Client {
    Client::new(AuthorizationServer::new().token_endpoint(&server.url()), CLIENT_ID)
}

/// Drives one exchange with this stack.
fn drive(send: &Send, exchange: TokenRequest) -> Result<(), DriveError> {
    let mut driver = Driver::blocking(given::now, |_| panic!("nothing to wait for"), send);
    driver.run(&mut TokenFlow::new(exchange, entropy())).map(|_| ())
}

/// Lost, and nobody knows whether it was sent; with the stack's own error as the cause.
fn is_lost(result: &Result<(), DriveError>) -> bool {
    let cause = result.as_ref().err().and_then(std::error::Error::source);
    matches!(result, Err(DriveError::Flow(FlowError::Transport(failure)))
        if !failure.is_not_sent() && std::error::Error::source(failure).is_some() == cause.is_some())
}

pub fn as_it_is(make: Make) {
    let answer =
        "HTTP/1.1 200 OK\r\ndpop-nonce: n1\r\ndpop-nonce: n2\r\ncontent-length: 2\r\n\r\nhi";
    let server = Server::saying(answer);
    let send = make(PATIENCE, &Pem::default());
    let mut request = post(&format!("{}?tenant=a%2Fb&x=%7E", server.url()));
    request.headers_mut().insert("authorization", "Basic czpz".parse().unwrap());
    let host = request.uri().authority().unwrap().to_string();
    let answer = send(request, Duties::default(), long()).unwrap();
    assert_eq!(answer.body(), b"hi");
    assert_eq!(answer.headers().get_all("dpop-nonce").iter().count(), 2);

    let [request] = server.end().requests().try_into().expect("one request");
    let request = String::from_utf8(request).unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, "grant_type=refresh_token");
    assert!(head.starts_with("POST /token?tenant=a%2Fb&x=%7E HTTP/1.1\r\n"), "{head}");
    let named = |name: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        let lines = lines.filter(|(each, _)| each.eq_ignore_ascii_case(name));
        lines.map(|(_, value)| value.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(named("host"), [host]);
    assert_eq!(named("authorization"), ["Basic czpz"]);
    assert_eq!(named("content-type"), ["application/x-www-form-urlencoded"]);
    assert_eq!(named("accept"), ["application/json"]);
    assert_eq!(named("content-length"), ["24"]);
    for unasked in ["expect", "cookie", "referer", "transfer-encoding"] {
        assert!(named(unasked).is_empty(), "{unasked}");
    }
}

pub fn redirect(make: Make) {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Server::saying(TOKENS);
        let target = elsewhere.url();
        let server = Server::saying(format!(
            "HTTP/1.1 {status} Elsewhere\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n"
        ));
        let answer = ask(&make(PATIENCE, &Pem::default()), &server).unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["location"], target);
        assert_eq!(server.end().requests().len(), 1);
        assert_eq!(elsewhere.end().connections(), 0, "{status}: it was followed");
    }
}

/// Some of these make some stacks try again by themselves, or ask for a password.
pub fn refusal(make: Make) {
    for status in [400, 401, 403, 407, 408, 417, 421, 425, 429, 500, 502, 503] {
        let server = Server::saying(format!(
            "HTTP/1.1 {status} No\r\nwww-authenticate: Basic realm=\"a\"\r\nretry-after: 0\r\n\
             content-length: 2\r\n\r\n{{}}"
        ));
        let answer = ask(&make(PATIENCE, &Pem::default()), &server).unwrap();
        assert_eq!(answer.status(), StatusCode::from_u16(status).unwrap());
        assert_eq!(answer.body(), b"{}");
        assert_eq!(server.end().requests().len(), 1, "{status}: it was sent again");
    }
}

pub fn closed_port_is_told(make: Make) {
    let (address, _streams) = closed_port();
    let answer = make(PATIENCE, &Pem::default())(
        post(&format!("http://{address}/token")),
        Duties::default(),
        long(),
    );
    assert!(answer.is_err_and(|failure| failure.is_not_sent()));
}

pub fn no_answer(make: Make) {
    let server = Server::start(|peer| {
        peer.hear();
        peer.outlast();
    });
    // By the stack's own patience, and when an answer is of no use any more.
    for (patience, useful) in [(SHORT, 2 * PATIENCE), (PATIENCE, SHORT)] {
        let began = Instant::now();
        let by = AnswerBy::new(given::now(), useful);
        let answer = make(patience, &Pem::default())(post(&server.url()), Duties::default(), by);
        assert!(answer.is_err_and(|failure| !failure.is_not_sent()));
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    }
    assert_eq!(server.end().requests().len(), 2);
}

pub fn closed_under_it(make: Make) {
    let send = make(PATIENCE, &Pem::default());
    let close = || {
        Server::start(|peer: &mut Peer| {
            peer.hear();
        })
    };

    let server = close();
    let result = drive(&send, code_exchange(&client(&server)));
    assert!(is_lost(&result), "{result:?}");
    assert_eq!(server.end().requests().len(), 1, "a code may be spent");

    let server = close();
    let result = drive(&send, own_token(&client(&server)));
    assert!(is_lost(&result), "{result:?}");
    assert_eq!(server.end().requests().len(), 3, "once, and two times again by the driver");
}

/// The server closes after its first answer, or when it hears a second request on the same connection.
pub fn closed_between(make: Make) {
    for is_early in [true, false] {
        let server = Server::start(move |peer| {
            if peer.hear() {
                peer.say(TOKENS);
                if !is_early {
                    peer.hear();
                }
            }
        });
        let send = make(PATIENCE, &Pem::default());
        let client = client(&server);
        drive(&send, own_token(&client)).expect("the first answer");
        drive(&send, code_exchange(&client)).expect("a connection of its own");
        let requests = server.end().requests();
        let codes = |request: &&Vec<u8>| request.ends_with(b"client_id=s6BhdRkqt3");
        let codes = requests
            .iter()
            .filter(codes)
            .filter(|each| String::from_utf8_lossy(each).contains("grant_type=authorization_code"));
        assert_eq!(codes.count(), 1, "a single-use request was sent twice");
        assert_eq!(requests.len(), 2);
    }
}
