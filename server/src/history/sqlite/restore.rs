//! The ledger as it was when Weir stopped, however it stopped: names and ids as they stand, the last reading of every
//! series, and the minutes without roll-ups read again, observation by observation.

use std::{
    collections::{BTreeMap, HashMap},
    str::FromStr,
};

use sqlx::SqliteConnection;
use weir_model::{Metric, QueueId, QueueKind};

use super::{
    changes::{Changes, QueueRow},
    ledger::{BrokerLedger, Ids, Ledger, QueueLedger, SeriesLedger},
    minute::{SeriesMemory, hour_of},
    readings::SeriesName,
};

/// Reads the ledger; `changes` gets the roll-ups of minutes that ended and have none yet.
pub(super) async fn restore(db: &mut SqliteConnection, changes: &mut Changes) -> Result<Ledger, sqlx::Error> {
    let mut ledger = Ledger { ids: ids(db).await?, ..Ledger::default() };
    let brokers: Vec<(i64, String, i64)> =
        sqlx::query_as("select id, name, rolled_until from brokers").fetch_all(&mut *db).await?;
    for (id, name, rolled_until) in brokers {
        let mut broker = BrokerLedger::new(id);
        read_clock(db, &mut broker, rolled_until).await?;
        read_names(db, &mut broker, rolled_until).await?;
        replay(db, &mut broker, rolled_until, changes).await?;
        ledger.brokers.insert(name, broker);
    }
    Ok(ledger)
}

async fn ids(db: &mut SqliteConnection) -> Result<Ids, sqlx::Error> {
    let used: Vec<(String, i64)> =
        sqlx::query_as("select name, seq from sqlite_sequence").fetch_all(&mut *db).await?;
    let last = |table: &str| used.iter().find(|(name, _)| name == table).map_or(0, |(_, seq)| *seq);
    Ok(Ids { broker: last("brokers"), queue: last("queues"), series: last("series") })
}

/// The clock as it stood when the minute `rolled_until` began, and the counts of the minutes before.
async fn read_clock(
    db: &mut SqliteConnection,
    broker: &mut BrokerLedger,
    rolled_until: i64,
) -> Result<(), sqlx::Error> {
    let lately: Vec<(i64,)> = sqlx::query_as(
        "select t from observations where broker = ? and ok = 1 and t < ? order by t desc limit 2",
    )
    .bind(broker.id)
    .bind(rolled_until)
    .fetch_all(&mut *db)
    .await?;
    let minutes: Vec<(i64, i64)> = sqlx::query_as("select t, ok from observed_minutes where broker = ?")
        .bind(broker.id)
        .fetch_all(&mut *db)
        .await?;
    broker.minutes = minutes.into_iter().collect();
    let clock = &mut broker.clock;
    clock.last_ok = lately.first().map(|(t,)| *t);
    clock.usual_ms = match lately.as_slice() {
        [(last,), (before,)] => last - before,
        _ => 0,
    };
    clock.open_gap = sqlx::query_as(
        "select from_t, reason from gaps where broker = ?1 and from_t < ?2 and coalesce(to_t, ?2) >= ?2",
    )
    .bind(broker.id)
    .bind(rolled_until)
    .fetch_optional(&mut *db)
    .await?;
    clock.minute = rolled_until;
    clock.keyframe = clock.last_ok.map_or(0, hour_of);
    clock.rolled_hour = broker.minutes.last_key_value().map_or(0, |(t, _)| hour_of(*t));
    Ok(())
}

/// One row of the table `queues`.
type StoredQueue = (i64, String, String, String, String, String, i64);
/// One row of the table `series`.
type StoredSeries = (i64, Option<i64>, String, Option<String>, Option<i32>);

