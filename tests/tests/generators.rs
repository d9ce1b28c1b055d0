//! The generators: what they say they did is what the brokers' own tools report.

use std::time::Duration;

use anyhow::Result;
use redis::AsyncCommands as _;
use serde_json::json;
use weir_tests::{
    brokers::{BrokerServer as _, Kafka, RabbitMq, Redis},
    clients::{
        amqp::{Amqp, Taking},
        kafka::KafkaClient,
        management::Management,
        redis as cache,
    },
    unique, wait,
};

#[tokio::test]
async fn given_published_and_taken_messages_when_rabbitmq_counts_then_it_agrees() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (amqp, management) =
        (Amqp::connect(&node.amqp_url()).await?, Management::new(&node.management_url())?);
    let queue = unique("orders");
    amqp.declare(&queue, &json!({"x-queue-type": "quorum"})).await?;
    amqp.publish(&queue, 20).await?;
    assert_eq!(amqp.take(&queue, 5, Taking::Acknowledged).await?[4], b"message 4");
    amqp.take(&queue, 3, Taking::Get).await?;
    amqp.take(&queue, 2, Taking::GetAutoAck).await?;
    let _held = amqp.hold(&queue, 4).await?;

    wait::until_eq("the figures settle", Duration::from_secs(30), json!([6, 4, 20, 8, 2]), || async {
        let found = management.queue(&queue).await?;
        let stats = &found["message_stats"];
        Ok(json!([
            found["messages_ready"],
            found["messages_unacknowledged"],
            stats["publish"],
            stats["ack"],
            stats["get_no_ack"]
        ]))
    })
    .await
}

#[tokio::test]
async fn given_pushed_and_read_entries_when_redis_counts_then_it_agrees() -> Result<()> {
    let mut server = cache::connect(&Redis::shared().await?.url()).await?;
    let (list, stream) = (unique("jobs"), unique("events"));
    cache::push(&mut server, &list, 7).await?;
    cache::create_group(&mut server, &stream, "readers").await?;
    cache::add(&mut server, &stream, 9).await?;
    assert_eq!(cache::read_group(&mut server, &stream, "readers", 4, 3).await?, 4);

    let length: u64 = server.llen(&list).await?;
    let pending: redis::streams::StreamPendingReply = server.xpending(&stream, "readers").await?;
    assert_eq!((length, pending.count()), (7, 1));
    Ok(())
}

#[tokio::test]
async fn given_produced_and_taken_records_when_kafka_counts_then_it_agrees() -> Result<()> {
    let broker = Kafka::shared().await?;
    let client = KafkaClient::new(&broker.bootstrap())?;
    let (topic, group) = (unique("orders"), unique("billing"));
    client.create_topic(&topic, 2, &[]).await?;
    client.produce(&topic, 2, 10).await?;
    let member = client.join(&group, &topic)?;
    // More than one partition holds, so that both have a committed offset.
    assert_eq!(member.take(6).await?.len(), 6);

    let told = broker.tool(
        "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
        &["--bootstrap-server", &broker.bootstrap(), "--describe", "--group", &group],
    )?;
    let lag: i64 = told
        .lines()
        .filter(|line| line.starts_with(&group))
        .filter_map(|line| line.split_whitespace().nth(5)?.parse::<i64>().ok())
        .sum();
    assert_eq!(lag, 4, "{told}");
    Ok(())
}
