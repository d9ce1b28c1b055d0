//! Peeking: order and messages survive, limits are heeded, the price is told.

use anyhow::Result;
use lapin::{options::BasicGetOptions, types::AMQPValue};
use weir::brokers::{BrokerError, Peeked};
use weir_model::{
    QueueKind,
    message::{PeekRequest, PricedEffect, StopReason},
};
use weir_tests::{brokers::RabbitMq, unique, wait};

use crate::support::{
    Client, Weir, adapter, look_until_depth, major_version, peeks_count, queue_of, quorum, text, unlimited,
};

const ALL: [PricedEffect; 2] = [PricedEffect::Redelivered, PricedEffect::DeliveryCount];

pub(crate) async fn peek(
    weir: &Weir,
    name: &str,
    kind: QueueKind,
    limit: u32,
) -> Result<Peeked, BrokerError> {
    let request = PeekRequest { limit, accept: ALL.to_vec() };
    weir.peek().unwrap().peek(&queue_of(name, kind), &request).await
}

pub(crate) fn bodies(peeked: &Peeked) -> Vec<String> {
    peeked.bodies.iter().map(|body| String::from_utf8_lossy(body).into_owned()).collect()
}

fn numbered(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|n| format!("m{n}")).collect()
}

/// Waits for a quorum queue, which takes messages back shortly after the channel has closed.
pub(crate) async fn until_ready(client: &Client, name: &str, count: u32) -> Result<()> {
    let within = std::time::Duration::from_secs(5);
    wait::until_eq("messages are given back", within, count, || client.ready(name)).await
}

/// Takes everything out, in order.
pub(crate) async fn drain(client: &Client, name: &str) -> Result<Vec<String>> {
    let mut all = Vec::new();
    while let Some(got) = client.channel.basic_get(name.into(), BasicGetOptions { no_ack: true }).await? {
        all.push(String::from_utf8_lossy(&got.delivery.data).into_owned());
    }
    Ok(all)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_classic_and_quorum_queues_when_peeked_often_then_order_and_messages_stay() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client) = (adapter(node)?, Client::connect(node).await?);
    let dead = [quorum(), ("x-delivery-limit", AMQPValue::LongInt(50)), ("x-dead-letter-exchange", text(""))];
    for (kind, arguments) in [
        (QueueKind::RabbitmqClassic, vec![]),
        (QueueKind::RabbitmqQuorum, unlimited(&weir).await?),
        (QueueKind::RabbitmqQuorum, dead.to_vec()),
    ] {
        let name = unique("peek");
        client.declare(&name, &arguments).await?;
        client.publish(&name, 10).await?;
        for round in 0..25 {
            until_ready(&client, &name, 10).await?;
            let peeked = peek(&weir, &name, kind, 5).await?;
            assert_eq!(bodies(&peeked), numbered(0..5), "{kind} round {round}");
            assert_eq!(peeked.page.stopped, StopReason::Limit);
            assert_eq!(peeked.page.items[0].redelivered, Some(round > 0), "{kind} round {round}");
        }
        until_ready(&client, &name, 10).await?;
        let everything = peek(&weir, &name, kind, 100).await?;
        assert_eq!((bodies(&everything), everything.page.stopped), (numbered(0..10), StopReason::End));
        until_ready(&client, &name, 10).await?;
        assert_eq!(drain(&client, &name).await?, numbered(0..10), "{kind}");
    }
    Ok(())
}

