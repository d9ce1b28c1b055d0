//! The time series behind one contract: append, range, roll up. SQL stays inside this folder.
//!
//! Raw samples are kept for 48 hours, one-minute roll-ups for 30 days. An unchanged value is not written again;
//! each observation leaves a row of its own, so that "unchanged" and "not observed" differ.

pub mod sqlite;

use std::collections::HashSet;

use async_trait::async_trait;
use weir_model::{Metric, Observation, Point, QueueId, QueueKind, Timestamp};

/// Whose history: one queue, and a group or a partition of it where that applies.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesKey {
    pub broker: String,
    pub queue: QueueId,
    pub metric: Metric,
    pub group: Option<String>,
    pub partition: Option<i32>,
}

/// A stretch of time in equal buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
    /// Buckets at most.
    pub points: u32,
}

/// A queue that history knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredQueue {
    pub id: QueueId,
    pub kind: QueueKind,
    pub name: String,
    pub scope: String,
    /// Identity of the queue and of the source of its counters, when it was seen last.
    pub epoch: String,
    pub last_seen: Timestamp,
}

/// One minute of one series, from the roll-ups: what windows are seeded with after a restart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinutePoint {
    pub t: Timestamp,
    pub last: i64,
    pub increase: i64,
}

/// What some queues and their groups were read as, one reading a minute: what rules go on from after a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recollection {
    /// When the broker was observed last in each minute, oldest first.
    pub times: Vec<Timestamp>,
    pub series: Vec<RecalledSeries>,
}

/// One series of a [`Recollection`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecalledSeries {
    pub key: SeriesKey,
    /// At each of the times; `None` where it was unknown.
    pub readings: Vec<Option<i64>>,
    /// Indexes of times before which a counter had begun anew.
    pub began_anew: Vec<usize>,
}

/// Buckets of a range, and their width.
#[derive(Clone, Debug, PartialEq)]
pub struct Buckets {
    pub step_ms: i64,
    /// In the unit of the metric; rates per second for counters.
    pub points: Vec<Point>,
}

/// A stretch without an observation of a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnobservedSpan {
    pub from: Timestamp,
    pub to: Timestamp,
    /// Why the observations in it failed; empty where Weir itself was not running.
    pub reason: String,
}

/// History is not being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub since: Timestamp,
    /// In words for the operator.
    pub reason: String,
}

/// What went wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the database could not be brought to this version's schema: {0}")]
    Migration(sqlx::migrate::MigrateError),
    #[error(
        "the database is of a newer version of Weir (schema {found}, this one knows up to {known}): start that \
         version, or give another --data-dir"
    )]
    Newer { found: i64, known: i64 },
    /// More is waiting to be written than the writer takes: the disk is slow, full, or held by another process.
    #[error("history is behind: more is waiting than the disk takes")]
    Behind,
    #[error("the writer has stopped")]
    WriterStopped,
}

/// The store of time series. One writer batches; readers are apart and never block it.
#[async_trait]
pub trait History: Send + Sync + 'static {
    /// Hands over an observation. Waits only where the writer is more than a few observations behind.
    async fn append(&self, broker: &str, observation: &Observation) -> Result<(), StoreError>;

    /// Notes that an observation failed at `at`: a gap begins.
    async fn append_failure(&self, broker: &str, at: Timestamp, reason: &str) -> Result<(), StoreError>;

    /// Waits until everything handed over so far is on disk.
    async fn flush(&self) -> Result<(), StoreError>;

    /// At most `span.points` buckets with min, average, max and last; gaps as gaps. Counters give rates by
    /// docs/figures.md: increase over time between samples, never across an epoch.
    /// `refresh_ms` is how often the broker refreshes its counters: a rate covers at least four of these.
    async fn range(&self, key: &SeriesKey, span: Span, refresh_ms: i64) -> Result<Buckets, StoreError>;

    /// The same for the sum over all queues of a broker (backlog, in, out).
    async fn range_of_broker(
        &self,
        broker: &str,
        metric: Metric,
        span: Span,
        refresh_ms: i64,
    ) -> Result<Buckets, StoreError>;

    /// Stretches without observations, for hatching.
    async fn unobserved(
        &self,
        broker: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<UnobservedSpan>, StoreError>;

    /// The minutes since `since` of every queue of a broker (no groups), for the metrics given. Half a day at most:
    /// what is older is kept for charts.
    async fn minutes(
        &self,
        broker: &str,
        metrics: &[Metric],
        since: Timestamp,
    ) -> Result<Vec<(SeriesKey, Vec<MinutePoint>)>, StoreError>;

    /// What some queues and their groups were read as in each minute since `since`: half a day at most.
    async fn recall(
        &self,
        broker: &str,
        queues: &HashSet<QueueId>,
        since: Timestamp,
    ) -> Result<Recollection, StoreError>;

    /// What keeps history from being written at the moment; `None` where it is written.
    fn trouble(&self) -> Option<Trouble>;

    /// Queues seen so far and not forgotten.
    async fn queues(&self, broker: &str) -> Result<Vec<StoredQueue>, StoreError>;

    /// Drops a queue and its history.
    async fn forget(&self, broker: &str, queue: &QueueId) -> Result<(), StoreError>;
}
