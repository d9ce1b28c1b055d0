//! Charts over time: zoom, comparison and files give exactly what history holds.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use weir::history::{
    History as _,
    sqlite::{Database, SqliteHistory},
};
use weir_model::{Cost, Metric, Observation, QueueId, QueueKind, QueueObservation, Timestamp};
use weir_tests::{
    brokers::{BrokerServer as _, Redis},
    clients,
    scratch::Scratch,
    unique,
    weir::{WeirProcess, queue_path},
};

use super::house::House;

const DAY_MS: i64 = 86_400_000;
const LOOKS: i64 = 240;
const APART_MS: i64 = 5_000;

/// A Weir whose list has a history of twenty minutes that began a day and ten minutes ago, in which depth went 0, 1, 2…
struct Remembering {
    weir: WeirProcess,
    name: String,
    path: String,
    /// When the history began.
    begin: Timestamp,
    /// Outlives the process.
    _folder: Scratch,
}

impl Remembering {
    async fn start() -> Result<Self> {
        let redis = Redis::shared().await?;
        let name = unique("=remembered");
        clients::redis::push(&mut clients::redis::connect(&redis.url()).await?, &name, 3).await?;
        // At a whole minute, so that looks fill every bucket however wide it is.
        let begin = Timestamp(Timestamp::now().0 / 60_000 * 60_000 - DAY_MS - 600_000);
        let folder = Scratch::new("remembered")?;
        remember(folder.path(), &name, begin).await?;
        let config = format!("{}poll_interval = \"2s\"\n", redis.config("cache"));
        let weir = WeirProcess::start_in(folder.path(), &config).await?;
        let path = queue_path("cache", &["0", "list", &name]);
        weir.until("its depth is seen", Duration::from_secs(30), &path, |row| row["depth"].as_i64()).await?;
        Ok(Self { weir, name, path, begin, _folder: folder })
    }

    async fn text(&self, path: &str) -> Result<(String, String)> {
        let answer = self.weir.call(Method::GET, path, None).await?;
        let status = answer.status();
        let named = answer.headers().get("content-disposition");
        let named = named.and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{path}: {status} {text}");
        Ok((named, text))
    }
}