/// Quorum queues give back consumer by consumer, and each `basic.get` is one: 1, 10, 2 …
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_hundreds_of_messages_when_all_are_peeked_then_their_order_stays() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client) = (adapter(node)?, Client::connect(node).await?);
    let limited =
        vec![quorum(), ("x-delivery-limit", AMQPValue::LongInt(20)), ("x-dead-letter-exchange", text(""))];
    for (kind, arguments, reach) in [
        (QueueKind::RabbitmqClassic, vec![], 200),
        (
            QueueKind::RabbitmqQuorum,
            unlimited(&weir).await?,
            if peeks_count(&weir).await? { 200 } else { 32 },
        ),
        (QueueKind::RabbitmqQuorum, limited, 32),
    ] {
        let name = unique("many");
        client.declare(&name, &arguments).await?;
        client.publish(&name, 200).await?;
        for _ in 0..2 {
            until_ready(&client, &name, 200).await?;
            assert_eq!(bodies(&peek(&weir, &name, kind, 200).await?), numbered(0..reach), "{kind}");
        }
        until_ready(&client, &name, 200).await?;
        assert_eq!(drain(&client, &name).await?, numbered(0..200), "{kind}");
    }
    Ok(())
}

/// Quorum queues put what is given back behind what was given back before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_peeks_of_different_sizes_when_repeated_then_the_order_stays() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client) = (adapter(node)?, Client::connect(node).await?);
    let limited =
        vec![quorum(), ("x-delivery-limit", AMQPValue::LongInt(20)), ("x-dead-letter-exchange", text(""))];
    for (kind, arguments) in [
        (QueueKind::RabbitmqClassic, vec![]),
        (QueueKind::RabbitmqQuorum, unlimited(&weir).await?),
        (QueueKind::RabbitmqQuorum, limited),
    ] {
        let name = unique("sizes");
        client.declare(&name, &arguments).await?;
        client.publish(&name, 12).await?;
        for count in [5, 2, 3, 1, 9, 12, 1] {
            until_ready(&client, &name, 12).await?;
            let peeked = peek(&weir, &name, kind, u32::try_from(count)?).await?;
            assert_eq!(
                (bodies(&peeked), peeked.page.stopped),
                (numbered(0..count), StopReason::Limit),
                "{kind}"
            );
        }
        until_ready(&client, &name, 12).await?;
        assert_eq!(drain(&client, &name).await?, numbered(0..12), "{kind}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_delivery_limit_when_peeked_then_no_message_is_lost_and_the_peek_stops_in_time() -> Result<()>
{
    let node = RabbitMq::shared().await?;
    let (weir, client, name, dlq) =
        (adapter(node)?, Client::connect(node).await?, unique("limited"), unique("dlq"));
    client.declare(&dlq, &[]).await?;
    let arguments = [
        quorum(),
        ("x-delivery-limit", AMQPValue::LongInt(3)),
        ("x-dead-letter-exchange", text("")),
        ("x-dead-letter-routing-key", text(&dlq)),
    ];
    client.declare(&name, &arguments).await?;
    client.publish(&name, 4).await?;
    let kind = QueueKind::RabbitmqQuorum;
    if !peeks_count(&weir).await? {
        for _ in 0..10 {
            until_ready(&client, &name, 4).await?;
            assert_eq!(bodies(&peek(&weir, &name, kind, 10).await?), numbered(0..4), "no peek counts");
        }
        return Ok(());
    }
    let price = weir.peek().unwrap().price(&queue_of(&name, kind)).await?;
    assert_eq!((price.delivery_limit, price.effects.len(), price.refused), (Some(3), 2, None));
    for _ in 0..2 {
        until_ready(&client, &name, 4).await?;
        assert_eq!(bodies(&peek(&weir, &name, kind, 10).await?), numbered(0..4));
    }
    until_ready(&client, &name, 4).await?;
    let stopped = peek(&weir, &name, kind, 10).await?;
    assert_eq!((bodies(&stopped), stopped.page.stopped), (numbered(0..1), StopReason::DeliveryLimit));
    assert!(stopped.page.notes.iter().any(|note| note.contains("order may have changed")));
    until_ready(&client, &name, 4).await?;
    assert_eq!(client.ready(&dlq).await?, 0);
    let mut left = drain(&client, &name).await?;
    left.sort();
    assert_eq!(left, numbered(0..4));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_queues_too_dear_to_peek_when_peeked_then_they_are_refused_and_nothing_is_taken() -> Result<()>
{
    let node = RabbitMq::shared().await?;
    let (weir, client) = (adapter(node)?, Client::connect(node).await?);
    let limit = |n| ("x-delivery-limit", AMQPValue::LongInt(n));
    let single = ("x-single-active-consumer", AMQPValue::Boolean(true));
    let mut dear = vec![("single", vec![quorum(), single])];
    if peeks_count(&weir).await? {
        dear.push(("zero", vec![quorum(), limit(0)]));
    }
    if major_version(&weir).await? < 4 {
        dear.push(("negative", vec![quorum(), limit(-1)]));
    }
    for (prefix, arguments) in dear {
        let name = unique(prefix);
        client.declare(&name, &arguments).await?;
        client.publish(&name, 1).await?;
        let refused = peek(&weir, &name, QueueKind::RabbitmqQuorum, 1).await.err();
        assert!(matches!(&refused, Some(BrokerError::Refused(_))), "{prefix}: {refused:?}");
        assert_eq!(client.ready(&name).await?, 1, "{prefix}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_redeliveries_and_no_dead_letter_target_when_peeked_then_it_is_refused() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("redelivered"));
    if !peeks_count(&weir).await? {
        return Ok(());
    }
    client.declare(&name, &[quorum(), ("x-delivery-limit", AMQPValue::LongInt(3))]).await?;
    client.publish(&name, 1).await?;
    look_until_depth(&weir, &name, 1).await?;
    let kind = QueueKind::RabbitmqQuorum;
    peek(&weir, &name, kind, 1).await?;
    for _ in 0..2 {
        let got = client.channel.basic_get(name.as_str().into(), BasicGetOptions::default()).await?.unwrap();
        got.delivery.nack(lapin::options::BasicNackOptions { requeue: true, multiple: false }).await?;
    }
    let price = wait::until("the redeliveries are counted", crate::support::SETTLED, || async {
        let price = weir.peek()?.price(&queue_of(&name, kind)).await.ok()?;
        price.refused.is_some().then_some(price)
    })
    .await?;
    assert!(price.refused.unwrap().contains("would be dropped"));
    assert!(matches!(peek(&weir, &name, kind, 1).await, Err(BrokerError::Refused(_))));
    assert_eq!(client.ready(&name).await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_an_exclusive_queue_and_an_unpaid_price_when_peeked_then_each_is_refused() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("exclusive"));
    let options = lapin::options::QueueDeclareOptions { exclusive: true, ..Default::default() };
    client.channel.queue_declare(name.as_str().into(), options, Default::default()).await?;
    let seen = look_until_depth(&weir, &name, 0).await?;
    assert!(!weir.abilities(&seen).peek.allowed && !weir.abilities(&seen).purge.allowed);
    assert!(matches!(peek(&weir, &name, QueueKind::RabbitmqClassic, 1).await, Err(BrokerError::Refused(_))));

    let open = unique("unpaid");
    client.declare(&open, &[]).await?;
    let request = PeekRequest { limit: 1, accept: Vec::new() };
    let unpaid = weir.peek().unwrap().peek(&queue_of(&open, QueueKind::RabbitmqClassic), &request).await;
    assert!(matches!(unpaid, Err(BrokerError::Invalid(_))), "{unpaid:?}");
    let gone = peek(&weir, "no-such-queue", QueueKind::RabbitmqClassic, 1).await;
    assert!(matches!(gone, Err(BrokerError::NotFound(_))), "{gone:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_bodies_beyond_the_byte_budget_when_peeked_then_it_stops_and_says_so() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("heavy"));
    client.declare(&name, &[]).await?;
    client.publish_bodies(&name, &vec![vec![0xff; 6_000_000]; 4]).await?;
    let peeked = peek(&weir, &name, QueueKind::RabbitmqClassic, 10).await?;
    assert_eq!((peeked.bodies.len(), peeked.page.stopped), (3, StopReason::ByteBudget));
    let shown = peeked.page.items[0].body.clone().unwrap();
    assert!(shown.truncated && peeked.page.items[0].size == 6_000_000);
    assert_eq!(client.ready(&name).await?, 4);
    Ok(())
}
