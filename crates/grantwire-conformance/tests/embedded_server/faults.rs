//! Faults on demand, the socket, and the printer that must not give secrets away.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::{CALLBACK, World, exchange, form, member, refusal, refused};
use grantwire_conformance::{
    Authentication, Client, Config, Fault, Printer, Received, Reply, Server,
};

fn client() -> Client {
    Client::new("one", Authentication::None).redirecting_to(CALLBACK)
}

#[test]
fn a_fault_before_processing_spares_the_code() {
    let mut world = World::new(vec![client()]);
    let code = world.code("one");
    world.judge.next_token_reply(Fault::Status(503, Some(7)));
    let reply = world.exchange("one", &code);
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("7")));
    for fault in [
        Fault::Html502,
        Fault::Redirect("https://elsewhere.example/".to_owned()),
        Fault::DropConnection,
        Fault::Answer(Reply::empty(204)),
    ] {
        world.judge.next_token_reply(fault);
        let answer = world.judge.answer(&exchange("one", &code));
        assert!(answer.is_none_or(|reply| member(&reply, "access_token").is_none()));
    }
    assert_eq!(world.exchange("one", &code).status, 200);
}

#[test]
fn a_fault_after_processing_spends_the_code() {
    for fault in [
        Fault::DropConnectionAfterProcessing,
        Fault::TruncatedJson,
        Fault::AnswerAfterProcessing(Reply::empty(504)),
    ] {
        let mut world = World::new(vec![client()]);
        let code = world.code("one");
        world.judge.next_token_reply(fault);
        let answer = world.judge.answer(&exchange("one", &code));
        assert!(answer.is_none_or(|reply| reply.value().is_null()));
        let again = world.exchange("one", &code);
        assert_eq!(refusal(&again), refused(400, "invalid_grant"));
    }
}

#[test]
fn values_of_the_http_crate_go_in_and_come_out() {
    let mut world = World::new(vec![client()]);
    let body = exchange("one", &world.code("one")).body;
    let request = http::Request::post("http://127.0.0.1:9/oauth2/token?")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body)
        .expect("a request");
    let received = Received::from_http(&request);
    assert_eq!(received.header("host"), Ok(Some("127.0.0.1:9")));
    let reply = world.send(&received);
    let response = reply.to_http().expect("a response");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(Reply::from_http(&response) == reply);
}

/// One request over a socket of its own; the answer as it came, empty if there was none.
fn send(server: &Server, request: &str) -> String {
    let address = server.origin().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("a connection");
    let request = request.replace("HOST", address);
    stream.write_all(request.as_bytes()).expect("a request sent");
    let mut answer = String::new();
    // A connection that was dropped may end in a reset.
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn post(body: &str) -> String {
    format!(
        "POST /oauth2/token HTTP/1.1\r\nHost: HOST\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn over_a_socket_a_lost_answer_is_a_closed_connection() {
    let config = Config {
        clients: vec![
            Client::new("robot", Authentication::ClientSecretPost("hush".to_owned()))
                .with_grants(&["client_credentials"]),
        ],
        ..Config::default()
    };
    let server = Server::start(config).expect("a server");
    let request = post(&form(&[
        ("grant_type", "client_credentials"),
        ("client_id", "robot"),
        ("client_secret", "hush"),
    ]));
    assert!(send(&server, &request).starts_with("HTTP/1.1 200 OK\r\n"));
    server.next_token_reply(Fault::DropConnectionAfterProcessing);
    assert_eq!(send(&server, &request), "");
    server.next_token_reply(Fault::Html502);
    assert!(send(&server, &request).starts_with("HTTP/1.1 502 "));
    let log = server.take_received();
    assert_eq!(log.len(), 3);
    assert!(log.iter().all(|received| received.path() == "/oauth2/token"));
    assert!(server.received().is_empty());
}

#[test]
fn over_a_socket_http_itself_is_checked() {
    let server = Server::start(Config::default()).expect("a server");
    let wrong = [
        ("GET / HTTP/1.1\r\n\r\n", "421"),
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "421"),
        ("GET / HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n", "400"),
        ("GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n", "400"),
        ("GET / HTTP/1.0\r\nHost: HOST\r\n\r\n", "505"),
        ("GET / HTTP/1.1\r\nHost: HOST\r\nContent-Length: x\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 9999999\r\n\r\n", "413"),
        ("GET / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n", "411"),
        ("nonsense\r\n\r\n", "400"),
        ("GET /nowhere HTTP/1.1\r\nHost: HOST\r\n\r\n", "404"),
    ];
    for (request, status) in wrong {
        let answer = send(&server, request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
    }
}

#[test]
fn a_server_stops_though_a_client_says_nothing() {
    let server = Server::start(Config::default()).expect("a server");
    let address = server.origin().trim_start_matches("http://");
    let mut silent = TcpStream::connect(address).expect("a connection");
    silent.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    drop(server);
    let closed = match silent.read(&mut [0]) {
        Ok(count) => count == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    };
    assert!(closed);
}

#[test]
fn nothing_that_is_printed_holds_a_secret() {
    const CANARY: &str = "canary-canary-canary-0123456789";
    let secret = [
        "code",
        "code_verifier",
        "client_secret",
        "client_assertion",
        "refresh_token",
        "access_token",
    ];
    let pairs: Vec<(&str, &str)> = secret.iter().map(|name| (*name, CANARY)).collect();
    let request = Received::new("POST", &format!("/oauth2/token?{}", form(&pairs)))
        .with_header("authorization", &format!("Bearer {CANARY}"))
        .with_header("x-api-key", CANARY)
        .with_header("x-dressipi-jwt", CANARY)
        .with_header("content-type", "application/x-www-form-urlencoded")
        .with_body(form(&pairs));
    let members = json!({ "access_token": CANARY, "more": [{ "id_token": CANARY }] });
    let reply = Reply::json(200, &members)
        .with_header("location", &format!("https://client.example/cb#code={CANARY}"));
    let printer = Printer::plain();
    let printed = [
        printer.render_request(&request),
        printer.render_reply(&reply),
        format!("{request:?} {reply:?}"),
    ]
    .concat();
    assert!(!printed.contains(&CANARY[4..]), "{printed}");
    assert!(printed.contains("client_secret=cana…(31)"), "{printed}");
    assert!(printed.contains("authorization: Bearer cana…(31)"), "{printed}");
    assert_eq!(member(&reply, "access_token").as_deref(), Some(CANARY));
}
