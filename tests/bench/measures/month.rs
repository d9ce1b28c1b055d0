//! A made-up month of a thousand queues, as retention leaves it.

use std::path::Path;

use anyhow::Result;
use weir::history::{
    History as _,
    sqlite::{Database, SqliteHistory},
};
use weir_model::{Metric, Observation, QueueId, QueueKind, QueueObservation, Timestamp};

use crate::house::{BROKER, QUEUES};

pub(crate) const METRICS: [Metric; 4] = [Metric::Depth, Metric::Backlog, Metric::In, Metric::Out];
/// One queue in so many is busy: it differs each minute. The others are written once an hour.
const BUSY: usize = 100;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const HOURS: i64 = 30 * 24;

/// A queue with the same figure for all that is kept of it.
pub(crate) fn observed(n: usize, value: i64) -> QueueObservation {
    let name = format!("orders.{n:04}");
    let id = QueueId::from_parts(&["/", name.as_str()]);
    let queue = QueueObservation::new(id, QueueKind::RabbitmqClassic, name.as_str(), "/");
    METRICS.into_iter().fold(queue, |queue, metric| queue.with(metric, Ok(value)))
}

/// All queues at `t`, with values of the caller's choice.
pub(crate) fn look(t: i64, value: impl Fn(usize) -> i64) -> Observation {
    let queues = (0..QUEUES).map(|n| observed(n, value(n))).collect();
    Observation { at: Timestamp(t), refresh_ms: 5000, queues, ..Observation::default() }
}

/// Writes the month that ends now into a new database. The first queue is a busy one.
pub(crate) async fn write(file: &Path) -> Result<()> {
    let database = Database::open(file).await?;
    let history = SqliteHistory::start(database.clone()).await?;
    let now = Timestamp::now().0;
    let start = now - now % HOUR_MS - (HOURS - 1) * HOUR_MS;
    history.append(BROKER, &look(start, |n| n as i64)).await?;
    history.flush().await?;
    drop(history);
    fill(&database, start, now - now % MINUTE_MS).await?;
    database.close().await?;
    Ok(())
}

/// The roll-ups from `start` to `end`: for a busy series every minute, else the first of the hour.
async fn fill(database: &Database, start: i64, end: i64) -> Result<()> {
    let mut writer = database.writer().await;
    sqlx::query("begin").execute(&mut *writer).await?;
    let minutes =
        "with recursive minutes (m) as (select 0 union all select m + 60000 from minutes where m < 3540000)";
    let rollups = format!(
        "{minutes} insert into rollups select ?1, s.id, ?1 + m, s.id, s.id + (?1 + m) / 60000 % 97, 12 * s.id, 12, \
         s.id + m / 60000, 60, 60000 from series s cross join minutes \
         where (m = 0 or s.queue % ?2 = 1) and ?1 + m < ?3"
    );
    let observed =
        format!("{minutes} insert into observed_minutes select 1, ?1 + m, 12 from minutes where ?1 + m < ?2");
    for hour in (start..end).step_by(HOUR_MS as usize) {
        let rollups = sqlx::query(sqlx::AssertSqlSafe(rollups.clone()));
        rollups.bind(hour).bind(BUSY as i64).bind(end).execute(&mut *writer).await?;
        let observed = sqlx::query(sqlx::AssertSqlSafe(observed.clone()));
        observed.bind(hour).bind(end).execute(&mut *writer).await?;
    }
    sqlx::query("update brokers set rolled_until = ?").bind(end).execute(&mut *writer).await?;
    sqlx::query("commit").execute(&mut *writer).await?;
    Ok(())
}
