//! Reads `docs/permissions.md`.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};

/// What the document says of one kind of broker.
pub(crate) struct Section {
    pub rows: Vec<Row>,
    /// The commands of its blocks, in order, as words.
    pub commands: Vec<Vec<String>>,
}

/// A row of the table.
pub(crate) struct Row {
    pub feature: String,
    /// What stands in backticks.
    pub rights: Vec<String>,
}

impl Section {
    pub(crate) fn read(heading: &str) -> Result<Self> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/permissions.md");
        let text = fs::read_to_string(path)?;
        let own = text.split("\n## ").find(|part| part.lines().next() == Some(heading));
        let own = own.with_context(|| format!("no heading {heading}"))?;
        // The first two lines of a table are its heading.
        let rows: Vec<Row> = own.lines().filter(|l| l.starts_with("| ")).skip(1).filter_map(row).collect();
        let blocks = own.split("```").skip(1).step_by(2);
        let commands = blocks.flat_map(|block| block.lines().skip(1)).map(words).collect();
        ensure!(!rows.is_empty(), "no table below {heading}");
        Ok(Self { rows, commands })
    }
}

/// `| feature | rights |`, where a bar within a right is written `\|`.
fn row(line: &str) -> Option<Row> {
    let line = line.replace("\\|", "\0");
    let mut cells = line.trim_matches('|').split('|');
    let (feature, rights) = (cells.next()?, cells.next()?);
    let rights = rights.split('`').skip(1).step_by(2).map(|right| right.replace('\0', "|"));
    Some(Row { feature: feature.trim().to_owned(), rights: rights.collect() })
}

/// As a shell would, with single quotes alone.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (n, part) in command.split('\'').enumerate() {
        match n % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}
