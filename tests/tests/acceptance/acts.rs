//! What is published, peeked and purged through Weir, the brokers' own tools confirm.

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    feeding::Receivers,
    house::{HELLO, House, MY_CHANNEL, MY_QUEUE, MY_TOPIC, Queue},
    tools,
};

pub(crate) async fn confirmed(house: &House, receivers: &Receivers) -> Result<()> {
    on_rabbitmq(house).await?;
    on_a_list(house).await?;
    on_a_channel(house, receivers).await?;
    on_kafka(house).await
}

async fn on_rabbitmq(house: &House) -> Result<()> {
    let receipt = publish(house, HELLO, &json!({"repeat": 4})).await?;
    ensure!(receipt["confirmed"] == true && receipt["routed"] == true, "{receipt}");
    ensure!(tools::hello(&house.rabbitmq)? == (4, 0));

    let price = house.weir.get(&format!("{}/peek", HELLO.path())).await?;
    let request = json!({"limit": 10, "accept": price["effects"]});
    let peeked = house.weir.post(&format!("{}/peek", HELLO.path()), &request).await?;
    ensure!(bodies(&peeked)? == ["from Weir"; 4], "{peeked}");
    ensure!(tools::hello(&house.rabbitmq)? == (4, 0), "peeking took messages away");

    let purged = purge(house, HELLO, 4).await?;
    ensure!(purged["removed"] == 4 && purged["left"] == 0, "{purged}");
    ensure!(tools::hello(&house.rabbitmq)? == (0, 0));
    Ok(())
}

async fn on_a_list(house: &House) -> Result<()> {
    let receipt = publish(house, MY_QUEUE, &json!({"side": "right"})).await?;
    ensure!(receipt["length"] == 3, "{receipt}");
    let held = tools::my_queue(&house.redis)?;
    ensure!(held == ["Hello, Redis!", "Hello, Redis!", "from Weir"], "{held:?}");

    let page = house.weir.get(&format!("{}/messages?from=left", MY_QUEUE.path())).await?;
    ensure!(bodies(&page)? == held, "{page}");

    let purged = purge(house, MY_QUEUE, 3).await?;
    ensure!(purged["removed"] == 3 && purged["left"] == 0, "{purged}");
    ensure!(tools::my_queue(&house.redis)?.is_empty());
    Ok(())
}

/// A channel holds nothing: there is nothing to peek at or to purge, and that is said.
async fn on_a_channel(house: &House, receivers: &Receivers) -> Result<()> {
    let receipt = publish(house, MY_CHANNEL, &json!({})).await?;
    ensure!(receipt["receivers"] == 1, "{receipt}");
    receivers.subscriber.says("Received 'from Weir'", 1).await?;

    let path = MY_CHANNEL.path();
    let purge = json!({"confirm": MY_CHANNEL.name, "seen_depth": 0});
    for (method, path, body) in [
        (Method::GET, format!("{path}/messages"), None),
        (Method::POST, format!("{path}/purge"), Some(&purge)),
    ] {
        let (status, problem) = house.weir.answer(method, &path, body).await?;
        ensure!(status == 422 && problem["detail"].is_string(), "{path}: {status} {problem}");
    }
    Ok(())
}

async fn on_kafka(house: &House) -> Result<()> {
    let receipt = publish(house, MY_TOPIC, &json!({})).await?;
    ensure!(receipt["partition"] == 0 && receipt["offset"] == 3, "{receipt}");
    ensure!(tools::my_topic(&house.kafka)? == (0, 4));

    let page = house.weir.get(&format!("{}/messages?from=oldest", MY_TOPIC.path())).await?;
    let hello = "Hello, Kafka!";
    ensure!(bodies(&page)? == [hello, hello, hello, "from Weir"], "{page}");
    let groups: Vec<_> = tools::groups(&house.kafka)?.into_iter().map(|(group, _)| group).collect();
    ensure!(groups == ["my_group"], "reading left a group behind: {groups:?}");

    let purged = purge(house, MY_TOPIC, 4).await?;
    ensure!(purged["removed"] == 4 && purged["left"] == 0, "{purged}");
    ensure!(tools::my_topic(&house.kafka)? == (4, 4));
    Ok(())
}

/// Publishes `from Weir` with what else the kind takes.
async fn publish(house: &House, queue: Queue, more: &Value) -> Result<Value> {
    let mut request = json!({"body": {"encoding": "utf-8", "data": "from Weir"}});
    for (name, value) in more.as_object().context("fields by their names")? {
        request[name] = value.clone();
    }
    house.weir.post(&format!("{}/messages", queue.path()), &request).await
}

async fn purge(house: &House, queue: Queue, seen_depth: i64) -> Result<Value> {
    let request = json!({"confirm": queue.name, "seen_depth": seen_depth});
    house.weir.post(&format!("{}/purge", queue.path()), &request).await
}

fn bodies(page: &Value) -> Result<Vec<String>> {
    let items = page["items"].as_array().with_context(|| format!("no messages: {page}"))?;
    let body = |item: &Value| item["body"]["data"].as_str().map(str::to_owned);
    items.iter().map(|item| body(item).with_context(|| format!("no text: {item}"))).collect()
}
