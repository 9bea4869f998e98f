//! [`Registration`]: what a server says of a client that it has registered
//! ([RFC 7591 §3.2.1](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1)).
//!
//! Only the identifier, and the secret where the client needs one to authenticate, can spoil an
//! answer: without them there is no client, though the server has made one.

use crate::reply::members::moment;
use std::fmt;

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::expiry::SecretExpiry;
use super::metadata::{ClientMetadata, METHOD};
use crate::reply::{Deviation, Reply, ReplyError, Rules, Unusable, body};
use crate::value::{ClientId, EndpointUri, Secret, Timestamp};
use crate::wire::json::{self, Members};

/// A client as a server has registered it.
///
/// It holds secrets. To keep it, store what [`Registration::to_bytes`] gives, and treat that as the
/// secret it is.
#[derive(Clone)]
pub struct Registration {
    pub(super) client_id: ClientId,
    pub(super) client_secret: Option<Secret>,
    pub(super) expiry: SecretExpiry,
    pub(super) issued: Option<Timestamp>,
    pub(super) access_token: Option<Secret>,
    pub(super) client_uri: Option<EndpointUri>,
    pub(super) method: Option<String>,
    pub(super) deviations: Vec<Deviation>,
    pub(super) body: Zeroizing<String>,
}

impl Registration {
    /// REQUIRED. The client's identifier.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// OPTIONAL. The client's secret. In the answer to a read or an update, `None` means that the old
    /// one stays: see [`Registration::or_previous`].
    #[must_use]
    pub const fn client_secret(&self) -> Option<&Secret> {
        self.client_secret.as_ref()
    }

    /// REQUIRED beside a secret. When that ends.
    #[must_use]
    pub const fn client_secret_expires_at(&self) -> &SecretExpiry {
        &self.expiry
    }

    /// OPTIONAL. When the identifier was issued, by the server's clock.
    #[must_use]
    pub const fn client_id_issued_at(&self) -> Option<Timestamp> {
        self.issued
    }

    /// The token for reading, updating and deleting this registration
    /// ([RFC 7592 §3](https://www.rfc-editor.org/rfc/rfc7592#section-3)). `None` when the server offers none of
    /// that; in the answer to a read or an update, that the old one stays.
    #[must_use]
    pub const fn registration_access_token(&self) -> Option<&Secret> {
        self.access_token.as_ref()
    }

    /// Where that is done ([RFC 7592 §3](https://www.rfc-editor.org/rfc/rfc7592#section-3)). An address that cannot be
    /// used counts as absent, and is reported.
    #[must_use]
    pub const fn registration_client_uri(&self) -> Option<&EndpointUri> {
        self.client_uri.as_ref()
    }

    /// How the client authenticates: as the server says, which need not be as it was asked; where it
    /// does not say, as it was asked; else the RFC's default, `client_secret_basic`.
    #[must_use]
    pub fn token_endpoint_auth_method(&self) -> &str {
        self.method.as_deref().unwrap_or(DEFAULT_METHOD)
    }

    /// How the answer departed from the rules and was accepted all the same.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// Any member by name, as any type: whatever was registered, such as `redirect_uris` or `scope`,
    /// which need not be what was asked for. `None` when it is absent or of another type.
    #[must_use]
    pub fn extra<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        json::member(&self.body, name).ok()??.read()
    }

    /// All that was registered, but for what the server issues itself: where an update starts, since
    /// what an update leaves out is deleted
    /// ([RFC 7592 §2.2](https://www.rfc-editor.org/rfc/rfc7592#section-2.2)). `None` when a member has a name that
    /// cannot be written again.
    #[must_use]
    pub fn metadata(&self) -> Option<ClientMetadata> {
        ClientMetadata::registered(&self.body)
    }

    /// This answer, and from an earlier one what it leaves out: the secret and its end, the token and
    /// the address for management, the method, the time of issue. What the answer does have replaces
    /// what was before, which is no longer good
    /// ([RFC 7592 §2.1](https://www.rfc-editor.org/rfc/rfc7592#section-2.1)). Nothing is taken from another client.
    ///
    /// ```
    /// # use grantwire::{AuthorizationServer, registration::Registration};
    /// # fn send(_: http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
    /// #     let body = br#"{"client_id":"s6BhdRkqt3","registration_access_token":"reg-2","client_name":"New"}"#;
    /// #     http::Response::builder().header("content-type", "application/json").body(body.to_vec()).unwrap()
    /// # }
    /// # fn store(_: &[u8]) {}
    /// # let server = AuthorizationServer::new().registration_endpoint("https://server.example.com/register");
    /// # let body = br#"{"client_id":"s6BhdRkqt3","client_secret":"cf136dc3","client_secret_expires_at":0,"registration_access_token":"reg-1","registration_client_uri":"https://server.example.com/register/s6BhdRkqt3"}"#;
    /// # let answer = http::Response::builder().status(201).header("content-type", "application/json").body(body).unwrap();
    /// # let stored = grantwire::registration::RegistrationRequest::new(&server, Default::default()).read(&answer)?.to_bytes();
    /// let registration = Registration::from_bytes(&stored)?;
    /// let metadata = registration.metadata().expect("ordinary names").client_name("New");
    /// let exchange = registration.configuration(&server)?.update_client(metadata);
    ///
    /// let answer = exchange.read(&send(exchange.request()?))?;
    /// let registration = answer.or_previous(&registration);
    /// store(&registration.to_bytes()); // before the new token is used
    /// # assert_eq!(registration.registration_access_token().unwrap().expose(), "reg-2");
    /// # assert_eq!(registration.client_secret().unwrap().expose(), "cf136dc3");
    /// # Ok::<(), grantwire::Error>(())
    /// ```
    #[must_use]
    pub fn or_previous(mut self, previous: &Self) -> Self {
        if self.client_id != previous.client_id {
            return self;
        }
        if self.client_secret.is_none() {
            self.client_secret.clone_from(&previous.client_secret);
            if self.expiry == SecretExpiry::Unknown {
                self.expiry.clone_from(&previous.expiry);
            }
        }
        let keep = |now: &mut Option<Secret>, before: &Option<Secret>| {
            if now.is_none() {
                now.clone_from(before);
            }
        };
        keep(&mut self.access_token, &previous.access_token);
        self.client_uri = self.client_uri.or_else(|| previous.client_uri.clone());
        self.method = self.method.or_else(|| previous.method.clone());
        self.issued = self.issued.or(previous.issued);
        self
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret)
            .field("client_secret_expires_at", &self.expiry)
            .field("registration_access_token", &self.access_token)
            .field("deviations", &self.deviations)
            .finish_non_exhaustive()
    }
}

