//! Answers about every kind of queue are as the OpenAPI document says, with the real brokers and the demonstration.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use weir_tests::{
    brokers::{BrokerServer as _, Kafka, RabbitMq},
    clients::{amqp::Amqp, kafka::KafkaClient},
    weir::WeirProcess,
};

use crate::schema::matches;

const SOON: Duration = Duration::from_secs(60);
/// Queues of every kind of RabbitMQ's and Kafka's; those of Redis are held against the document in `shapes`.
const KINDS: [&str; 4] = ["rabbitmq-classic", "rabbitmq-quorum", "rabbitmq-stream", "kafka-topic"];

/// A Weir that watches one of everything.
async fn watching() -> Result<WeirProcess> {
    let (rabbitmq, kafka) = (RabbitMq::shared().await?, Kafka::shared().await?);
    let amqp = Amqp::connect(&rabbitmq.amqp_url()).await?;
    for kind in ["classic", "quorum", "stream"] {
        amqp.declare(kind, &json!({ "x-queue-type": kind })).await?;
        amqp.publish(kind, 3).await?;
    }
    let held = amqp.hold("classic", 1).await?;
    let client = KafkaClient::new(&kafka.bootstrap())?;
    client.ensure_topic("kinds", 2).await?;
    client.produce("kinds", 2, 4).await?;
    client.join("reader", "kinds")?.take(1).await?;
    let demo = "[[brokers]]\nname = \"demo\"\nurl = \"demo://\"\n";
    let config = [rabbitmq.config("mq"), kafka.config("log"), demo.to_owned()].concat();
    let weir = WeirProcess::start(&config).await?;
    weir.until("every kind is listed with its depth", SOON, "/api/v1/queues?limit=1000", |page| {
        let rows = page["items"].as_array()?;
        KINDS
            .iter()
            .all(|kind| rows.iter().any(|row| row["kind"] == *kind && row["depth"].is_i64()))
            .then_some(())
    })
    .await?;
    drop(held);
    Ok(weir)
}

/// Asks for everything there is about a queue, and acts on it.
async fn hold(weir: &WeirProcess, document: &Value, row: &Value) -> Result<()> {
    let path = format!("/api/v1/brokers/{}/queues/{}", text(row, "broker")?, text(row, "id")?);
    let detail = weir.get(&path).await?;
    matches(document, "QueueDetail", &detail)?;
    let series = weir.get(&format!("{path}/series?metric=depth&points=5")).await?;
    matches(document, "Series", &series)?;
    let allowed = |act: &str| detail["abilities"][act]["allowed"] == true;
    if allowed("browse") {
        matches(document, "MessagePage", &weir.get(&format!("{path}/messages?limit=3")).await?)?;
    }
    if allowed("peek") {
        let price = weir.get(&format!("{path}/peek")).await?;
        matches(document, "Price", &price)?;
        let paid = json!({ "limit": 2, "accept": price["effects"] });
        let page = weir.post(&format!("{path}/peek"), &paid).await?;
        matches(document, "MessagePage", &page)?;
        let again = weir.get(&format!("{path}/peeks/{}", text(&page, "peek_id")?)).await?;
        matches(document, "MessagePage", &again)?;
    }
    if allowed("publish") {
        let (_, receipt) =
            sent(weir, &format!("{path}/messages"), &json!({ "body": { "data": "x" } })).await?;
        matches(
            document,
            if receipt["status"].is_u64() { "ProblemBody" } else { "PublishReceipt" },
            &receipt,
        )?;
    }
    if allowed("purge") {
        let (status, receipt) =
            sent(weir, &format!("{path}/purge"), &json!({ "confirm": row["name"] })).await?;
        matches(document, if status == 200 { "PurgeReceipt" } else { "ProblemBody" }, &receipt)?;
    }
    Ok(())
}

async fn sent(weir: &WeirProcess, path: &str, body: &Value) -> Result<(u16, Value)> {
    weir.answer(Method::POST, path, Some(body)).await
}

fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    value[field].as_str().with_context(|| format!("{field} of {value}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_every_kind_of_queue_when_its_answers_are_held_against_the_document_then_they_fit() -> Result<()>
{
    let weir = watching().await?;
    let document = weir.get("/api/v1/openapi.json").await?;
    let brokers = weir.get("/api/v1/brokers").await?;
    matches(&document, "BrokerPage", &brokers).with_context(|| format!("{brokers:#}"))?;
    let page = weir.get("/api/v1/queues?limit=1000").await?;
    matches(&document, "QueuePage", &page).with_context(|| format!("{page:#}"))?;
    let rows = page["items"].as_array().context("rows")?;
    for row in rows {
        hold(&weir, &document, row).await.with_context(|| format!("{} of {}", row["id"], row["broker"]))?;
    }
    for broker in ["mq", "log", "demo"] {
        ensure!(rows.iter().any(|row| row["broker"] == broker), "nothing of {broker}");
        let card = weir.post(&format!("/api/v1/brokers/{broker}/observe"), &json!({})).await?;
        matches(&document, "BrokerCard", &card)?;
    }
    let actions = weir.get("/api/v1/actions?limit=1000").await?;
    ensure!(actions["total"].as_u64() >= Some(KINDS.len() as u64), "{actions}");
    matches(&document, "ActionList", &actions)
}
