//! The four queues are listed by themselves, and their figures are right.

use std::{
    future::{Future, ready},
    time::Duration,
};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    house::{HELLO, House, MY_CHANNEL, MY_QUEUE, MY_TOPIC, Queue},
    programs::Running,
    tools,
};

const LISTED_WITHIN: Duration = Duration::from_secs(10);
const RIGHT_WITHIN: Duration = Duration::from_secs(20);

/// The programs that go on: Redis' subscriber and Kafka's consumer.
pub(crate) struct Receivers {
    pub subscriber: Running,
    _consumer: Running,
}

/// Feeds the four, sees them listed and right, lets consumers take from them, and sees that right too.
pub(crate) async fn listed_and_right(house: &House) -> Result<Receivers> {
    let programs = &house.programs;
    let subscriber = programs.start("redis_subscribe", &[])?;
    let (send, push) = (programs.start("rabbitmq_send", &["3"])?, programs.start("redis_push", &["3"])?);
    let produce = programs.start("kafka_send", &["3"])?;
    // A consumer that takes one and leaves: its group stays behind by two.
    let takes_one = programs.run("kafka_receive", &["1"]);
    let nobody = || ready(Ok(()));
    tokio::try_join!(
        fed(house, HELLO, &send, nobody(), json!({"depth": 3, "consumers": 0})),
        fed(house, MY_QUEUE, &push, nobody(), json!({"depth": 3})),
        fed(house, MY_CHANNEL, &subscriber, nobody(), json!({"depth": null, "consumers": 1})),
        fed(house, MY_TOPIC, &produce, takes_one, json!({"depth": 3, "lag": 2})),
    )?;
    ensure!(tools::hello(&house.rabbitmq)? == (3, 0));
    ensure!(tools::my_queue(&house.redis)? == ["Hello, Redis!"; 3]);
    ensure!(tools::my_channel(&house.redis)? == 1);
    ensure!(tools::my_topic(&house.kafka)? == (0, 3));
    ensure!(tools::groups(&house.kafka)? == [("my_group".to_owned(), 2)]);
    consumed(house, subscriber).await
}

/// A program sends its first message; then the queue is listed, and once `then` is done its figures are right.
async fn fed(
    house: &House,
    queue: Queue,
    program: &Running,
    then: impl Future<Output = Result<()>>,
    figures: Value,
) -> Result<()> {
    let first_message = program.says(" [", 1).await?;
    let nothing = json!({});
    let listed = house.shows(&queue, "listed", first_message, LISTED_WITHIN, &nothing);
    tokio::try_join!(listed, then)?;
    house.shows(&queue, "right", first_message, RIGHT_WITHIN, &figures).await
}

async fn consumed(house: &House, subscriber: Running) -> Result<Receivers> {
    let programs = &house.programs;
    let begin = Instant::now();
    let receiver = programs.start("rabbitmq_receive", &[])?;
    let consumer = programs.start("kafka_receive", &[])?;
    programs.run("redis_pop", &[]).await?;
    programs.run("redis_publish", &[]).await?;
    tokio::try_join!(
        receiver.says("Received", 3),
        consumer.says("Received", 2),
        subscriber.says("Received 'Hello, Redis Pub/Sub!'", 1)
    )?;
    let what = "right once consumed";
    for (queue, figures) in [
        (MY_QUEUE, json!({"depth": 2})),
        (HELLO, json!({"depth": 0, "consumers": 1})),
        (MY_TOPIC, json!({"depth": 3, "lag": 0, "consumers": 1})),
    ] {
        house.shows(&queue, what, begin, RIGHT_WITHIN, &figures).await?;
    }
    ensure!(tools::hello(&house.rabbitmq)? == (0, 1));
    receiver.stop().await?;
    Ok(Receivers { subscriber, _consumer: consumer })
}
