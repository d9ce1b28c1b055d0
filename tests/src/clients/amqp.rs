//! RabbitMQ: declare, publish with confirms, consume exact numbers.

use std::sync::Mutex;

use anyhow::{Context as _, Result, ensure};
use futures::StreamExt as _;
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ExchangeKind,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, BasicQosOptions,
        ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
    },
    types::{AMQPValue, FieldTable},
};
use serde_json::Value;

/// How messages are taken, since each way has its own counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// A consumer that acknowledges: `deliver`, then `ack`.
    Acknowledged,
    /// A consumer with `auto_ack`: `deliver_no_ack`. It gets all that waits, whatever number is asked for.
    AutoAck,
    /// `basic.get` one by one with an acknowledgement each: `get`, then `ack`.
    Get,
    /// `basic.get` with `auto_ack`: `get_no_ack`.
    GetAutoAck,
}

/// One connection with a publishing channel in confirm mode; the channels it consumed with stay open beside it.
pub struct Amqp {
    connection: Connection,
    publisher: Channel,
    taking: Mutex<Vec<Channel>>,
}

impl Amqp {
    /// Connects, for example to [`RabbitMq::amqp_url`](crate::brokers::RabbitMq::amqp_url).
    ///
    /// # Errors
    /// The broker refuses.
    pub async fn connect(url: &str) -> Result<Self> {
        let properties = ConnectionProperties::default().with_connection_name("weir-tests".into());
        let connection = Connection::connect(url, properties).await.context("connecting by AMQP")?;
        let publisher = connection.create_channel().await?;
        publisher.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(Self { connection, publisher, taking: Mutex::new(Vec::new()) })
    }

    /// Declares a durable queue. `arguments` is a JSON object such as `{"x-queue-type": "quorum"}`.
    ///
    /// # Errors
    /// The broker refuses, for example since the queue exists with other arguments.
    pub async fn declare(&self, queue: &str, arguments: &Value) -> Result<()> {
        let channel = self.connection.create_channel().await?;
        channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), table(arguments)).await?;
        Ok(())
    }

    /// Declares a durable exchange and binds a queue to it.
    ///
    /// # Errors
    /// The broker refuses.
    pub async fn bind(
        &self,
        exchange: &str,
        kind: ExchangeKind,
        queue: &str,
        routing_key: &str,
    ) -> Result<()> {
        let channel = self.connection.create_channel().await?;
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        channel.exchange_declare(exchange.into(), kind, durable, FieldTable::default()).await?;
        let options = QueueBindOptions::default();
        channel
            .queue_bind(queue.into(), exchange.into(), routing_key.into(), options, FieldTable::default())
            .await?;
        Ok(())
    }

    /// Publishes `count` messages `message 0`, `message 1`, … and waits until each is confirmed.
    ///
    /// # Errors
    /// One is not confirmed.
    pub async fn publish(&self, queue: &str, count: usize) -> Result<()> {
        let bodies: Vec<String> = (0..count).map(|n| format!("message {n}")).collect();
        self.publish_bodies(queue, &bodies).await
    }

    /// Publishes messages and waits until each is confirmed.
    ///
    /// # Errors
    /// One is not confirmed.
    pub async fn publish_bodies(&self, queue: &str, bodies: &[String]) -> Result<()> {
        let mut confirms = Vec::with_capacity(bodies.len());
        for body in bodies {
            confirms.push(self.send("", queue, body.as_bytes(), persistent()).await?);
        }
        for confirm in confirms {
            ensure!(matches!(confirm.await?, Confirmation::Ack(None)), "a message was not confirmed");
        }
        Ok(())
    }

    /// Publishes one message and waits until it is confirmed.
    ///
    /// # Errors
    /// It is not confirmed.
    pub async fn publish_one(
        &self,
        exchange: &str,
        routing_key: &str,
        body: &[u8],
        properties: BasicProperties,
    ) -> Result<()> {
        let confirm = self.send(exchange, routing_key, body, properties).await?.await?;
        ensure!(matches!(confirm, Confirmation::Ack(None)), "the message was not confirmed: {confirm:?}");
        Ok(())
    }

    async fn send(
        &self,
        exchange: &str,
        routing_key: &str,
        body: &[u8],
        properties: BasicProperties,
    ) -> Result<lapin::PublisherConfirm> {
        let options = BasicPublishOptions::default();
        Ok(self
            .publisher
            .basic_publish(exchange.into(), routing_key.into(), options, body, properties)
            .await?)
    }

    /// Takes `count` messages and gives their bodies, in order. Waits for those that are not there yet.
    ///
    /// # Errors
    /// The broker refuses, or closes the channel.
    pub async fn take(&self, queue: &str, count: usize, taking: Taking) -> Result<Vec<Vec<u8>>> {
        let channel = self.connection.create_channel().await?;
        let bodies = match taking {
            Taking::Acknowledged => consume(&channel, queue, count, false).await?,
            Taking::AutoAck => consume(&channel, queue, count, true).await?,
            Taking::Get => get(&channel, queue, count, false).await?,
            Taking::GetAutoAck => get(&channel, queue, count, true).await?,
        };
        self.taking.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(channel);
        Ok(bodies)
    }

    /// Takes `count` messages and keeps them unacknowledged for as long as the channel it gives lives.
    ///
    /// # Errors
    /// The broker refuses.
    pub async fn hold(&self, queue: &str, count: u16) -> Result<Channel> {
        let channel = self.connection.create_channel().await?;
        channel.basic_qos(count, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions::default();
        let mut consumer =
            channel.basic_consume(queue.into(), "".into(), options, FieldTable::default()).await?;
        for _ in 0..count {
            consumer.next().await.context("the consumer was cancelled")??;
        }
        Ok(channel)
    }

    /// A further channel of this connection, for what is not covered here.
    ///
    /// # Errors
    /// The connection is closed.
    pub async fn channel(&self) -> Result<Channel> {
        Ok(self.connection.create_channel().await?)
    }
}

