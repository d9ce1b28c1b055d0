//! Writing messages.

use anyhow::{Context as _, Result, ensure};
use rdkafka::{Message as _, message::Headers as _};
use weir::brokers::BrokerError;
use weir_model::{
    QueueId, QueueKind, QueueObservation, Timestamp,
    message::{BodyEncoding, BodyInput, HeaderInput, Payload, PublishRequest},
};
use weir_tests::unique;

use crate::support::{Bench, observe};

fn text(data: &str) -> Payload {
    BodyInput { encoding: BodyEncoding::Utf8, data: data.to_owned() }.into()
}

#[tokio::test]
async fn given_every_field_when_published_then_a_consumer_gets_each_of_them() -> Result<()> {
    let bench = Bench::open().await?;
    let topic = unique("written");
    let queue = bench.topic(&topic, 3, &[]).await?;
    let publish = bench.weir.publish().context("topics are written to")?;
    let request = PublishRequest {
        body: text("hello"),
        key: Some("k".to_owned()),
        partition: Some(2),
        timestamp: Some(Timestamp(1_700_000_000_000)),
        headers: vec![HeaderInput { name: "h".to_owned(), kind: "string".to_owned(), value: "v".into() }],
        ..PublishRequest::default()
    };
    let receipt = publish.publish(&queue, &request).await?;
    ensure!((receipt.published, receipt.partition, receipt.offset) == (1, Some(2), Some(0)), "{receipt:?}");
    let tombstone =
        PublishRequest { body: Payload::Tombstone, key: Some("k".to_owned()), ..PublishRequest::default() };
    publish.publish(&queue, &tombstone).await?;

    let got = bench.client.join(&unique("reader"), &topic)?.take(2).await?;
    let written = got.iter().find(|record| record.payload().is_some()).context("the message")?;
    ensure!(written.payload() == Some(b"hello") && written.key() == Some(b"k") && written.partition() == 2);
    ensure!(written.timestamp().to_millis() == Some(1_700_000_000_000), "{written:?}");
    let header = written.headers().context("headers")?.get(0);
    ensure!((header.key, header.value) == ("h", Some(&b"v"[..])));
    ensure!(
        got.iter().any(|record| record.payload().is_none() && record.key() == Some(b"k")),
        "the tombstone"
    );
    Ok(())
}

#[tokio::test]
async fn given_a_topic_that_is_not_there_when_published_to_then_it_is_refused_and_not_created() -> Result<()>
{
    let bench = Bench::open().await?;
    let topic = unique("never");
    let missing = QueueObservation::new(QueueId::from_parts(&[&topic]), QueueKind::KafkaTopic, &topic, "");
    let request = PublishRequest { body: text("x"), ..PublishRequest::default() };
    let answer = bench.weir.publish().context("topics are written to")?.publish(&missing, &request).await;
    ensure!(matches!(&answer, Err(BrokerError::NotFound(words)) if words.contains(&topic)), "{answer:?}");
    // The server would create it for a producer that asks for it, and a moment later it would be listed.
    for _ in 0..5 {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        ensure!(observe(&bench.weir).await?.queues.iter().all(|queue| queue.name != topic), "it was created");
    }
    Ok(())
}

#[tokio::test]
async fn given_what_the_broker_can_not_take_when_published_then_the_answer_says_why() -> Result<()> {
    let bench = Bench::open().await?;
    let queue = bench.topic(&unique("strict"), 2, &[]).await?;
    let publish = bench.weir.publish().context("topics are written to")?;
    let huge = PublishRequest { body: text(&"x".repeat(5_000_000)), ..PublishRequest::default() };
    let answer = publish.publish(&queue, &huge).await;
    ensure!(
        matches!(&answer, Err(BrokerError::Refused(words)) if words.contains("max.message.bytes")),
        "{answer:?}"
    );
    let elsewhere = PublishRequest { body: text("x"), partition: Some(7), ..PublishRequest::default() };
    let answer = publish.publish(&queue, &elsewhere).await;
    ensure!(
        matches!(&answer, Err(BrokerError::Invalid(errors)) if errors[0].field == "partition"),
        "{answer:?}"
    );

    let compacted = bench.topic(&unique("keyed"), 1, &[("cleanup.policy", "compact")]).await?;
    let keyless = PublishRequest { body: text("x"), ..PublishRequest::default() };
    let answer = publish.publish(&compacted, &keyless).await;
    ensure!(matches!(&answer, Err(BrokerError::Refused(words)) if words.contains("key")), "{answer:?}");
    Ok(())
}
