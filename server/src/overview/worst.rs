//! Queues that are worst off: what grows first, by its rate; then what waits, by its time to drain.

use std::{collections::BTreeMap, sync::Arc};

use weir_app::overview::api::WorstBacklogs;
use weir_model::{QueueRow, UnknownCode};

use crate::queues::sort::{rank, ranked};

/// Queues shown.
const SHOWN: usize = 10;

/// Ranks what has a backlog, and counts what can't be ranked by the reason.
pub(super) fn worst_backlogs(rows: &[Arc<QueueRow>]) -> WorstBacklogs {
    let mut waiting: Vec<&QueueRow> =
        rows.iter().map(Arc::as_ref).filter(|r| ranked(r) && r.backlog.is_some_and(|b| b > 0)).collect();
    waiting.sort_by(|a, b| rank(a, b).then_with(|| (&a.broker, &a.id).cmp(&(&b.broker, &b.id))));
    let mut unranked: BTreeMap<String, u32> = BTreeMap::new();
    for reason in rows.iter().filter_map(|row| unknown_because(row)) {
        *unranked.entry(reason).or_default() += 1;
    }
    WorstBacklogs {
        rows: waiting.into_iter().take(SHOWN).cloned().collect(),
        total: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        unranked: unranked.into_iter().collect(),
    }
}

/// Why a queue that could have a backlog has none that is known; `None` where it has, or where its kind never has.
fn unknown_because(row: &QueueRow) -> Option<String> {
    if ranked(row) {
        return None;
    }
    match row.unknown.get("backlog") {
        Some(unknown) if unknown.code == UnknownCode::NotApplicable => None,
        Some(unknown) => Some(unknown.detail.clone()),
        None => Some(format!("broker {} does not answer", row.broker)),
    }
}

#[cfg(test)]
mod tests {
    use weir_model::{Trend, Unknown};

    use super::*;
    use crate::queues::sort::tests::row;

    #[test]
    fn given_queues_when_ranked_then_empty_ones_are_left_out_and_unknown_ones_counted() {
        let mut rows: Vec<QueueRow> =
            ["slow", "grows", "empty", "unknown", "channel"].map(|name| row("a", name)).into();
        (rows[0].backlog, rows[0].trend, rows[0].drain_seconds) = (Some(5), Trend::Draining, Some(9.0));
        (rows[1].backlog, rows[1].trend, rows[1].growth_rate) = (Some(1), Trend::Growing, Some(2.0));
        rows[2].backlog = Some(0);
        let unknown = |code| Unknown::new(code, "no group has committed");
        rows[3].unknown.insert("backlog".to_owned(), unknown(UnknownCode::NoGroup));
        rows[4].unknown.insert("backlog".to_owned(), unknown(UnknownCode::NotApplicable));
        let rows: Vec<Arc<QueueRow>> = rows.into_iter().map(Arc::new).collect();
        let worst = worst_backlogs(&rows);
        let names: Vec<&str> = worst.rows.iter().map(|r| r.name.as_str()).collect();
        assert_eq!(names, ["grows", "slow"]);
        assert_eq!((worst.total, worst.unranked), (5, vec![("no group has committed".to_owned(), 1)]));
    }
}
