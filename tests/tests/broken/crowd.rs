//! Very many queues that come and go, and very many vhosts.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::Value;
use tokio::time::Instant;
use weir_tests::{
    brokers::{BrokerServer as _, RabbitMq, Redis},
    clients::redis as cache,
    crowd::{come_and_go, make_vhosts},
    weir::WeirProcess,
};

use crate::{house::card_when, onlooker::Onlooker};

const QUEUES: usize = 1000;
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
    let began = Instant::now();
    come_and_go(&rabbitmq, QUEUES).await?;
    eprintln!("broken: {QUEUES} queues came and went in {:?}", began.elapsed());
    onlooker.ensure_undisturbed("1,000 queues come and go").await?;
    let gone = |page: &Value| (page["total"] == 1).then_some(());
    weir.until("what is gone is forgotten", Duration::from_secs(40), "/api/v1/queues?limit=1", gone).await?;

    let onlooker =
        Onlooker::start(weir.url(), &["rabbitmq", "redis"], vec!["/".to_owned(), "/queues".to_owned()]);
    let began = Instant::now();
    make_vhosts(&rabbitmq, VHOSTS).await?;
    eprintln!("broken: {VHOSTS} vhosts made in {:?}", began.elapsed());
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
