//! Dynamic client registration ([RFC 7591](https://www.rfc-editor.org/rfc/rfc7591)): from the metadata of a
//! program to a client that a server knows, and the upkeep of that registration
//! ([RFC 7592](https://www.rfc-editor.org/rfc/rfc7592)).
//!
//! There is no [`Client`](crate::Client) yet when one is registered, so nothing here hangs on it; a
//! [`Registration`] makes one. Nothing is stored and no method of authentication is tried out: what
//! the server registered is what is used.
//!
//! ```
//! use grantwire::AuthorizationServer;
//! use grantwire::registration::{ClientMetadata, RegistrationRequest};
//!
//! # fn send(_: http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
//! #     let body = br#"{"client_id":"s6BhdRkqt3","client_secret":"cf136dc3c1fc93f31185e5885805d","client_secret_expires_at":0}"#;
//! #     http::Response::builder().status(201).header("content-type", "application/json").body(body.to_vec()).unwrap()
//! # }
//! let server = AuthorizationServer::new()
//!     .token_endpoint("https://server.example.com/token")
//!     .registration_endpoint("https://server.example.com/register");
//! let metadata = ClientMetadata::new()
//!     .redirect_uris(["https://client.example.org/callback"])
//!     .client_name("My Example Client");
//! let exchange = RegistrationRequest::new(&server, metadata);
//!
//! let registration = exchange.read(&send(exchange.request()?))?;
//! let stored = registration.to_bytes(); // it holds the secret: keep it as such
//! let client = registration.client(&server)?;
//! assert_eq!(client.id().as_str(), "s6BhdRkqt3");
//! # Ok::<(), grantwire::Error>(())
//! ```

mod client;
mod expiry;
mod management;
mod metadata;
mod part;
mod request;
mod response;
mod stored;

pub use expiry::SecretExpiry;
pub use management::{
    ClientConfiguration, ClientDeleteRequest, ClientReadRequest, ClientUpdateRequest, Deleted,
};
pub use metadata::ClientMetadata;
pub use request::RegistrationRequest;
pub use response::Registration;
pub use stored::StoredRegistrationError;
