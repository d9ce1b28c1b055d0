//! Peeking where others hold messages, or decide their order.

use anyhow::Result;
use futures::StreamExt as _;
use lapin::{
    BasicProperties, Consumer,
    options::{BasicConsumeOptions, BasicPublishOptions, BasicQosOptions},
    types::{AMQPValue, FieldTable},
};
use weir_model::{QueueKind, message::StopReason};
use weir_tests::{brokers::RabbitMq, unique};

use crate::{
    peek::{bodies, drain, peek, until_ready},
    support::{Client, adapter, quorum},
};

/// A consumer that takes `count` messages and acknowledges none.
async fn hold(client: &Client, queue: &str, count: u16) -> Result<Consumer> {
    client.channel.basic_qos(count, BasicQosOptions::default()).await?;
    let consuming = client.channel.basic_consume(
        queue.into(),
        "holder".into(),
        BasicConsumeOptions::default(),
        FieldTable::default(),
    );
    let mut consumer = consuming.await?;
    for _ in 0..count {
        consumer.next().await.transpose()?;
    }
    Ok(consumer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_20000_messages_held_by_another_when_peeked_then_the_rest_is_read_and_all_come_back()
-> Result<()> {
    const HELD: u16 = 20_000;
    let node = RabbitMq::shared().await?;
    let (weir, client) = (adapter(node)?, Client::connect(node).await?);
    for (kind, arguments) in
        [(QueueKind::RabbitmqClassic, vec![]), (QueueKind::RabbitmqQuorum, vec![quorum()])]
    {
        let name = unique("held");
        client.declare(&name, &arguments).await?;
        client.publish(&name, usize::from(HELD) + 3).await?;
        let other = Client::connect(node).await?;
        let holder = hold(&other, &name, HELD).await?;
        let peeked = peek(&weir, &name, kind, 100).await?;
        assert_eq!(bodies(&peeked), ["m20000", "m20001", "m20002"], "{kind}");
        assert_eq!(peeked.page.stopped, StopReason::End, "{kind}");
        until_ready(&client, &name, 3).await?;
        drop((holder, other));
        until_ready(&client, &name, u32::from(HELD) + 3).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_priority_queue_when_peeked_then_the_order_is_that_of_consumers_and_stays() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("priority"));
    client.declare(&name, &[("x-max-priority", AMQPValue::LongInt(5))]).await?;
    for (body, priority) in [("low 1", 1), ("high 1", 5), ("low 2", 1), ("high 2", 5), ("none", 0)] {
        let properties = BasicProperties::default().with_priority(priority);
        let (to, options) = (name.as_str().into(), BasicPublishOptions::default());
        let sent = client.channel.basic_publish("".into(), to, options, body.as_bytes(), properties);
        sent.await?.await?;
    }
    let order = ["high 1", "high 2", "low 1", "low 2", "none"];
    for count in [5, 2, 5] {
        let peeked = peek(&weir, &name, QueueKind::RabbitmqClassic, u32::try_from(count)?).await?;
        assert_eq!(bodies(&peeked), order[..count]);
        until_ready(&client, &name, 5).await?;
    }
    assert_eq!(drain(&client, &name).await?, order);
    Ok(())
}

/// Classic queues let others get messages beside their single active consumer; quorum queues don't.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_classic_queue_with_a_single_active_consumer_when_peeked_then_what_it_does_not_hold_is_read()
-> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("active"));
    client.declare(&name, &[("x-single-active-consumer", AMQPValue::Boolean(true))]).await?;
    client.publish(&name, 4).await?;
    let other = Client::connect(node).await?;
    let holder = hold(&other, &name, 1).await?;
    assert_eq!(bodies(&peek(&weir, &name, QueueKind::RabbitmqClassic, 10).await?), ["m1", "m2", "m3"]);
    drop((holder, other));
    until_ready(&client, &name, 4).await?;
    assert_eq!(drain(&client, &name).await?, ["m0", "m1", "m2", "m3"]);
    Ok(())
}
