//! The table, on the screen and in docs/performance.md.

use std::{collections::BTreeSet, fs, path::PathBuf};

use anyhow::{Context as _, Result};

use crate::{machine::Machine, measure::Measure, record::Record};

const BEGIN: &str = "<!-- written by make bench -->";
const END: &str = "<!-- end of what make bench writes -->";

/// A result in words.
pub(crate) struct Row<'a> {
    measure: &'a dyn Measure,
    record: &'a Record,
}

impl<'a> Row<'a> {
    pub(crate) fn new(measure: &'a dyn Measure, record: &'a Record) -> Self {
        Self { measure, record }
    }

    /// For the screen.
    pub(crate) fn sentence(&self) -> String {
        let Self { measure, record } = self;
        let busy = if record.machine.busy() { " (the machine was busy)" } else { "" };
        format!(
            "{}: {}, aim {}, {}{busy}; {}",
            measure.line().title,
            self.value(),
            self.aim(),
            self.verdict(),
            record.beside
        )
    }

    fn markdown(&self) -> String {
        let Self { measure, record } = self;
        format!(
            "| {} (`{}`) | {} | {} | {} | {} | {} |\n",
            measure.line().title,
            measure.line().name,
            self.aim(),
            self.value(),
            self.verdict(),
            record.beside,
            if record.machine.busy() {
                format!("{:.1}, busy", record.machine.load)
            } else {
                "quiet".to_owned()
            },
        )
    }

    fn value(&self) -> String {
        rounded(self.record.value) + self.measure.line().unit
    }

    fn aim(&self) -> String {
        self.measure
            .line()
            .aim
            .map_or_else(|| "report it".to_owned(), |aim| format!("{aim}{}", self.measure.line().unit))
    }

    fn verdict(&self) -> &'static str {
        match self.measure.line().aim {
            None => "reported",
            Some(aim) if self.record.value <= aim => "met",
            Some(_) => "**missed**",
        }
    }
}

/// Three figures that count.
pub(crate) fn rounded(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Writes the table between its two marks.
pub(crate) fn write_into_docs(rows: &[(&dyn Measure, Record)]) -> Result<()> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md");
    let page = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let (before, rest) = page.split_once(BEGIN).context("docs/performance.md has lost its mark")?;
    let (_, after) = rest.split_once(END).context("docs/performance.md has lost its second mark")?;
    let table: String = rows.iter().map(|(measure, record)| Row::new(*measure, record).markdown()).collect();
    let page = format!(
        "{before}{BEGIN}\n{}\n| measure, with 1,000 queues | aim | measured | | beside it | load of the machine \
         |\n|---|---|---|---|---|---|\n{table}{END}{after}",
        conditions(rows)
    );
    fs::write(&file, page).with_context(|| file.display().to_string())
}

/// On which machines, of which builds and when.
fn conditions(rows: &[(&dyn Measure, Record)]) -> String {
    let each: BTreeSet<String> = rows
        .iter()
        .map(|(_, record)| {
            let Machine { cores, memory_gib, cpu, kernel, .. } = &record.machine;
            format!(
                "Measured on {cores} cores of {cpu}, {memory_gib} GiB of memory, Linux {kernel}; {} build of commit \
                 {}, {}.\n",
                record.build,
                record.commit,
                record.at.split('T').next().unwrap_or_default()
            )
        })
        .collect();
    each.into_iter().collect()
}
