//! Through the death and return of a broker: no spike, no rate below 0, no 0 for what is not known.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use weir_tests::{
    brokers::{BrokerServer, Kafka, RabbitMq, Redis},
    clients::{amqp::Amqp, kafka::KafkaClient, redis as cache},
};

use crate::support::Watched;

const HELD: i64 = 120;
/// Two intervals of Weir.
const TWO_INTERVALS: Duration = Duration::from_secs(10);
/// What the traffic before the restart could make of any window, with room: all in one second.
const ANY_RATE: f64 = 120.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_rabbitmq_when_killed_and_started_then_the_figures_tell_no_lie() -> Result<()> {
    let mut node = RabbitMq::start().await?;
    let amqp = Amqp::connect(&node.amqp_url()).await?;
    amqp.declare("held", &json!({})).await?;
    let watched = Watched::start(&node.config("it"), &["/", "held"]).await?;
    amqp.publish("held", 120).await?;
    // RabbitMQ reports the queue 14 s after its API answers.
    survives(&mut node, &watched, TWO_INTERVALS + Duration::from_secs(20)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_redis_when_killed_and_started_then_the_figures_tell_no_lie() -> Result<()> {
    let mut server = Redis::start().await?;
    let mut connection = cache::connect(&server.url()).await?;
    cache::add(&mut connection, "held", 1).await?;
    let watched = Watched::start(&server.config("it"), &["0", "stream", "held"]).await?;
    cache::add(&mut connection, "held", 119).await?;
    survives(&mut server, &watched, TWO_INTERVALS).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_kafka_when_killed_and_started_then_the_figures_tell_no_lie() -> Result<()> {
    let mut broker = Kafka::start().await?;
    let client = KafkaClient::new(&broker.bootstrap())?;
    client.create_topic("held", 2, &[]).await?;
    let watched = Watched::start(&broker.config("it"), &["held"]).await?;
    client.produce("held", 2, 120).await?;
    survives(&mut broker, &watched, TWO_INTERVALS).await
}

/// `HELD` messages wait. Kills the broker, sees it reported down, starts it, sees it healed, and looks at every row on
/// the way and at the series at the end.
async fn survives(broker: &mut dyn BrokerServer, watched: &Watched, heals_within: Duration) -> Result<()> {
    watched.row_when("all are held", |row| row["depth"] == HELD).await?;
    broker.kill9().await?;
    rows_until(watched, TWO_INTERVALS, |row| row["status"] == "unknown").await?;
    broker.start_again().await?;
    rows_until(watched, heals_within, |row| row["status"] != "unknown" && row["depth"] == HELD).await?;
    // Windows that lie across the restart.
    sleep(Duration::from_secs(25)).await;
    truthful(&watched.row().await?)?;
    for point in
        watched.points("depth").await?.iter().skip_while(|point| point["last"].as_f64() != Some(HELD as f64))
    {
        ensure!(point["last"].as_f64().is_none_or(|depth| depth == HELD as f64), "depth {point}");
    }
    for metric in ["in_rate", "out_rate"] {
        for point in watched.points(metric).await? {
            let rates = ["min", "avg", "max", "last"].map(|which| point[which].as_f64());
            let lies = |rate: &f64| *rate < 0.0 || *rate > ANY_RATE;
            ensure!(!rates.iter().flatten().any(lies), "{metric} {point}");
        }
    }
    Ok(())
}

/// Looks at row after row until one is as wanted.
async fn rows_until(watched: &Watched, within: Duration, wanted: impl Fn(&Value) -> bool) -> Result<()> {
    let deadline = Instant::now() + within;
    loop {
        let row = watched.row().await?;
        truthful(&row)?;
        if wanted(&row) {
            return Ok(());
        }
        if Instant::now() >= deadline {
            bail!("not within {within:?}: {row:#}\n{}", watched.weir.log()?);
        }
        sleep(Duration::from_millis(250)).await;
    }
}

/// The depth is the true one or unknown; no rate is below 0.
fn truthful(row: &Value) -> Result<()> {
    ensure!(row["depth"].is_null() || row["depth"] == HELD, "a depth that never was: {row:#}");
    for rate in ["in_rate", "delivered_rate", "out_rate", "ack_rate"] {
        ensure!(row[rate].as_f64().is_none_or(|rate| (0.0..=ANY_RATE).contains(&rate)), "{rate}: {row:#}");
    }
    Ok(())
}
