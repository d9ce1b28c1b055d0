//! What a crash, a forgotten queue and age leave of the file.

use super::*;

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
    let kept = "select min(t) from (select t from rollups union all select hour + 60000 from packed_rollups)";
    let oldest = count(&history, kept).await;
    assert!(oldest > now - 30 * day - minute::HOUR_MS && oldest < now - 28 * day);
    let points = history.range(&key(Metric::Depth), span(now - 30 * day, now, 60), 0).await.unwrap().points;
    let known: Vec<f64> = points.iter().filter_map(|p| p.max).collect();
    assert_eq!(known, [212.0, 312.0, 412.0]);
}
