//! What is known before the first look: the queues of earlier runs, and what their trackers go on from.

use std::{
    collections::{HashMap, HashSet},
    time::Instant,
};

use weir_model::{Metric, QueueId, QueueObservation, Timestamp, UnknownCode, unknown::unknown};

use super::station::Station;
use crate::{
    figures::{QueueTracker, tracker::Past, window::Sample},
    history::{History, RecalledSeries, Recollection, Span, StoreError},
};

/// The reason for figures of queues that only history knows.
const NOT_SEEN_YET: &str = "not observed since Weir started";

const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;
/// Queues are recalled for this many minutes at most…
const MOST_MINUTES: i64 = 600;
/// …and for so many as all of them together do not exceed this: the first look waits for it.
const MOST_QUEUE_MINUTES: i64 = 30_000;
/// The window that rules look at is recalled in any case, and what went before its growth.
const LEAST_MINUTES: i64 = 20;

/// Lists the queues of earlier runs with the curves of their last hour. Quick: pages wait for it.
pub(super) async fn known_queues(station: &Station, history: &dyn History) -> Result<(), StoreError> {
    let name = &station.config.name;
    let stored = history.queues(name).await?;
    {
        let mut state = station.state();
        for queue in stored {
            let mut seen = QueueObservation::new(queue.id.clone(), queue.kind, queue.name, queue.scope);
            seen.epoch = queue.epoch;
            seen.figures = Metric::ALL.map(|m| (m, unknown(UnknownCode::NotYet, NOT_SEEN_YET))).into();
            state.trackers.insert(queue.id, QueueTracker::new(seen, queue.last_seen));
        }
    }
    let hour_ago = Timestamp::now().plus_ms(-HOUR_MS);
    let minutes = history.minutes(name, &[Metric::Backlog], hour_ago).await?;
    let hour = Span { from: hour_ago, to: Timestamp::now(), points: 61 };
    let total = history.range_of_broker(name, Metric::Backlog, hour, 0).await?;
    let mut state = station.state();
    for (key, points) in minutes {
        if let Some(tracker) = state.trackers.get_mut(&key.queue) {
            tracker.queue.seed(points.into_iter().map(|p| (p.t, p.last)));
        }
    }
    for point in total.points {
        state.minutes.note(point.t, point.last);
    }
    Ok(())
}

/// Brings the trackers of queues in which messages wait to where they stood when Weir stopped: the others have nothing
/// that could go on. Takes a moment with many queues; nobody waits for it but the first look.
pub(super) async fn trackers(station: &Station, history: &dyn History) -> Result<(), StoreError> {
    let begun = Instant::now();
    let name = &station.config.name;
    let mut trackers = station.state().trackers.clone();
    let waits = |tracker: &QueueTracker| tracker.queue.last_minute().is_some_and(|backlog| backlog > 0);
    let waiting: HashSet<QueueId> =
        trackers.iter().filter(|(_, tracker)| waits(tracker)).map(|(id, _)| id.clone()).collect();
    let minutes = (MOST_QUEUE_MINUTES / (waiting.len() as i64).max(1)).clamp(LEAST_MINUTES, MOST_MINUTES);
    let since = Timestamp::now().plus_ms(-minutes * MINUTE_MS);
    let recollection = history.recall(name, &waiting, since).await?;
    let resumed = tokio::task::spawn_blocking(move || {
        resume(&mut trackers, &recollection);
        trackers
    });
    match resumed.await {
        Ok(trackers) => station.state().trackers = trackers,
        Err(error) => tracing::error!(broker.name = %name, %error, "trackers begin anew"),
    }
    let ms = begun.elapsed().as_millis();
    tracing::debug!(broker.name = %name, queues = waiting.len(), minutes, ms, "recalled");
    Ok(())
}

/// The series of one queue, or of one group of it, by their metric.
type Together<'a> = HashMap<Metric, &'a RecalledSeries>;

fn resume(trackers: &mut HashMap<QueueId, QueueTracker>, recollection: &Recollection) {
    let mut queues: HashMap<&QueueId, HashMap<Option<&String>, Together<'_>>> = HashMap::new();
    for series in &recollection.series {
        let queue = queues.entry(&series.key.queue).or_default();
        queue.entry(series.key.group.as_ref()).or_default().insert(series.key.metric, series);
    }
    for (id, mut parts) in queues {
        let Some(tracker) = trackers.get_mut(id) else { continue };
        let epoch = tracker.seen.epoch.clone();
        let own = parts.remove(&None).unwrap_or_default();
        for (group, figures) in parts {
            let Some(group) = group else { continue };
            // What comes in is counted once for all groups.
            let arrived = own.get(&Metric::In).map(|series| (Metric::In, *series));
            let figures: Together<'_> = figures.into_iter().chain(arrived).collect();
            let past = past(&recollection.times, &figures, Metric::Lag);
            tracker.groups.entry(group.clone()).or_default().resume(past, &epoch);
        }
        // The counter of a log is that of its slowest group, which may be another one by now.
        let own = own.into_iter().filter(|(metric, _)| *metric != Metric::Out || !tracker.seen.kind.is_log());
        let past = past(&recollection.times, &own.collect(), Metric::Backlog);
        tracker.queue.resume(past, &epoch);
    }
}

