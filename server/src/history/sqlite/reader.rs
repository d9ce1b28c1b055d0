//! Reads ranges: samples where buckets are finer than a minute and recent enough, else roll-ups. An unchanged value is
//! carried forward, but only over successful observations.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use weir_model::{Metric, Point, QueueId, QueueKind, Timestamp};

use super::{
    buckets::{Seen, gauge_points, rate_points, seen_once},
    database::Database,
    grid::Grid,
    ledger::{BrokerLedger, LONGEST_INTERVAL_MS, Ledger, SeriesLedger},
    minute::{MINUTE_MS, Minute, hour_of, minute_of},
    readings::SeriesName,
    retention::KEEP_SAMPLES_MS,
    rollups::{self, StoredMinute, in_order, minute_from},
};
use crate::history::{Buckets, MinutePoint, SeriesKey, Span, StoreError, StoredQueue, UnobservedSpan};

/// The finest buckets.
const LEAST_STEP_MS: i64 = 1000;
/// The share of a range's time that intervals between observations make up, from the shortest on, of which the longest
/// is taken for the interval: now and then an observation may be late.
const TYPICAL: f64 = 0.95;

/// Which series: of a queue, or the sum over a broker's queues.
pub(super) enum Of<'a> {
    Queue(&'a SeriesKey),
    Broker(&'a str, Metric),
}

/// What the ledger knows of a series.
#[derive(Clone, Debug)]
pub(super) struct Known {
    broker: i64,
    pub id: i64,
    counter: bool,
    /// The minutes that may not be on disk yet.
    unwritten: Vec<Minute>,
}

/// Answers from the disk, with the ledger for what is not there yet.
pub(super) struct Reader<'a> {
    pub database: &'a Database,
    pub ledger: &'a RwLock<Ledger>,
}

