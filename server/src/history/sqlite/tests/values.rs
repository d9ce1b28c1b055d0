//! Figures as they are stored and read.

use super::*;

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
