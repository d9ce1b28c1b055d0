//! The stream of changes.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::StreamExt as _;
use serde_json::Value;
use weir_tests::clients;

use crate::house::House;

#[tokio::test]
async fn given_an_open_stream_when_a_list_grows_then_its_row_is_told_and_no_other() -> Result<()> {
    let house = House::shared().await?;
    let (name, _) = house.list("live", 1).await?;
    let url = format!("{}/api/v1/live?broker=cache&queue=0:list:{name}", house.weir.url());
    let answer = house.weir.client().get(url).send().await?;
    ensure!(answer.headers()["content-type"] == "text/event-stream");
    clients::redis::push(&mut house.redis().await?, &name, 41).await?;
    let mut chunks = answer.bytes_stream();
    let mut text = String::new();
    let told = async {
        while let Some(chunk) = chunks.next().await {
            text.push_str(&String::from_utf8_lossy(&chunk?));
            for change in observations(&text) {
                let rows = change["changed"].as_array().context("rows")?;
                ensure!(rows.iter().all(|row| row["name"] == name.as_str()), "{change}");
                if rows.iter().any(|row| row["depth"] == 42) {
                    return Ok(());
                }
            }
        }
        anyhow::bail!("the stream ended: {text}")
    };
    tokio::time::timeout(Duration::from_secs(20), told).await?
}

/// The whole `observation` events received so far.
fn observations(text: &str) -> Vec<Value> {
    text.split("\n\n")
        .filter(|event| event.contains("event: observation"))
        .filter_map(|event| event.lines().find_map(|line| line.strip_prefix("data: ")))
        .filter_map(|data| serde_json::from_str(data).ok())
        .collect()
}
