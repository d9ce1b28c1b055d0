//! A result as it is kept in `tests/bench/results`, so that the table can be written anew from single runs.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};
use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    machine::Machine,
    measure::{Measure, Outcome},
};

/// One result, and how it came about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub name: String,
    pub value: f64,
    pub beside: String,
    /// When it was taken, RFC 3339.
    pub at: String,
    pub build: String,
    pub commit: String,
    pub machine: Machine,
    pub readings: Value,
}

impl Record {
    pub(crate) fn new(name: &str, outcome: Outcome, machine: Machine, build: &str, commit: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: outcome.value,
            beside: outcome.beside,
            at: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
            build: build.to_owned(),
            commit: commit.to_owned(),
            machine,
            readings: outcome.readings,
        }
    }

    /// Keeps it in place of the former result of the same measure.
    pub(crate) fn write(&self) -> Result<()> {
        let file = file_of(&self.name);
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(&file, text).with_context(|| file.display().to_string())
    }
}

/// The last result of each measure that has one.
pub(crate) fn all(measures: &[&'static dyn Measure]) -> Result<Vec<(&'static dyn Measure, Record)>> {
    let kept = measures.iter().filter(|measure| file_of(measure.line().name).is_file());
    let read = |measure: &&'static dyn Measure| {
        let file = file_of(measure.line().name);
        let record = serde_json::from_str(&fs::read_to_string(&file)?);
        Ok((*measure, record.with_context(|| file.display().to_string())?))
    };
    kept.map(read).collect()
}

fn file_of(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("bench/results").join(format!("{name}.json"))
}
