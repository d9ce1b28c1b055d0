//! The whole of it against a real file.

#![expect(clippy::unwrap_used, reason = "a test that can't use its file has failed")]

use std::path::Path;

use proptest::prelude::*;
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

#[tokio::test]
async fn given_an_unchanged_value_when_stored_for_ten_minutes_then_it_stands_once_and_each_look_has_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path()).await;
    let start = some_time_ago();
    for n in 0..120 {
        history.append(BROKER, &observation(start + n * POLL_MS, "a", Some(7), Some(100))).await.unwrap();
    }
    history.flush().await.unwrap();
    // Depth, backlog and the counter, and the sums of these.
    assert_eq!(count(&history, "select count(*) from samples").await, 6);
    assert_eq!(count(&history, "select count(*) from observations").await, 120);
    let fine = history.range(&key(Metric::Depth), span(start, start + 600_000, 100), POLL_MS).await.unwrap();
    assert!(
        fine.points
            .iter()
            .all(|p| (p.min, p.avg, p.max, p.last) == (Some(7.0), Some(7.0), Some(7.0), Some(7.0)))
    );
    let coarse = history.range(&key(Metric::Depth), span(start, start + 600_000, 10), POLL_MS).await.unwrap();
    assert_eq!((coarse.step_ms, coarse.points.len()), (60_000, 10));
    assert!(coarse.points.iter().all(|p| p.last == Some(7.0)));
    let rate = history.range(&key(Metric::In), span(start, start + 600_000, 10), POLL_MS).await.unwrap();
    assert!(rate.points.iter().all(|p| p.avg == Some(0.0)), "{rate:?}");
}

#[tokio::test]
async fn given_a_steady_counter_when_read_finely_and_coarsely_then_the_rate_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path()).await;
    let start = some_time_ago();
    for n in 0..=360 {
        history.append(BROKER, &observation(start + n * POLL_MS, "a", None, Some(n * 500))).await.unwrap();
    }
    history.flush().await.unwrap();
    for points in [180, 30, 6, 1] {
        let rates =
            history.range(&key(Metric::In), span(start, start + 1_800_000, points), POLL_MS).await.unwrap();
        assert!(rates.points.len() <= points as usize);
        for point in rates.points.iter().skip(3) {
            assert_eq!(
                (point.min, point.avg, point.max),
                (Some(100.0), Some(100.0), Some(100.0)),
                "{points}"
            );
        }
        assert!(rates.points.last().unwrap().last.is_some());
    }
    let sum = history
        .range_of_broker(BROKER, Metric::In, span(start, start + 1_800_000, 6), POLL_MS)
        .await
        .unwrap();
    assert_eq!(sum.points.last().unwrap().avg, Some(100.0));
}

#[tokio::test]
async fn given_a_broker_that_was_down_when_read_then_there_is_a_gap_with_its_reason_and_no_spike() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path()).await;
    let start = some_time_ago();
    for n in 0..=240 {
        let t = start + n * POLL_MS;
        if (60..120).contains(&n) {
            history.append_failure(BROKER, Timestamp(t), "connection refused").await.unwrap();
        } else {
            history.append(BROKER, &observation(t, "a", Some(n), Some(n * 500))).await.unwrap();
        }
    }
    history.flush().await.unwrap();
    let whole = span(start, start + 1_200_000, 20);
    for points in [20, 120] {
        let rates =
            history.range(&key(Metric::In), span(start, start + 1_200_000, points), POLL_MS).await.unwrap();
        let highest = rates.points.iter().filter_map(|p| p.max).fold(0.0, f64::max);
        assert_eq!(highest, 100.0);
    }
    let depth = history.range(&key(Metric::Depth), whole, POLL_MS).await.unwrap();
    let gaps: Vec<usize> = (0..20).filter(|n| depth.points[*n].last.is_none()).collect();
    assert_eq!(gaps, [5, 6, 7, 8, 9]);
    let unobserved = history.unobserved(BROKER, whole.from, whole.to).await.unwrap();
    assert_eq!(
        unobserved,
        [UnobservedSpan {
            from: Timestamp(start + 59 * POLL_MS),
            to: Timestamp(start + 120 * POLL_MS),
            reason: "connection refused".to_owned(),
        }]
    );
}

