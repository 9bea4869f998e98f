//! The `claims` value of a Use request: which ages are asked about, and what counts as proof.

use serde_json::{Map, Value};

use super::super::refusal::Refusal;
use super::date;

/// The verification methods there are.
const METHODS: [&str; 6] = [
    "email_age_estimation",
    "facial_age_estimation",
    "national_id_number",
    "digital_credential",
    "id_doc_scan",
    "payment_card_network",
];

/// The levels of ISO 27566-1, weakest first.
const LEVELS: [&str; 4] = ["basic", "effective", "highly_effective", "strict"];

/// A claims value that was found to be as documented.
pub struct Claims {
    thresholds: Vec<u64>,
}

impl Claims {
    /// Reads the JSON text and checks every member.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let Ok(Value::Object(members)) = serde_json::from_str(text) else {
            return Err(Refusal::about("claims", "is not a JSON object"));
        };
        let thresholds = match members.get("age_thresholds") {
            None => return Err(Refusal::about("claims", "has no age_thresholds")),
            Some(value) => thresholds(value)?,
        };
        for (name, value) in &members {
            match name.as_str() {
                "age_thresholds" => {}
                "allowed_methods" => allowed_methods(value)?,
                "verified_after" => verified_after(value)?,
                "iso_27566_1" => level(value)?,
                "provenance" => provenance(value)?,
                "overrides" => overrides(value, thresholds.len())?,
                _ => return Err(wrong("a member that is not documented")),
            }
        }
        Ok(Self { thresholds })
    }

    /// For each threshold, whether somebody of this age reaches it.
    pub fn results(&self, age: u64) -> Map<String, Value> {
        self.thresholds
            .iter()
            .map(|threshold| (threshold.to_string(), Value::Bool(age >= *threshold)))
            .collect()
    }
}

/// One to five integers above zero, each once.
fn thresholds(value: &Value) -> Result<Vec<u64>, Refusal> {
    let mut ages = Vec::new();
    for age in value.as_array().into_iter().flatten() {
        match age.as_u64() {
            Some(age) if age > 0 && !ages.contains(&age) => ages.push(age),
            _ => return Err(wrong("age_thresholds that are not unique integers")),
        }
    }
    if (1..=5).contains(&ages.len()) {
        Ok(ages)
    } else {
        Err(wrong("not one to five age_thresholds"))
    }
}

fn allowed_methods(value: &Value) -> Result<(), Refusal> {
    let methods = value.as_array().filter(|methods| !methods.is_empty());
    let known = |method: &Value| method.as_str().is_some_and(|name| METHODS.contains(&name));
    match methods {
        Some(methods) if methods.iter().all(known) => Ok(()),
        _ => Err(wrong("allowed_methods that are not known")),
    }
}

fn verified_after(value: &Value) -> Result<(), Refusal> {
    match value.as_str() {
        Some(text) if date::is_date(text) || date::is_date_time(text) => Ok(()),
        _ => Err(wrong("a verified_after that is not ISO 8601")),
    }
}

fn level(value: &Value) -> Result<(), Refusal> {
    match value.as_str() {
        Some(name) if LEVELS.contains(&name) => Ok(()),
        _ => Err(wrong("an iso_27566_1 that is not a level")),
    }
}

/// `allowed` and `denied`: up to ten path patterns each, a star only at the end.
fn provenance(value: &Value) -> Result<(), Refusal> {
    let pattern = |pattern: &Value| {
        pattern.as_str().is_some_and(|text| {
            let path = text.strip_suffix('*').unwrap_or(text);
            path.starts_with('/') && !path.contains('*')
        })
    };
    let list = |list: &Value| {
        list.as_array().is_some_and(|list| list.len() <= 10 && list.iter().all(pattern))
    };
    match value.as_object() {
        Some(members)
            if members.iter().all(|(name, value)| {
                matches!(name.as_str(), "allowed" | "denied") && list(value)
            }) =>
        {
            Ok(())
        }
        _ => Err(wrong("a provenance that is not as documented")),
    }
}

/// Per method. `length` is how many thresholds the root list has: an override's list answers to
/// it by position.
fn overrides(value: &Value, length: usize) -> Result<(), Refusal> {
    let members = value.as_object().ok_or_else(|| wrong("overrides that are not an object"))?;
    for (method, rule) in members {
        let rule = rule
            .as_object()
            .filter(|_| METHODS.contains(&method.as_str()))
            .ok_or_else(|| wrong("an override of an unknown method"))?;
        for (name, value) in rule {
            match name.as_str() {
                "min_age" if value.as_u64().is_some() => {}
                "age_thresholds" if thresholds(value)?.len() == length => {}
                "verified_after" => verified_after(value)?,
                "iso_27566_1" => level(value)?,
                "attributes" if value.is_object() => {}
                _ => return Err(wrong("an override that is not as documented")),
            }
        }
        let has_age = rule.contains_key("min_age") || rule.contains_key("age_thresholds");
        if method == "facial_age_estimation" && !has_age {
            return Err(wrong("an override of facial_age_estimation without an age"));
        }
    }
    Ok(())
}

fn wrong(what: &str) -> Refusal {
    Refusal::about("claims", &format!("has {what}"))
}
