//! What a batch of observations leaves to be written, and the writing of it.

use std::collections::BTreeMap;

use sqlx::{QueryBuilder, Sqlite, SqliteConnection, query_builder::Separated};
use weir_model::Metric;

use super::{
    minute::{Minute, hour_of, minute_of},
    readings::SeriesName,
};

/// Rows of one insert: a few sizes, so that their statements stay prepared.
const CHUNKS: [usize; 3] = [256, 16, 1];

#[derive(Debug, Default)]
pub(super) struct Changes {
    pub brokers: Vec<(i64, String)>,
    /// By the queue's row, since a queue may change twice in a batch.
    pub queues: BTreeMap<i64, QueueRow>,
    pub series: Vec<SeriesRow>,
    pub observations: Vec<ObservationRow>,
    pub samples: Vec<SampleRow>,
    pub rollups: Vec<(i64, Minute)>,
    /// Broker, start of the minute, successful observations in it.
    pub observed_minutes: Vec<(i64, i64, i64)>,
    /// Per broker: where the minutes without roll-ups begin.
    pub rolled_until: BTreeMap<i64, i64>,
    pub gaps: Vec<GapRow>,
    /// Rows of queues to forget.
    pub forgotten: Vec<i64>,
}

#[derive(Clone, Debug)]
pub(super) struct QueueRow {
    pub broker: i64,
    pub key: String,
    pub kind: &'static str,
    pub name: String,
    pub scope: String,
    pub epoch: String,
    pub last_seen: i64,
}

#[derive(Debug)]
pub(super) struct SeriesRow {
    pub id: i64,
    pub broker: i64,
    pub queue: Option<i64>,
    pub name: SeriesName,
}

#[derive(Debug)]
pub(super) struct ObservationRow {
    pub broker: i64,
    pub t: i64,
    pub ok: bool,
    pub duration_ms: i64,
    pub requests: u32,
    pub bytes: u64,
    pub reason: Option<String>,
}

#[derive(Debug)]
pub(super) struct SampleRow {
    pub series: i64,
    pub t: i64,
    pub value: Option<i64>,
    pub starts: bool,
}

#[derive(Debug)]
pub(super) struct GapRow {
    pub broker: i64,
    pub from: i64,
    pub to: Option<i64>,
    pub reason: String,
}

impl Changes {
    /// Writes everything; the caller holds the transaction.
    pub(super) async fn write(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        self.write_names(db).await?;
        self.write_times(db).await?;
        self.write_values(db).await?;
        for queue in &self.forgotten {
            sqlx::query("delete from series where queue = ?").bind(queue).execute(&mut *db).await?;
            sqlx::query("delete from queues where id = ?").bind(queue).execute(&mut *db).await?;
        }
        Ok(())
    }

    async fn write_names(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        insert(db, "insert into brokers (id, name) ", &self.brokers, |row, (id, name)| {
            row.push_bind(*id).push_bind(name.clone());
        })
        .await?;
        let queues: Vec<(&i64, &QueueRow)> = self.queues.iter().collect();
        let head = "insert or replace into queues (id, broker, key, kind, name, scope, epoch, last_seen) ";
        insert(db, head, &queues, |row, (id, queue)| {
            row.push_bind(**id).push_bind(queue.broker).push_bind(queue.key.clone());
            row.push_bind(queue.kind).push_bind(queue.name.clone()).push_bind(queue.scope.clone());
            row.push_bind(queue.epoch.clone()).push_bind(queue.last_seen);
        })
        .await?;
        let head = "insert into series (id, broker, queue, metric, consumer_group, partition) ";
        insert(db, head, &self.series, |row, series| {
            row.push_bind(series.id).push_bind(series.broker).push_bind(series.queue);
            row.push_bind(Metric::as_str(series.name.metric));
            row.push_bind(series.name.group.clone()).push_bind(series.name.partition);
        })
        .await
    }

    async fn write_times(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let head =
            "insert or replace into observations (broker, t, ok, duration_ms, requests, bytes, reason) ";
        insert(db, head, &self.observations, |row, seen| {
            row.push_bind(seen.broker).push_bind(seen.t).push_bind(seen.ok).push_bind(seen.duration_ms);
            row.push_bind(seen.requests).push_bind(i64::try_from(seen.bytes).unwrap_or(i64::MAX));
            row.push_bind(seen.reason.clone());
        })
        .await?;
        let head = "insert or replace into observed_minutes (broker, t, ok) ";
        insert(db, head, &self.observed_minutes, |row, (broker, t, ok)| {
            row.push_bind(*broker).push_bind(*t).push_bind(*ok);
        })
        .await?;
        let head = "insert or replace into gaps (broker, from_t, to_t, reason) ";
        insert(db, head, &self.gaps, |row, gap| {
            row.push_bind(gap.broker).push_bind(gap.from).push_bind(gap.to).push_bind(gap.reason.clone());
        })
        .await?;
        for (broker, until) in &self.rolled_until {
            let update = sqlx::query("update brokers set rolled_until = ? where id = ?");
            update.bind(until).bind(broker).execute(&mut *db).await?;
        }
        Ok(())
    }

    async fn write_values(&self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let head = "insert or replace into samples (minute, series, t, value, starts) ";
        insert(db, head, &self.samples, |row, sample| {
            row.push_bind(minute_of(sample.t)).push_bind(sample.series).push_bind(sample.t);
            row.push_bind(sample.value).push_bind(sample.starts);
        })
        .await?;
        let head = "insert or replace into rollups \
                    (hour, series, t, min, max, sum, count, last, increase, covered_ms) ";
        insert(db, head, &self.rollups, |row, (series, minute)| {
            row.push_bind(hour_of(minute.t)).push_bind(*series).push_bind(minute.t);
            row.push_bind(minute.min).push_bind(minute.max).push_bind(minute.sum).push_bind(minute.count);
            row.push_bind(minute.last).push_bind(minute.increase).push_bind(minute.covered_ms);
        })
        .await
    }
}

/// Inserts rows, many by one statement.
pub(super) async fn insert<T>(
    db: &mut SqliteConnection,
    head: &'static str,
    mut rows: &[T],
    bind: impl Fn(&mut Separated<'_, Sqlite, &'static str>, &T),
) -> Result<(), sqlx::Error> {
    for size in CHUNKS {
        while rows.len() >= size {
            let (chunk, rest) = rows.split_at(size);
            let mut statement = QueryBuilder::<Sqlite>::new(head);
            statement.push_values(chunk, |mut row, item| bind(&mut row, item));
            statement.build().execute(&mut *db).await?;
            rows = rest;
        }
    }
    Ok(())
}
