//! The clock steps.

use super::*;

/// A counter that rises by 100 a second of true time, looked at `from` to `to`, while the clock is `ahead_ms` wrong.
async fn observe(history: &SqliteHistory, start: i64, looks: std::ops::Range<i64>, ahead_ms: i64) {
    for n in looks {
        let seen = observation(start + ahead_ms + n * POLL_MS, "a", Some(n), Some(n * 500));
        history.append(BROKER, &seen).await.unwrap();
    }
    history.flush().await.unwrap();
}

async fn rates_are_true(history: &SqliteHistory, start: i64) {
    for points in [30, 360] {
        let asked = span(start, start + 1_800_000, points);
        let rates = history.range(&key(Metric::In), asked, POLL_MS).await.unwrap().points;
        let known: Vec<f64> = rates.iter().flat_map(|p| [p.min, p.avg, p.max, p.last]).flatten().collect();
        assert!(known.len() > 30 && known.iter().all(|rate| (99.9..=100.1).contains(rate)), "{rates:#?}");
    }
}

#[tokio::test]
async fn given_a_clock_that_was_set_back_when_read_then_what_came_after_is_there_and_no_rate_is_false() {
    for back_ms in [7_000, 61_000, 400_000] {
        let folder = tempfile::tempdir().unwrap();
        let history = open(folder.path()).await;
        let start = some_time_ago();
        observe(&history, start, 0..200, 0).await;
        observe(&history, start, 200..300, -back_ms).await;
        rates_are_true(&history, start).await;
        let end = start - back_ms + 299 * POLL_MS;
        let depth = history.range(&key(Metric::Depth), span(end - 100_000, end + 1000, 20), 0).await.unwrap();
        let known: Vec<f64> = depth.points.iter().filter_map(|p| p.last).collect();
        assert!(known.is_sorted() && known.last() == Some(&299.0), "{back_ms}: {known:?}");
        let gaps = history.unobserved(BROKER, Timestamp(start), Timestamp(end)).await.unwrap();
        let [gap] = gaps.as_slice() else { panic!("{back_ms}: {gaps:?}") };
        assert_eq!((gap.to.0, gap.reason.as_str()), (start + 200 * POLL_MS - back_ms, rewind::SET_BACK));
        let minutes = history.minutes(BROKER, &[Metric::In], Timestamp(start)).await.unwrap();
        let told: i64 = minutes.iter().flat_map(|(_, points)| points).map(|point| point.increase).sum();
        let dropped = (back_ms / POLL_MS + 1) * 500;
        assert!((told - (299 * 500 - dropped)).abs() <= 500, "{back_ms}: {told}");
        let reopened = open(folder.path()).await;
        assert_eq!(reopened.minutes(BROKER, &[Metric::In], Timestamp(start)).await.unwrap(), minutes);
    }
}

#[tokio::test]
async fn given_a_clock_that_was_wrong_for_a_while_when_it_is_right_again_then_its_time_is_one_gap() {
    for ahead_ms in [400_000, -400_000] {
        let folder = tempfile::tempdir().unwrap();
        let history = open(folder.path()).await;
        let start = some_time_ago();
        observe(&history, start, 0..200, 0).await;
        observe(&history, start, 200..204, ahead_ms).await;
        observe(&history, start, 204..300, 0).await;
        rates_are_true(&history, start).await;
        let of_last_minutes = span(start + 230 * POLL_MS, start + 300 * POLL_MS, 35);
        let depth = history.range(&key(Metric::Depth), of_last_minutes, 0).await.unwrap().points;
        assert!(depth.iter().all(|point| point.last.is_some()), "{ahead_ms}: {depth:#?}");
    }
}

#[tokio::test]
async fn given_a_clock_that_was_set_back_by_a_day_when_read_then_nothing_is_lost_and_no_rate_is_negative() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path()).await;
    let start = some_time_ago();
    observe(&history, start, 0..200, 0).await;
    observe(&history, start, 200..240, -24 * minute::HOUR_MS).await;
    observe(&history, start, 240..300, -1000).await;
    assert_eq!(count(&history, "select count(*) from observations").await, 300);
    for points in [30, 360] {
        let asked = span(start, start + 1_800_000, points);
        let rates = history.range(&key(Metric::In), asked, POLL_MS).await.unwrap().points;
        assert!(rates.iter().flat_map(|p| [p.min, p.avg]).flatten().all(|rate| rate >= 0.0), "{rates:#?}");
    }
}
