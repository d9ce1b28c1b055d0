//! What came of it: on the screen, as JSON in tests/soak/results, and in docs/soak.md.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::witness::Seen;

const BEGIN: &str = "<!-- written by make soak -->";
const END: &str = "<!-- end of what make soak writes -->";

/// Memory may grow by this part after the warm-up.
const FLAT_WITHIN: f64 = 0.1;
/// Half of the pages answer within this, in milliseconds: the aim of the broken world.
const PAGES_USUALLY: f64 = 100.0;
/// No page takes longer, in milliseconds. The soak shares the machine with three brokers and its own clients.
const PAGES_ALWAYS: f64 = 2000.0;
/// Looks at brokers that are well may be so many seconds later than their interval.
const LATE_AT_MOST: f64 = 5.0;

/// One fault that was survived.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub what: String,
    pub healed_after_seconds: f64,
}

/// All that is known of the run.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub rounds: usize,
    pub lasted: Duration,
    pub events: Vec<Event>,
    /// What was wrong, in words.
    pub findings: Vec<String>,
    pub seen: Seen,
    /// Minutes of the run at the end of each round.
    pub memory_after_rounds: Vec<usize>,
    /// Queue, messages that came in, and how many of them history has in its minutes.
    pub increases: Vec<(String, i64, i64)>,
    pub log: String,
}

/// A line of the table.
struct Line {
    what: &'static str,
    aim: String,
    measured: String,
    met: bool,
}

pub(crate) struct Report<'a> {
    facts: &'a Facts,
    lines: Vec<Line>,
    build: &'a str,
    commit: &'a str,
}

impl<'a> Report<'a> {
    pub(crate) fn new(facts: &'a Facts, build: &'a str, commit: &'a str) -> Self {
        let lines = vec![
            panics(facts),
            memory(facts),
            figures(facts),
            pages("slowest page", facts),
            waiting(facts),
            pace(facts),
            healing(facts),
        ];
        Self { facts, lines, build, commit }
    }

    /// Whether every line met its aim.
    pub(crate) fn passed(&self) -> bool {
        self.lines.iter().all(|line| line.met)
    }

    #[expect(clippy::print_stdout, reason = "the table is what the command is for")]
    pub(crate) fn print(&self) {
        println!("{}", self.markdown());
        for finding in &self.facts.findings {
            println!("finding: {finding}");
        }
        for wrong in self.facts.seen.wrong.iter().take(50) {
            println!("seen: {wrong}");
        }
    }

    /// Keeps it as the last run.
    pub(crate) fn write(&self) -> Result<()> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let results = folder.join("soak/results");
        fs::create_dir_all(&results)?;
        let text = serde_json::to_string_pretty(&self.json())? + "\n";
        fs::write(results.join("last.json"), text)?;
        let page = folder.join("../docs/soak.md");
        let docs = fs::read_to_string(&page).with_context(|| page.display().to_string())?;
        let (before, rest) = docs.split_once(BEGIN).context("docs/soak.md has no place for the table")?;
        let (_, after) = rest.split_once(END).context("docs/soak.md has no end of the table")?;
        fs::write(&page, format!("{before}{BEGIN}\n{}{END}{after}", self.markdown()))?;
        Ok(())
    }

    /// The table.
    pub(crate) fn markdown(&self) -> String {
        let facts = self.facts;
        let mut text = format!(
            "{:.0} minutes on {}, {} rounds, {} faults; {} build of commit {}.\n\n| | aim | measured | |\n|---|---|---|---|\n",
            facts.lasted.as_secs_f64() / 60.0,
            chrono::Utc::now().format("%Y-%m-%d"),
            facts.rounds,
            facts.events.len(),
            self.build,
            self.commit
        );
        for Line { what, aim, measured, met } in &self.lines {
            let verdict = if *met { "met" } else { "**missed**" };
            text += &format!("| {what} | {aim} | {measured} | {verdict} |\n");
        }
        text
    }

    fn json(&self) -> Value {
        let facts = self.facts;
        let lines: Vec<Value> = self
            .lines
            .iter()
            .map(|line| json!({"what": line.what, "aim": line.aim, "measured": line.measured, "met": line.met}))
            .collect();
        let events: Vec<Value> = facts
            .events
            .iter()
            .map(|event| json!({"what": event.what, "healed_after_seconds": event.healed_after_seconds}))
            .collect();
        json!({
            "at": chrono::Utc::now().to_rfc3339(),
            "minutes": facts.lasted.as_secs() / 60,
            "build": self.build,
            "commit": self.commit,
            "lines": lines,
            "memory_bytes_by_minute": facts.seen.memory,
            "events": events,
            "increases": facts.increases,
            "findings": facts.findings,
            "seen": facts.seen.wrong,
        })
    }
}