#[tokio::test]
async fn given_a_restart_of_the_broker_when_read_then_the_rate_is_never_negative_and_has_no_spike() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path()).await;
    let start = some_time_ago();
    for n in 0..=240 {
        let (epoch, value) = if n < 120 { ("a", 1_000_000 + n * 500) } else { ("b", (n - 120) * 500) };
        history.append(BROKER, &observation(start + n * POLL_MS, epoch, None, Some(value))).await.unwrap();
    }
    history.flush().await.unwrap();
    for points in [20, 120] {
        let rates =
            history.range(&key(Metric::In), span(start, start + 1_200_000, points), POLL_MS).await.unwrap();
        for point in rates.points.iter().skip(3) {
            assert_eq!((point.min, point.max), (Some(100.0), Some(100.0)));
        }
    }
}

#[tokio::test]
async fn given_a_copy_of_the_file_taken_while_writing_when_opened_then_it_goes_on_where_it_was() {
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let history = open(folder.path()).await;
    let start = some_time_ago();
    for n in 0..100 {
        history.append(BROKER, &observation(start + n * POLL_MS, "a", Some(n), Some(n * 500))).await.unwrap();
    }
    history.flush().await.unwrap();
    // What a killed process leaves: the file and its write-ahead log, nothing checkpointed or closed.
    for name in ["weir.db", "weir.db-wal"] {
        std::fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    let reopened = open(copy.path()).await;
    assert_eq!(
        count(&reopened, "select count(*) from pragma_integrity_check where integrity_check <> 'ok'").await,
        0
    );
    for n in 100..241 {
        for one in [&history, &reopened] {
            one.append(BROKER, &observation(start + n * POLL_MS, "a", Some(n), Some(n * 500))).await.unwrap();
        }
    }
    for metric in [Metric::Depth, Metric::In] {
        for points in [20, 120] {
            let asked = span(start, start + 1_200_000, points);
            history.flush().await.unwrap();
            reopened.flush().await.unwrap();
            let (whole, broken) = (
                history.range(&key(metric), asked, POLL_MS).await.unwrap(),
                reopened.range(&key(metric), asked, POLL_MS).await.unwrap(),
            );
            assert_eq!(whole, broken);
        }
    }
}

#[tokio::test]
async fn given_groups_and_partitions_when_stored_then_each_has_its_lag_and_what_vanishes_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path()).await;
    let start = some_time_ago();
    let group = GroupObservation {
        name: "billing".to_owned(),
        state: None,
        members: Ok(1),
        figures: [(Metric::Lag, Ok(12)), (Metric::Out, Ok(88))].into(),
        partitions: vec![GroupPartition {
            partition: 3,
            committed: Some(88),
            lag: Some(12),
            member: None,
            host: None,
        }],
        notes: Vec::new(),
    };
    for n in 0..24 {
        let mut seen = observation(start + n * POLL_MS, "a", Some(100), Some(100));
        seen.queues[0].groups = if n < 12 { vec![group.clone()] } else { Vec::new() };
        history.append(BROKER, &seen).await.unwrap();
    }
    history.flush().await.unwrap();
    let lag = SeriesKey { group: Some("billing".to_owned()), ..key(Metric::Lag) };
    for series in [lag.clone(), SeriesKey { partition: Some(3), ..lag }] {
        let points = history.range(&series, span(start, start + 120_000, 12), POLL_MS).await.unwrap().points;
        assert!(points[..6].iter().all(|p| p.last == Some(12.0)));
        assert!(points[6..].iter().all(|p| p.last.is_none()));
    }
}

