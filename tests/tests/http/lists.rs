//! The commands on a Redis list: how to have them counted where nobody does, and where they are shown.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::Value;
use weir_tests::{
    brokers::{BrokerServer as _, Redis},
    clients,
    weir::{WeirProcess, queue_path},
};

use crate::house::House;

#[tokio::test]
async fn given_keyspace_events_that_are_off_when_a_list_is_opened_then_the_page_has_the_command_and_its_cost()
-> Result<()> {
    let house = House::shared().await?;
    let row = house.weir.get(&queue_path("cache", &["0", "list", "hello"])).await?;
    ensure!(row["push_commands_rate"].is_null() && row["in_rate"].is_null(), "{row:#}");
    ensure!(row["unknown"]["push_commands_rate"]["code"] == "statistics_off", "{row:#}");
    let page = house.weir.call(Method::GET, "/brokers/cache/queues/0:list:hello", None).await?.text().await?;
    let notes = page.split("data-testid=\"queue-notes\"").nth(1).unwrap_or_default();
    let notes = notes.split("</ul>").next().unwrap_or_default();
    ensure!(notes.contains("CONFIG SET notify-keyspace-events Kl"), "{notes}");
    ensure!(notes.contains("a microsecond more"), "{notes}");
    Ok(())
}

#[tokio::test]
async fn given_keyspace_events_when_lists_are_filtered_sorted_and_scraped_then_commands_are_figures_like_others()
-> Result<()> {
    let redis = Redis::start_with(&["--notify-keyspace-events", "Kl"]).await?;
    let mut client = clients::redis::connect(&redis.url()).await?;
    for list in ["busy", "idle"] {
        clients::redis::push(&mut client, list, 1).await?;
    }
    clients::redis::add(&mut client, "stream", 1).await?;
    let weir = WeirProcess::start(&format!("{}poll_interval = \"2s\"\n", redis.config("cache"))).await?;
    let known = |row: &Value| row["push_commands_rate"].is_number().then_some(());
    for list in ["busy", "idle"] {
        let path = queue_path("cache", &["0", "list", list]);
        weir.until("its commands are counted", Duration::from_secs(20), &path, known).await?;
    }
    clients::redis::push(&mut client, "busy", 50).await?;
    let names = |page: &Value| -> Option<Vec<String>> {
        page["items"].as_array()?.iter().map(|row| row["name"].as_str().map(str::to_owned)).collect()
    };
    let busy = |page: &Value| names(page).filter(|names| names == &["busy"]);
    let within = Duration::from_secs(20);
    weir.until("it is found", within, "/api/v1/queues?q=push_commands%3E0+take_commands:0", busy).await?;
    let found = weir.get("/api/v1/queues?q=push_commands:unknown").await?;
    ensure!(names(&found).context("names")?.is_empty(), "a stream has no such figure: {found:#}");
    for (order, first) in [("desc", ["busy", "idle", "stream"]), ("asc", ["idle", "busy", "stream"])] {
        let sorted = weir.get(&format!("/api/v1/queues?sort=push_commands&order={order}")).await?;
        ensure!(names(&sorted).context("names")? == first, "{order}: {sorted:#}");
    }
    let metrics = weir.call(Method::GET, "/metrics", None).await?.text().await?;
    let lines = |name: &str, queue: &str| {
        let line = format!("{name}{{broker=\"cache\",queue=\"{queue}\"");
        metrics.lines().filter(|other| other.starts_with(&line)).count()
    };
    for name in ["weir_queue_push_commands_per_second", "weir_queue_take_commands_per_second"] {
        ensure!((lines(name, "busy"), lines(name, "stream")) == (1, 0), "{name}: {metrics}");
    }
    ensure!(lines("weir_queue_in_messages_per_second", "busy") == 0, "{metrics}");
    Ok(())
}
