//! Prose that cites: takes the citations out of a text and reports what is wrong in it.

use super::link::{Citation, links, publisher};
use super::titles::title;

/// A text to be read, and how to speak of it.
pub struct Prose<'a> {
    pub text: &'a str,
    pub place: &'a str,
    pub first_line: usize,
    /// Whether a section named without a link is a mistake.
    pub shown: bool,
}

impl Prose<'_> {
    fn line(&self, at: usize) -> usize {
        self.first_line + self.text.get(..at).unwrap_or_default().matches('\n').count()
    }

    /// Takes out the citations, and reports what is wrong with them or with what is left.
    pub fn read(&self, problems: &mut Vec<String>) -> Vec<Citation> {
        let mut found = Vec::new();
        let mut rest = self.text.to_owned();
        let mut report = |at: usize, problem: String| {
            problems.push(format!("{}:{}: {problem}", self.place, self.line(at)));
        };
        for link in links(self.text) {
            match link.citation() {
                None => continue,
                Some(Ok(citation)) => found.push(citation),
                Some(Err(problem)) => report(link.start, problem),
            }
            let taken = self.text.get(link.start..link.end).unwrap_or_default();
            let blank: String =
                taken.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
            rest.replace_range(link.start..link.end, &blank);
        }
        for (at, _) in rest.match_indices("://") {
            if let Some(host) = publisher(rest.get(at..).unwrap_or_default()) {
                report(at, format!("a bare address at {host}; make it a citation"));
            }
        }
        for (at, _) in rest.match_indices("RFC") {
            let (before, after) = rest.split_at(at);
            let after = after.trim_start_matches("RFC").trim_start_matches(['-', ' ', '\n']);
            let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            let (number, after) = after.split_at(digits);
            if number.is_empty() {
                continue;
            }
            if title(number).is_none() {
                report(at, format!("no title is known for RFC {number}"));
            }
            if self.shown && (names_section(after) || ends_in_section(before)) {
                report(at, format!("a section of RFC {number} without a link"));
            }
        }
        for (at, _) in rest.match_indices('§').filter(|_| self.shown) {
            report(at, "`§` outside a citation".into());
        }
        found
    }
}

/// "'s section 4.1", ", Appendix B"
fn names_section(after: &str) -> bool {
    let after = after.strip_prefix("'s").unwrap_or(after).trim_start_matches([' ', ',', '(', '\n']);
    ["section", "Section", "sec.", "Sec.", "appendix", "Appendix"]
        .iter()
        .any(|word| after.starts_with(word))
}

/// "section 4.1 of"
fn ends_in_section(before: &str) -> bool {
    let mut words = before.split_whitespace().rev();
    words.next() == Some("of") && words.nth(1).is_some_and(names_section)
}

/// Fenced code is not prose; its lines stay, so that line numbers hold.
pub fn without_fences(text: &str) -> String {
    let mut inside = false;
    let lines = text.lines().map(|line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        if inside || fence { "" } else { line }
    });
    lines.collect::<Vec<_>>().join("\n")
}
