//! A hundred bodies of 20 MB in one list.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::Value;
use weir_tests::{
    brokers::{BrokerServer as _, Redis},
    clients,
    weir::{WeirProcess, queue_path},
};

const BODY: usize = 20_000_000;
const BODIES: usize = 100;
/// What Weir may use at most while such a list is paged through: a few bodies, of which an allocator keeps some. Built
/// without optimisation it was seen to use 204 MB.
const MOST_MEMORY_KB: u64 = 400_000;

/// Redis keeps all but the ends of the list compressed: the server needs no 2 GB either.
async fn filled() -> Result<Redis> {
    let redis = Redis::start_with(&["--list-compress-depth", "1"]).await?;
    let mut client = clients::redis::connect(&redis.url()).await?;
    let fill =
        "local body = string.rep('x', ARGV[2]) for _ = 1, ARGV[1] do redis.call('RPUSH', KEYS[1], body) end";
    let mut script = redis::cmd("EVAL");
    script.arg(fill).arg(1).arg("huge").arg(BODIES).arg(BODY);
    client.set_response_timeout(Duration::from_secs(240));
    script.exec_async(&mut client).await?;
    Ok(redis)
}

/// The most that the process has used so far.
fn peak_memory_kb(weir: &WeirProcess) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", weir.pid()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("a peak")?;
    Ok(line.split_whitespace().next().context("a number")?.parse()?)
}

#[tokio::test]
async fn given_a_hundred_bodies_of_20_mb_when_read_then_each_page_is_bounded_and_so_is_memory() -> Result<()>
{
    let redis = filled().await?;
    let weir = WeirProcess::start(&redis.config("cache")).await?;
    let path = queue_path("cache", &["0", "list", "huge"]);
    let seen = |row: &Value| (row["depth"] == BODIES).then_some(());
    weir.until("it is seen", Duration::from_secs(20), &path, seen).await?;
    let mut from = "left".to_owned();
    for n in 0..5 {
        let page = weir.get(&format!("{path}/messages?limit=1000&from={from}")).await?;
        let items = page["items"].as_array().context("items")?;
        ensure!(items.len() == 1 && page["stopped"] == "byte_budget", "page {n}: {} items", items.len());
        ensure!(items[0]["size"] == BODY && items[0]["body"]["truncated"] == true, "page {n}");
        from = page["next"].as_str().context("the others are left")?.to_owned();
    }
    let page = format!("{}/messages?limit=1000", path.trim_start_matches("/api/v1"));
    let shown = weir.call(Method::GET, &page, None).await?.text().await?;
    ensure!(shown.len() < 2_000_000 && shown.contains("16 MiB at most"), "{}", shown.len());
    let peak = peak_memory_kb(&weir)?;
    ensure!(peak < MOST_MEMORY_KB, "Weir used {peak} kB");
    Ok(())
}
