//! [`Kms`]: a stand-in for a key management service.
//!
//! A thread makes a P-256 key and keeps it. All that leaves the thread is the public half and
//! signatures, in the DER form that such services return.

use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// One question to the thread, and where its answer goes.
struct Job {
    key_id: String,
    input: Vec<u8>,
    answer: Sender<Option<Vec<u8>>>,
}

/// The service as its callers know it.
pub struct Kms {
    /// Gone when the service is told to stop.
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    public_jwk: Value,
}

impl Kms {
    /// Starts the thread, which makes its one key under this name.
    pub fn start(key_id: &str) -> io::Result<Self> {
        let (jobs, inbox) = mpsc::channel();
        let (point_out, point_in) = mpsc::channel();
        let name = key_id.to_owned();
        let thread = thread::Builder::new().spawn(move || serve(&name, &inbox, &point_out))?;
        let point: Vec<u8> =
            point_in.recv().map_err(|_| io::Error::other("the service made no key"))?;
        let public_jwk = public_jwk(key_id, &point)
            .ok_or_else(|| io::Error::other("the service's key is not on P-256"))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), public_jwk })
    }

    /// Asks for a signature by that key; `None` when the service will not give one.
    pub fn sign(&self, key_id: &str, input: &[u8]) -> Option<Vec<u8>> {
        let (answer, wait) = mpsc::channel();
        let job = Job { key_id: key_id.to_owned(), input: input.to_vec(), answer };
        self.jobs.as_ref()?.send(job).ok()?;
        wait.recv().ok()?
    }

    /// The public half, to be registered with a server.
    pub fn public_jwk(&self) -> Value {
        self.public_jwk.clone()
    }
}

impl Drop for Kms {
    fn drop(&mut self) {
        // Without a sender the thread's inbox ends, and so does the thread.
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has already said so.
            let _ = thread.join();
        }
    }
}

/// The thread: the only place that ever sees the key.
fn serve(name: &str, inbox: &Receiver<Job>, point: &Sender<Vec<u8>>) {
    let Ok(key) = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING) else {
        return;
    };
    // Whoever started the service waits for this; if it does not, there is nobody to serve.
    if point.send(key.public_key().as_ref().to_vec()).is_err() {
        return;
    }
    let random = SystemRandom::new();
    for job in inbox {
        let signature = (job.key_id == name).then(|| key.sign(&random, &job.input).ok()).flatten();
        // A caller that no longer waits has no use for it.
        let _ = job.answer.send(signature.map(|signature| signature.as_ref().to_vec()));
    }
}

/// From an uncompressed point: 4, then both coordinates.
fn public_jwk(key_id: &str, point: &[u8]) -> Option<Value> {
    let (x, y) = point.strip_prefix(&[4])?.split_at_checked(32)?;
    Some(json!({
        "kty": "EC",
        "crv": "P-256",
        "kid": key_id,
        "x": URL_SAFE_NO_PAD.encode(x),
        "y": URL_SAFE_NO_PAD.encode(y),
    }))
}
