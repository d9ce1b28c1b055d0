//! Counters, read as rates.

use super::*;

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
