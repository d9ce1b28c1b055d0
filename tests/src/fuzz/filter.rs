//! Any filter is understood or refused with the field named; what is understood means what its terms mean.

use std::sync::{Arc, LazyLock};

use weir::{
    figures::{
        QueueTracker,
        row::{BrokerView, queue_row},
    },
    queues::filter::Filter,
};
use weir_model::{Metric, Problem, QueueId, QueueKind, QueueObservation, QueueRow, Timestamp};

const BROKER: &str = "shop";

/// Queues to be asked of: figures known and unknown.
static ROWS: LazyLock<[Arc<QueueRow>; 3]> = LazyLock::new(|| {
    [
        row(QueueKind::RabbitmqQuorum, "orders", Some(1500)),
        row(QueueKind::RedisStream, "queue:email", Some(0)),
        row(QueueKind::KafkaTopic, "äöü.Events", None),
    ]
});

/// Reads a filter, and asks it of queues.
pub fn filter(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let filter = match Filter::parse(text) {
        Ok(filter) => filter,
        Err(problem) => return explained(&problem),
    };
    if let Err(problem) = filter.check(&[BROKER], &*ROWS) {
        explained(&problem);
    }
    // Spaces part terms only outside quotes.
    if text.contains('"') {
        return;
    }
    let terms: Vec<&str> = text.split_whitespace().collect();
    let read =
        |term: &str| Filter::parse(term).unwrap_or_else(|problem| panic!("{term}: {}", problem.detail));
    for row in ROWS.iter() {
        let all = terms.iter().all(|term| read(term).matches(row));
        assert_eq!(filter.matches(row), all, "all terms must hold");
    }
    for term in terms.iter().filter(|term| !term.starts_with('-')) {
        let (plain, negated) = (read(term), read(&format!("-{term}")));
        assert!(
            ROWS.iter().all(|row| plain.matches(row) != negated.matches(row)),
            "-{term} is not its contrary"
        );
    }
}

fn explained(problem: &Problem) {
    let named = problem.errors.iter().any(|error| error.field == "q" && !error.message.is_empty());
    assert!(named, "{problem:?}");
}

fn row(kind: QueueKind, name: &str, depth: Option<i64>) -> Arc<QueueRow> {
    let (at, broker) =
        (Timestamp(1_795_429_900_000), BrokerView { name: BROKER.to_owned(), ..BrokerView::default() });
    let mut seen = QueueObservation::new(QueueId::from_parts(&["/", name]), kind, name, "/");
    if let Some(depth) = depth {
        seen = seen
            .with(Metric::Depth, Ok(depth))
            .with(Metric::Backlog, Ok(depth))
            .with(Metric::Consumers, Ok(0));
    }
    let mut tracker = QueueTracker::new(seen.clone(), at);
    tracker.push(seen, at, 0);
    Arc::new(queue_row(&tracker, &broker, at))
}