#[tokio::test]
async fn given_a_queue_when_forgotten_and_seen_again_then_nothing_old_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path()).await;
    let start = some_time_ago();
    history.append(BROKER, &observation(start, "a", Some(1), Some(1))).await.unwrap();
    history.forget(BROKER, &queue_id()).await.unwrap();
    assert_eq!(history.queues(BROKER).await.unwrap(), []);
    history.append(BROKER, &observation(start + POLL_MS, "a", Some(2), Some(2))).await.unwrap();
    history.flush().await.unwrap();
    let points = history.range(&key(Metric::Depth), span(start, start + 10_000, 2), 0).await.unwrap().points;
    assert_eq!(points.iter().map(|p| (p.min, p.last)).collect::<Vec<_>>(), [(Some(2.0), Some(2.0))]);
    let reopened = open(folder.path()).await;
    assert_eq!(reopened.queues(BROKER).await.unwrap().len(), 1);
}

#[tokio::test]
async fn given_old_rows_when_steps_of_retention_ran_then_only_what_is_kept_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path()).await;
    let now = Timestamp::now().0;
    let day = 24 * minute::HOUR_MS;
    for (age, value) in [(31 * day, 1), (29 * day, 2), (3 * day, 3), (day, 4)] {
        for n in 0..13 {
            let seen = observation(now - age + n * POLL_MS, "a", Some(value * 100 + n), Some(n));
            history.append(BROKER, &seen).await.unwrap();
        }
    }
    history.flush().await.unwrap();
    let mut db = history.database.writer().await;
    retention::step(&mut db, now).await.unwrap();
    drop(db);
    assert_eq!(count(&history, "select count(*) from observations").await, 13);
    assert!(count(&history, "select count(*) from samples").await > 0);
    let oldest = count(&history, "select min(t) from rollups").await;
    assert!(oldest > now - 30 * day - minute::HOUR_MS && oldest < now - 28 * day);
    let points = history.range(&key(Metric::Depth), span(now - 30 * day, now, 60), 0).await.unwrap().points;
    let known: Vec<f64> = points.iter().filter_map(|p| p.max).collect();
    assert_eq!(known, [212.0, 312.0, 412.0]);
}

#[tokio::test]
async fn given_minutes_of_a_queue_when_asked_for_after_a_restart_then_they_come_with_unchanged_ones() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path()).await;
    let start = some_time_ago();
    for n in 0..60 {
        history.append(BROKER, &observation(start + n * POLL_MS, "a", Some(n / 36), Some(n))).await.unwrap();
    }
    history.flush().await.unwrap();
    drop(history);
    let history = open(folder.path()).await;
    let minutes = history.minutes(BROKER, &[Metric::Backlog], Timestamp(start + 60_000)).await.unwrap();
    let (series, points) = &minutes[0];
    assert_eq!((minutes.len(), &series.queue, series.metric), (1, &queue_id(), Metric::Backlog));
    assert_eq!(points.iter().map(|p| p.last).collect::<Vec<_>>(), [0, 0, 1, 1]);
}

#[tokio::test]
async fn given_the_longest_interval_when_observed_then_nothing_is_a_gap_and_rates_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path()).await;
    let start = some_time_ago();
    for n in 0..12 {
        let t = start + n * 300_000;
        history.append(BROKER, &observation(t, "a", Some(n), Some(n * 30_000))).await.unwrap();
    }
    history.flush().await.unwrap();
    let hour = span(start, start + minute::HOUR_MS, 600);
    assert_eq!(history.unobserved(BROKER, hour.from, hour.to).await.unwrap(), []);
    let rates = history.range(&key(Metric::In), hour, POLL_MS).await.unwrap();
    assert!(rates.step_ms >= 300_000);
    assert!(rates.points.iter().skip(1).all(|p| p.avg == Some(100.0)), "{rates:?}");
}

#[tokio::test]
async fn given_a_stop_of_weir_when_it_observes_again_then_the_time_between_is_a_gap_without_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let start = some_time_ago();
    for (from, to) in [(0, 60), (120, 180)] {
        let history = open(folder.path()).await;
        for n in from..to {
            history
                .append(BROKER, &observation(start + n * POLL_MS, "a", Some(n), Some(n * 500)))
                .await
                .unwrap();
        }
        history.flush().await.unwrap();
    }
    let history = open(folder.path()).await;
    let gaps = history.unobserved(BROKER, Timestamp(start), Timestamp(start + 900_000)).await.unwrap();
    let (from, to) = (Timestamp(start + 59 * POLL_MS), Timestamp(start + 120 * POLL_MS));
    assert_eq!(gaps, [UnobservedSpan { from, to, reason: String::new() }]);
}