const DEFAULT_METHOD: &str = "client_secret_basic";

/// The credentials come first: of these, two different values leave it open which one counts.
const MEMBERS: &[&str; 7] = &[
    "client_id",
    "client_secret",
    METHOD,
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

/// What is known of an answer before it is read.
pub(super) struct Expected {
    pub(super) status: u16,
    /// The method that was asked for.
    pub(super) method: Option<String>,
    /// The client that was asked about; `None` for a new one, whose secret is not known yet.
    pub(super) client_id: Option<ClientId>,
}

pub(super) fn read(
    reply: Reply<'_>,
    rules: Rules<'_>,
    expected: Expected,
) -> Result<Registration, ReplyError> {
    let mut body = body::open(reply, rules)?;
    body.expect_status(reply, expected.status);
    interpret(&body.text, body.deviations, expected).map_err(|why| rules.unusable(reply, why))
}

fn interpret(
    text: &str,
    mut deviations: Vec<Deviation>,
    expected: Expected,
) -> Result<Registration, Unusable> {
    let members = json::object_with_unique(text, MEMBERS, 5)?;
    let client_id = client_id(&members)?;
    if expected.client_id.as_ref().is_some_and(|asked| *asked != client_id) {
        return Err(Unusable::ClientMismatch);
    }
    let deviations = &mut deviations;
    let method = text_of(&members, METHOD, deviations, |_| true).or(expected.method);
    let needed = matches!(
        method.as_deref().unwrap_or(DEFAULT_METHOD),
        "client_secret_basic" | "client_secret_post" | "client_secret_jwt"
    );
    const SECRET: &str = "client_secret";
    let client_secret = text_of(&members, SECRET, deviations, is_whole).map(Secret::new);
    if client_secret.is_none() && needed && expected.client_id.is_none() {
        return Err(match members.get(SECRET) {
            Some(_) => Unusable::MemberMalformed(SECRET),
            None => Unusable::MemberMissing(SECRET),
        });
    }
    let expiry = SecretExpiry::read(members.get("client_secret_expires_at"), deviations);
    match &expiry {
        SecretExpiry::Malformed(_) => {
            deviations.push(Deviation::MalformedMember("client_secret_expires_at"));
        }
        SecretExpiry::Unknown if client_secret.is_some() => {
            deviations.push(Deviation::SecretExpiryAbsent);
        }
        _ => {}
    }
    let access_token = text_of(&members, "registration_access_token", deviations, is_token);
    let client_uri = address(&members, deviations);
    let issued = moment(&members, "client_id_issued_at", deviations);
    Ok(Registration {
        client_id,
        client_secret,
        expiry,
        issued,
        access_token: access_token.map(Secret::new),
        client_uri,
        method,
        deviations: std::mem::take(deviations),
        body: Zeroizing::new(text.to_owned()),
    })
}

fn client_id<const N: usize>(members: &Members<'_, N>) -> Result<ClientId, Unusable> {
    const NAME: &str = "client_id";
    let member = members.get(NAME).ok_or(Unusable::MemberMissing(NAME))?;
    let id = member.string().ok_or(Unusable::MemberMalformed(NAME))?;
    let id = ClientId::from(id.into_owned());
    if id.check().is_err() {
        return Err(Unusable::MemberMalformed(NAME));
    }
    Ok(id)
}

/// An empty string counts as absent; what is no text, or none that can be used, is reported.
fn text_of<const N: usize>(
    members: &Members<'_, N>,
    name: &'static str,
    deviations: &mut Vec<Deviation>,
    fits: fn(&str) -> bool,
) -> Option<String> {
    match members.get(name)?.string().filter(|text| fits(text)) {
        Some(text) => (!text.is_empty()).then(|| text.into_owned()),
        None => {
            deviations.push(Deviation::MalformedMember(name));
            None
        }
    }
}

/// What could never be sent again, or is no longer what was sent, is no secret.
pub(super) fn is_whole(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER)
}

/// Fit for a header.
pub(super) fn is_token(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn address<const N: usize>(
    members: &Members<'_, N>,
    deviations: &mut Vec<Deviation>,
) -> Option<EndpointUri> {
    const NAME: &str = "registration_client_uri";
    let text = members.get(NAME)?.string();
    let uri = text.and_then(|text| EndpointUri::parse(&text).ok());
    if uri.is_none() {
        deviations.push(Deviation::MalformedMember(NAME));
    }
    uri
}
