//! The whole of it against a real file.

#![expect(clippy::unwrap_used, reason = "a test that can't use its file has failed")]

mod any_history;
mod clock;
mod gaps;
mod keeping;
mod month;
mod packing;
mod rates;
mod trouble;
mod values;

use std::path::Path;

use weir_model::{
    Cost, GroupObservation, QueueKind, QueueObservation, Reading, UnknownCode, observation::GroupPartition,
    unknown::unknown,
};

use super::*;

const BROKER: &str = "orders";
const POLL_MS: i64 = 5000;

fn queue_id() -> QueueId {
    QueueId::from_parts(&["/", "hello"])
}

fn reading(value: Option<i64>) -> Reading {
    value.map_or_else(|| unknown(UnknownCode::NotYet, "not yet"), Ok)
}

fn observation(t: i64, epoch: &str, depth: Option<i64>, counter: Option<i64>) -> Observation {
    let mut queue = QueueObservation::new(queue_id(), QueueKind::RabbitmqClassic, "hello", "/")
        .with(Metric::Depth, reading(depth))
        .with(Metric::Backlog, reading(depth))
        .with(Metric::In, reading(counter));
    queue.epoch = epoch.to_owned();
    let cost = Cost { duration_ms: 3, requests: 1, bytes: 100 };
    Observation { at: Timestamp(t), cost, queues: vec![queue], refresh_ms: POLL_MS, ..Observation::default() }
}

fn key(metric: Metric) -> SeriesKey {
    SeriesKey { broker: BROKER.to_owned(), queue: queue_id(), metric, group: None, partition: None }
}

fn span(from: i64, to: i64, points: u32) -> Span {
    Span { from: Timestamp(from), to: Timestamp(to), points }
}

async fn open(folder: &Path) -> SqliteHistory {
    SqliteHistory::start(Database::open(&folder.join("weir.db")).await.unwrap()).await.unwrap()
}

/// The start of an hour, a few hours ago.
fn some_time_ago() -> i64 {
    let now = Timestamp::now().0;
    now - now.rem_euclid(minute::HOUR_MS) - 6 * minute::HOUR_MS
}

async fn count(history: &SqliteHistory, statement: &'static str) -> i64 {
    let (n,): (i64,) = sqlx::query_as(statement).fetch_one(history.database.readers()).await.unwrap();
    n
}
