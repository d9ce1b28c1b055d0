//! The page of a queue.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use weir_tests::{
    brokers::{BrokerServer as _, Redis},
    clients::redis as cache,
    weir::{WeirProcess, queue_path},
};

/// Each opening of the page asked the broker for the configuration, and waited three seconds for a dead one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_broker_that_hangs_when_its_queue_is_opened_then_the_page_does_not_wait_for_it() -> Result<()>
{
    let mut server = Redis::start().await?;
    cache::push(&mut cache::connect(&server.url()).await?, "jobs", 3).await?;
    let weir = WeirProcess::start(&format!("{}poll_interval = \"2s\"\n", server.config("it"))).await?;
    let path = queue_path("it", &["0", "list", "jobs"]);
    let within = Duration::from_secs(30);
    weir.until("it is described", within, &path, |row| row["description"].is_object().then_some(())).await?;
    server.pause()?;
    weir.until("the broker is down", within, "/api/v1/brokers", |page| {
        (page["items"][0]["status"] == "down").then_some(())
    })
    .await?;
    let asked = Instant::now();
    let row = weir.get(&path).await?;
    let took = asked.elapsed();
    server.resume()?;
    ensure!(
        row["status"] == "unknown" && row["description"].is_object() && row["description_error"].is_string(),
        "{row:#}"
    );
    ensure!(took < Duration::from_secs(1), "it took {took:?}");
    weir.until("it is described again", within, &path, |row| row["description_error"].is_null().then_some(()))
        .await
}

/// The first page after a broker had fallen silent waited three seconds, until the next look had ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_broker_that_has_just_fallen_silent_when_its_queue_is_opened_then_what_it_told_last_is_there()
-> Result<()> {
    let mut server = Redis::start().await?;
    cache::push(&mut cache::connect(&server.url()).await?, "jobs", 3).await?;
    let weir = WeirProcess::start(&format!("{}poll_interval = \"30s\"\n", server.config("it"))).await?;
    let path = queue_path("it", &["0", "list", "jobs"]);
    let within = Duration::from_secs(30);
    let described = |row: &serde_json::Value| row["description"].is_object().then_some(());
    weir.until("it is described", within, &path, described).await?;
    server.pause()?;
    let mut longest = Duration::ZERO;
    for _ in 0..10 {
        let asked = Instant::now();
        let row = weir.get(&path).await?;
        longest = longest.max(asked.elapsed());
        ensure!(row["description"].is_object() && row["description_at"].is_string(), "{row:#}");
    }
    server.resume()?;
    ensure!(longest < Duration::from_millis(500), "it took {longest:?}");
    Ok(())
}
