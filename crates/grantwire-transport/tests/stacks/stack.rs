//! Each stack behind one face.

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use grantwire::Duties;
use grantwire::flow::{AnswerBy, TransportFailure};
use http::{Request, Response};
use hyper_util::client::legacy::{Client, Error as LegacyError};
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

use crate::stand_in::StandIn;

pub type Answer = Result<Response<Vec<u8>>, TransportFailure>;
pub type Send = Box<dyn Fn(Request<Vec<u8>>, Duties, AnswerBy) -> Answer>;
pub type Make = fn(Duration, &Pem) -> Send;

/// Whom a client trusts and what it shows, as PEM. Without, it trusts nobody or whom it likes, and has
/// nothing to show.
#[derive(Default)]
pub struct Pem {
    pub authority: Option<String>,
    /// A certificate and its key.
    pub identity: Option<(String, String)>,
}

impl Pem {
    fn config(&self) -> ClientConfig {
        crate::certificate::install_provider();
        let mut roots = RootCertStore::empty();
        if let Some(authority) = &self.authority {
            roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
        }
        let builder = ClientConfig::builder().with_root_certificates(roots);
        match &self.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        }
    }
}

/// A thread of its own goes on with what a stack has left to do when it has answered.
fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().expect("a runtime")
}

pub fn ureq(patience: Duration, pem: &Pem) -> Send {
    crate::certificate::install_provider();
    let mut tls = TlsConfig::builder();
    if let Some(authority) = &pem.authority {
        let authority = Certificate::from_pem(authority.as_bytes()).unwrap();
        tls = tls.root_certs(RootCerts::new_with_certs(&[authority]));
    }
    if let Some((certificate, key)) = &pem.identity {
        let chain = [Certificate::from_pem(certificate.as_bytes()).unwrap()];
        let key = PrivateKey::from_pem(key.as_bytes()).unwrap();
        tls = tls.client_cert(Some(ClientCert::new_with_certs(&chain, key)));
    }
    let http = grantwire_transport::ureq::Http::new(patience, tls.build());
    Box::new(move |request, duties, answer_by| http.send(request, duties, answer_by))
}

fn authority(pem: &Pem) -> Option<reqwest::Certificate> {
    pem.authority.as_ref().map(|pem| reqwest::Certificate::from_pem(pem.as_bytes()).unwrap())
}

fn identity(pem: &Pem) -> Option<reqwest::Identity> {
    let (certificate, key) = pem.identity.as_ref()?;
    Some(reqwest::Identity::from_pem(format!("{certificate}{key}").as_bytes()).unwrap())
}

pub fn reqwest_async(patience: Duration, pem: &Pem) -> Send {
    let builder = reqwest::Client::builder().tls_certs_only(authority(pem));
    let http = grantwire_transport::reqwest::Http::new(builder, patience, identity(pem)).unwrap();
    let runtime = runtime();
    Box::new(move |request, duties, answer_by| {
        runtime.block_on(http.send(request, duties, answer_by))
    })
}

pub fn reqwest_blocking(patience: Duration, pem: &Pem) -> Send {
    let builder = reqwest::blocking::Client::builder().tls_certs_only(authority(pem));
    let http =
        grantwire_transport::reqwest_blocking::Http::new(builder, patience, identity(pem)).unwrap();
    Box::new(move |request, duties, answer_by| http.send(request, duties, answer_by))
}

pub fn hyper(patience: Duration, pem: &Pem) -> Send {
    let http = grantwire_transport::hyper::Http { tls: Arc::new(pem.config()), patience };
    let runtime = runtime();
    Box::new(move |request, duties, answer_by| {
        runtime.block_on(http.send(request, duties, answer_by))
    })
}

pub fn tower(patience: Duration, pem: &Pem) -> Send {
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(pem.config())
        .https_or_http()
        .enable_http1()
        .build();
    let mut inner = Client::builder(TokioExecutor::new());
    let service = grantwire_transport::tower::Dutiful {
        inner: inner.pool_max_idle_per_host(0).retry_canceled_requests(false).build(connector),
        patience,
        certified: pem.identity.is_some(),
        is_connect: LegacyError::is_connect,
    };
    let runtime = runtime();
    Box::new(move |mut request, duties, answer_by| {
        request.extensions_mut().insert(duties);
        request.extensions_mut().insert(answer_by);
        runtime.block_on(service.clone().oneshot(request))
    })
}

/// With the stand-in for a browser, none of whose futures ever waits.
pub fn fetch(patience: Duration, _: &Pem) -> Send {
    Box::new(move |request, duties, answer_by| {
        let patience = patience.min(answer_by.within());
        now_or_never(grantwire_transport::fetch::send(&StandIn, request, duties, patience))
    })
}

pub fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

/// libcurl with rustls takes certificates by their files.
pub fn curl(patience: Duration, pem: &Pem) -> Send {
    let folder = Folder::new();
    let trusted = pem.authority.as_ref().map(|text| folder.put("authority", text));
    let identity = pem
        .identity
        .as_ref()
        .map(|(certificate, key)| (folder.put("certificate", certificate), folder.put("key", key)));
    let http = grantwire_transport::curl::Http { patience, trusted, identity };
    Box::new(move |request, duties, answer_by| {
        let _kept = &folder;
        http.send(request, duties, answer_by)
    })
}

/// A folder of its own for each client, as long as the client lives.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("stacks-{}-{number}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).expect("a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
