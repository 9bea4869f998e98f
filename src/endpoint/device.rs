//! The device authorization endpoint ([RFC 8628 §3.1](https://www.rfc-editor.org/rfc/rfc8628#section-3.1)): a code for a device, and one for its user.
//!
//! Showing the user code is the caller's. Asking whether the user has decided is
//! [`DeviceFlow`](crate::flow::DeviceFlow)'s.

use std::fmt;
use std::time::Duration;

use super::client_call::{BackChannel, Door, door};
use crate::client::Client;
use crate::reply::members::Lifetime;
use crate::reply::{Deviation, Reply, ReplyError, Rules, Unusable, body};
use crate::request::BuildError;
use crate::request::params::Params;
use crate::server::Endpoint;
use crate::value::untrusted::printable;
use crate::value::{Scope, Secret};
use crate::wire::json::{self, Members};

/// A device authorization request.
///
/// ```
/// # use grantwire::{AuthorizationServer, Client, Entropy, Timestamp};
/// # let server = AuthorizationServer::new().device_authorization_endpoint("https://as.example/device");
/// # let client = Client::new(server, "1406020730");
/// # let (now, mut entropy) = (Timestamp::EPOCH, Entropy::new([7; 32]));
/// let exchange = client.device_authorization().scope("example_scope");
/// let request = exchange.request(now, &mut entropy)?;
/// assert_eq!(request.body(), b"scope=example_scope&client_id=1406020730");
/// # Ok::<(), grantwire::BuildError>(())
/// ```
pub struct DeviceAuthorizationRequest {
    channel: BackChannel,
    scope: Scope,
}

impl Client {
    /// Asks for a device code.
    #[must_use]
    pub fn device_authorization(&self) -> DeviceAuthorizationRequest {
        DeviceAuthorizationRequest { channel: BackChannel::of(self), scope: Scope::default() }
    }
}

impl DeviceAuthorizationRequest {
    /// OPTIONAL. The scope asked for.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<Scope>) -> Self {
        self.scope = scope.into();
        self
    }
}

door!(DeviceAuthorizationRequest => DeviceAuthorization);

impl Door for DeviceAuthorizationRequest {
    type Answer = DeviceAuthorization;
    const ENDPOINT: Endpoint = Endpoint::DeviceAuthorization;
    const SUCCESS: &'static str = "device_code";

    fn channel(&self) -> &BackChannel {
        &self.channel
    }

    fn channel_mut(&mut self) -> &mut BackChannel {
        &mut self.channel
    }

    fn write<'a>(&'a self, params: &mut Params<'a>) -> Result<(), BuildError> {
        params.managed("scope", self.scope.check()?)
    }

    fn understand(reply: Reply<'_>, rules: Rules<'_>) -> Result<DeviceAuthorization, ReplyError> {
        let mut body = body::open(reply, rules)?;
        body.expect_status(reply, 200);
        interpret(&body.text, rules, body.deviations).map_err(|why| rules.unusable(reply, why))
    }
}

impl fmt::Debug for DeviceAuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceAuthorizationRequest")
            .field("client", &self.channel.client)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// A device code, and what to show the user ([RFC 8628 §3.2](https://www.rfc-editor.org/rfc/rfc8628#section-3.2)).
#[derive(Clone)]
pub struct DeviceAuthorization {
    pub(crate) device_code: Secret,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: Option<String>,
    pub(crate) lifetime: Lifetime,
    pub(crate) interval: Duration,
    deviations: Vec<Deviation>,
}

impl DeviceAuthorization {
    /// What the device presents at each poll, for those who poll by hand or after a restart.
    #[must_use]
    pub const fn device_code(&self) -> &Secret {
        &self.device_code
    }

    /// What the user types, as the server wrote it ([RFC 8628 §3.3](https://www.rfc-editor.org/rfc/rfc8628#section-3.3)).
    #[must_use]
    pub fn user_code(&self) -> &str {
        &self.user_code
    }

    /// Where the user types it: an `http` or `https` address, exactly as sent.
    #[must_use]
    pub fn verification_uri(&self) -> &str {
        &self.verification_uri
    }

    /// The same address with the code in it, for a QR code or a link; the user code should still be
    /// shown ([RFC 8628 §3.3.1](https://www.rfc-editor.org/rfc/rfc8628#section-3.3.1)).
    #[must_use]
    pub fn verification_uri_complete(&self) -> Option<&str> {
        self.verification_uri_complete.as_deref()
    }

    /// How long both codes are good for.
    #[must_use]
    pub const fn lifetime(&self) -> &Lifetime {
        &self.lifetime
    }

    /// How long to wait between two polls. 5 seconds when the server says nothing usable.
    #[must_use]
    pub const fn interval(&self) -> Duration {
        self.interval
    }

    /// How the answer departed from the rules and was accepted all the same.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// One sentence for a person: where to go and what to type. Control characters are escaped.
    #[must_use]
    pub fn prompt(&self) -> String {
        let plain = |text: &str| printable(text, 512);
        format!(
            "Open {} and enter the code {}",
            plain(&self.verification_uri),
            plain(&self.user_code)
        )
    }
}

/// The user code lets whoever has it approve, so it is not for logs.
impl fmt::Debug for DeviceAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceAuthorization")
            .field("lifetime", &self.lifetime)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

const MEMBERS: &[&str; 7] = &[
    "device_code",
    "user_code",
    "verification_uri",
    "verification_url",
    "verification_uri_complete",
    "expires_in",
    "interval",
];

fn interpret(
    text: &str,
    rules: Rules<'_>,
    mut deviations: Vec<Deviation>,
) -> Result<DeviceAuthorization, Unusable> {
    let members = json::object(text, MEMBERS)?;
    let device_code = Secret::new(required(&members, "device_code")?);
    let user_code = required(&members, "user_code")?;
    let verification_uri = match (members.get("verification_uri"), members.get("verification_url"))
    {
        (Some(uri), Some(url)) if uri.string() != url.string() => return Err(Unusable::Ambiguous),
        (None, Some(_)) => {
            deviations.push(Deviation::VerificationUrl);
            address(&members, "verification_url")?
        }
        _ => address(&members, "verification_uri")?,
    };
    let complete = "verification_uri_complete";
    let verification_uri_complete = match members.get(complete).map(|_| address(&members, complete))
    {
        Some(Err(_)) => {
            deviations.push(Deviation::MalformedMember(complete));
            None
        }
        Some(Ok(uri)) => Some(uri),
        None => None,
    };
    let lifetime = Lifetime::read(members.get("expires_in"), rules.quirks, &mut deviations);
    let interval = Lifetime::interval(members.get("interval"), &mut deviations);
    Ok(DeviceAuthorization {
        device_code,
        user_code,
        verification_uri,
        verification_uri_complete,
        lifetime,
        interval,
        deviations,
    })
}

fn required<const N: usize>(
    members: &Members<'_, N>,
    name: &'static str,
) -> Result<String, Unusable> {
    let member = members.get(name).ok_or(Unusable::MemberMissing(name))?;
    let text = member.string().filter(|text| !text.is_empty());
    text.map(Into::into).ok_or(Unusable::MemberMalformed(name))
}

/// It will be opened in a browser, so only addresses that a browser may open are let through.
fn address<const N: usize>(
    members: &Members<'_, N>,
    name: &'static str,
) -> Result<String, Unusable> {
    let text = required(members, name)?;
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    let fine = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    if fine && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text)
    } else {
        Err(Unusable::MemberMalformed(name))
    }
}
