//! The article's four programs, with nothing configured but the brokers: their queues are listed by themselves within
//! ten seconds, and right within twenty.

use std::time::Duration;

use anyhow::Result;
use futures::StreamExt as _;
use lapin::{
    BasicProperties,
    options::{BasicPublishOptions, QueueDeclareOptions},
    types::FieldTable,
};
use rdkafka::producer::FutureRecord;
use redis::AsyncCommands as _;
use weir_tests::{
    brokers::{BrokerServer as _, Kafka, RabbitMq, Redis},
    clients::{amqp::Amqp, kafka::KafkaClient, redis as cache},
    weir::WeirProcess,
};

const LISTED_WITHIN: Duration = Duration::from_secs(10);
const RIGHT_WITHIN: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_the_articles_programs_when_they_run_then_their_queues_are_listed_and_right() -> Result<()> {
    let (rabbitmq, redis, kafka) = tokio::try_join!(RabbitMq::shared(), Redis::shared(), Kafka::shared())?;
    let config = [rabbitmq.config("rabbit"), redis.config("redis"), kafka.config("kafka")].concat();
    let weir = WeirProcess::start(&config).await?;
    let (amqp, mut connection) =
        (Amqp::connect(&rabbitmq.amqp_url()).await?, cache::connect(&redis.url()).await?);

    let channel = amqp.channel().await?;
    channel.queue_declare("hello".into(), QueueDeclareOptions::default(), FieldTable::default()).await?;
    let mut subscriber = redis::Client::open(redis.url())?.get_async_pubsub().await?;
    subscriber.subscribe("my_channel").await?;
    for n in 0..3 {
        let text = format!("message {n}");
        let options = BasicPublishOptions::default();
        let hello = "hello".into();
        channel.basic_publish("".into(), hello, options, text.as_bytes(), BasicProperties::default()).await?;
        let _: u64 = connection.rpush("my_queue", &text).await?;
        let _: u64 = connection.publish("my_channel", &text).await?;
        // The producer of the article relies on the broker to make the topic.
        let client = KafkaClient::new(&kafka.bootstrap())?;
        client.produce_one(FutureRecord::to("my_topic").payload(text.as_bytes())).await?;
    }
    subscriber.on_message().next().await;

    let listed = tokio::time::Instant::now() + LISTED_WITHIN;
    let right = listed + (RIGHT_WITHIN - LISTED_WITHIN);
    for name in ["hello", "my_queue", "my_channel", "my_topic"] {
        let within = listed.saturating_duration_since(tokio::time::Instant::now());
        row_of(&weir, name, within, |_| true).await?;
    }
    for (name, figure, truth) in [
        ("hello", "depth", 3),
        ("my_queue", "depth", 3),
        ("my_channel", "consumers", 1),
        ("my_topic", "depth", 3),
    ] {
        let within = right.saturating_duration_since(tokio::time::Instant::now());
        row_of(&weir, name, within, |row| row[figure] == truth).await?;
    }
    Ok(())
}

async fn row_of(
    weir: &WeirProcess,
    name: &str,
    within: Duration,
    is: impl Fn(&serde_json::Value) -> bool,
) -> Result<()> {
    weir.until(&format!("{name} is listed and right"), within, "/api/v1/queues?limit=1000", |page| {
        page["items"].as_array()?.iter().find(|row| row["name"] == name && is(row)).map(drop)
    })
    .await
}
