//! The shop rests, and every queue of it is held against what its broker says itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use anyhow::{Context as _, Result};
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer as _},
};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::stage::Stage;

/// RabbitMQ's figures, two looks, and what was under way.
const TOLD_WITHIN: Duration = Duration::from_secs(45);

/// Broker and name of a queue.
type Name = (String, String);

/// Stops the workload, compares all depths, and lets it go on.
///
/// # Errors
/// A broker does not say.
pub(crate) async fn compare(stage: &mut Stage) -> Result<Vec<String>> {
    stage.rest().await;
    let until = Instant::now() + TOLD_WITHIN;
    let different = loop {
        let (truth, told) = (truth(stage).await?, told(stage).await?);
        let different = difference(&truth, &told);
        if different.is_empty() || Instant::now() >= until {
            crate::say(&format!("at rest: {} queues compared, {} differ", truth.len(), different.len()));
            break different;
        }
        sleep(Duration::from_secs(3)).await;
    };
    stage.work();
    Ok(different)
}

fn difference(truth: &BTreeMap<Name, i64>, told: &BTreeMap<Name, i64>) -> Vec<String> {
    let names: BTreeSet<&Name> = truth.keys().chain(told.keys()).collect();
    let different = names.into_iter().filter(|name| truth.get(name) != told.get(name));
    different
        .map(|name| format!("{name:?} holds {:?}, Weir says {:?}", truth.get(name), told.get(name)))
        .collect()
}

/// Depths as Weir tells them. A channel holds nothing; of RabbitMQ's streams the node's own list tells no exact number.
async fn told(stage: &Stage) -> Result<BTreeMap<Name, i64>> {
    let page = stage.weir.get("/api/v1/queues?limit=1000").await?;
    let rows = page["items"].as_array().context("no rows")?.iter();
    let held = rows.filter(|row| {
        let kind = row["kind"].as_str().unwrap_or_default();
        row["vanished"] == false && !["redis-channel", "rabbitmq-stream"].contains(&kind)
    });
    let name = |row: &Value| {
        let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
        Some(((text("broker"), text("name")), row["depth"].as_i64()?))
    };
    Ok(held.filter_map(name).collect())
}

/// Depths as the brokers tell them to their own tools.
async fn truth(stage: &Stage) -> Result<BTreeMap<Name, i64>> {
    let mut all = BTreeMap::new();
    tokio::task::block_in_place(|| -> Result<()> {
        let listed = stage.rabbitmq.ctl(&[
            "list_queues",
            "--quiet",
            "--no-table-headers",
            "name",
            "type",
            "messages",
        ])?;
        for line in listed.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [name, kind, messages] = fields[..] else { continue };
            if !kind.contains("stream") {
                all.insert(("orders".to_owned(), name.to_owned()), messages.parse()?);
            }
        }
        for key in stage.redis.cli(&["KEYS", "*"])?.lines() {
            let command = match stage.redis.cli(&["TYPE", key])?.as_str() {
                "list" => "LLEN",
                "stream" => "XLEN",
                _ => continue,
            };
            let length = stage.redis.cli(&[command, key])?.parse()?;
            all.insert(("cache".to_owned(), key.to_owned()), length);
        }
        topics(&stage.kafka.bootstrap(), &mut all)
    })?;
    Ok(all)
}

fn topics(bootstrap: &str, all: &mut BTreeMap<Name, i64>) -> Result<()> {
    const WITHIN: Duration = Duration::from_secs(10);
    let client: BaseConsumer = ClientConfig::new().set("bootstrap.servers", bootstrap).create()?;
    let metadata = client.fetch_metadata(None, WITHIN)?;
    for topic in metadata.topics().iter().filter(|topic| !topic.name().starts_with("__")) {
        let mut depth = 0;
        for partition in topic.partitions() {
            let (low, high) = client.fetch_watermarks(topic.name(), partition.id(), WITHIN)?;
            depth += high - low;
        }
        all.insert(("log".to_owned(), topic.name().to_owned()), depth);
    }
    Ok(())
}
