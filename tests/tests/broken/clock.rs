//! The clock of the machine steps, forth and back, by more than any window of a rate and by less.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use weir_model::Timestamp;
use weir_tests::{
    brokers::{BrokerServer as _, Redis},
    clients::redis as cache,
    machine::Machine,
    weir::{WeirProcess, queue_path},
};

use crate::{house::card, onlooker::Onlooker, truth::points};

/// Entries a second. The rate that is told may be a few looks old.
const PER_SECOND: f64 = 20.0;
const STEPS_MS: [i64; 4] = [3_600_000, 0, -400_000, 0];
/// Looks on each side of a step.
const LOOKS: usize = 3;
/// A look each two seconds, on a busy machine.
const LOOKS_WITHIN: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_clock_that_steps_when_observed_then_looks_go_on_and_no_figure_is_false() -> Result<()> {
    let (redis, machine, folder) = (Redis::start().await?, Machine::new()?, tempfile::tempdir()?);
    let _traffic = traffic(redis.url());
    let config = format!("{}poll_interval = \"2s\"\n", redis.config("it"));
    let mut weir = WeirProcess::start_on(&machine, &folder.path().join("data"), &config).await?;
    let queue = queue_path("it", &["0", "stream", "events"]);
    let told = |row: &Value| row["in_rate"].is_number().then_some(());
    weir.until("a rate is told", Duration::from_secs(30), &queue, told).await?;
    let pages = vec!["/".to_owned(), queue.replace("/api/v1", "")];
    let onlooker = Onlooker::start(weir.url(), &["it"], pages);
    for ahead_ms in STEPS_MS {
        machine.set_clock_ahead(ahead_ms)?;
        looks(&weir, &queue).await.with_context(|| format!("{ahead_ms} ms ahead"))?;
    }
    onlooker.ensure_undisturbed("the clock steps").await?;
    let now = Timestamp::now();
    for points in [600, 30] {
        series_true(&weir, &queue, now, points).await?;
    }
    let lately = points(&weir, &queue, "depth", now.plus_ms(-10_000)).await?;
    ensure!(
        lately.iter().any(|point| point["last"].is_number()),
        "nothing is stored after a step: {lately:?}"
    );
    let asked = Instant::now();
    ensure!(weir.stop().await? == 0, "{}", weir.log()?);
    ensure!(asked.elapsed() < Duration::from_secs(10) && !weir.log()?.contains("panicked"));
    Ok(())
}

/// Entries at an even pace, until it is dropped.
fn traffic(url: String) -> JoinSet<Result<()>> {
    let mut traffic = JoinSet::new();
    traffic.spawn(async move {
        let mut connection = cache::connect(&url).await?;
        let mut clock = tokio::time::interval(Duration::from_secs_f64(1.0 / PER_SECOND));
        loop {
            clock.tick().await;
            cache::add(&mut connection, "events", 1).await?;
        }
    });
    traffic
}

/// New looks come, each with figures that can be.
async fn looks(weir: &WeirProcess, queue: &str) -> Result<()> {
    let (mut seen, until) = (Vec::new(), Instant::now() + LOOKS_WITHIN);
    while seen.len() < LOOKS {
        ensure!(Instant::now() < until, "only {} looks: {:#}", seen.len(), card(weir, "it").await?);
        let row = weir.get(queue).await?;
        if seen.last() != Some(&row["observed_at"]) {
            possible(&row)?;
            seen.push(row["observed_at"].clone());
        }
        sleep(Duration::from_millis(200)).await;
    }
    let card = card(weir, "it").await?;
    ensure!(card["status"] == "up" && card["health"] == Value::Array(Vec::new()), "{card:#}");
    Ok(())
}

/// A rate is near the true one, or unknown for a moment; no age is negative or longer than the test.
fn possible(row: &Value) -> Result<()> {
    let near = |rate: f64| (0.0..=2.0 * PER_SECOND).contains(&rate);
    ensure!(row["in_rate"].as_f64().is_none_or(near), "in_rate: {row:#}");
    ensure!(row["growth_rate"].as_f64().is_none_or(near), "growth_rate: {row:#}");
    let age = row["oldest_age_seconds"].as_f64();
    ensure!(age.is_none_or(|age| age >= 0.0), "oldest_age_seconds: {row:#}");
    ensure!(row["depth"].as_i64().is_some_and(|depth| depth > 0) && row["stale"] == false, "{row:#}");
    Ok(())
}

/// Neither a negative rate nor a spike, fine or coarse, on either side of now.
async fn series_true(weir: &WeirProcess, queue: &str, now: Timestamp, points: u32) -> Result<()> {
    let (from, to) = (now.plus_ms(-1_800_000), now.plus_ms(1_800_000));
    let path = format!("{queue}/series?metric=in_rate&from={from}&to={to}&points={points}");
    let series = weir.get(&path).await?;
    let known = series["points"].as_array().context("no points")?;
    for point in known {
        let rates = ["min", "avg", "max", "last"].map(|which| point[which].as_f64());
        let near = |rate: f64| (0.0..=2.0 * PER_SECOND).contains(&rate);
        ensure!(rates.into_iter().flatten().all(near), "{points} points: {point}");
    }
    Ok(())
}
