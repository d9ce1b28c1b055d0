//! Traffic with a beginning and an end: depth and lag exact at rest, increases exact, rates within the promise.

use anyhow::{Result, ensure};
use redis::AsyncCommands as _;
use serde_json::json;
use tokio::time::sleep;
use weir_model::Metric;
use weir_tests::{
    brokers::{BrokerServer as _, Kafka, RabbitMq, Redis},
    clients::{
        amqp::{Amqp, Taking, persistent},
        kafka::KafkaClient,
        redis as cache,
    },
    unique,
};

use crate::support::{EXACT_AFTER, Watched, at_pace, ensure_near};

/// Enough at the pace below to fill the minute of a headline rate.
const COUNT: usize = 1_400;
const PER_SECOND: u32 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_known_number_when_rabbitmq_passes_it_on_then_depth_and_increases_are_exact() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let amqp = Amqp::connect(&node.amqp_url()).await?;
    for kind in ["classic", "quorum"] {
        let queue = unique(kind);
        amqp.declare(&queue, &json!({"x-queue-type": kind})).await?;
        let watched = Watched::start(&node.config("it"), &["/", &queue]).await?;
        amqp.publish(&queue, 300).await?;
        amqp.take(&queue, 90, Taking::Acknowledged).await?;
        amqp.take(&queue, 40, Taking::Get).await?;
        amqp.take(&queue, 20, Taking::GetAutoAck).await?;
        let held = amqp.hold(&queue, 30).await?;
        sleep(EXACT_AFTER).await;

        let row = watched.row().await?;
        ensure!((row["depth"].as_i64(), row["unacknowledged"].as_i64()) == (Some(150), Some(30)), "{row:#}");
        let found = watched.increases(&[Metric::In, Metric::Out, Metric::Ack, Metric::Delivered]).await?;
        ensure!(found == [300, 150, 130, 180], "{kind}: in, out, ack, delivered are {found:?}");
        held.close(200, "done".into()).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_auto_ack_when_rabbitmq_passes_all_on_then_out_is_exact_and_nothing_waits() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let amqp = Amqp::connect(&node.amqp_url()).await?;
    let queue = unique("auto");
    amqp.declare(&queue, &json!({})).await?;
    let watched = Watched::start(&node.config("it"), &["/", &queue]).await?;
    amqp.publish(&queue, 250).await?;
    amqp.take(&queue, 250, Taking::AutoAck).await?;
    sleep(EXACT_AFTER).await;

    ensure!(watched.row().await?["depth"] == 0);
    let found = watched.increases(&[Metric::In, Metric::Out, Metric::Ack]).await?;
    ensure!(found == [250, 250, 0], "in, out, ack are {found:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_an_even_pace_when_rabbitmq_counts_then_the_rate_is_within_ten_percent() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let amqp = Amqp::connect(&node.amqp_url()).await?;
    let queue = unique("even");
    amqp.declare(&queue, &json!({})).await?;
    let watched = Watched::start(&node.config("it"), &["/", &queue]).await?;
    at_pace(PER_SECOND, COUNT, || amqp.publish_one("", &queue, b"x", persistent())).await?;

    ensure_near("in_rate", &watched.row().await?, f64::from(PER_SECOND), 0.1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_known_number_when_a_redis_stream_takes_it_then_lag_is_exact_and_the_rate_near() -> Result<()>
{
    let server = Redis::shared().await?;
    let mut connection = cache::connect(&server.url()).await?;
    let stream = unique("events");
    cache::add(&mut connection, &stream, 1).await?;
    cache::create_group(&mut connection, &stream, "readers").await?;
    let watched = Watched::start(&server.config("it"), &["0", "stream", &stream]).await?;
    at_pace(PER_SECOND, COUNT, || {
        let (mut connection, stream) = (connection.clone(), stream.clone());
        async move { cache::add(&mut connection, &stream, 1).await }
    })
    .await?;
    ensure_near("in_rate", &watched.row().await?, f64::from(PER_SECOND), 0.01)?;
    cache::read_group(&mut connection, &stream, "readers", 1_000, 940).await?;
    sleep(EXACT_AFTER).await;

    let row = watched.row().await?;
    let told = (row["depth"].as_i64(), row["lag"].as_i64(), row["unacknowledged"].as_i64());
    ensure!(told == (Some(1_401), Some(401), Some(60)), "{row:#}");
    let found = watched.increases(&[Metric::In]).await?;
    ensure!(found == [1_400], "in is {found:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_list_when_its_length_changes_then_depth_is_exact_and_rates_say_why_not() -> Result<()> {
    let server = Redis::shared().await?;
    let mut connection = cache::connect(&server.url()).await?;
    let list = unique("jobs");
    cache::push(&mut connection, &list, 9).await?;
    let watched = Watched::start(&server.config("it"), &["0", "list", &list]).await?;
    let _: Vec<String> = connection.lpop(&list, std::num::NonZeroUsize::new(4)).await?;
    let row = watched.row_when("five wait", |row| row["depth"] == 5).await?;
    for rate in ["in_rate", "out_rate"] {
        ensure!(row[rate].is_null() && row["unknown"][rate]["code"] == "no_counter", "{row:#}");
    }
    let _: Vec<String> = connection.lpop(&list, std::num::NonZeroUsize::new(5)).await?;
    watched.row_when("an empty list is a list of none", |row| row["depth"] == 0).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_known_number_when_a_topic_takes_it_then_lag_is_exact_and_the_rate_near() -> Result<()> {
    let broker = Kafka::shared().await?;
    let client = KafkaClient::new(&broker.bootstrap())?;
    let (topic, group) = (unique("orders"), unique("billing"));
    client.create_topic(&topic, 2, &[]).await?;
    client.produce(&topic, 2, 2).await?;
    let member = client.join(&group, &topic)?;
    member.take(2).await?;
    let watched = Watched::start(&broker.config("it"), &[&topic]).await?;
    at_pace(PER_SECOND, COUNT, || client.produce(&topic, 2, 1)).await?;
    ensure_near("in_rate", &watched.row().await?, f64::from(PER_SECOND), 0.01)?;
    member.take(1_000).await?;
    sleep(EXACT_AFTER).await;

    let row = watched.row().await?;
    let told = (row["depth"].as_i64(), row["lag"].as_i64(), row["backlog"].as_i64());
    ensure!(told == (Some(1_402), Some(400), Some(400)), "{row:#}");
    let found = watched.increases(&[Metric::In, Metric::Out]).await?;
    ensure!(found == [1_400, 1_000], "in, out are {found:?}");
    Ok(())
}
