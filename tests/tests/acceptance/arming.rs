//! Brokers that were found may be read, and changed only once they are armed.

use std::time::Duration;

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use weir_tests::weir::WeirProcess;

use crate::{
    house::{HELLO, House, MY_QUEUE, MY_TOPIC},
    tools,
};

/// Changes are refused with the way out, until each broker is armed; that outlives a restart of Weir.
pub(crate) async fn refused_until_armed(house: &mut House) -> Result<()> {
    let body = json!({"body": {"encoding": "utf-8", "data": "from Weir"}});
    for (queue, act, body) in [
        (HELLO, "messages", body.clone()),
        (HELLO, "peek", json!({"limit": 1, "accept": ["redelivered", "delivery_count"]})),
        (HELLO, "purge", json!({"confirm": "hello", "seen_depth": 0})),
        (MY_QUEUE, "messages", body.clone()),
        (MY_QUEUE, "purge", json!({"confirm": "my_queue", "seen_depth": 2})),
        (MY_TOPIC, "messages", body.clone()),
        (MY_TOPIC, "purge", json!({"confirm": "my_topic", "seen_depth": 3})),
    ] {
        let path = format!("{}/{act}", queue.path());
        let (status, problem) = house.weir.answer(Method::POST, &path, Some(&body)).await?;
        let way_out = format!("/api/v1/brokers/{}/arm", queue.broker);
        let said = problem["detail"].as_str().is_some_and(|detail| detail.contains(&way_out));
        ensure!(status == 403 && said, "{path}: {status} {problem}");
    }
    ensure!(tools::my_queue(&house.redis)?.len() == 2);
    let read = house.weir.get(&format!("{}/messages?from=left", MY_QUEUE.path())).await?;
    ensure!(read["items"].as_array().is_some_and(|items| items.len() == 2), "free reading goes on: {read}");

    let page = house.weir.call(Method::GET, "/", None).await?.text().await?;
    for broker in ["rabbitmq", "redis", "kafka"] {
        ensure!(page.contains(&format!("Allow changes on {broker}")), "no button to arm {broker}");
        let path = format!("/api/v1/brokers/{broker}/arm");
        let (status, _) = house.weir.answer(Method::POST, &path, Some(&json!({"confirm": "other"}))).await?;
        ensure!(status == 409, "{broker} was armed by another's name: {status}");
        let card = house.weir.post(&path, &json!({"confirm": broker})).await?;
        ensure!(card["read_only"] == false, "{card}");
    }
    ensure!(house.weir.stop().await? == 0, "{}", house.weir.log()?);
    house.weir.start_again().await?;
    house.all_up().await?;
    ensure!(armed(&house.weir).await?, "armed no more after a restart");
    Ok(())
}

/// `weir serve --arm` arms what it finds, for that run.
pub(crate) async fn armed_for_one_run(house: &House) -> Result<()> {
    let beside = WeirProcess::start_unconfigured(&["--arm"]).await?;
    ensure!(armed(&beside).await?, "--arm did not arm");
    let is_topic = |row: &Value| (row["name"] == MY_TOPIC.name).then_some(());
    beside.until("the topic is listed", Duration::from_secs(20), &MY_TOPIC.path(), is_topic).await?;
    let before = tools::my_topic(&house.kafka)?;
    let body = json!({"body": {"encoding": "utf-8", "data": "from another Weir"}});
    beside.post(&format!("{}/messages", MY_TOPIC.path()), &body).await?;
    let after = tools::my_topic(&house.kafka)?;
    ensure!(after == (before.0, before.1 + 1), "{before:?} {after:?}");
    Ok(())
}

async fn armed(weir: &WeirProcess) -> Result<bool> {
    let page = weir.get("/api/v1/brokers").await?;
    let armed = |broker: &Value| broker["read_only"] == false;
    Ok(page["items"].as_array().is_some_and(|brokers| brokers.len() == 3 && brokers.iter().all(armed)))
}
