//! Past hours are packed: charts don't tell the difference.

use super::{super::packing, *};

const METRICS: [Metric; 2] = [Metric::Depth, Metric::In];

/// Two hours: steady stretches, unknown figures, a gap, a counter that begins anew.
async fn fill(history: &SqliteHistory, start: i64) {
    for n in 0..1440 {
        if (300..330).contains(&n) {
            let at = Timestamp(start + n * POLL_MS);
            history.append_failure(BROKER, at, "refused").await.unwrap();
            continue;
        }
        let (stretch, ripple) = (n / 150, n % 5 / 4);
        let depth = (n % 200 > 20).then_some(stretch * 7 + stretch % 2 * ripple);
        let epoch = if n < 700 { "a" } else { "b" };
        let counter = Some(n % 700 * 3);
        history.append(BROKER, &observation(start + n * POLL_MS, epoch, depth, counter)).await.unwrap();
    }
    history.flush().await.unwrap();
}

async fn charts(history: &SqliteHistory, start: i64) -> Vec<Buckets> {
    let mut charts = Vec::new();
    for metric in METRICS {
        for points in [120, 24, 3] {
            let asked = span(start, start + 2 * minute::HOUR_MS, points);
            charts.push(history.range(&key(metric), asked, POLL_MS).await.unwrap());
        }
    }
    charts
}

/// As the writer will, half a day from now.
async fn pack_all(history: &SqliteHistory) {
    pack_at(history, Timestamp::now().0 + 12 * minute::HOUR_MS).await;
}

async fn pack_at(history: &SqliteHistory, now: i64) {
    let mut writer = history.database.writer().await;
    while packing::step(&mut writer, now).await.unwrap() {}
}

#[tokio::test]
async fn given_past_hours_when_packed_then_charts_stay_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path()).await;
    let start = some_time_ago();
    fill(&history, start).await;
    let before = charts(&history, start).await;
    pack_all(&history).await;
    assert_eq!(count(&history, "select count(*) from rollups").await, 0);
    assert!(count(&history, "select count(*) from packed_rollups").await >= 2 * METRICS.len() as i64);
    assert_eq!(charts(&history, start).await, before);
    drop(history);
    assert_eq!(charts(&open(folder.path()).await, start).await, before);
}

#[tokio::test]
async fn given_a_packed_hour_when_a_minute_is_written_into_it_then_both_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path()).await;
    let start = some_time_ago();
    fill(&history, start).await;
    pack_all(&history).await;
    let late = "insert into rollups select hour, series, hour, 900, 901, 10806, 12, 901, 0, 60000 from packed_rollups";
    sqlx::query(late).execute(&mut *history.database.writer().await).await.unwrap();
    let with_late = charts(&history, start).await;
    assert!(with_late[0].points.iter().any(|point| point.max == Some(901.0)));
    assert!(with_late[0].points.iter().any(|point| point.max == Some(8.0)));
    pack_all(&history).await;
    assert_eq!(count(&history, "select count(*) from rollups").await, 0);
    assert_eq!(charts(&history, start).await, with_late);
}

#[tokio::test]
async fn given_hours_of_today_when_packed_then_they_are_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let history = open(folder.path()).await;
    fill(&history, some_time_ago()).await;
    let rows = count(&history, "select count(*) from rollups").await;
    assert!(rows > 0);
    pack_at(&history, Timestamp::now().0).await;
    assert_eq!(count(&history, "select count(*) from rollups").await, rows);
}
