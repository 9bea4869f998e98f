//! The coverage page: a table for each specification, a row for each section, the files that cite it.
//!
//! It keeps whatever prose stands before the tables and under their headings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::link::{Citation, links};
use super::titles::title;

/// The files that make each citation.
pub type Cited = BTreeMap<Citation, BTreeSet<String>>;

const OPENING: &str = "# Coverage\n\nWhich file follows which section. A test keeps this page and the source in step.";

pub struct Page {
    opening: String,
    tables: Vec<Table>,
}

struct Table {
    specification: String,
    heading: String,
    prose: String,
    rows: Vec<Row>,
}

struct Row {
    citation: Citation,
    what: String,
    files: BTreeSet<String>,
}

impl Page {
    pub fn read(text: &str) -> Self {
        let mut page = Self { opening: String::new(), tables: Vec::new() };
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("## ") {
                let specification = name.split(" — ").next().unwrap_or(name).into();
                page.tables.push(Table {
                    specification,
                    heading: line.into(),
                    prose: String::new(),
                    rows: Vec::new(),
                });
                continue;
            }
            let Some(table) = page.tables.last_mut() else {
                push_line(&mut page.opening, line);
                continue;
            };
            match Row::read(line) {
                Some(row) => table.rows.push(row),
                None if line.starts_with("| Section |") || line.starts_with("|---") => {}
                None => push_line(&mut table.prose, line),
            }
        }
        page
    }

    /// Adds what is missing, sets each row's files, and sorts. What a section is about stays as it is.
    pub fn bless(&mut self, cited: &Cited) {
        if self.opening.trim().is_empty() {
            self.opening = OPENING.into();
        }
        for citation in cited.keys() {
            if !self.tables.iter().any(|table| table.specification == citation.specification) {
                let specification = citation.specification.clone();
                let heading = heading(&specification);
                self.tables.push(Table {
                    specification,
                    heading,
                    prose: String::new(),
                    rows: Vec::new(),
                });
            }
            let table =
                self.tables.iter_mut().find(|table| table.specification == citation.specification);
            let Some(table) = table.filter(|_| !citation.section.is_empty()) else {
                continue;
            };
            if !table.rows.iter().any(|row| row.citation == *citation) {
                table.rows.push(Row {
                    citation: citation.clone(),
                    what: String::new(),
                    files: BTreeSet::new(),
                });
            }
        }
        for table in &mut self.tables {
            for row in &mut table.rows {
                row.files = cited.get(&row.citation).cloned().unwrap_or_default();
            }
            table.rows.sort_by_cached_key(|row| section_order(&row.citation.section));
        }
        self.tables.sort_by_cached_key(|table| specification_order(&table.specification));
    }

    /// Where the page and the crate differ. `files` are all files there are.
    pub fn compare(&self, cited: &Cited, files: &BTreeSet<&str>) -> Vec<String> {
        let mut problems = Vec::new();
        let mut rows = BTreeMap::new();
        for table in &self.tables {
            if table.heading != heading(&table.specification) {
                problems.push(format!(
                    "`{}` should read `{}`",
                    table.heading,
                    heading(&table.specification)
                ));
            }
            if !cited.keys().any(|citation| citation.specification == table.specification) {
                problems.push(format!("`{}` is cited nowhere", table.specification));
            }
            for row in &table.rows {
                let name = row.citation.name();
                if row.citation.specification != table.specification {
                    problems.push(format!("the row {name} stands under `{}`", table.specification));
                }
                if rows.insert((&row.citation.specification, &row.citation.section), row).is_some()
                {
                    problems.push(format!("{name} has two rows"));
                }
                if row.what.is_empty() {
                    problems.push(format!("{name}: say what it is about"));
                }
                let citing = cited.get(&row.citation).cloned().unwrap_or_default();
                if row.files.is_empty() {
                    problems.push(format!("{name}: no file"));
                }
                for file in row.files.difference(&citing) {
                    let why = if files.contains(file.as_str()) {
                        "does not cite it"
                    } else {
                        "does not exist"
                    };
                    problems.push(format!("{name}: {file} {why}"));
                }
            }
        }
        for (citation, citing) in cited {
            let Citation { specification, section, url } = citation;
            let listed = self.tables.iter().any(|table| table.specification == *specification);
            let row = rows.get(&(specification, section));
            let name = citation.name();
            for file in citing {
                let problem = match row {
                    None if section.is_empty() && listed => continue,
                    None => "which is not in coverage.md".into(),
                    Some(row) if row.citation.url != *url => {
                        format!("at {url}, but coverage.md has {}", row.citation.url)
                    }
                    Some(row) if !row.files.contains(file) => {
                        "but coverage.md does not list it there".into()
                    }
                    Some(_) => continue,
                };
                problems.push(format!("{file} cites {name}, {problem}"));
            }
        }
        problems
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.opening.trim())?;
        for table in &self.tables {
            writeln!(f, "\n{}", table.heading)?;
            if !table.prose.trim().is_empty() {
                writeln!(f, "\n{}", table.prose.trim())?;
            }
            if !table.rows.is_empty() {
                writeln!(f, "\n| Section | What | Where |\n|---|---|---|")?;
            }
            for row in &table.rows {
                let files =
                    row.files.iter().map(|file| format!("`{file}`")).collect::<Vec<_>>().join(", ");
                writeln!(
                    f,
                    "| [{}]({}) | {} | {files} |",
                    row.citation.name(),
                    row.citation.url,
                    row.what
                )?;
            }
        }
        Ok(())
    }
}

impl Row {
    fn read(line: &str) -> Option<Self> {
        let cells: Vec<&str> =
            line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
        let [section, what, files] = cells.as_slice() else {
            return None;
        };
        let citation = links(section).first()?.citation()?.ok()?;
        let files = files
            .split(',')
            .map(|file| file.trim().trim_matches('`'))
            .filter(|file| !file.is_empty());
        Some(Self { citation, what: String::from(*what), files: files.map(String::from).collect() })
    }
}

fn heading(specification: &str) -> String {
    match specification.strip_prefix("RFC ") {
        Some(number) => format!("## {specification} — {}", title(number).unwrap_or("(unknown)")),
        None => format!("## {specification}"),
    }
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// RFCs by number, then the others by name.
fn specification_order(specification: &str) -> (u32, String) {
    let number = specification.strip_prefix("RFC ").and_then(|number| number.parse().ok());
    (number.unwrap_or(u32::MAX), specification.into())
}

/// Sections by number, appendices after them.
fn section_order(section: &str) -> Vec<u32> {
    let parts = section.trim_start_matches(['§']).trim_start_matches("Appendix ").split('.');
    parts
        .map(|part| {
            part.parse().unwrap_or_else(|_| 1000 + part.chars().next().map_or(0, u32::from))
        })
        .collect()
}
