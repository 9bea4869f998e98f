//! Markdown links, and the one form in which a link is a citation.
//!
//! `[RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3)`: text and address each
//! name the document and the section, and must name the same.

use super::titles::{OTHER_SPECIFICATIONS, title};

/// Whoever publishes specifications; a link there must be a citation.
const PUBLISHERS: &[&str] = &["rfc-editor.org", "ietf.org", "httpwg.org", "openid.net"];

/// A specification, a section of it (`§4.1`, `Appendix A`, or empty for the whole) and the link.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Citation {
    pub specification: String,
    pub section: String,
    pub url: String,
}

impl Citation {
    /// The text of its link.
    pub fn name(&self) -> String {
        format!("{} {}", self.specification, self.section).trim_end().into()
    }
}

/// A Markdown link and where it stands in its text.
pub struct Link {
    pub start: usize,
    pub end: usize,
    pub text: String,
    pub url: String,
}

impl Link {
    /// The link as a citation; `None` when it is about something else.
    pub fn citation(&self) -> Option<Result<Citation, String>> {
        let says_so = self.text.starts_with("RFC") || self.text.starts_with("draft-");
        (says_so || publisher(&self.url).is_some()).then(|| read(&self.text, &self.url))
    }
}

/// All inline links, outer ones before those in their text.
pub fn links(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    for (start, _) in text.match_indices('[') {
        let inside = text.get(start + 1..).unwrap_or_default();
        let Some(close) = matching_bracket(inside) else {
            continue;
        };
        let (label, after) = inside.split_at(close);
        let Some(target) = after.strip_prefix("](") else {
            continue;
        };
        let Some((url, rest)) = target.split_once(')') else {
            continue;
        };
        let text = label.split_whitespace().collect::<Vec<_>>().join(" ");
        let end = start + 1 + inside.len() - rest.len();
        links.push(Link { start, end, text, url: url.trim().into() });
    }
    links
}

fn matching_bracket(inside: &str) -> Option<usize> {
    let mut open = 1_usize;
    inside.char_indices().find_map(|(at, character)| {
        match character {
            '[' => open += 1,
            ']' => open -= 1,
            _ => {}
        }
        (open == 0).then_some(at)
    })
}

/// The host of a URL, if specifications are published there.
pub fn publisher(url: &str) -> Option<&str> {
    let (_, after) = url.split_once("://")?;
    let host = after.split(|c: char| !(c.is_ascii_alphanumeric() || "-._".contains(c))).next()?;
    let belongs = |name: &&str| {
        host.strip_suffix(*name).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
    };
    PUBLISHERS.iter().any(belongs).then_some(host)
}

fn read(text: &str, url: &str) -> Result<Citation, String> {
    let cut = text.find(" §").or_else(|| text.find(" Appendix ")).unwrap_or(text.len());
    let (specification, section) = text.split_at(cut);
    let section = section.trim_start();
    let anchor = anchor(section).ok_or_else(|| format!("`{text}`: `{section}` is no section"))?;
    let citation =
        Citation { specification: specification.into(), section: section.into(), url: url.into() };
    if let Some(number) = specification.strip_prefix("RFC ") {
        title(number).ok_or_else(|| format!("`{text}`: no title is known for RFC {number}"))?;
        let wanted = format!("https://www.rfc-editor.org/rfc/rfc{number}{anchor}");
        return if url == wanted {
            Ok(citation)
        } else {
            Err(format!("`{text}` links to {url}, not to {wanted}"))
        };
    }
    let known = OTHER_SPECIFICATIONS.iter().find(|(name, _)| *name == specification);
    let (_, document) = known
        .ok_or_else(|| format!("`{text}` ({url}) is not a citation of a known specification"))?;
    let rest = url
        .strip_prefix(document)
        .ok_or_else(|| format!("`{text}` links to {url}, not into {document}"))?;
    let fits = if specification.starts_with("draft-") {
        // A draft may be cited in one of its versions.
        let version = rest.strip_suffix(anchor.as_str()).unwrap_or("?");
        let digits = version.strip_prefix('-').unwrap_or(version);
        (version.len(), digits.len()) == (3, 2) && is_number(digits) || version.is_empty()
    } else {
        // OpenID documents name their anchors in words, which the index binds to the section.
        rest.is_empty() == section.is_empty()
            && (rest.is_empty() || rest.starts_with('#') && rest.len() > 1)
    };
    if fits {
        Ok(citation)
    } else {
        Err(format!("`{text}` links to {url}, which is another place"))
    }
}

/// `§4.1` is `#section-4.1`, `Appendix A.1` is `#appendix-A.1`, and the whole has no anchor.
fn anchor(section: &str) -> Option<String> {
    if section.is_empty() {
        return Some(String::new());
    }
    if let Some(number) = section.strip_prefix('§') {
        return number.split('.').all(is_number).then(|| format!("#section-{number}"));
    }
    let name = section.strip_prefix("Appendix ")?;
    let mut parts = name.split('.');
    let letter = parts.next()?;
    let fits = letter.len() == 1
        && letter.bytes().all(|byte| byte.is_ascii_uppercase())
        && parts.all(is_number);
    fits.then(|| format!("#appendix-{name}"))
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}
