//! A Weir that is killed while it writes: history is whole, and at most the last five seconds are missing.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::time::sleep;
use weir_model::Timestamp;
use weir_tests::{
    brokers::{BrokerServer as _, Redis},
    clients::redis as cache,
};

use crate::support::Watched;

/// Five seconds, and the width of a bucket.
const AT_MOST_LOST_MS: i64 = 5_000 + 2_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_kill_9_while_writing_when_started_again_then_history_is_whole() -> Result<()> {
    let server = Redis::start().await?;
    let mut connection = cache::connect(&server.url()).await?;
    // Many queues that change with every look, so that there is always something to write.
    let lists: Vec<String> = (0..60).map(|n| format!("list-{n}")).collect();
    for list in &lists {
        cache::push(&mut connection, list, 1).await?;
    }
    let config = format!("{}poll_interval = \"2s\"\n", server.config("it"));
    let mut watched = Watched::start(&config, &["0", "list", "list-0"]).await?;
    for round in 1_u64..=6 {
        for list in &lists {
            cache::push(&mut connection, list, 1).await?;
        }
        sleep(Duration::from_millis(700 * round)).await;
        let seen: Timestamp = serde_json::from_value(watched.row().await?["observed_at"].clone())?;
        watched.weir.kill9().await?;
        watched.weir.start_again().await?;
        watched.row_when("it is listed from history", |_| true).await?;
        let kept = last_point(&watched, seen).await?;
        let lost = seen.since_ms(kept);
        ensure!(lost <= AT_MOST_LOST_MS, "round {round}: {lost} ms were lost");
    }
    sound(&watched).await
}

/// The start of the last bucket that history has up to a moment before the kill; a bucket is two seconds wide.
async fn last_point(watched: &Watched, until: Timestamp) -> Result<Timestamp> {
    let mut last = None;
    for point in watched.points("depth").await? {
        let t: Timestamp = serde_json::from_value(point["t"].clone())?;
        if !point["last"].is_null() && t <= until {
            last = Some(t);
        }
    }
    last.context("history is empty")
}

/// SQLite's own verdict on the file.
async fn sound(watched: &Watched) -> Result<()> {
    let path = watched.weir.data_dir().join("weir.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).read_only(true);
    let pool = sqlx::SqlitePool::connect_with(options).await?;
    let verdict: String = sqlx::query_scalar("pragma integrity_check").fetch_one(&pool).await?;
    ensure!(verdict == "ok", "{verdict}");
    Ok(())
}
