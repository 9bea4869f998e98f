//! Client certificates: shown by who has one, and nothing is sent by who has none.

use std::sync::Arc;

use grantwire::client::TlsClientAuth;
use grantwire::{AuthorizationServer, Client, Duties};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::given::{CLIENT_ID, entropy, now, own_token};
use crate::peer::Server;
use crate::sending::{PATIENCE, long, post};
use crate::stack::{Make, Pem};

const TOKENS: &str = r#"{"access_token":"a","token_type":"Bearer"}"#;

/// The stacks that name no provider of cryptography take the process's.
pub fn install_provider() {
    // Whoever comes second finds it done.
    let _ = aws_lc_rs::default_provider().install_default();
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "authority");
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn issued(by: &Authority, name: &str) -> (Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    (params.signed_by(&key, by).unwrap(), key)
}

/// A server that takes only clients with a certificate of this authority.
fn mutual(authority: &Authority) -> Server {
    install_provider();
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let clients = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
    let (certificate, key) = issued(authority, "localhost");
    let config = ServerConfig::builder()
        .with_client_cert_verifier(clients)
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    Server::with_tls(Some(Arc::new(config)), |peer| {
        if peer.hear() {
            peer.say(
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{TOKENS}", TOKENS.len())
                    .as_bytes(),
            );
        }
    })
}

pub fn none_to_show(make: Make) {
    let server = Server::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let mut duties = Duties::default();
    duties.client_certificate = true;
    let answer = make(PATIENCE, &Pem::default())(post(&server.url()), duties, long());
    assert!(answer.is_err_and(|failure| failure.is_not_sent()));
    assert_eq!(server.end().connections(), 0, "it has connected all the same");
}

pub fn shown(make: Make) {
    let authority = authority();
    let (certificate, key) = issued(&authority, "client.example");
    let trusted = || Some(authority.pem());
    let identity = Some((certificate.pem(), key.serialize_pem()));

    let server = mutual(&authority);
    let url = format!("https://localhost:{}/token", server.port());
    let at = AuthorizationServer::new().token_endpoint(&url);
    let exchange = own_token(&Client::new(at, CLIENT_ID).auth(TlsClientAuth::new()));
    let (request, duties) =
        exchange.draft(now(), &mut entropy()).unwrap().into_parts().expect("nothing to sign");
    assert!(duties.client_certificate);

    // With the certificate the answer comes.
    let send = make(PATIENCE, &Pem { authority: trusted(), identity });
    let answer = send(request.clone(), duties, long()).expect("an answer");
    assert!(exchange.read(&answer).is_ok());

    // Without, the server does not answer, whatever the duties say.
    let send = make(PATIENCE, &Pem { authority: trusted(), identity: None });
    assert!(send(request.clone(), Duties::default(), long()).is_err());

    // And to a server that nobody vouches for nothing is said.
    let stranger = mutual(&self::authority());
    let elsewhere = format!("https://localhost:{}/token", stranger.port()).parse().unwrap();
    let mut request = request;
    *request.uri_mut() = elsewhere;
    let identity = Some((certificate.pem(), key.serialize_pem()));
    let send = make(PATIENCE, &Pem { authority: trusted(), identity });
    assert!(send(request, duties, long()).is_err());
    assert!(stranger.end().requests().is_empty());

    let seen = server.end();
    assert_eq!(seen.requests().len(), 1);
    assert_eq!(*seen.shown.lock().unwrap(), [certificate.der().to_vec()]);
}
