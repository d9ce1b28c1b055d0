//! Any sequence of looks, against what rewriting every value would give.

use proptest::{prelude::*, test_runner::TestCaseResult};

use super::*;

/// Messages a second at most: the most that comes in between two looks, over the shortest time between them.
const FASTEST: f64 = 1000.0 / 3.0;

/// One look: how long after the one before, whether it failed, a new epoch, the depth, what came in.
type Look = (i64, bool, bool, Option<i64>, i64);

fn looks() -> impl Strategy<Value = Vec<Look>> {
    let depth = prop::option::weighted(0.9, prop_oneof![Just(5i64), 0i64..50]);
    let look = (3000i64..7000, prop::bool::weighted(0.05), prop::bool::weighted(0.03), depth, 0i64..1000);
    prop::collection::vec(look, 5..200)
}

/// What was stored, told without the help of history.
#[derive(Default)]
struct Truth {
    /// When the last look was, in milliseconds.
    end: i64,
    /// When it was seen, and the depth.
    depths: Vec<(i64, Option<i64>)>,
    /// When it was seen, what came in since the look before, and how long that was.
    increases: Vec<(i64, i64, i64)>,
}

/// Appends the looks one after the other.
async fn feed(history: &SqliteHistory, start: i64, looks: Vec<Look>) -> Truth {
    let (mut value, mut epoch, mut before) = (0, 0, None);
    let mut truth = Truth { end: start, ..Truth::default() };
    for (after, failed, restart, depth, flow) in looks {
        truth.end += after;
        let t = truth.end;
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
        truth.increases.extend(before.map(|(then, last)| (t, value - last, t - then)));
        before = Some((t, value));
        truth.depths.push((t, depth));
        history.append(BROKER, &observation(t, &epoch.to_string(), depth, Some(value))).await.unwrap();
    }
    history.flush().await.unwrap();
    truth
}

fn depths_are_true(series: &Buckets, truth: &Truth) -> TestCaseResult {
    for point in &series.points {
        let within = |at: i64| at >= point.t.0 && at < point.t.0 + series.step_ms;
        let known: Vec<i64> =
            truth.depths.iter().filter(|(at, _)| within(*at)).filter_map(|(_, depth)| *depth).collect();
        prop_assert_eq!(point.min, known.iter().min().map(|v| *v as f64));
        prop_assert_eq!(point.max, known.iter().max().map(|v| *v as f64));
        let mean = known.iter().sum::<i64>() as f64 / known.len() as f64;
        prop_assert!(point.avg.is_none_or(|avg| (avg - mean).abs() < 1e-9));
    }
    Ok(())
}

fn rates_are_true(series: &Buckets, truth: &Truth) -> TestCaseResult {
    for point in &series.points {
        if let (Some(min), Some(avg), Some(max)) = (point.min, point.avg, point.max) {
            prop_assert!(0.0 <= min && min <= avg && avg <= max && max <= FASTEST);
        }
        // A bucket of a minute or more holds the whole truth about what came in.
        if series.step_ms < 60_000 {
            continue;
        }
        let within = |at: i64| at >= point.t.0 && at < point.t.0 + series.step_ms;
        let own = truth.increases.iter().filter(|(at, ..)| within(*at));
        let (sum, ms) = own.fold((0, 0), |(sum, all), (_, flow, ms)| (sum + flow, all + ms));
        if ms >= series.step_ms * 3 / 4 {
            let rate = sum as f64 * 1000.0 / ms as f64;
            prop_assert!(point.avg.is_some_and(|avg| (avg - rate).abs() < 1e-6), "{:?} {}", point, rate);
        }
    }
    Ok(())
}

/// What came in by the minutes that are rolled up.
const STORED: &str = "select coalesce(sum(increase), 0) from rollups join series on series.id = series \
    where queue is not null and metric = 'in'";

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
            let truth = feed(&history, start, looks).await;
            for points in [400, 10] {
                let whole = span(start, truth.end + 1, points);
                depths_are_true(&history.range(&key(Metric::Depth), whole, 0).await.unwrap(), &truth)?;
                rates_are_true(&history.range(&key(Metric::In), whole, 0).await.unwrap(), &truth)?;
            }
            let last_minute = minute::minute_of(truth.end);
            let rolled_up = truth.increases.iter().filter(|(at, ..)| *at < last_minute);
            prop_assert_eq!(count(&history, STORED).await, rolled_up.map(|(_, flow, _)| flow).sum::<i64>());
            Ok(())
        })?;
    }
}
