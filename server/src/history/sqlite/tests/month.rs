//! A month of history, as quick to read as a page needs it.

use std::time::{Duration, Instant};

use super::*;

const DAYS: i64 = 30;
/// On a busy machine and without optimisation; it is a fraction of this otherwise.
const AT_ONCE: Duration = Duration::from_secs(3);

/// Thirty days of roll-ups that differ each minute, and of observations every five seconds the last two days, as
/// retention leaves them.
async fn fill(database: &Database, now: i64) {
    let start = minute::hour_of(now) - DAYS * 24 * minute::HOUR_MS;
    let recent = now - 48 * minute::HOUR_MS;
    let mut db = database.writer().await;
    let minutes = "with recursive n(t) as (select ?1 union all select t + 60000 from n where t + 60000 < ?2)";
    let looks = "with recursive n(t) as (select ?1 union all select t + 5000 from n where t + 5000 < ?2)";
    let series = "(select id from series)";
    for (statement, from, to) in [
        (format!("{minutes} insert into observed_minutes select 1, t, 12 from n"), start, now),
        (
            format!(
                "{minutes} insert into rollups select t - t % 3600000, id, t, id, id + t % 7, 12 * id, 12, \
                 id + t % 5, 0, 60000 from n, {series}"
            ),
            start,
            now,
        ),
        (format!("{looks} insert into observations select 1, t, 1, 3, 1, 100, null from n"), recent, now),
        (
            format!(
                "{looks} insert into samples select t - t % 60000, id, t, id + t % 11, 0 from n, {series}"
            ),
            recent,
            now,
        ),
        ("update brokers set rolled_until = ?2 where id = 1 or id = ?1".to_owned(), 0, now - now % 60_000),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).bind(from).bind(to).execute(&mut *db).await.unwrap();
    }
}

#[tokio::test]
async fn given_thirty_days_when_a_chart_is_read_then_it_comes_whole_and_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let now = Timestamp::now().0;
    let history = open(folder.path()).await;
    let long_ago = now - DAYS * 24 * minute::HOUR_MS;
    history.append(BROKER, &observation(long_ago, "a", Some(1), Some(1))).await.unwrap();
    history.flush().await.unwrap();
    fill(&history.database, now).await;
    drop(history);
    let history = open(folder.path()).await;
    for (hours, most) in [(1, 700), (47, 700), (24 * DAYS - 1, 700), (24 * DAYS - 1, 2000)] {
        let asked = span(now - hours * minute::HOUR_MS, now, most);
        let begun = Instant::now();
        let found = history.range(&key(Metric::Depth), asked, POLL_MS).await.unwrap();
        let took = begun.elapsed();
        eprintln!("{hours} h: {} points of {} s in {took:?}", found.points.len(), found.step_ms / 1000);
        assert!(found.points.len() <= most as usize);
        assert!(found.points.iter().skip(1).rev().skip(1).all(|point| point.max.is_some()), "{hours} h");
        assert!(took < AT_ONCE, "{hours} h took {took:?}");
    }
}