/// The properties of a message that survives a restart of the broker.
#[must_use]
pub fn persistent() -> BasicProperties {
    BasicProperties::default().with_delivery_mode(2)
}

async fn consume(channel: &Channel, queue: &str, count: usize, auto_ack: bool) -> Result<Vec<Vec<u8>>> {
    // Nothing is acknowledged before all are there, so that no more than `count` are ever handed out.
    channel.basic_qos(u16::try_from(count)?, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions { no_ack: auto_ack, ..BasicConsumeOptions::default() };
    let mut consumer = channel.basic_consume(queue.into(), "".into(), options, FieldTable::default()).await?;
    let mut bodies = Vec::with_capacity(count);
    let mut last_tag = 0;
    while bodies.len() < count {
        let delivery = consumer.next().await.context("the consumer was cancelled")??;
        last_tag = delivery.delivery_tag;
        bodies.push(delivery.data);
    }
    channel.basic_cancel(consumer.tag(), lapin::options::BasicCancelOptions::default()).await?;
    if !auto_ack && count > 0 {
        channel.basic_ack(last_tag, BasicAckOptions { multiple: true }).await?;
    }
    Ok(bodies)
}

async fn get(channel: &Channel, queue: &str, count: usize, auto_ack: bool) -> Result<Vec<Vec<u8>>> {
    let mut bodies = Vec::with_capacity(count);
    while bodies.len() < count {
        let options = BasicGetOptions { no_ack: auto_ack };
        let message = channel.basic_get(queue.into(), options).await?;
        let message = message.with_context(|| format!("{queue} is empty after {}", bodies.len()))?;
        if !auto_ack {
            channel.basic_ack(message.delivery.delivery_tag, BasicAckOptions::default()).await?;
        }
        bodies.push(message.delivery.data);
    }
    Ok(bodies)
}

/// A JSON object as AMQP arguments; a value that AMQP arguments of queues don't know becomes its text.
fn table(arguments: &Value) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in arguments.as_object().into_iter().flatten() {
        let value = match value {
            Value::Bool(flag) => AMQPValue::Boolean(*flag),
            Value::Number(number) => AMQPValue::LongLongInt(number.as_i64().unwrap_or_default()),
            Value::String(text) => AMQPValue::LongString(text.as_str().into()),
            other => AMQPValue::LongString(other.to_string().into()),
        };
        table.insert(name.as_str().into(), value);
    }
    table
}
