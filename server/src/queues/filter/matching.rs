//! Whether a row is what a term asks for.

use weir_model::{QueueRow, Status, Trend, UnknownCode};

use super::{Comparison, Test};

pub(super) fn holds(key: &str, test: &Test, row: &QueueRow) -> bool {
    match test {
        Test::Is(value) => match key {
            "kind" => kind_is(row, value),
            _ => text_of(key, row) == *value,
        },
        Test::Contains(part) => text_of(key, row).to_lowercase().contains(part),
        Test::Unknown => is_unknown(key, row),
        Test::Compare(comparison, value) => figure_of(key, row).is_some_and(|figure| match comparison {
            Comparison::Less => figure < *value,
            Comparison::LessOrEqual => figure <= *value,
            Comparison::Equal => (figure - value).abs() < f64::EPSILON,
            Comparison::GreaterOrEqual => figure >= *value,
            Comparison::Greater => figure > *value,
        }),
    }
}

/// `stream` matches every kind that ends so.
pub(in crate::queues) fn kind_is(row: &QueueRow, value: &str) -> bool {
    kind_matches(row.kind.as_str(), value)
}

pub(super) fn kind_matches(kind: &str, value: &str) -> bool {
    kind == value || kind.strip_suffix(value).is_some_and(|front| front.ends_with('-'))
}

fn text_of(key: &str, row: &QueueRow) -> String {
    match key {
        "broker" => row.broker.clone(),
        "kind" => row.kind.as_str().to_owned(),
        "scope" => row.scope.clone(),
        "status" => status_word(row.status).to_owned(),
        "trend" => trend_word(row.trend).to_owned(),
        _ => row.name.clone(),
    }
}

fn figure_of(key: &str, row: &QueueRow) -> Option<f64> {
    let whole = |v: Option<i64>| v.map(|v| v as f64);
    match key {
        "depth" => whole(row.depth),
        "backlog" => whole(row.backlog),
        "unacknowledged" => whole(row.unacknowledged),
        "lag" => whole(row.lag),
        "consumers" => whole(row.consumers),
        "in" => row.in_rate,
        "out" => row.out_rate,
        "push_commands" => row.push_commands_rate,
        "take_commands" => row.take_commands_rate,
        "growth" => row.growth_rate,
        "age" => row.oldest_age_seconds,
        "drain" => row.drain_seconds,
        _ => None,
    }
}

/// There should be a figure, and the row says why there is none. A channel has no backlog that could be unknown.
fn is_unknown(key: &str, row: &QueueRow) -> bool {
    let field = match key {
        "in" | "out" | "growth" | "push_commands" | "take_commands" => format!("{key}_rate"),
        "age" => "oldest_age_seconds".to_owned(),
        "drain" => "drain_seconds".to_owned(),
        _ => key.to_owned(),
    };
    let why = row.unknown.get(&field).filter(|why| why.code != UnknownCode::NotApplicable);
    figure_of(key, row).is_none() && why.is_some()
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::Critical => "critical",
        Status::Warning => "warning",
        Status::Ok => "ok",
        Status::Unknown => "unknown",
    }
}

fn trend_word(trend: Trend) -> &'static str {
    match trend {
        Trend::Growing => "growing",
        Trend::Steady => "steady",
        Trend::Draining => "draining",
        Trend::Unknown => "unknown",
    }
}
