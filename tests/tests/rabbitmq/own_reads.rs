//! What Weir itself reads is no consumer's doing.

use std::time::Duration;

use anyhow::{Result, ensure};
use futures::StreamExt as _;
use lapin::{
    options::{BasicAckOptions, BasicConsumeOptions},
    types::FieldTable,
};
use weir_model::{
    Metric, QueueKind,
    message::{PeekRequest, PricedEffect},
};
use weir_tests::{brokers::RabbitMq, unique};

use crate::support::{Client, adapter, look_until, observe, queue_of, unlimited};

const HELD: usize = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_fifty_messages_that_weir_peeked_at_when_consumers_take_all_then_only_they_count() -> Result<()>
{
    let node = RabbitMq::shared().await?;
    let (weir, client) = (adapter(node)?, Client::connect(node).await?);
    let queues = [
        (unique("own-classic"), QueueKind::RabbitmqClassic, vec![]),
        (unique("own-quorum"), QueueKind::RabbitmqQuorum, unlimited(&weir).await?),
    ];
    for (name, _, arguments) in &queues {
        client.declare(name, arguments).await?;
        client.publish(name, HELD).await?;
    }
    for (name, kind, _) in &queues {
        look_until(&weir, name, "nothing is delivered", |queue| {
            queue.value(Metric::Depth) == Some(HELD as i64) && queue.value(Metric::Delivered) == Some(0)
        })
        .await?;
        let accept = vec![PricedEffect::Redelivered, PricedEffect::DeliveryCount];
        let request = PeekRequest { limit: 50, accept };
        let peeked = weir.peek().unwrap().peek(&queue_of(name, *kind), &request).await?;
        ensure!(peeked.bodies.len() == 50, "{name}: {} were peeked at", peeked.bodies.len());
    }
    // The broker counts them at its next refresh, or the one after.
    for _ in 0..12 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let seen = observe(&weir).await?;
        for (name, ..) in &queues {
            let queue = seen.queues.iter().find(|queue| queue.name == *name).unwrap();
            let counted = [Metric::Delivered, Metric::Redelivered, Metric::Out].map(|m| queue.value(m));
            ensure!(counted == [Some(0); 3], "{name}: delivered, redelivered, out are {counted:?}");
            ensure!(queue.notes.iter().any(|note| note.contains("took 50 messages")), "{:?}", queue.notes);
        }
    }
    for (name, ..) in &queues {
        let consumer = Client::connect(node).await?;
        let (options, tag) = (BasicConsumeOptions::default(), name.as_str());
        let mut deliveries =
            consumer.channel.basic_consume(tag.into(), tag.into(), options, FieldTable::default()).await?;
        for _ in 0..HELD {
            deliveries.next().await.unwrap()?.ack(BasicAckOptions::default()).await?;
        }
        let out = |queue: &weir_model::QueueObservation| queue.value(Metric::Out) == Some(HELD as i64);
        let seen = look_until(&weir, name, "all are taken", out).await?;
        let counted = [Metric::Delivered, Metric::Redelivered].map(|metric| seen.value(metric));
        ensure!(counted == [Some(HELD as i64), Some(0)], "{name}: delivered, redelivered are {counted:?}");
    }
    Ok(())
}
