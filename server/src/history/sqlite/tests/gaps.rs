//! Time in which nothing was observed.

use super::*;

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
