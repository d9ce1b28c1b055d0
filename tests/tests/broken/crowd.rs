//! Very many queues that come and go, and very many vhosts.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use lapin::{
    Connection, ConnectionProperties,
    options::{QueueDeclareOptions, QueueDeleteOptions},
    types::FieldTable,
};
use reqwest::Method;
use serde_json::Value;
use tokio::time::Instant;
use weir_tests::{
    brokers::{BrokerServer as _, RabbitMq, Redis},
    clients::{management::Management, redis as cache},
    weir::WeirProcess,
};

use crate::{house::card_when, onlooker::Onlooker};

const QUEUES: usize = 1000;
/// Queues that are there at the same time.
const AT_ONCE: usize = 200;
const VHOSTS: usize = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_hundreds_of_vhosts_and_queues_that_come_and_go_when_observed_then_nobody_waits_and_all_is_tidied()
-> Result<()> {
    let (rabbitmq, redis) = tokio::try_join!(RabbitMq::start(), Redis::start())?;
    cache::push(&mut cache::connect(&redis.url()).await?, "held", 3).await?;
    let weir = WeirProcess::start(&format!(
        "{}poll_interval = \"2s\"\nforget_after = \"5s\"\n{}poll_interval = \"2s\"\n",
        rabbitmq.config("rabbitmq"),
        redis.config("redis")
    ))
    .await?;
    for broker in ["rabbitmq", "redis"] {
        card_when(&weir, broker, "is up", Duration::from_secs(30), |card| card["status"] == "up").await?;
    }
    let pages = ["/", "/queues", "/brokers/redis/queues/0:list:held"].map(str::to_owned).to_vec();
    let onlooker = Onlooker::start(weir.url(), &["rabbitmq", "redis"], pages);
    come_and_go(&rabbitmq).await?;
    onlooker.ensure_undisturbed("1,000 queues come and go").await?;
    let gone = |page: &Value| (page["total"] == 1).then_some(());
    weir.until("what is gone is forgotten", Duration::from_secs(40), "/api/v1/queues?limit=1", gone).await?;

    let onlooker =
        Onlooker::start(weir.url(), &["rabbitmq", "redis"], vec!["/".to_owned(), "/queues".to_owned()]);
    vhosts(&rabbitmq).await?;
    let listed = |page: &Value| (page["total"] == VHOSTS as i64 / 10 + 1).then_some(());
    weir.until(
        "a queue in each tenth vhost is listed",
        Duration::from_secs(60),
        "/api/v1/queues?limit=1",
        listed,
    )
    .await?;
    onlooker.ensure_undisturbed("300 vhosts").await?;
    let card =
        card_when(&weir, "rabbitmq", "is up", Duration::from_secs(1), |card| card["status"] == "up").await?;
    eprintln!(
        "broken: 300 vhosts: a look takes {} s and {} requests",
        card["observation_seconds"], card["observation_requests"]
    );
    ensure!(card["observation_requests"].as_i64().is_some_and(|n| n < 20), "{card:#}");
    Ok(())
}

/// Declares and deletes all within a minute.
async fn come_and_go(rabbitmq: &RabbitMq) -> Result<()> {
    let began = Instant::now();
    let connection = Connection::connect(&rabbitmq.amqp_url(), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    for round in 0..QUEUES / AT_ONCE {
        let names: Vec<String> = (0..AT_ONCE).map(|n| format!("come-and-go-{round}-{n}")).collect();
        for name in &names {
            let options = QueueDeclareOptions::durable();
            channel.queue_declare(name.as_str().into(), options, FieldTable::default()).await?;
        }
        // Long enough that a look falls between.
        tokio::time::sleep(Duration::from_secs(3)).await;
        for name in &names {
            channel.queue_delete(name.as_str().into(), QueueDeleteOptions::default()).await?;
        }
    }
    eprintln!("broken: {QUEUES} queues came and went in {:?}", began.elapsed());
    Ok(())
}

async fn vhosts(rabbitmq: &RabbitMq) -> Result<()> {
    let management = Management::new(&rabbitmq.management_url())?;
    let management = &management;
    let made = stream::iter(0..VHOSTS).map(|n| async move {
        management.send(Method::PUT, &format!("/api/vhosts/v-{n}"), None).await?;
        if n % 10 == 0 {
            let body = serde_json::json!({"durable": true});
            management.send(Method::PUT, &format!("/api/queues/v-{n}/orders"), Some(&body)).await?;
        }
        anyhow::Ok(())
    });
    let began = Instant::now();
    made.buffer_unordered(8).try_collect::<Vec<()>>().await.context("making vhosts")?;
    eprintln!("broken: {VHOSTS} vhosts made in {:?}", began.elapsed());
    Ok(())
}
