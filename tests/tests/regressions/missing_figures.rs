//! The time to drain of a channel read "unknown", though a channel has no backlog that could drain.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::demo;

/// Figures that every row has, with a value or a reason.
const FIGURES: [&str; 11] = [
    "depth",
    "backlog",
    "unacknowledged",
    "lag",
    "in_rate",
    "delivered_rate",
    "out_rate",
    "ack_rate",
    "redelivered_rate",
    "growth_rate",
    "consumers",
];

fn code<'a>(row: &'a Value, figure: &str) -> &'a str {
    row["unknown"][figure]["code"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn given_a_queue_of_each_kind_when_a_figure_is_missing_then_there_is_a_reason() -> Result<()> {
    let weir = demo::house().await?;
    for row in weir.get("/api/v1/queues").await?["items"].as_array().context("items")? {
        let (name, path) =
            (&row["name"], format!("/api/v1/brokers/shop/queues/{}", row["id"].as_str().unwrap_or_default()));
        for figure in FIGURES {
            ensure!(
                !row[figure].is_null() || !code(row, figure).is_empty(),
                "{name}: {figure} has no reason"
            );
        }
        if row["trend"] == "unknown" {
            ensure!(!code(row, "drain_seconds").is_empty(), "{name}: no reason without a time to drain");
        }
        for group in weir.get(&path).await?["groups"].as_array().context("groups")? {
            for figure in
                ["lag", "out_rate", "growth_rate", "oldest_age_seconds", "members", "unacknowledged"]
            {
                let told = !group[figure].is_null() || !code(group, figure).is_empty();
                ensure!(told, "{name}, group {}: {figure} has no reason", group["name"]);
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn given_a_channel_when_listed_then_what_it_cannot_have_is_not_applicable() -> Result<()> {
    let weir = demo::house().await?;
    let seen = |answer: &Value| {
        let row = &answer["items"][0];
        (row.is_object() && code(row, "depth") != "not_yet").then(|| row.clone())
    };
    let listed = "/api/v1/queues?kind=redis-channel";
    let row = &weir.until("the channel is observed", Duration::from_secs(20), listed, seen).await?;
    for figure in
        ["depth", "backlog", "unacknowledged", "lag", "growth_rate", "drain_seconds", "oldest_age_seconds"]
    {
        ensure!(code(row, figure) == "not_applicable", "{figure}: {}", row["unknown"][figure]);
    }
    Ok(())
}