async fn remember(folder: &Path, name: &str, begin: Timestamp) -> Result<()> {
    let database = Database::open(&folder.join("weir.db")).await?;
    let history = SqliteHistory::start(database.clone()).await?;
    let id = QueueId::from_parts(&["0", "list", name]);
    for n in 0..LOOKS {
        let mut queue = QueueObservation::new(id.clone(), QueueKind::RedisList, name, "0")
            .with(Metric::Depth, Ok(n))
            .with(Metric::Backlog, Ok(n));
        queue.epoch = "a".to_owned();
        let cost = Cost { duration_ms: 1, requests: 1, bytes: 1 };
        let at = begin.plus_ms(n * APART_MS);
        let seen =
            Observation { at, cost, queues: vec![queue], refresh_ms: APART_MS, ..Observation::default() };
        history.append("cache", &seen).await?;
    }
    history.flush().await?;
    drop(history);
    Ok(database.close().await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_history_when_zoomed_into_then_buckets_get_finer_and_hold_its_values() -> Result<()> {
    let house = Remembering::start().await?;
    let to = house.begin.plus_ms(LOOKS * APART_MS);
    let series = |from: Timestamp, points: u32| {
        format!("{}/series?metric=depth&from={from}&to={to}&points={points}", house.path)
    };
    let wide = house.weir.get(&series(house.begin.plus_ms(-DAY_MS), 100)).await?;
    let near = house.weir.get(&series(to.plus_ms(-300_000), 100)).await?;
    let steps = (wide["step_seconds"].as_f64(), near["step_seconds"].as_f64());
    // Never finer than Weir looks, which may be slower on a busy machine.
    ensure!(steps.0 > Some(600.0) && [Some(5.0), Some(10.0), Some(20.0)].contains(&steps.1), "{steps:?}");
    let looks = (steps.1.unwrap_or_default() * 1000.0) as i64 / APART_MS;
    for point in near["points"].as_array().context("no points")? {
        let at = Timestamp::parse(point["t"].as_str().context("no time")?)?;
        let held = at.since_ms(house.begin) / APART_MS + looks - 1;
        ensure!(point["last"].as_f64() == Some(held as f64), "{held}: {point}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_history_of_yesterday_when_compared_then_the_table_holds_both_and_says_what_is_not_known()
-> Result<()> {
    let house = Remembering::start().await?;
    let from = house.begin.plus_ms(DAY_MS);
    let to = from.plus_ms(600_000);
    let query = format!("from={from}&to={to}&compare=yesterday&points=200");
    let (named, csv) = house.text(&format!("{}/panels/depth.csv?{query}", house.path)).await?;
    ensure!(named.contains("attachment") && named.contains("-depth-") && named.ends_with("Z.csv"), "{named}");
    let mut rows = csv.split("\r\n").filter(|line| !line.is_empty());
    ensure!(
        rows.next()
            == Some(
                "time,depth (messages),depth min,depth max,yesterday (messages),yesterday min,yesterday max,reason"
            ),
        "{csv}"
    );
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split(',').collect()).collect();
    // Yesterday was looked at less often than now: both have the wider buckets, so that each stands beside one.
    let step_ms = Timestamp::parse(rows[1][0])?.since_ms(Timestamp::parse(rows[0][0])?);
    ensure!(step_ms >= 2 * APART_MS, "{csv}");
    for cells in &rows {
        let row = cells.join(",");
        let held = (Timestamp::parse(cells[0])?.since_ms(from) + step_ms) / APART_MS - 1;
        ensure!(cells[4].parse::<f64>()? == held as f64, "{held}: {row}");
        // Ten minutes ago Weir was not running.
        ensure!(!cells[1].is_empty() || cells[7].contains("Weir was not running"), "{row}");
    }
    ensure!(rows.len() as i64 * step_ms >= 600_000, "{csv}");
    let (_, svg) = house.text(&format!("{}/panels/depth.svg?{query}", house.path)).await?;
    ensure!(svg.contains("l earlier past") && svg.contains("yesterday ("), "{svg}");
    ensure!(svg.contains(&format!("{} · Depth (messages)", house.name)), "{svg}");
    let week = format!("{}/panels/depth.svg?from={from}&to={to}&compare=last-week", house.path);
    let (_, svg) = house.text(&week).await?;
    ensure!(svg.contains("Last week: no data from"), "{svg}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_what_is_no_window_or_file_when_asked_for_then_it_is_named() -> Result<()> {
    let house = House::shared().await?;
    let (_, path) = house.list("windowed", 1).await?;
    let refused = |file: &str, status, field| {
        let path = format!("{path}/panels/{file}");
        async move { house.refused(Method::GET, &path, None, status, field).await.map(drop) }
    };
    refused("depth.csv?range=2h", 400, Some("range")).await?;
    refused("depth.csv?from=yesterday", 400, Some("from")).await?;
    refused("depth.csv?compare=1d", 400, Some("compare")).await?;
    refused("depth.svg?points=0", 400, Some("points")).await?;
    refused("depth.svg?from=2030-01-01T00:00:00Z&to=2029-01-01T00:00:00Z", 400, Some("from")).await?;
    refused("depth.png", 404, None).await?;
    refused("lag.csv", 404, None).await?;
    let of_house = |path: &'static str, status| house.refused(Method::GET, path, None, status, None);
    of_house("/api/v1/panels/depth.csv", 404).await?;
    of_house("/api/v1/brokers/nobody/panels/flow.csv", 404).await?;
    let flow = house.weir.call(Method::GET, "/api/v1/brokers/cache/panels/flow.svg", None).await?;
    ensure!(flow.status().is_success() && flow.text().await?.contains("cache · Flow (messages/s)"));
    Ok(())
}
