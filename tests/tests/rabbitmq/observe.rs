//! Figures against ground truth.

use anyhow::Result;
use futures::StreamExt as _;
use lapin::{
    BasicProperties,
    options::{BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions},
    types::{AMQPValue, FieldTable},
};
use weir_model::{Metric, QueueKind, Timestamp, UnknownCode};
use weir_tests::brokers::RabbitMq;

use crate::support::{Client, adapter, look_at, look_until, look_until_depth, observe, quorum, stream, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_queue_of_each_type_when_observed_then_kinds_depths_and_counters_are_right() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (broker, client) = (adapter(node)?, Client::connect(node).await?);
    client.declare("kinds-classic", &[]).await?;
    client.declare("kinds-quorum", &[quorum()]).await?;
    client.declare("kinds-stream", &[stream()]).await?;
    client.declare("kinds-priority", &[("x-max-priority", AMQPValue::LongInt(5))]).await?;
    for name in ["kinds-classic", "kinds-quorum", "kinds-stream", "kinds-priority"] {
        client.publish(name, 10).await?;
    }
    let expected = [
        ("kinds-classic", QueueKind::RabbitmqClassic, false),
        ("kinds-quorum", QueueKind::RabbitmqQuorum, false),
        ("kinds-stream", QueueKind::RabbitmqStream, false),
        ("kinds-priority", QueueKind::RabbitmqClassic, true),
    ];
    for (name, kind, not_fifo) in expected {
        let seen = look_until(&broker, name, "ten published", |q| q.value(Metric::In) == Some(10)).await?;
        let seen = if seen.value(Metric::Depth) == Some(10) {
            seen
        } else {
            look_until_depth(&broker, name, 10).await?
        };
        assert_eq!((seen.kind, seen.not_fifo), (kind, not_fifo), "{name}");
        assert_eq!(seen.value(Metric::Consumers), Some(0), "{name}");
        if kind == QueueKind::RabbitmqStream {
            assert_eq!(seen.figures[&Metric::Backlog].as_ref().unwrap_err().code, UnknownCode::NoGroup);
        } else {
            assert_eq!((seen.value(Metric::Backlog), seen.value(Metric::Out)), (Some(10), Some(0)), "{name}");
        }
    }
    let observation = observe(&broker).await?;
    assert!(observation.version.starts_with(|c: char| c.is_ascii_digit()), "{}", observation.version);
    assert_eq!((observation.health, observation.hidden_queues), (Vec::new(), Some(0)));
    assert!(observation.cost.requests >= 4 && observation.cost.bytes > 500, "{:?}", observation.cost);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_consumers_with_and_without_acknowledgement_when_done_then_every_counter_is_exact() -> Result<()>
{
    let node = RabbitMq::shared().await?;
    let (broker, client) = (adapter(node)?, Client::connect(node).await?);
    let consumer = Client::connect(node).await?;
    for (name, no_ack) in [("exact-manual", false), ("exact-auto", true)] {
        client.declare(name, &[]).await?;
        let before = look_until_depth(&broker, name, 0).await?;
        client.publish(name, 500).await?;
        consumer.channel.basic_qos(50, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions { no_ack, ..BasicConsumeOptions::default() };
        let mut deliveries =
            consumer.channel.basic_consume(name.into(), name.into(), options, FieldTable::default()).await?;
        for _ in 0..500 {
            let Some(delivery) = deliveries.next().await else { anyhow::bail!("the consumer ended") };
            let delivery = delivery?;
            if !no_ack {
                delivery.ack(BasicAckOptions::default()).await?;
            }
        }
        let done = |q: &weir_model::QueueObservation| q.value(Metric::Out) == Some(500);
        let seen = look_until(&broker, name, "500 consumed", done).await?;
        assert_eq!((seen.value(Metric::In), seen.value(Metric::Depth)), (Some(500), Some(0)), "{name}");
        assert_eq!(seen.value(Metric::Ack), Some(if no_ack { 0 } else { 500 }), "{name}");
        assert_eq!(
            (seen.value(Metric::Consumers), seen.value(Metric::Redelivered)),
            (Some(1), Some(0)),
            "{name}"
        );
        assert_eq!(seen.epoch, before.epoch, "{name}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_names_of_every_sort_when_observed_then_each_is_listed_and_described() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (broker, client) = (adapter(node)?, Client::connect(node).await?);
    // The most that AMQP has room for, in letters of two bytes.
    let longest = format!("{}x", "ü".repeat(127));
    let names = [
        longest.as_str(),
        "a/b",
        "c:d",
        "e f",
        "\"quoted\"",
        "'g'",
        "<script>alert(1)</script>",
        "grün 🐇",
        "100%",
        "a?b#c&d=e+f",
        "~",
    ];
    for name in names {
        client.declare(name, &[]).await?;
        client.publish(name, 1).await?;
    }
    for name in names {
        let seen = look_until_depth(&broker, name, 1).await?;
        assert_eq!((seen.name.as_str(), seen.scope.as_str()), (name, "/"));
        let description = broker.describe(&seen).await?;
        assert_eq!(description.bindings.len(), 1, "{name}");
        assert_eq!(
            (description.bindings[0].exchange.as_str(), description.bindings[0].routing_key.as_str()),
            ("", name)
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_timestamps_and_dead_letters_when_observed_then_age_and_targets_are_known() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (broker, client) = (adapter(node)?, Client::connect(node).await?);
    client.declare("dead-target", &[]).await?;
    let dead = [("x-dead-letter-exchange", text("")), ("x-dead-letter-routing-key", text("dead-target"))];
    client.declare("dead-source", &dead).await?;
    let an_hour_ago = u64::try_from(Timestamp::now().0 / 1000 - 3600)?;
    let properties = BasicProperties::default().with_timestamp(an_hour_ago);
    client
        .channel
        .basic_publish("".into(), "dead-source".into(), BasicPublishOptions::default(), b"old", properties)
        .await?
        .await?;
    let seen =
        look_until(&broker, "dead-source", "its age is known", |q| q.value(Metric::OldestAge).is_some())
            .await?;
    let age = seen.value(Metric::OldestAge).unwrap_or_default();
    assert!((3_599_000..3_640_000).contains(&age), "{age}");
    assert!(!seen.dead_letter_target);
    assert!(look_at(&broker, "dead-target").await?.dead_letter_target);
    Ok(())
}
