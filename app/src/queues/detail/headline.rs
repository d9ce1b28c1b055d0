//! The figures under the name. One that the kind does not have is left out; one that is unknown says why.

use leptos::prelude::*;
use weir_model::{QueueRow, Status, Timestamp, Trend};

use super::texts;
use crate::queues::cells::{in_shown, out_shown};
use crate::ui::{
    Ago, Mark, Shown, Tone, ago, count_figure, duration_figure, figure, format, rate_figure, tone_of,
};

#[component]
pub fn Headline(row: Signal<QueueRow>, now: Timestamp) -> impl IntoView {
    let cells = move || {
        let row = row.get();
        let cells: Vec<_> =
            cells(&row).into_iter().filter(|cell| !cell.is_absent()).map(Cell::draw).collect();
        let observed = row.observed_at.map(
            |at| view! { <div class="sr"><dt>{texts::OBSERVED}</dt><dd>{ago(at, now, Ago::Past)}</dd></div> },
        );
        view! { {cells} {observed} }
    };
    view! { <dl class="headline figures" data-testid="headline">{cells}</dl> }
}

/// One figure with its name and a note below.
struct Cell {
    testid: &'static str,
    name: &'static str,
    shown: Shown,
    unit: &'static str,
    /// Colours the figure where it means a status.
    tone: Option<Tone>,
    note: String,
}

impl Cell {
    fn new(testid: &'static str, name: &'static str, shown: Shown) -> Self {
        Self { testid, name, shown, unit: "", tone: None, note: String::new() }
    }

    fn rate(testid: &'static str, name: &'static str, shown: Shown) -> Self {
        Self { unit: "/s", ..Self::new(testid, name, shown) }
    }

    fn noted(mut self, note: String) -> Self {
        self.note = note;
        self
    }

    /// Of a log a figure is one group's or all groups'.
    fn noted_of_log(mut self, row: &QueueRow, note: &str) -> Self {
        if row.kind.is_log() && self.note.is_empty() {
            note.clone_into(&mut self.note);
        }
        self
    }

    /// The kind has no such figure.
    fn is_absent(&self) -> bool {
        matches!(self.shown, Shown::None { .. }) && self.testid != "figure-depth"
    }

    fn draw(self) -> AnyView {
        let unit = matches!(self.shown, Shown::Known { .. }).then_some(self.unit);
        let class = self.tone.map(|tone| format!("growing {}", tone.class()));
        view! {
            <div data-testid=self.testid>
                <dt>{self.name}</dt>
                <dd><span class=class>{figure(self.shown)}</span><small>{unit}</small></dd>
                <dd class="sub2">{self.note}</dd>
            </div>
        }
        .into_any()
    }
}

fn cells(row: &QueueRow) -> Vec<Cell> {
    let why = &row.unknown;
    let count = |value, name, unit| exact(count_figure(value, name, unit, why), value);
    vec![
        Cell::new("figure-depth", texts::depth(row.kind), count(row.depth, "depth", "messages"))
            .noted(row.unacknowledged.map(texts::unacknowledged).unwrap_or_default()),
        lag(row),
        drain(row),
        oldest(row),
        Cell::rate("figure-in", texts::IN, in_shown(row)).noted(uncounted(row)),
        Cell::rate("figure-out", texts::OUT, out_shown(row))
            .noted(row.delivered_rate.map(texts::delivered).unwrap_or_default())
            .noted_of_log(row, texts::SLOWEST_GROUP),
        Cell::rate(
            "figure-redelivered",
            texts::REDELIVERED,
            rate_figure(row.redelivered_rate, "redelivered_rate", why),
        ),
        Cell::new("figure-consumers", texts::CONSUMERS, count(row.consumers, "consumers", "consumers"))
            .noted_of_log(row, texts::ALL_GROUPS),
    ]
}

/// Arrivals that no counter saw are told apart from those that it did.
fn uncounted(row: &QueueRow) -> String {
    row.uncounted_in_rate.filter(|rate| *rate > 0.0).map(texts::uncounted).unwrap_or_default()
}

/// In full where there is room for it.
fn exact(shown: Shown, value: Option<i64>) -> Shown {
    match (shown, value) {
        (Shown::Known { title, mark, .. }, Some(n)) if n.abs() < 10_000_000 => {
            Shown::Known { text: format::exact(n), title, mark }
        }
        (shown, _) => shown,
    }
}

/// What waits in a log: the slowest group's lag. For queues the depth says it.
fn lag(row: &QueueRow) -> Cell {
    let shown = if row.kind.is_log() {
        exact(count_figure(row.backlog, "backlog", "messages", &row.unknown), row.backlog)
    } else {
        Shown::None { reason: String::new() }
    };
    Cell::new("figure-backlog", texts::BACKLOG, shown).noted(texts::SLOWEST_GROUP.to_owned())
}

fn drain(row: &QueueRow) -> Cell {
    let text = |text: &str| Shown::Known {
        text: text.to_owned(),
        title: texts::trend_title(row),
        mark: Mark::Exact,
    };
    // Whatever the last minutes were: now there is nothing to drain.
    if row.backlog == Some(0) {
        return Cell::new("figure-drain", texts::DRAIN, text(texts::EMPTY));
    }
    let growing = row.trend == Trend::Growing;
    let shown = match row.trend {
        Trend::Growing => text(texts::NOT_DRAINING),
        Trend::Steady => text(texts::STEADY),
        Trend::Draining => duration_figure(row.drain_seconds, "drain_seconds", &row.unknown)
            .marked(Mark::Estimate, texts::DRAIN_HOW),
        Trend::Unknown => Shown::missing("drain_seconds", &row.unknown),
    };
    let tone = match row.status {
        Status::Ok => Tone::Warning,
        status => tone_of(status),
    };
    let note = row.growth_rate.map(|rate| texts::growth(rate, row.growth_error)).unwrap_or_default();
    Cell { tone: growing.then_some(tone), ..Cell::new("figure-drain", texts::DRAIN, shown).noted(note) }
}

fn oldest(row: &QueueRow) -> Cell {
    let shown = duration_figure(row.oldest_age_seconds, "oldest_age_seconds", &row.unknown);
    let (shown, note) = if row.oldest_age_at_least {
        (shown.marked(Mark::AtLeast, texts::BEFORE_HISTORY), texts::BEFORE_HISTORY.to_owned())
    } else if let Some(how) = row.oldest_age_estimate.as_deref().filter(|_| row.oldest_age_seconds.is_some())
    {
        (shown.marked(Mark::Estimate, how), texts::ESTIMATE.to_owned())
    } else {
        (shown, String::new())
    };
    Cell::new("figure-oldest", texts::OLDEST, shown).noted(note)
}
