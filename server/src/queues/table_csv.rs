//! The table of queues as CSV.

use weir_app::csv::{Cell, Csv};
use weir_model::{QueueRow, Timestamp};

/// What a column of the page is in a file: heads with the names of the REST interface, and the cells under them.
struct Part {
    column: &'static str,
    heads: &'static [&'static str],
    cells: fn(&QueueRow) -> Vec<Value>,
}

/// A cell before it is written.
enum Value {
    Text(String),
    Number(Option<f64>),
}

const PARTS: [Part; 13] = [
    Part {
        column: "status",
        heads: &["status", "status_reason"],
        cells: |row| vec![word(&row.status), Value::Text(row.status_reason.clone())],
    },
    Part {
        column: "name",
        heads: &["name", "id"],
        cells: |row| vec![text(&row.name), text(row.id.as_str())],
    },
    Part { column: "broker", heads: &["broker"], cells: |row| vec![text(&row.broker)] },
    Part {
        column: "kind",
        heads: &["kind", "scope"],
        cells: |row| vec![text(row.kind.as_str()), text(&row.scope)],
    },
    Part { column: "backlog", heads: &["backlog"], cells: |row| vec![count(row.backlog)] },
    Part { column: "depth", heads: &["depth"], cells: |row| vec![count(row.depth)] },
    Part {
        column: "unacknowledged",
        heads: &["unacknowledged"],
        cells: |row| vec![count(row.unacknowledged)],
    },
    Part { column: "lag", heads: &["lag"], cells: |row| vec![count(row.lag)] },
    Part {
        column: "age",
        heads: &["oldest_age_seconds", "oldest_age_at_least"],
        cells: |row| {
            vec![Value::Number(row.oldest_age_seconds), Value::Text(row.oldest_age_at_least.to_string())]
        },
    },
    Part { column: "in", heads: &["in_rate"], cells: |row| vec![Value::Number(row.in_rate)] },
    Part { column: "out", heads: &["out_rate"], cells: |row| vec![Value::Number(row.out_rate)] },
    Part {
        column: "drain",
        heads: &["trend", "growth_rate", "drain_seconds"],
        cells: |row| vec![word(&row.trend), Value::Number(row.growth_rate), Value::Number(row.drain_seconds)],
    },
    Part { column: "consumers", heads: &["consumers"], cells: |row| vec![count(row.consumers)] },
];

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn count(count: Option<i64>) -> Value {
    Value::Number(count.map(|count| count as f64))
}

/// The word of the REST interface.
fn word(value: &impl serde::Serialize) -> Value {
    let word = serde_json::to_value(value).ok();
    Value::Text(word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default())
}

/// The rows in their order, with the columns that are shown. A figure that is not known is empty, and the last column
/// says why.
pub(crate) fn table_csv(rows: &[impl AsRef<QueueRow>], columns: &[&str]) -> String {
    let parts: Vec<&Part> = PARTS.iter().filter(|part| columns.contains(&part.column)).collect();
    let heads = parts.iter().flat_map(|part| part.heads).copied();
    let mut csv = Csv::default();
    csv.row(heads.chain(["observed_at", "unknown"]).map(Cell::Text));
    for row in rows.iter().map(AsRef::as_ref) {
        let observed = row.observed_at.map(|at: Timestamp| at.to_string()).unwrap_or_default();
        let values = parts.iter().flat_map(|part| (part.cells)(row));
        let values: Vec<Value> =
            values.chain([Value::Text(observed), Value::Text(unknown(row, &parts))]).collect();
        csv.row(values.iter().map(|value| match value {
            Value::Text(text) => Cell::Text(text),
            Value::Number(number) => Cell::Number(*number),
        }));
    }
    csv.into_text()
}

/// "in_rate: Redis keeps no counter for lists; …", of the figures that the table has.
fn unknown(row: &QueueRow, parts: &[&Part]) -> String {
    let is_shown = |figure: &str| parts.iter().any(|part| part.heads.contains(&figure));
    let reasons = row.unknown.iter().filter(|(figure, _)| is_shown(figure));
    reasons.map(|(figure, why)| format!("{figure}: {}", why.detail)).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;

    fn row(name: &str) -> Arc<QueueRow> {
        let row = json!({
            "broker": "cache", "id": "0:list:x", "name": name, "kind": "redis-list", "scope": "0", "status": "ok",
            "status_reason": "empty, idle", "depth": 7, "trend": "unknown", "oldest_age_at_least": false,
            "stale": false, "vanished": false, "sparkline": [],
            "unknown": {"in_rate": {"code": "no_counter", "detail": "Redis keeps no counter"}},
        });
        Arc::new(serde_json::from_value(row).expect("a row"))
    }

    #[test]
    fn given_columns_when_written_then_only_those_stand_there_and_names_can_t_be_formulas() {
        let csv = table_csv(&[row("=HYPERLINK(\"x\")"), row("jobs")], &["name", "depth", "in", "hour"]);
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(
            lines,
            [
                "name,id,depth,in_rate,observed_at,unknown",
                "\"'=HYPERLINK(\"\"x\"\")\",0:list:x,7,,,in_rate: Redis keeps no counter",
                "jobs,0:list:x,7,,,in_rate: Redis keeps no counter",
            ]
        );
    }

    #[test]
    fn given_figures_that_are_not_shown_when_written_then_their_reasons_are_not_either() {
        assert!(!table_csv(&[row("jobs")], &["name", "depth"]).contains("no counter"));
    }
}
