//! Series of one queue, from history.

use std::sync::Arc;

use futures::future::try_join_all;
use weir_app::queues::api::{Gap, QueueCharts, SeriesQuery};
use weir_model::{
    Metric, Point, Problem, ProblemKind, QueueId, Series, SeriesMetric, Timestamp, UnknownCode,
};

use super::uncounted;
use crate::{
    figures::QueueTracker,
    history::{Buckets, History, SeriesKey, Span, StoreError},
    poller::Fleet,
};

/// Buckets that one answer holds at most.
const MOST_POINTS: u32 = 2000;
/// Groups with a lag curve of their own on the page of a queue: the slowest ones.
const MOST_GROUPS: usize = 8;
/// The longest range: what history keeps.
const LONGEST_MS: i64 = 31 * 24 * 3_600_000;

pub(super) struct SeriesReader {
    fleet: Arc<Fleet>,
    history: Arc<dyn History>,
}

impl SeriesReader {
    pub(super) fn new(fleet: Arc<Fleet>, history: Arc<dyn History>) -> Self {
        Self { fleet, history }
    }

    pub(super) async fn series(
        &self,
        broker: &str,
        id: &QueueId,
        query: &SeriesQuery,
    ) -> Result<Series, Problem> {
        let span = span_of(query.from, query.to, query.points)?;
        let refresh_ms = self.fleet.station(broker)?.refresh_ms();
        self.fleet.queue(broker, id)?;
        let read = |metric| self.stored(broker, id, query, metric, span);
        let buckets = match (query.metric, query.metric.source()) {
            (SeriesMetric::UncountedInRate, _) => {
                let (depth, arrived, out) =
                    tokio::try_join!(read(Metric::Depth), read(Metric::In), read(Metric::Out))?;
                uncounted::arrivals(&depth, &arrived, &out, refresh_ms)
            }
            (_, Some(metric)) => read(metric).await?,
            (_, None) => return Ok(empty(query, span)),
        };
        self.known_part(broker, id, query, &buckets)?;
        Ok(Series {
            metric: query.metric,
            unit: query.metric.unit().to_owned(),
            step_seconds: buckets.step_ms as f64 / 1000.0,
            group: query.group.clone(),
            partition: query.partition,
            points: shaped(query.metric, buckets),
        })
    }

    async fn stored(
        &self,
        broker: &str,
        id: &QueueId,
        query: &SeriesQuery,
        metric: Metric,
        span: Span,
    ) -> Result<Buckets, Problem> {
        let key = SeriesKey {
            broker: broker.to_owned(),
            queue: id.clone(),
            metric,
            group: query.group.clone(),
            partition: query.partition,
        };
        let refresh_ms = self.fleet.station(broker)?.refresh_ms();
        self.history.range(&key, span, refresh_ms).await.map_err(unavailable)
    }

    /// A group or partition that is neither there nor in history is a mistake, and no gap.
    fn known_part(
        &self,
        broker: &str,
        id: &QueueId,
        query: &SeriesQuery,
        buckets: &Buckets,
    ) -> Result<(), Problem> {
        if is_known(&buckets.points) {
            return Ok(());
        }
        let seen = self.fleet.queue(broker, id)?.1.seen;
        if let Some(group) = query.group.as_ref().filter(|name| !seen.groups.iter().any(|g| g.name == **name))
        {
            let names: Vec<&str> = seen.groups.iter().map(|g| g.name.as_str()).collect();
            let there_are = if names.is_empty() { "there are none".to_owned() } else { names.join(", ") };
            return Err(Problem::field(
                "group",
                format!("\"{group}\" is no group of this queue: {there_are}"),
            ));
        }
        let partition = |n: &i32| !seen.partitions.iter().any(|p| p.partition == *n);
        if let Some(n) = query.partition.filter(|n| partition(n)) {
            let detail = format!("{n} is no partition of this queue, which has {}", seen.partitions.len());
            return Err(Problem::field("partition", detail));
        }
        Ok(())
    }

    pub(super) async fn charts(
        &self,
        broker: &str,
        id: &QueueId,
        from: Timestamp,
        to: Timestamp,
        points: u32,
    ) -> Result<QueueCharts, Problem> {
        span_of(from, to, points)?;
        let (_, tracker) = self.fleet.queue(broker, id)?;
        let wanted = metrics_of(&tracker).into_iter().map(|(metric, group)| SeriesQuery {
            metric,
            from,
            to,
            points,
            group,
            partition: None,
        });
        let queries: Vec<SeriesQuery> = wanted.collect();
        let mut series = try_join_all(queries.iter().map(|query| self.series(broker, id, query))).await?;
        series.retain(|one| match one.metric {
            SeriesMetric::UncountedInRate => one.points.iter().any(|p| p.last.is_some_and(|rate| rate > 0.0)),
            SeriesMetric::PushCommandsRate | SeriesMetric::TakeCommandsRate => is_known(&one.points),
            _ => !tracker.seen.vanished || is_known(&one.points),
        });
        let gaps = self.history.unobserved(broker, from, to).await.map_err(unavailable)?;
        let gaps =
            gaps.into_iter().map(|g| Gap { from: g.from, to: g.to, reason: reason_of(g.reason) }).collect();
        Ok(QueueCharts { from, to, series, gaps })
    }
}

fn is_known(points: &[Point]) -> bool {
    points.iter().any(|point| point.last.or(point.avg).is_some())
}

