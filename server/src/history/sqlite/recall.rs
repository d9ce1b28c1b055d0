//! What queues were read as, minute by minute: what the rules go on from after a restart.

use std::collections::{BTreeMap, HashMap, HashSet};

use weir_model::{Metric, QueueId, Timestamp};

use super::{
    buckets::Seen,
    minute::{Minute, hour_of, minute_of},
    reader::{Known, Reader, known, laid_over, observed_minutes},
    rollups::{StoredMinute, minute_from},
};
use crate::history::{RecalledSeries, Recollection, SeriesKey, StoreError};

/// The series that growth, its cause and ages are reckoned from; rates are told anew within seconds, and those of single
/// partitions are for charts.
const RECALLED: [Metric; 6] =
    [Metric::Depth, Metric::Backlog, Metric::Lag, Metric::Consumers, Metric::In, Metric::Out];

impl Reader<'_> {
    /// The last reading of each minute since `since` of the given queues and their groups.
    pub(super) async fn recall(
        &self,
        broker: &str,
        queues: &HashSet<QueueId>,
        since: Timestamp,
    ) -> Result<Recollection, StoreError> {
        let start = hour_of(since.0);
        let found = self.look(|ledger| {
            let ledger = ledger.brokers.get(broker)?;
            let observed = observed_minutes(ledger, start, i64::MAX);
            Some((ledger.id, ledger.clock.minute, wanted(broker, ledger, queues), observed))
        });
        let Some((id, last, series, observed)) = found else { return Ok(Recollection::default()) };
        let mut stored = self.rollups_of(&series, start, hour_of(last)).await?;
        let times = self.last_observations(id, minute_of(since.0)).await?;
        let gaps = self.gaps(id, since.0, i64::MAX).await?;
        let gap_ends: HashSet<i64> = gaps.into_iter().filter_map(|(_, end, _)| end).map(minute_of).collect();
        let series = series.into_iter().map(|(key, known)| {
            let minutes = laid_over(stored.remove(&known.id).unwrap_or_default(), &known, &observed);
            aligned(key, &minutes, &times, &gap_ends)
        });
        Ok(Recollection { series: series.collect(), times: times.into_values().map(Timestamp).collect() })
    }

    async fn rollups_of(
        &self,
        series: &[(SeriesKey, Known)],
        from: i64,
        to: i64,
    ) -> Result<HashMap<i64, Vec<Minute>>, StoreError> {
        let ids: Vec<i64> = series.iter().map(|(_, known)| known.id).collect();
        let rows: Vec<StoredMinute> = sqlx::query_as(include_str!("queries/rollups_of_many.sql"))
            .bind(serde_json::json!(ids).to_string())
            .bind(from)
            .bind(to)
            .fetch_all(self.database.readers())
            .await?;
        let mut stored: HashMap<i64, Vec<Minute>> = HashMap::new();
        for row in rows {
            stored.entry(row.0).or_default().push(minute_from(row));
        }
        Ok(stored)
    }

    /// The time of the last successful observation of each minute.
    async fn last_observations(&self, broker: i64, from: i64) -> Result<BTreeMap<i64, i64>, StoreError> {
        let times = self.observed(broker, from, i64::MAX).await?;
        Ok(times.into_iter().map(|t| (minute_of(t), t)).collect())
    }
}

/// The series of those queues and of their groups.
fn wanted(
    name: &str,
    broker: &super::ledger::BrokerLedger,
    queues: &HashSet<QueueId>,
) -> Vec<(SeriesKey, Known)> {
    let of_queue = |(id, queue): (&QueueId, &super::ledger::QueueLedger)| {
        let of_series = |(series, ledger): (&super::readings::SeriesName, _)| {
            let (metric, group) = (series.metric, series.group.clone());
            let key =
                SeriesKey { broker: name.to_owned(), queue: id.clone(), metric, group, partition: None };
            (RECALLED.contains(&metric) && series.partition.is_none())
                .then(|| (key, known(broker, metric, ledger)))
        };
        queue.series.iter().filter_map(of_series).collect::<Vec<_>>()
    };
    broker.queues.iter().filter(|(id, _)| queues.contains(id)).flat_map(of_queue).collect()
}

/// The readings at each of `times`, which are given by their minutes.
fn aligned(
    key: SeriesKey,
    minutes: &[Seen],
    times: &BTreeMap<i64, i64>,
    gap_ends: &HashSet<i64>,
) -> RecalledSeries {
    let of_minute: HashMap<i64, &Seen> = minutes.iter().map(|minute| (minute.t, minute)).collect();
    let (mut readings, mut began_anew) = (Vec::with_capacity(times.len()), Vec::new());
    let mut before: Option<i64> = None;
    for (n, start) in times.keys().enumerate() {
        let minute = of_minute.get(start);
        let reading = minute.and_then(|minute| minute.last);
        if let (true, Some(minute), Some(then), Some(now)) =
            (key.metric.is_counter(), minute, before, reading)
            && now.saturating_sub(then) != minute.increase
            && !gap_ends.contains(start)
        {
            began_anew.push(n);
        }
        before = reading;
        readings.push(reading);
    }
    RecalledSeries { key, readings, began_anew }
}