async fn read_names(
    db: &mut SqliteConnection,
    broker: &mut BrokerLedger,
    rolled_until: i64,
) -> Result<(), sqlx::Error> {
    let queues: Vec<StoredQueue> =
        sqlx::query_as("select id, key, kind, name, scope, epoch, last_seen from queues where broker = ?")
            .bind(broker.id)
            .fetch_all(&mut *db)
            .await?;
    let series: Vec<StoredSeries> =
        sqlx::query_as("select id, queue, metric, consumer_group, partition from series where broker = ?")
            .bind(broker.id)
            .fetch_all(&mut *db)
            .await?;
    let mut last: HashMap<i64, Option<i64>> = last_readings(db, broker, rolled_until).await?;
    let mut of_queue: HashMap<Option<i64>, HashMap<SeriesName, SeriesLedger>> = HashMap::new();
    for (id, queue, metric, group, partition) in series {
        let Some(metric) = Metric::ALL.into_iter().find(|m| m.as_str() == metric) else { continue };
        let read = last.remove(&id).flatten();
        let memory = SeriesMemory::restored(metric.is_counter(), rolled_until, read);
        let name = SeriesName { metric, group, partition };
        of_queue.entry(queue).or_default().insert(name, SeriesLedger { id, memory, read_at: 0 });
    }
    broker.sums = of_queue.remove(&None).unwrap_or_default();
    for (id, key, kind, name, scope, epoch, last_seen) in queues {
        let (Ok(queue), Ok(kind)) = (QueueId::from_str(&key), QueueKind::from_str(&kind)) else { continue };
        let kind = kind.as_str();
        let row = QueueRow { broker: broker.id, key, kind, name, scope, epoch, last_seen };
        let mut entry = QueueLedger::new(id, row);
        entry.series = of_queue.remove(&Some(id)).unwrap_or_default();
        broker.queues.insert(queue, entry);
    }
    Ok(())
}

/// The last reading of each series before `until`: never farther back than the last keyframe.
async fn last_readings(
    db: &mut SqliteConnection,
    broker: &BrokerLedger,
    until: i64,
) -> Result<HashMap<i64, Option<i64>>, sqlx::Error> {
    let Some(last_ok) = broker.clock.last_ok else { return Ok(HashMap::new()) };
    let rows: Vec<(i64, Option<i64>, i64)> = sqlx::query_as(include_str!("queries/last_samples.sql"))
        .bind(broker.id)
        .bind(hour_of(last_ok))
        .bind(until)
        .fetch_all(&mut *db)
        .await?;
    Ok(rows.into_iter().map(|(series, value, _)| (series, value)).collect())
}

/// Reads the observations since `rolled_until` once more.
async fn replay(
    db: &mut SqliteConnection,
    broker: &mut BrokerLedger,
    rolled_until: i64,
    changes: &mut Changes,
) -> Result<(), sqlx::Error> {
    let observations: Vec<(i64, bool, Option<String>)> =
        sqlx::query_as("select t, ok, reason from observations where broker = ? and t >= ? order by t")
            .bind(broker.id)
            .bind(rolled_until)
            .fetch_all(&mut *db)
            .await?;
    let samples: Vec<(i64, i64, Option<i64>, bool)> =
        sqlx::query_as(include_str!("queries/samples_since.sql"))
            .bind(broker.id)
            .bind(rolled_until)
            .fetch_all(&mut *db)
            .await?;
    let open_gap: Option<(i64, String)> =
        sqlx::query_as("select from_t, reason from gaps where broker = ? and to_t is null")
            .bind(broker.id)
            .fetch_optional(&mut *db)
            .await?;
    let mut written: BTreeMap<i64, HashMap<i64, (Option<i64>, bool)>> = BTreeMap::new();
    for (series, t, value, starts) in samples {
        written.entry(t).or_default().insert(series, (value, starts));
    }
    for (t, ok, reason) in observations {
        if ok {
            broker.reread(t, &written.remove(&t).unwrap_or_default(), changes);
        } else {
            broker.clock.open_gap.get_or_insert((t, reason.unwrap_or_default()));
        }
    }
    broker.clock.open_gap = open_gap;
    Ok(())
}