/// What was seen at each time, from the first at which anything was known.
fn past(times: &[Timestamp], figures: &Together<'_>, backlog: Metric) -> Vec<Past> {
    let known = |series: &RecalledSeries| series.readings.iter().position(Option::is_some);
    let first = figures.values().filter_map(|series| known(series)).min().unwrap_or(times.len());
    let anew = |n: usize, series: &RecalledSeries| series.began_anew.binary_search(&n).is_ok();
    let at = |(n, &t): (usize, &Timestamp)| {
        let value = |metric| figures.get(&metric).and_then(|series| *series.readings.get(n)?);
        let sample = Sample {
            t,
            depth: value(Metric::Depth),
            backlog: value(backlog),
            arrived: value(Metric::In),
            out: value(Metric::Out),
            consumers: value(Metric::Consumers),
            ..Sample::default()
        };
        Past {
            sample,
            counters_anew: figures.values().any(|series| anew(n, series)),
            arrivals_anew: figures.get(&Metric::In).is_some_and(|series| anew(n, series)),
        }
    };
    times.iter().enumerate().skip(first).map(at).collect()
}

#[cfg(test)]
mod tests {
    use weir_model::QueueKind;

    use super::*;
    use crate::{figures::tracker::Since, history::SeriesKey};

    fn series(metric: Metric, readings: Vec<Option<i64>>) -> RecalledSeries {
        let queue = QueueId::from_parts(&["/", "q"]);
        let key = SeriesKey { broker: "it".to_owned(), queue, metric, group: None, partition: None };
        RecalledSeries { key, readings, began_anew: Vec::new() }
    }

    fn resumed(recollection: &Recollection) -> QueueTracker {
        let id = QueueId::from_parts(&["/", "q"]);
        let mut seen = QueueObservation::new(id.clone(), QueueKind::RabbitmqClassic, "q", "/");
        seen.epoch = "a".to_owned();
        let mut trackers = HashMap::from([(id.clone(), QueueTracker::new(seen, Timestamp(0)))]);
        resume(&mut trackers, recollection);
        trackers.remove(&id).unwrap_or_else(|| unreachable!())
    }

    /// Ten minutes of calm, then forty of growth by a message a second.
    fn grown() -> Recollection {
        let backlog = |minute: i64| 60 * (minute - 10).max(0);
        let of = |value: &dyn Fn(i64) -> i64| (0..50).map(|minute| Some(value(minute))).collect();
        Recollection {
            times: (0..50).map(|minute| Timestamp(minute * 60_000)).collect(),
            series: vec![
                series(Metric::Depth, of(&backlog)),
                series(Metric::Backlog, of(&backlog)),
                series(Metric::In, of(&|minute| 60 * minute)),
                series(Metric::Out, of(&|minute| 60 * minute - backlog(minute))),
            ],
        }
    }

    #[test]
    fn given_growth_that_history_kept_when_resumed_then_it_goes_on_from_its_start() {
        let tracker = resumed(&grown()).queue;
        assert_eq!(tracker.growing_since(), Some(Since { t: Timestamp(600_000), at_least: false }));
        let age = tracker.age(Timestamp(49 * 60_000)).map(|age| (age.seconds.round() as i64, age.at_least));
        assert_eq!(age, Some((39 * 60, false)));
    }

    #[test]
    fn given_a_counter_that_began_anew_above_its_old_height_when_resumed_then_no_increase_crosses_it() {
        let mut anew = grown();
        for series in &mut anew.series {
            series.began_anew = if series.key.metric.is_counter() { vec![45] } else { Vec::new() };
        }
        let tracker = resumed(&anew).queue;
        let samples: Vec<u32> = tracker.window.recent(i64::MAX).map(|sample| sample.epoch).collect();
        assert_eq!(samples.last(), Some(&1));
        let age = tracker.age(Timestamp(49 * 60_000)).map(|age| (age.seconds.round() as i64, age.at_least));
        assert_eq!(age, Some((4 * 60, true)));
    }

    #[test]
    fn given_readings_of_no_time_when_resumed_then_nothing_is_known() {
        let unknown =
            Recollection { times: vec![Timestamp(0)], series: vec![series(Metric::Depth, vec![None])] };
        assert!(resumed(&unknown).queue.window.is_empty());
    }
}
