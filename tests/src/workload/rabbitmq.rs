//! The shop on RabbitMQ.

use anyhow::{Context as _, Result};
use futures::StreamExt as _;
use lapin::{
    BasicProperties,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, BasicRejectOptions,
        QueueDeclareOptions,
    },
    types::{AMQPValue, FieldTable},
};
use serde_json::json;
use tokio::{task::JoinSet, time::sleep};

use super::{
    at, keep_running, pause,
    shop::{self, Order},
};
use crate::clients::amqp::Amqp;

const DEAD_LETTER: &str = "orders.dead-letter";
const EVENTS: &str = "shop.events";

/// One queue's traffic.
#[derive(Clone, Copy)]
struct Traffic {
    queue: &'static str,
    /// Messages waiting from the start.
    head_start: u32,
    in_per_second: f64,
    body: fn() -> Written,
}

/// One message as its publisher hands it over.
struct Written {
    body: String,
    properties: BasicProperties,
}

pub(super) fn start(actors: &mut JoinSet<()>, url: &str) {
    let traffics = [
        Traffic { queue: "hello", head_start: 0, in_per_second: 2.0, body: hello },
        Traffic { queue: "orders", head_start: 150, in_per_second: 20.0, body: order },
        Traffic { queue: "payments", head_start: 0, in_per_second: 10.0, body: payment },
        Traffic { queue: "mails", head_start: 60, in_per_second: 0.5, body: mail },
        Traffic { queue: "invoices", head_start: 240, in_per_second: 1.0, body: payment },
        Traffic { queue: EVENTS, head_start: 500, in_per_second: 5.0, body: event },
    ];
    for traffic in traffics {
        actors.spawn(keep_running("a RabbitMQ publisher", at(url, move |url| publish(url, traffic))));
    }
    let orders = Pace { out_per_second: 9.2, prefetch: 20, rejects: 0.02 };
    let consumers = [
        ("orders", orders),
        ("orders", orders),
        ("payments", Pace { out_per_second: 40.0, prefetch: 20, rejects: 0.0 }),
        (EVENTS, Pace { out_per_second: 5.2, prefetch: 100, rejects: 0.0 }),
    ];
    for (queue, pace) in consumers {
        actors.spawn(keep_running("a RabbitMQ consumer", at(url, move |url| consume(url, queue, pace))));
    }
    actors.spawn(keep_running("the stuck consumer", at(url, hold)));
    actors.spawn(keep_running("the consumer of hello", at(url, consume_hello)));
}

async fn declare(amqp: &Amqp, queue: &str) -> Result<()> {
    match queue {
        // The article's own: neither durable nor anything else.
        "hello" => {
            let channel = amqp.channel().await?;
            channel
                .queue_declare(queue.into(), QueueDeclareOptions::default(), FieldTable::default())
                .await?;
            Ok(())
        }
        "orders" => {
            amqp.declare(DEAD_LETTER, &json!({})).await?;
            let arguments = json!({
                "x-queue-type": "quorum",
                "x-dead-letter-exchange": "",
                "x-dead-letter-routing-key": DEAD_LETTER,
                "x-delivery-limit": 5,
            });
            amqp.declare(queue, &arguments).await
        }
        EVENTS => {
            amqp.declare(queue, &json!({"x-queue-type": "stream", "x-max-length-bytes": 100_000_000})).await
        }
        _ => amqp.declare(queue, &json!({})).await,
    }
}

async fn publish(url: String, traffic: Traffic) -> Result<()> {
    let amqp = Amqp::connect(&url).await?;
    declare(&amqp, traffic.queue).await?;
    let channel = amqp.channel().await?;
    for n in 0_u64.. {
        let Written { body, properties } = (traffic.body)();
        let options = BasicPublishOptions::default();
        let name = traffic.queue.into();
        channel.basic_publish("".into(), name, options, body.as_bytes(), properties).await?;
        if n >= u64::from(traffic.head_start) {
            sleep(pause(traffic.in_per_second)).await;
        }
    }
    Ok(())
}

/// How fast a consumer is, and how many it rejects.
#[derive(Clone, Copy)]
struct Pace {
    out_per_second: f64,
    prefetch: u16,
    /// The share that it rejects for good.
    rejects: f64,
}

async fn consume(url: String, queue: &'static str, pace: Pace) -> Result<()> {
    let amqp = Amqp::connect(&url).await?;
    declare(&amqp, queue).await?;
    let channel = amqp.channel().await?;
    channel.basic_qos(pace.prefetch, BasicQosOptions::default()).await?;
    let mut arguments = FieldTable::default();
    if queue == EVENTS {
        arguments.insert("x-stream-offset".into(), AMQPValue::LongString("first".into()));
    }
    let options = BasicConsumeOptions::default();
    let mut consumer = channel.basic_consume(queue.into(), "".into(), options, arguments).await?;
    while let Some(delivery) = consumer.next().await {
        let delivery = delivery?;
        sleep(pause(pace.out_per_second)).await;
        if rand::random_bool(pace.rejects) {
            delivery.reject(BasicRejectOptions { requeue: false }).await?;
        } else {
            delivery.ack(BasicAckOptions::default()).await?;
        }
    }
    Ok(())
}

/// The article's consumer: `auto_ack=True`.
async fn consume_hello(url: String) -> Result<()> {
    let amqp = Amqp::connect(&url).await?;
    declare(&amqp, "hello").await?;
    let channel = amqp.channel().await?;
    let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
    let mut consumer =
        channel.basic_consume("hello".into(), "".into(), options, FieldTable::default()).await?;
    while let Some(delivery) = consumer.next().await {
        delivery?;
    }
    Ok(())
}

/// Takes 20 mails and never acknowledges one.
async fn hold(url: String) -> Result<()> {
    let amqp = Amqp::connect(&url).await?;
    declare(&amqp, "mails").await?;
    let channel = amqp.channel().await?;
    channel.basic_qos(20, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    let mut consumer =
        channel.basic_consume("mails".into(), "".into(), options, FieldTable::default()).await?;
    let mut held = Vec::new();
    while let Some(delivery) = consumer.next().await {
        held.push(delivery?);
    }
    None.context("the consumer was cancelled")
}

fn hello() -> Written {
    Written { body: "Hello World!".to_owned(), properties: BasicProperties::default() }
}

fn order() -> Written {
    let order = Order::next();
    let mut headers = FieldTable::default();
    headers.insert("customer".into(), AMQPValue::LongString(order.customer.as_str().into()));
    headers.insert("schema-version".into(), AMQPValue::LongInt(3));
    let body = order.body();
    Written {
        body,
        properties: json_properties("order.placed").with_message_id(order.id.into()).with_headers(headers),
    }
}

fn payment() -> Written {
    let order = Order::next();
    let properties = json_properties("payment.authorised").with_correlation_id(order.id.as_str().into());
    Written { body: order.payment(), properties }
}

fn mail() -> Written {
    Written { body: shop::mail(), properties: json_properties("mail") }
}

fn event() -> Written {
    let (name, body) = shop::event();
    Written { body, properties: json_properties(name) }
}

fn json_properties(kind: &str) -> BasicProperties {
    let seconds = u64::try_from(chrono::Utc::now().timestamp()).unwrap_or_default();
    BasicProperties::default()
        .with_content_type("application/json".into())
        .with_delivery_mode(2)
        .with_app_id("shop".into())
        .with_type(kind.into())
        .with_timestamp(seconds)
}