fn reason_of(reason: String) -> String {
    if reason.is_empty() { "Weir was not running".to_owned() } else { reason }
}

/// The charts of a queue's page: what its kind has, in the order of the page.
fn metrics_of(tracker: &QueueTracker) -> Vec<(SeriesMetric, Option<String>)> {
    let mut found: Vec<(SeriesMetric, Option<String>)> = [
        SeriesMetric::Depth,
        SeriesMetric::Unacknowledged,
        SeriesMetric::InRate,
        SeriesMetric::DeliveredRate,
        SeriesMetric::OutRate,
        SeriesMetric::PushCommandsRate,
        SeriesMetric::TakeCommandsRate,
        SeriesMetric::OldestAgeSeconds,
        SeriesMetric::Consumers,
    ]
    .into_iter()
    .filter(|metric| metric.source().is_some_and(|source| is_measured(tracker, source)))
    .map(|metric| (metric, None))
    .collect();
    let balanced = [Metric::Depth, Metric::In, Metric::Out].iter().all(|m| is_measured(tracker, *m));
    found.extend((balanced && !tracker.seen.kind.is_log()).then_some((SeriesMetric::UncountedInRate, None)));
    let lag_of =
        |g: &weir_model::GroupObservation| g.figures.get(&Metric::Lag).and_then(|r| r.as_ref().ok()).copied();
    let mut groups: Vec<&weir_model::GroupObservation> = tracker.seen.groups.iter().collect();
    groups.sort_by_key(|g| std::cmp::Reverse(lag_of(g)));
    found.extend(groups.iter().take(MOST_GROUPS).map(|g| (SeriesMetric::Lag, Some(g.name.clone()))));
    found
}

/// True where the kind has the figure and the broker could give it. Of a queue that is gone history tells.
fn is_measured(tracker: &QueueTracker, metric: Metric) -> bool {
    match tracker.seen.figures.get(&metric) {
        _ if tracker.seen.vanished => true,
        None => false,
        Some(Ok(_)) => true,
        Some(Err(reason)) => !matches!(
            reason.code,
            UnknownCode::NotApplicable | UnknownCode::NoCounter | UnknownCode::Unsupported
        ),
    }
}

/// A range and a number of buckets that history can answer.
///
/// # Errors
/// Names the field that is out of range.
pub(crate) fn span_of(from: Timestamp, to: Timestamp, points: u32) -> Result<Span, Problem> {
    if points == 0 || points > MOST_POINTS {
        return Err(Problem::field("points", format!("{points} is not between 1 and {MOST_POINTS}")));
    }
    if from >= to {
        return Err(Problem::field("from", format!("{from} is not before to, {to}")));
    }
    if to.since_ms(from) > LONGEST_MS {
        return Err(Problem::field("from", "history keeps 30 days: ask for 31 days at most".to_owned()));
    }
    Ok(Span { from, to, points })
}

/// Stored values in the unit of the figure that was asked for.
fn shaped(metric: SeriesMetric, buckets: Buckets) -> Vec<Point> {
    match metric {
        SeriesMetric::OldestAgeSeconds => buckets.points.into_iter().map(|p| scaled(p, 0.001)).collect(),
        SeriesMetric::GrowthRate => slopes(&buckets),
        SeriesMetric::DrainSeconds => drains(&buckets),
        _ => buckets.points,
    }
}

fn scaled(point: Point, factor: f64) -> Point {
    let scale = |v: Option<f64>| v.map(|v| v * factor);
    Point {
        t: point.t,
        min: scale(point.min),
        avg: scale(point.avg),
        max: scale(point.max),
        last: scale(point.last),
    }
}

/// Change of the last value from bucket to bucket, per second; unknown after a gap.
fn slopes(buckets: &Buckets) -> Vec<Point> {
    let seconds = buckets.step_ms as f64 / 1000.0;
    let mut before: Option<f64> = None;
    let slope_of = |point: &Point| {
        let slope = point.last.zip(before).map(|(now, then)| (now - then) / seconds);
        before = point.last;
        Point { t: point.t, min: slope, avg: slope, max: slope, last: slope }
    };
    buckets.points.iter().map(slope_of).collect()
}

fn drains(buckets: &Buckets) -> Vec<Point> {
    let drain_of = |(slope, point): (Point, &Point)| {
        let drain =
            slope.last.zip(point.last).filter(|(slope, _)| *slope < 0.0).map(|(slope, left)| left / -slope);
        Point { t: point.t, min: drain, avg: drain, max: drain, last: drain }
    };
    slopes(buckets).into_iter().zip(&buckets.points).map(drain_of).collect()
}

/// A figure of which no history is kept yet: all gap.
fn empty(query: &SeriesQuery, span: Span) -> Series {
    let step_ms = (span.to.since_ms(span.from) / i64::from(span.points)).max(1);
    let points = (0..i64::from(span.points)).map(|n| Point::gap(span.from.plus_ms(n * step_ms))).collect();
    Series {
        metric: query.metric,
        unit: query.metric.unit().to_owned(),
        step_seconds: step_ms as f64 / 1000.0,
        group: query.group.clone(),
        partition: query.partition,
        points,
    }
}

fn unavailable(error: StoreError) -> Problem {
    tracing::error!(%error, "history could not be read");
    Problem::new(ProblemKind::Unavailable, "history can't be read now; live figures go on")
}