impl Reader<'_> {
    pub(super) async fn range(&self, of: Of<'_>, span: Span, refresh_ms: i64) -> Result<Buckets, StoreError> {
        let old = span.from.0 < Timestamp::now().0 - KEEP_SAMPLES_MS;
        let mut grid = Grid::of(span, if old { MINUTE_MS } else { LEAST_STEP_MS });
        let Some(known) = self.find(&of) else { return Ok(empty(grid)) };
        if grid.step < MINUTE_MS {
            let since = hour_of(grid.start - 4 * refresh_ms.max(MINUTE_MS));
            let times = self.observed(known.broker, since, grid.end()).await?;
            grid = Grid::of(span, least_step(&times, LEAST_STEP_MS));
            if grid.step < MINUTE_MS {
                let seen = self.samples(&known, since, grid.end(), &times).await?;
                return Ok(buckets(grid, &known, refresh_ms, &seen));
            }
        }
        let since = hour_of(grid.start - grid.step);
        let minutes = self.observed_minutes(&of, since, grid.end());
        let times: Vec<i64> = minutes.iter().map(|(t, _)| *t).collect();
        let grid = Grid::of(span, least_step(&times, MINUTE_MS));
        let since = hour_of(grid.start - grid.step);
        let seen = self.minutes_of(&known, since, grid.end(), &minutes).await?;
        Ok(buckets(grid, &known, refresh_ms, &seen))
    }

    pub(super) async fn unobserved(
        &self,
        broker: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<UnobservedSpan>, StoreError> {
        let Some(id) = self.look(|ledger| ledger.brokers.get(broker).map(|b| b.id)) else {
            return Ok(Vec::new());
        };
        let gaps = self.gaps(id, from.0, to.0).await?;
        let span = |(start, end, reason): (i64, Option<i64>, String)| UnobservedSpan {
            from: Timestamp(start).max(from),
            to: end.map_or(to, Timestamp).min(to),
            reason,
        };
        Ok(gaps.into_iter().map(span).collect())
    }

    pub(super) async fn minutes(
        &self,
        broker: &str,
        metrics: &[Metric],
        since: Timestamp,
    ) -> Result<Vec<(SeriesKey, Vec<MinutePoint>)>, StoreError> {
        let start = hour_of(since.0);
        let found = self.look(|ledger| {
            let ledger = ledger.brokers.get(broker)?;
            let observed = observed_minutes(ledger, start, i64::MAX);
            Some((ledger.id, ledger.clock.minute, series_of(broker, ledger, metrics), observed))
        });
        let Some((id, last, series, observed)) = found else { return Ok(Vec::new()) };
        let names: Vec<&str> = metrics.iter().map(|m| m.as_str()).collect();
        let rows: Vec<StoredMinute> = sqlx::query_as(include_str!("queries/minutes_of_broker.sql"))
            .bind(id)
            .bind(start)
            .bind(hour_of(last))
            .bind(serde_json::json!(names).to_string())
            .fetch_all(self.database.readers())
            .await?;
        let mut stored: HashMap<i64, Vec<Minute>> = HashMap::new();
        for row in rows {
            stored.entry(row.0).or_default().push(minute_from(row));
        }
        let points = series.into_iter().map(|(key, known)| {
            let seen = laid_over(stored.remove(&known.id).unwrap_or_default(), &known, &observed);
            let recent = seen.into_iter().filter(|minute| minute.t >= minute_of(since.0));
            let point = |minute: Seen| {
                minute.last.map(|last| MinutePoint {
                    t: Timestamp(minute.t),
                    last,
                    increase: minute.increase,
                })
            };
            (key, recent.filter_map(point).collect())
        });
        Ok(points.collect())
    }

    pub(super) fn queues(&self, broker: &str) -> Vec<StoredQueue> {
        self.look(|ledger| {
            let ledger = ledger.brokers.get(broker)?;
            let queue = |(id, queue): (&QueueId, &super::ledger::QueueLedger)| {
                Some(StoredQueue {
                    id: id.clone(),
                    kind: queue.row.kind.parse::<QueueKind>().ok()?,
                    name: queue.row.name.clone(),
                    scope: queue.row.scope.clone(),
                    epoch: queue.row.epoch.clone(),
                    last_seen: Timestamp(queue.row.last_seen),
                })
            };
            Some(ledger.queues.iter().filter_map(queue).collect())
        })
        .unwrap_or_default()
    }

    pub(super) fn look<T>(&self, ask: impl FnOnce(&Ledger) -> Option<T>) -> Option<T> {
        ask(&self.ledger.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn find(&self, of: &Of<'_>) -> Option<Known> {
        self.look(|ledger| match of {
            Of::Queue(key) => {
                let broker = ledger.brokers.get(&key.broker)?;
                let (group, partition) = (key.group.clone(), key.partition);
                let name = SeriesName { metric: key.metric, group, partition };
                Some(known(broker, key.metric, broker.queues.get(&key.queue)?.series.get(&name)?))
            }
            Of::Broker(name, metric) => {
                let broker = ledger.brokers.get(*name)?;
                Some(known(broker, *metric, broker.sums.get(&SeriesName::of_queue(*metric))?))
            }
        })
    }

    /// Times of successful observations.
    pub(super) async fn observed(&self, broker: i64, from: i64, to: i64) -> Result<Vec<i64>, StoreError> {
        let statement = "select t from observations where broker = ? and ok = 1 and t >= ? and t < ?";
        let rows: Vec<(i64,)> = sqlx::query_as(statement)
            .bind(broker)
            .bind(from)
            .bind(to)
            .fetch_all(self.database.readers())
            .await?;
        Ok(rows.into_iter().map(|(t,)| t).collect())
    }

    /// Minutes with successful observations, and how many.
    fn observed_minutes(&self, of: &Of<'_>, from: i64, to: i64) -> Vec<(i64, i64)> {
        let name = match of {
            Of::Queue(key) => key.broker.as_str(),
            Of::Broker(name, _) => name,
        };
        self.look(|ledger| Some(observed_minutes(ledger.brokers.get(name)?, from, to))).unwrap_or_default()
    }

    pub(super) async fn gaps(
        &self,
        broker: i64,
        from: i64,
        to: i64,
    ) -> Result<Vec<(i64, Option<i64>, String)>, StoreError> {
        let query = sqlx::query_as(include_str!("queries/gaps_of_broker.sql"));
        Ok(query.bind(broker).bind(from).bind(to).fetch_all(self.database.readers()).await?)
    }

    /// The series at each of `times`.
    async fn samples(
        &self,
        known: &Known,
        from: i64,
        to: i64,
        times: &[i64],
    ) -> Result<Vec<Seen>, StoreError> {
        let mut samples: Vec<(i64, Option<i64>, bool)> =
            sqlx::query_as(include_str!("queries/samples_of_series.sql"))
                .bind(known.id)
                .bind(from)
                .bind(to)
                .fetch_all(self.database.readers())
                .await?;
        samples.sort_unstable_by_key(|sample| sample.0);
        let gaps = match known.counter {
            true => self.gaps(known.broker, from, to).await?,
            false => Vec::new(),
        };
        let ends: Vec<i64> = gaps.into_iter().filter_map(|(_, end, _)| end).collect();
        Ok(carried_over(times, &samples, &ends))
    }

    /// The series in each of `minutes`.
    async fn minutes_of(
        &self,
        known: &Known,
        from: i64,
        to: i64,
        minutes: &[(i64, i64)],
    ) -> Result<Vec<Seen>, StoreError> {
        let stored = rollups::of_series(self.database.readers(), known.id, from, to).await?;
        Ok(laid_over(stored, known, minutes))
    }
}

pub(super) fn known(broker: &BrokerLedger, metric: Metric, series: &SeriesLedger) -> Known {
    let unwritten = series.memory.unwritten().collect();
    Known { broker: broker.id, id: series.id, counter: metric.is_counter(), unwritten }
}

/// The series of every queue as a whole.
fn series_of(name: &str, broker: &BrokerLedger, metrics: &[Metric]) -> Vec<(SeriesKey, Known)> {
    let of_queue = |(id, queue): (&QueueId, &super::ledger::QueueLedger)| {
        let of_metric = |metric: &Metric| {
            let series = queue.series.get(&SeriesName::of_queue(*metric))?;
            let (broker_name, queue) = (name.to_owned(), id.clone());
            let key = SeriesKey { broker: broker_name, queue, metric: *metric, group: None, partition: None };
            Some((key, known(broker, *metric, series)))
        };
        metrics.iter().filter_map(of_metric).collect::<Vec<_>>()
    };
    broker.queues.iter().flat_map(of_queue).collect()
}

/// Minutes from `from` to before `to` with successful observations, and how many; the one being filled too.
pub(super) fn observed_minutes(broker: &BrokerLedger, from: i64, to: i64) -> Vec<(i64, i64)> {
    let filling = (broker.clock.minute, broker.clock.observations);
    let filling = std::iter::once(filling).filter(|(t, n)| (from..to).contains(t) && *n > 0);
    broker.minutes.range(from..to).map(|(t, n)| (*t, *n)).chain(filling).collect()
}

/// A value at each observation: the sample of that time, else the one before. `gap_ends` are observations after a gap.
fn carried_over(times: &[i64], samples: &[(i64, Option<i64>, bool)], gap_ends: &[i64]) -> Vec<Seen> {
    let mut samples = samples.iter().copied().peekable();
    let mut last: Option<i64> = None;
    let mut before: Option<i64> = None;
    let at = |&t: &i64| {
        let (then, mut starts) = (last, gap_ends.contains(&t));
        while let Some((_, value, new_epoch)) = samples.next_if(|sample| sample.0 <= t) {
            last = value;
            starts |= new_epoch;
        }
        let increase = match (then, last, before) {
            // Readings of a clock that was set back may lie among older ones: a counter never falls.
            (Some(then), Some(now), Some(before)) if !starts && now >= then => Some((now - then, t - before)),
            _ => None,
        };
        before = Some(t);
        seen_once(t, last, increase)
    };
    times.iter().map(at).collect()
}

/// A roll-up for each minute observed: the one in memory, the one on disk, else one like the minute before. A month has
/// tens of thousands: both lists are in order and are walked side by side.
pub(super) fn laid_over(mut stored: Vec<Minute>, known: &Known, observed: &[(i64, i64)]) -> Vec<Seen> {
    stored.extend(&known.unwritten);
    let mut stored = in_order(stored).into_iter().peekable();
    let mut last: Option<i64> = None;
    let at = |&(t, count): &(i64, i64)| {
        while stored.next_if(|minute| minute.t < t).is_some() {}
        let own = stored.next_if(|minute| minute.t == t);
        let minute = own.unwrap_or_else(|| like_before(t, count, last, known.counter));
        last = minute.last;
        minute
    };
    observed.iter().map(at).collect()
}

fn like_before(t: i64, count: i64, last: Option<i64>, counter: bool) -> Minute {
    let gauge = last.filter(|_| !counter);
    Minute {
        t,
        min: gauge,
        max: gauge,
        sum: gauge.map(|value| value.saturating_mul(count)),
        count: if last.is_some() { count } else { 0 },
        last,
        increase: 0,
        covered_ms: if last.is_some() { MINUTE_MS } else { 0 },
    }
}

/// A bucket holds an observation wherever the broker was observed: half as long again as the interval.
fn least_step(times: &[i64], least: i64) -> i64 {
    let pairs = times.windows(2).map(|pair| pair[1] - pair[0]);
    let mut apart: Vec<i64> = pairs.filter(|ms| *ms < LONGEST_INTERVAL_MS).collect();
    apart.sort_unstable();
    let typical = (apart.iter().sum::<i64>() as f64 * TYPICAL) as i64;
    let mut passed = 0;
    let interval = apart.into_iter().find(|ms| {
        passed += ms;
        passed >= typical
    });
    let interval = interval.unwrap_or(0);
    if interval <= least { least } else { interval + interval / 2 }
}

fn buckets(grid: Grid, known: &Known, refresh_ms: i64, seen: &[Seen]) -> Buckets {
    let points = if known.counter { rate_points(grid, refresh_ms, seen) } else { gauge_points(grid, seen) };
    Buckets { step_ms: grid.step, points }
}

fn empty(grid: Grid) -> Buckets {
    Buckets { step_ms: grid.step, points: (0..grid.count).map(|n| Point::gap(grid.at(n))).collect() }
}
