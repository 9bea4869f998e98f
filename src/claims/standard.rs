//! [`StandardClaims`]: what is said of a user, by the names that everybody uses
//! ([OpenID Connect Core §5.1](https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims)).
//!
//! A view of a document that has been checked. A claim of another type than the specification gives it
//! counts as absent here, and is reached by name.

use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::value::Timestamp;
use crate::wire::json;

/// The standard claims about a user, each of them OPTIONAL.
#[derive(Clone, Copy)]
pub struct StandardClaims<'a> {
    json: &'a str,
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident;)+) => {
        impl StandardClaims<'_> {
            $($(#[$doc])*
            #[must_use]
            pub fn $name(&self) -> Option<String> {
                self.claim(stringify!($name))
            })+
        }
    };
}

texts! {
    /// The full name, to be shown.
    name;
    /// Given names or first names.
    given_name;
    /// Surnames or last names.
    family_name;
    /// Middle names.
    middle_name;
    /// The name that is used casually.
    nickname;
    /// The short name by which the user wishes to be called. It may change, and two users may have the
    /// same: it identifies nobody.
    preferred_username;
    /// The address of the profile page.
    profile;
    /// The address of a picture of the user.
    picture;
    /// The address of the user's page or blog.
    website;
    /// The preferred e-mail address. It may change, and two users may have the same: it identifies
    /// nobody.
    email;
    /// The gender: `female`, `male`, or another word.
    gender;
    /// The birthday as `YYYY-MM-DD`; the year may be `0000` or stand alone.
    birthdate;
    /// The time zone, such as `Europe/Paris`.
    zoneinfo;
    /// The locale, such as `en-US`.
    locale;
    /// The preferred telephone number.
    phone_number;
}

impl<'a> StandardClaims<'a> {
    pub(crate) const fn of(json: &'a str) -> Self {
        Self { json }
    }

    /// Whether the provider has made sure that the e-mail address was the user's. `None` is not
    /// `Some(false)`, and neither is a text in place of a boolean.
    #[must_use]
    pub fn email_verified(&self) -> Option<bool> {
        self.claim("email_verified")
    }

    /// Whether the provider has made sure that the telephone number was the user's.
    #[must_use]
    pub fn phone_number_verified(&self) -> Option<bool> {
        self.claim("phone_number_verified")
    }

    /// The postal address.
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        self.claim("address")
    }

    /// When these claims were last changed.
    #[must_use]
    pub fn updated_at(&self) -> Option<Timestamp> {
        self.claim("updated_at").map(Timestamp::from_unix_seconds)
    }

    /// Any claim by name, as any type; `None` when it is absent or of another type. A claim in another
    /// language or script has a name such as `family_name#ja-Kana-JP`
    /// ([OpenID Connect Core §5.2](https://openid.net/specs/openid-connect-core-1_0.html#ClaimsLanguagesAndScripts)).
    #[must_use]
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        json::member(self.json, name).ok()??.read()
    }
}

/// They are about a person.
impl fmt::Debug for StandardClaims<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StandardClaims(..)")
    }
}

/// A postal address
/// ([OpenID Connect Core §5.1.1](https://openid.net/specs/openid-connect-core-1_0.html#AddressClaim)).
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Address {
    /// The whole address, as it is written on a label. It may have several lines.
    #[serde(default)]
    pub formatted: Option<String>,
    /// Street, house number, box and the like. It may have several lines.
    #[serde(default)]
    pub street_address: Option<String>,
    /// City or locality.
    #[serde(default)]
    pub locality: Option<String>,
    /// State, province, prefecture or region.
    #[serde(default)]
    pub region: Option<String>,
    /// Zip code or postal code.
    #[serde(default)]
    pub postal_code: Option<String>,
    /// The name of the country.
    #[serde(default)]
    pub country: Option<String>,
}

/// It is a person's.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(..)")
    }
}
