//! [`Details`]: what a resource's challenges said, and the way back to the user when they ask for more.

use std::fmt;

use crate::endpoint::authorization::AuthorizationRequest;
use crate::reply::{Challenge, ErrorCode, Reply};
use crate::value::{UntrustedText, UntrustedUrl};

/// What a challenge said beside its error code.
#[derive(Clone, PartialEq, Eq)]
pub struct Details(Box<Said>);

#[derive(Clone, PartialEq, Eq)]
struct Said {
    code: Option<ErrorCode>,
    description: Option<UntrustedText>,
    scope: Option<String>,
    acr_values: Option<String>,
    max_age: Option<u64>,
    resource_metadata: Option<UntrustedUrl>,
}

impl Details {
    /// Challenges count on failures only; what cannot be read in one says nothing.
    ///
    /// Of several, the one that says what is wrong is asked first. What it does not say, another may: a
    /// resource that takes both kinds of token says it once.
    pub(crate) fn of(reply: Reply<'_>) -> Self {
        let challenges = Challenge::readable(reply.headers);
        let ours = || challenges.iter().filter(|one| is_ours(one));
        let telling = ours().find(|challenge| challenge.param("error").is_some());
        let param = |name: &str| telling.into_iter().chain(ours()).find_map(|one| one.param(name));
        // RFC 9728 section 5.1 ties this one to no scheme.
        let metadata = || challenges.iter().find_map(|one| one.param("resource_metadata"));
        Self(Box::new(Said {
            code: param("error").map(ErrorCode::from_name),
            description: param("error_description").map(UntrustedText::new),
            scope: param("scope").map(str::to_owned),
            acr_values: param("acr_values").map(str::to_owned),
            max_age: param("max_age").and_then(|seconds| seconds.parse().ok()),
            resource_metadata: param("resource_metadata").or_else(metadata).map(UntrustedUrl::new),
        }))
    }

    /// The error code, if the challenge had one. A 401 without one says that no token was seen
    /// ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)), or has a challenge that cannot be
    /// read, which [`Challenge::from_headers`] would say.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.0.code.as_ref()
    }

    /// The description, if there was one.
    #[must_use]
    pub fn description(&self) -> Option<&UntrustedText> {
        self.0.description.as_ref()
    }

    /// The authentication that would do, when the user's was too weak: space-separated
    /// ([RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)). [`Details::step_up`] asks for it.
    #[must_use]
    pub fn acr_values(&self) -> Option<&str> {
        self.0.acr_values.as_deref()
    }

    /// How long ago the user may have signed in at the most, in seconds
    /// ([RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)). [`Details::step_up`] asks for it.
    #[must_use]
    pub fn max_age(&self) -> Option<u64> {
        self.0.max_age
    }

    /// Where the resource's metadata is, by its own word
    /// ([RFC 9728 §5.1](https://www.rfc-editor.org/rfc/rfc9728#section-5.1)).
    #[must_use]
    pub fn resource_metadata(&self) -> Option<&UntrustedUrl> {
        self.0.resource_metadata.as_ref()
    }

    /// The scope that would do, if the challenge said.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.0.scope.as_deref()
    }

    /// Asks for the authentication that would do: `acr_values` and `max_age` as the challenge has them, each
    /// only where it has it ([RFC 9470 §4](https://www.rfc-editor.org/rfc/rfc9470#section-4)). The request
    /// must not have them already. The scope stays the caller's: a [scope](Details::scope) that the resource
    /// names beside them is one to ask for as well.
    ///
    /// The values are the resource's, so it can ask for any sign-in that the authorization server has, and as
    /// often as it likes: for a resource that is still not content after one, stop.
    ///
    /// ```
    /// # use grantwire::{AuthorizationServer, Client, Entropy};
    /// # let server = AuthorizationServer::new().authorization_endpoint("https://as.example.net/authorize");
    /// # let client = Client::new(server, "s6BhdRkqt3");
    /// # let mut entropy = Entropy::new([7; 32]);
    /// # let challenge = r#"Bearer error="insufficient_user_authentication", acr_values="myACR""#;
    /// # let answer = http::Response::builder().status(401).header("www-authenticate", challenge).body("")?;
    /// use grantwire::resource::{self, Denied};
    ///
    /// if let Err(Denied::InsufficientUserAuthentication(said)) = resource::check(&answer) {
    ///     let request = client.authorization().scope("purchase");
    ///     let started = said.step_up(request).start(&mut entropy)?;
    ///     assert!(started.url.contains("&acr_values=myACR"));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn step_up(&self, mut request: AuthorizationRequest) -> AuthorizationRequest {
        if let Some(values) = self.acr_values() {
            request = request.parameter("acr_values", values);
        }
        if let Some(seconds) = self.max_age() {
            request = request.parameter("max_age", seconds.to_string());
        }
        request
    }
}

/// Whether there is a challenge for an access token at all, whatever it says.
pub(super) fn is_challenged(reply: Reply<'_>) -> bool {
    Challenge::readable(reply.headers).iter().any(is_ours)
}

fn is_ours(challenge: &Challenge) -> bool {
    challenge.is("Bearer") || challenge.is("DPoP")
}

/// The texts are the resource's and may quote what was sent.
impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Details").field("code", &self.0.code).finish_non_exhaustive()
    }
}
