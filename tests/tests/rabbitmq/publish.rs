//! Publishing: what the broker confirms, returns, refuses, and what is never sent.

use std::time::{Duration, Instant};

use anyhow::Result;
use lapin::{
    ExchangeKind,
    options::{BasicGetOptions, ExchangeDeclareOptions, QueueBindOptions},
    types::{AMQPValue, FieldTable},
};
use serde_json::json;
use weir::brokers::BrokerError;
use weir_model::{
    Metric, QueueKind,
    message::{PublishReceipt, PublishRequest},
};
use weir_tests::{brokers::RabbitMq, unique, wait};

use crate::support::{Client, Weir, adapter, look_until, text};

async fn publish(
    weir: &Weir,
    queue: &str,
    request: serde_json::Value,
) -> Result<PublishReceipt, BrokerError> {
    let request: PublishRequest = serde_json::from_value(request).unwrap();
    weir.publish().unwrap().publish(&crate::support::queue(queue), &request).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_message_with_everything_when_published_then_a_plain_client_reads_the_same() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("publish"));
    client.declare(&name, &[]).await?;
    let request = json!({
        "body": {"encoding": "base64", "data": "AP8AYQ=="},
        "headers": [{"name": "tenant", "value": "grün"}, {"name": "n", "type": "int", "value": 7},
            {"name": "t", "type": "table", "value": {"a": [1, true]}}],
        "properties": {"content_type": "application/octet-stream", "delivery_mode": 2, "priority": 3,
            "correlation_id": "c1", "message_id": "m1", "type": "kind", "expiration": "600000",
            "timestamp": "2026-11-23T10:00:00Z"}});
    let receipt = publish(&weir, &name, request).await?;
    assert_eq!((receipt.published, receipt.confirmed, receipt.routed), (1, Some(true), Some(true)));
    let got = client
        .channel
        .basic_get(name.as_str().into(), BasicGetOptions { no_ack: true })
        .await?
        .unwrap()
        .delivery;
    assert_eq!(got.data, [0, 255, 0, b'a']);
    let properties = &got.properties;
    assert_eq!((properties.priority(), properties.delivery_mode()), (&Some(3), &Some(2)));
    assert_eq!(properties.timestamp(), &Some(1_795_428_000));
    assert_eq!(properties.kind().as_ref().unwrap().as_str(), "kind");
    let headers = properties.headers().as_ref().unwrap().inner();
    assert_eq!(headers.get("n"), Some(&AMQPValue::LongInt(7)));
    assert_eq!(headers.get("tenant"), Some(&text("grün")));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_an_exchange_when_published_then_routing_decides_and_a_miss_is_told() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client) = (adapter(node)?, Client::connect(node).await?);
    let (name, exchange) = (unique("routed"), unique("exchange"));
    client.declare(&name, &[]).await?;
    let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    client
        .channel
        .exchange_declare(exchange.as_str().into(), ExchangeKind::Topic, options, FieldTable::default())
        .await?;
    client
        .channel
        .queue_bind(
            name.as_str().into(),
            exchange.as_str().into(),
            "a.*".into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        )
        .await?;
    let to =
        |exchange: &str, key: &str| json!({"body": {"data": "x"}, "exchange": exchange, "routing_key": key});
    assert_eq!(publish(&weir, &name, to(&exchange, "a.b")).await?.routed, Some(true));
    let missed = publish(&weir, &name, to(&exchange, "b.a")).await?;
    assert_eq!((missed.published, missed.confirmed, missed.routed), (0, Some(true), Some(false)));
    assert!(missed.return_reason.unwrap().contains("NO_ROUTE"));
    assert_eq!(client.ready(&name).await?, 1);

    let missing = publish(&weir, &name, to("no-such-exchange", "a.b")).await.unwrap_err();
    assert!(
        matches!(&missing, BrokerError::Refused(text) if text.contains("no exchange \"no-such-exchange\"")),
        "{missing}"
    );
    let internal = publish(&weir, &name, to("amq.rabbitmq.trace", "a.b")).await.unwrap_err();
    assert!(!matches!(internal, BrokerError::Timeout { .. }), "{internal}");
    assert_eq!(
        publish(&weir, &name, to(&exchange, "a.c")).await?.routed,
        Some(true),
        "the next one goes through"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_ten_thousand_copies_when_published_then_all_are_confirmed_and_counted() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("repeat"));
    client.declare(&name, &[]).await?;
    let receipt = publish(&weir, &name, json!({"body": {"data": "x"}, "repeat": 10_000})).await?;
    assert_eq!((receipt.published, receipt.confirmed), (10_000, Some(true)));
    assert_eq!(client.ready(&name).await?, 10_000);
    let all = |q: &weir_model::QueueObservation| q.value(Metric::In) == Some(10_000);
    look_until(&weir, &name, "Weir's own publishes are counted", all).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_full_queue_that_rejects_when_published_then_it_is_refused() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("full"));
    client
        .declare(&name, &[("x-max-length", AMQPValue::LongInt(2)), ("x-overflow", text("reject-publish"))])
        .await?;
    let receipt = publish(&weir, &name, json!({"body": {"data": "x"}, "repeat": 5})).await?;
    assert_eq!((receipt.published, receipt.confirmed), (2, Some(false)), "{}", receipt.text);
    let full = publish(&weir, &name, json!({"body": {"data": "x"}})).await.unwrap_err();
    assert!(matches!(full, BrokerError::Refused(_)), "{full}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_body_of_16_mb_when_published_then_it_arrives_whole() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let (weir, client, name) = (adapter(node)?, Client::connect(node).await?, unique("large"));
    client.declare(&name, &[]).await?;
    let receipt = publish(&weir, &name, json!({"body": {"data": "x".repeat(16_000_000)}})).await?;
    assert_eq!(receipt.confirmed, Some(true));
    let got =
        client.channel.basic_get(name.as_str().into(), BasicGetOptions { no_ack: true }).await?.unwrap();
    assert_eq!(got.delivery.data.len(), 16_000_000);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_an_alarm_when_published_then_nothing_is_sent_and_a_stall_is_unknown_within_5_s() -> Result<()>
{
    let node = RabbitMq::start_with("max_message_size = 1000000").await?;
    let (weir, client) = (adapter(&node)?, Client::connect(&node).await?);
    client.declare("alarmed", &[]).await?;
    assert_eq!(publish(&weir, "alarmed", json!({"body": {"data": "x"}})).await?.published, 1);
    let large =
        publish(&weir, "alarmed", json!({"body": {"data": "x".repeat(2_000_000)}})).await.unwrap_err();
    assert!(matches!(&large, BrokerError::Refused(text) if text.contains("larger")), "{large}");

    let disk = |limit: &str| node.ctl(&["set_disk_free_limit", limit]);
    let memory = |share: &str| node.ctl(&["set_vm_memory_high_watermark", share]);
    disk("1000000GB")?;
    refused_by(&weir, "disk").await?;
    disk("50MB")?;
    memory("0.00001")?;
    refused_by(&weir, "memory").await?;

    // Without the management API the alarm can't be asked for: the message is sent, and the broker is silent.
    let blind = crate::support::blind(&node)?;
    let begun = Instant::now();
    let stalled = publish(&blind, "alarmed", json!({"body": {"data": "z"}})).await.unwrap_err();
    assert!(
        matches!(stalled, BrokerError::Timeout { outcome: weir_model::Outcome::Unknown, .. }),
        "{stalled}"
    );
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());

    memory("0.4")?;
    let sent = || async { publish(&weir, "alarmed", json!({"body": {"data": "w"}})).await.ok() };
    let receipt = wait::until("the alarm has ended", Duration::from_secs(15), sent).await?;
    assert_eq!(receipt.published, 1);
    Ok(())
}

/// Nothing is sent, the card says why, and messages can still be read.
async fn refused_by(weir: &Weir, alarm: &str) -> Result<()> {
    let refused = || async {
        let error = publish(weir, "alarmed", json!({"body": {"data": "y"}})).await.err()?;
        matches!(&error, BrokerError::Refused(text) if text.contains(alarm)).then_some(())
    };
    wait::until(&format!("the {alarm} alarm"), Duration::from_secs(15), refused).await?;
    let seen = crate::support::observe(weir).await?;
    assert!(seen.publishers_blocked.is_some_and(|reason| reason.contains(alarm)));
    assert!(seen.health.iter().any(|fact| fact.code.contains(alarm)), "{:?}", seen.health);
    let read = crate::peek::peek(weir, "alarmed", QueueKind::RabbitmqClassic, 1).await?;
    assert_eq!(read.bodies.len(), 1);
    Ok(())
}