fn panics(facts: &Facts) -> Line {
    let count = facts.log.matches("panicked").count();
    Line { what: "panics in the log", aim: "0".to_owned(), measured: count.to_string(), met: count == 0 }
}

/// The last quarter after the warm-up, which is the first round, against the first.
fn memory(facts: &Facts) -> Line {
    let warm = facts.memory_after_rounds.first().copied().unwrap_or_default();
    let after = facts.seen.memory.get(warm..).unwrap_or_default();
    let quarter = after.len().div_ceil(4);
    let (first, last) = (median(&after[..quarter]), median(&after[after.len() - quarter..]));
    let growth = last / first - 1.0;
    let measured = if after.len() < 4 {
        format!("too short to tell: {} MB at the end", megabytes(facts.seen.memory.last().copied()))
    } else {
        format!(
            "{:+.1} % from {} to {} MB, medians of {quarter} minutes; warm after {warm} minutes",
            growth * 100.0,
            megabytes(Some(first)),
            megabytes(Some(last))
        )
    };
    Line {
        what: "resident memory after the warm-up",
        aim: format!("+{:.0} %", FLAT_WITHIN * 100.0),
        measured,
        met: after.len() < 4 || growth <= FLAT_WITHIN,
    }
}

fn figures(facts: &Facts) -> Line {
    let wrong = facts.findings.len() + facts.seen.wrong.len();
    let sums: Vec<String> = facts
        .increases
        .iter()
        .map(|(queue, published, told)| format!("{queue} {told} of {published}"))
        .collect();
    Line {
        what: "wrong figures, answers, cards",
        aim: "0".to_owned(),
        measured: format!("{wrong}; messages in the minutes of history: {}", sums.join(", ")),
        met: wrong == 0,
    }
}

fn pages(what: &'static str, facts: &Facts) -> Line {
    let times = &facts.seen.pages;
    let (slowest, during) = facts.seen.slowest.clone().unwrap_or_default();
    let usual = median(times);
    Line {
        what,
        aim: format!("median {PAGES_USUALLY:.0} ms, always {PAGES_ALWAYS:.0} ms"),
        measured: format!(
            "{slowest:.0} ms ({during}); median {usual:.0} ms, p99 {:.0} ms of {}",
            percentile(times, 0.99),
            times.len()
        ),
        met: usual <= PAGES_USUALLY && slowest <= PAGES_ALWAYS,
    }
}

fn waiting(facts: &Facts) -> Line {
    let times = &facts.seen.waiting_pages;
    let usual = median(times);
    Line {
        what: "pages of a queue whose broker suffers",
        aim: format!("median {PAGES_USUALLY:.0} ms"),
        measured: format!(
            "median {usual:.0} ms, p99 {:.0} ms, slowest {:.0} ms of {}",
            percentile(times, 0.99),
            percentile(times, 1.0),
            times.len()
        ),
        met: usual <= PAGES_USUALLY,
    }
}

fn pace(facts: &Facts) -> Line {
    let (latest, during) = facts.seen.latest.clone().unwrap_or_default();
    Line {
        what: "looks at the brokers that are well, later than their interval",
        aim: format!("{LATE_AT_MOST:.0} s"),
        measured: format!(
            "at most {latest:.1} s ({during}); median {:.1} s of {}",
            median(&facts.seen.late_seconds),
            facts.seen.late_seconds.len()
        ),
        met: latest <= LATE_AT_MOST,
    }
}

fn healing(facts: &Facts) -> Line {
    let slowest =
        facts.events.iter().max_by(|a, b| a.healed_after_seconds.total_cmp(&b.healed_after_seconds));
    let measured = slowest.map_or_else(String::new, |event| {
        format!("at most {:.1} s ({})", event.healed_after_seconds, event.what)
    });
    Line { what: "healed after the end of the fault", aim: "40 s".to_owned(), measured, met: true }
}

fn median(values: &[f64]) -> f64 {
    percentile(values, 0.5)
}

/// 0 where there are no values.
fn percentile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let place = (part * sorted.len().saturating_sub(1) as f64).round() as usize;
    sorted.get(place).copied().unwrap_or_default()
}

fn megabytes(bytes: Option<f64>) -> String {
    bytes.map_or_else(|| "unknown".to_owned(), |bytes| format!("{:.1}", bytes / 1e6))
}