/// One look: how long after the one before, whether it failed, a new epoch, the depth, what came in.
type Look = (i64, bool, bool, Option<i64>, i64);

fn looks() -> impl Strategy<Value = Vec<Look>> {
    let depth = prop::option::weighted(0.9, prop_oneof![Just(5i64), 0i64..50]);
    let look = (3000i64..7000, prop::bool::weighted(0.05), prop::bool::weighted(0.03), depth, 0i64..1000);
    prop::collection::vec(look, 5..200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn given_any_history_when_read_then_buckets_are_what_rewriting_every_value_would_give(
        looks in looks(),
        offset in 0i64..3_000_000,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let history = open(folder.path()).await;
            let start = some_time_ago() + offset;
            let (mut t, mut value, mut epoch) = (start, 0, 0);
            let (mut depths, mut increases) = (Vec::new(), Vec::new());
            let mut before = None;
            for (after, failed, restart, depth, flow) in looks {
                t += after;
                if failed {
                    history.append_failure(BROKER, Timestamp(t), "refused").await.unwrap();
                    before = None;
                    continue;
                }
                if restart {
                    (epoch, value, before) = (epoch + 1, 0, None);
                } else {
                    value += flow;
                }
                increases.extend(before.map(|(then, last)| (t, value - last, t - then)));
                before = Some((t, value));
                depths.push((t, depth));
                history.append(BROKER, &observation(t, &epoch.to_string(), depth, Some(value))).await.unwrap();
            }
            history.flush().await.unwrap();
            for points in [400, 10] {
                let found = history.range(&key(Metric::Depth), span(start, t + 1, points), 0).await.unwrap();
                let rates = history.range(&key(Metric::In), span(start, t + 1, points), 0).await.unwrap();
                for (point, rate) in found.points.iter().zip(&rates.points) {
                    let within = |at: i64| at >= point.t.0 && at < point.t.0 + found.step_ms;
                    let known: Vec<i64> =
                        depths.iter().filter(|(at, _)| within(*at)).filter_map(|(_, depth)| *depth).collect();
                    prop_assert_eq!(point.min, known.iter().min().map(|v| *v as f64));
                    prop_assert_eq!(point.max, known.iter().max().map(|v| *v as f64));
                    let mean = known.iter().sum::<i64>() as f64 / known.len() as f64;
                    prop_assert!(point.avg.is_none_or(|avg| (avg - mean).abs() < 1e-9));
                    if let (Some(min), Some(avg), Some(max)) = (rate.min, rate.avg, rate.max) {
                        prop_assert!(0.0 <= min && min <= avg && avg <= max && max <= 1000.0 / 3.0);
                    }
                }
                // A bucket of a minute or more holds the whole truth about what came in.
                if rates.step_ms >= 60_000 {
                    for point in &rates.points {
                        let own = increases.iter().filter(|(at, ..)| *at >= point.t.0 && *at < point.t.0 + rates.step_ms);
                        let (sum, ms) = own.fold((0, 0), |(sum, all), (_, flow, ms)| (sum + flow, all + ms));
                        if ms >= rates.step_ms * 3 / 4 {
                            let truth = sum as f64 * 1000.0 / ms as f64;
                            prop_assert!(point.avg.is_some_and(|avg| (avg - truth).abs() < 1e-6), "{:?} {}", point, truth);
                        }
                    }
                }
            }
            let stored: i64 = count(&history, "select coalesce(sum(increase), 0) from rollups join series on series.id = series where queue is not null and metric = 'in'").await;
            let last_minute = minute::minute_of(t);
            let truth: i64 = increases.iter().filter(|(at, ..)| *at < last_minute).map(|(_, flow, _)| flow).sum();
            prop_assert_eq!(stored, truth);
            Ok(())
        })?;
    }
}
