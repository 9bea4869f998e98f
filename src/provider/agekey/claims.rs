//! [`UseClaims`]: the `claims` of a Use AgeKey request.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::date::is_date_or_time;
use crate::request::BuildError;
use crate::wire::base64url;

/// What a Use AgeKey request asks about the person.
///
/// ```
/// use grantwire::provider::agekey::UseClaims;
///
/// let claims = UseClaims::new([13, 18]);
/// assert_eq!(claims.to_json()?, r#"{"age_thresholds":[13,18]}"#);
/// # Ok::<(), grantwire::BuildError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct UseClaims {
    age_thresholds: Vec<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed_methods: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_after: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    overrides: BTreeMap<String, MethodOverride>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<Provenance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iso_27566_1: Option<AssuranceLevel>,
}

/// How sure a verification must be, by ISO/IEC 27566-1. Each level includes those after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AssuranceLevel {
    /// `basic`.
    Basic,
    /// `effective`.
    Effective,
    /// `highly_effective`.
    HighlyEffective,
    /// `strict`.
    Strict,
}

/// Which verifiers count, by path; a `*` at the end matches a prefix, and denied beats allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Provenance {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    denied: Vec<String>,
}

/// What holds for one verification method in place of the general claims.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MethodOverride {
    #[serde(skip_serializing_if = "Option::is_none")]
    min_age: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    age_thresholds: Vec<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iso_27566_1: Option<AssuranceLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<serde_json::Value>,
}

impl UseClaims {
    /// Asks whether the person is at least so old, for 1 to 5 different ages in years.
    pub fn new(age_thresholds: impl IntoIterator<Item = u32>) -> Self {
        Self { age_thresholds: age_thresholds.into_iter().collect(), ..Self::default() }
    }

    /// Counts this verification method; all count when none is named.
    #[must_use]
    pub fn allow_method(mut self, method: impl Into<String>) -> Self {
        self.allowed_methods.push(method.into());
        self
    }

    /// Counts verifications from this ISO 8601 date or date and time on.
    #[must_use]
    pub fn verified_after(mut self, moment: impl Into<String>) -> Self {
        self.verified_after = Some(moment.into());
        self
    }

    /// Sets what holds for one method.
    #[must_use]
    pub fn override_method(mut self, method: impl Into<String>, with: MethodOverride) -> Self {
        self.overrides.insert(method.into(), with);
        self
    }

    /// Sets which verifiers count.
    #[must_use]
    pub fn provenance(mut self, provenance: Provenance) -> Self {
        self.provenance = Some(provenance);
        self
    }

    /// Sets how sure a verification must be.
    #[must_use]
    pub const fn assurance(mut self, level: AssuranceLevel) -> Self {
        self.iso_27566_1 = Some(level);
        self
    }

    /// The claims as JSON, as they are sent.
    ///
    /// # Errors
    ///
    /// [`BuildError::Invalid`] names the member that is outside AgeKey's limits.
    pub fn to_json(&self) -> Result<String, BuildError> {
        self.check()?;
        serde_json::to_string(self).map_err(|_| invalid("claims", "cannot be written as JSON"))
    }

    /// `req_claims_hash` as the ID token repeats it: SHA-256 of the claims as sent, in base64url.
    ///
    /// # Errors
    ///
    /// As [`UseClaims::to_json`].
    pub fn hash(&self) -> Result<String, BuildError> {
        Ok(base64url::encode(&Sha256::digest(self.to_json()?)))
    }

    fn check(&self) -> Result<(), BuildError> {
        let thresholds = &self.age_thresholds;
        if !(1..=5).contains(&thresholds.len()) || !all_differ(thresholds) {
            return Err(invalid("age_thresholds", "takes 1 to 5 different ages"));
        }
        check_moment(self.verified_after.as_deref())?;
        if let Some(Provenance { allowed, denied }) = &self.provenance
            && (allowed.len() > 10 || denied.len() > 10)
        {
            return Err(invalid("provenance", "takes up to 10 paths of each kind"));
        }
        for (method, with) in &self.overrides {
            check_moment(with.verified_after.as_deref())?;
            let own = &with.age_thresholds;
            if !own.is_empty() && own.len() != thresholds.len() {
                return Err(invalid(
                    "overrides",
                    "takes as many age_thresholds as the claims have",
                ));
            }
            if method == "facial_age_estimation" && with.min_age.is_none() && own.is_empty() {
                let rule = "facial_age_estimation needs min_age or age_thresholds";
                return Err(invalid("overrides", rule));
            }
        }
        Ok(())
    }
}

impl Provenance {
    /// No paths yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts verifiers on this path.
    #[must_use]
    pub fn allow(mut self, path: impl Into<String>) -> Self {
        self.allowed.push(path.into());
        self
    }

    /// Does not count verifiers on this path.
    #[must_use]
    pub fn deny(mut self, path: impl Into<String>) -> Self {
        self.denied.push(path.into());
        self
    }
}

impl MethodOverride {
    /// Nothing overridden yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The least age in years the method must find.
    #[must_use]
    pub const fn min_age(mut self, years: u32) -> Self {
        self.min_age = Some(years);
        self
    }

    /// One age for each of the claims' thresholds, in their order.
    #[must_use]
    pub fn age_thresholds(mut self, ages: impl IntoIterator<Item = u32>) -> Self {
        self.age_thresholds = ages.into_iter().collect();
        self
    }

    /// Counts verifications from this ISO 8601 date or date and time on.
    #[must_use]
    pub fn verified_after(mut self, moment: impl Into<String>) -> Self {
        self.verified_after = Some(moment.into());
        self
    }

    /// How sure a verification by this method must be.
    #[must_use]
    pub const fn assurance(mut self, level: AssuranceLevel) -> Self {
        self.iso_27566_1 = Some(level);
        self
    }

    /// Further attributes, as AgeKey defines them for the method.
    #[must_use]
    pub fn attributes(mut self, attributes: serde_json::Value) -> Self {
        self.attributes = Some(attributes);
        self
    }
}

fn check_moment(moment: Option<&str>) -> Result<(), BuildError> {
    match moment {
        Some(text) if !is_date_or_time(text) => Err(invalid(
            "verified_after",
            "takes an ISO 8601 date, or a date and time with an offset",
        )),
        _ => Ok(()),
    }
}

fn all_differ(ages: &[u32]) -> bool {
    ages.iter().enumerate().all(|(index, age)| !ages.iter().take(index).any(|other| other == age))
}

pub(super) fn invalid(parameter: &'static str, rule: &'static str) -> BuildError {
    BuildError::Invalid { parameter: parameter.into(), rule }
}
