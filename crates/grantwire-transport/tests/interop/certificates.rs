//! Certificates made on the spot, and an HTTP client that presents one.
//!
//! Every key is new and gone with the test.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::aws_lc_rs;
use serde_json::{Value, json};
use ureq::tls::{ClientCert, PrivateKey, RootCerts, TlsConfig};

use crate::harness;

/// A certificate and its private key, on the curve P-256.
pub struct Certificate {
    key: KeyPair,
    der: Vec<u8>,
    pem: String,
}

/// Who vouches for other certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

fn params(host: &str) -> CertificateParams {
    let mut params = CertificateParams::new([host.to_owned()]).expect("a host");
    params.distinguished_name.push(DnType::CommonName, host);
    params
}

impl Certificate {
    /// Vouches for itself.
    pub fn self_signed(host: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = params(host).self_signed(&key).expect("a certificate");
        Self::of(&certificate, key)
    }

    fn of(certificate: &rcgen::Certificate, key: KeyPair) -> Self {
        Self { der: certificate.der().to_vec(), pem: certificate.pem(), key }
    }

    /// The certificate itself.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate in PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The private key in PEM.
    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// The public key as a JWK that carries the certificate, as a client registers it
    /// (RFC 8705 section 2.2.2).
    pub fn jwk(&self) -> Value {
        let point = self.key.public_key_raw();
        let number = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
        json!({
            "kty": "EC",
            "crv": "P-256",
            "x": number(1..33),
            "y": number(33..65),
            "x5c": [STANDARD.encode(&self.der)],
        })
    }
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "test-only authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// The authority's own certificate in PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Vouches for a host.
    pub fn signed(&self, host: &str) -> Certificate {
        let key = KeyPair::generate().expect("a key");
        let certificate = params(host).signed_by(&key, &self.issuer).expect("a certificate");
        Certificate::of(&certificate, key)
    }
}

/// An HTTP client that trusts this server alone, and presents this certificate or none.
pub fn agent(server: &Certificate, client: Option<&Certificate>) -> ureq::Agent {
    let public =
        |certificate: &Certificate| ureq::tls::Certificate::from_der(certificate.der()).to_owned();
    let presented = client.map(|certificate| {
        let key = PrivateKey::from_pem(certificate.key_pem().as_bytes()).expect("a key");
        ClientCert::new_with_certs(&[public(certificate)], key)
    });
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .root_certs(RootCerts::new_with_certs(&[public(server)]))
        .client_cert(presented)
        .build();
    harness::agent_with(tls)
}
