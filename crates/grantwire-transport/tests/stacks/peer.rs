//! A server on loopback that counts what arrives and does with each connection what a script says.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Longer than any case takes that goes well.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a dripping server looks whether the client has gone, before the next drop.
const GLANCE: Duration = Duration::from_millis(20);
/// A client that reads so much of one body reads without end.
pub const FLOOD: u64 = 256 << 20;

type Script = dyn Fn(&mut Peer) + Send + Sync;

pub struct Server {
    address: SocketAddr,
    seen: Arc<Seen>,
    stop: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

/// What arrived.
#[derive(Default)]
pub struct Seen {
    pub connections: AtomicUsize,
    /// Head and body of each request.
    pub requests: Mutex<Vec<Vec<u8>>>,
    /// How many bytes of a flood the client took.
    pub poured: AtomicU64,
    /// The certificates that were shown.
    pub shown: Mutex<Vec<Vec<u8>>>,
}

impl Seen {
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Acquire)
    }

    pub fn requests(&self) -> Vec<Vec<u8>> {
        self.requests.lock().unwrap().clone()
    }
}

impl Server {
    pub fn start(script: impl Fn(&mut Peer) + Send + Sync + 'static) -> Self {
        Self::with_tls(None, script)
    }

    pub fn with_tls(
        tls: Option<Arc<ServerConfig>>,
        script: impl Fn(&mut Peer) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (seen, stop) = (Arc::<Seen>::default(), Arc::<AtomicBool>::default());
        let (to_peers, stopping) = (Arc::clone(&seen), Arc::clone(&stop));
        let script: Arc<Script> = Arc::new(script);
        let accepting = thread::spawn(move || {
            let mut peers = Vec::new();
            for stream in listener.incoming() {
                if stopping.load(Ordering::Acquire) {
                    break;
                }
                let stream = stream.expect("a connection");
                to_peers.connections.fetch_add(1, Ordering::AcqRel);
                let (seen, script, tls) = (Arc::clone(&to_peers), Arc::clone(&script), tls.clone());
                peers.push(thread::spawn(move || script(&mut Peer::new(stream, tls, seen))));
            }
            for peer in peers {
                peer.join().expect("a script that ends well");
            }
        });
        Self { address, seen, stop, accepting: Some(accepting) }
    }

    /// One that sends the same bytes to whoever asks, and closes the connection.
    pub fn saying(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |peer| {
            if peer.hear() {
                peer.say(&answer);
            }
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}/token", self.address)
    }

    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Waits until every connection is done with, and tells what arrived.
    pub fn end(mut self) -> Arc<Seen> {
        self.stop.store(true, Ordering::Release);
        drop(TcpStream::connect(self.address));
        self.accepting.take().map(JoinHandle::join).expect("once").expect("no script failed");
        Arc::clone(&self.seen)
    }
}

/// An address of this machine where nobody listens, for as long as the two streams live.
pub fn closed_port() -> (SocketAddr, [TcpStream; 2]) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let here = TcpStream::connect(listener.local_addr().expect("an address")).expect("a stream");
    let there = listener.accept().expect("its other end").0;
    (here.local_addr().expect("an address"), [here, there])
}

trait Stream: Read + Write {
    /// Says goodbye, where the protocol has a word for it.
    fn leave(&mut self) {}
}

impl Stream for TcpStream {}

impl Stream for StreamOwned<ServerConnection, TcpStream> {
    fn leave(&mut self) {
        self.conn.send_close_notify();
        let _ = self.flush();
    }
}

/// A client, as the server sees it.
pub struct Peer {
    stream: Box<dyn Stream>,
    socket: TcpStream,
    seen: Arc<Seen>,
}

impl Peer {
    fn new(socket: TcpStream, tls: Option<Arc<ServerConfig>>, seen: Arc<Seen>) -> Self {
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        socket.set_write_timeout(Some(PATIENCE)).expect("a timeout");
        let mut plain = socket.try_clone().expect("a second handle");
        let stream: Box<dyn Stream> = match tls {
            None => Box::new(plain),
            Some(config) => {
                let mut connection = ServerConnection::new(config).expect("a connection");
                while connection.is_handshaking() && connection.complete_io(&mut plain).is_ok() {}
                let shown = connection.peer_certificates().unwrap_or_default();
                seen.shown.lock().unwrap().extend(shown.iter().map(|each| each.to_vec()));
                Box::new(StreamOwned::new(connection, plain))
            }
        };
        Self { stream, socket, seen }
    }

    /// Reads one whole request, and whether there was one.
    pub fn hear(&mut self) -> bool {
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") {
            if !matches!(self.stream.read(&mut byte), Ok(1)) {
                return false;
            }
            request.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&request).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
        let whole = self.stream.read_exact(&mut body).is_ok();
        if whole {
            request.append(&mut body);
            self.seen.requests.lock().unwrap().push(request);
        }
        whole
    }

    pub fn say(&mut self, bytes: &[u8]) {
        // A client that is gone cannot be told.
        let _ = self.stream.write_all(bytes).and_then(|()| self.stream.flush());
    }

    /// Pours chunk after chunk, until the client goes.
    pub fn pour(&mut self, chunk: &[u8]) {
        let mut poured = 0;
        while poured < FLOOD && self.stream.write_all(chunk).is_ok() {
            poured += chunk.len() as u64;
        }
        self.seen.poured.store(poured, Ordering::Release);
    }

    /// Says one byte after another, slowly, until the client goes or has been patient for too long.
    pub fn drip(&mut self) {
        let end = Instant::now() + PATIENCE;
        self.socket.set_read_timeout(Some(GLANCE)).expect("a timeout");
        while Instant::now() < end && self.stream.write_all(b"x").is_ok() {
            match self.stream.read(&mut [0]) {
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                _ => break,
            }
        }
    }

    /// Waits until the client goes.
    pub fn outlast(&mut self) {
        while matches!(self.stream.read(&mut [0; 64]), Ok(1..)) {}
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stream.leave();
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}
