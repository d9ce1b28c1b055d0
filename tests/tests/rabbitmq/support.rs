//! A client beside Weir, and short ways to look through Weir.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable, ShortString},
};
use weir::{
    brokers::{self, Broker, ObserveContext},
    config::{BrokerConfig, Secret},
};
use weir_model::{Metric, Observation, QueueId, QueueKind, QueueObservation};
use weir_tests::{brokers::RabbitMq, wait};

/// Two refreshes of the broker's statistics and then some.
pub(crate) const SETTLED: Duration = Duration::from_secs(30);

/// The config of a node as its default user.
pub(crate) fn config(node: &RabbitMq) -> BrokerConfig {
    BrokerConfig {
        management_url: Some(node.management_url()),
        ..BrokerConfig::new("mq", "amqp", vec![("127.0.0.1".to_owned(), node.amqp_port())])
    }
}

/// The config of a node as another user.
pub(crate) fn config_as(node: &RabbitMq, user: &str, password: &str) -> BrokerConfig {
    BrokerConfig { user: Some(user.to_owned()), password: Secret::new(password), ..config(node) }
}

/// An adapter.
pub(crate) type Weir = Arc<dyn Broker>;

/// The adapter of a node.
pub(crate) fn adapter(node: &RabbitMq) -> Result<Weir> {
    Ok(brokers::connect(&config(node))?)
}

/// An adapter that can't reach the management API.
pub(crate) fn blind(node: &RabbitMq) -> Result<Weir> {
    let management_url = Some("http://127.0.0.1:1".to_owned());
    Ok(brokers::connect(&BrokerConfig { management_url, ..config(node) })?)
}

/// A classic queue of vhost `/` as a page would name it.
pub(crate) fn queue(name: &str) -> QueueObservation {
    queue_of(name, QueueKind::RabbitmqClassic)
}

/// A queue of vhost `/` as a page would name it.
pub(crate) fn queue_of(name: &str, kind: QueueKind) -> QueueObservation {
    QueueObservation::new(QueueId::from_parts(&["/", name]), kind, name, "/")
}

pub(crate) async fn observe(broker: &Weir) -> Result<Observation> {
    Ok(broker.observe(&ObserveContext::default()).await?)
}

/// One queue of vhost `/`.
pub(crate) async fn look_at(broker: &Weir, name: &str) -> Result<QueueObservation> {
    let id = QueueId::from_parts(&["/", name]);
    let seen = observe(broker).await?;
    seen.queues.into_iter().find(|queue| queue.id == id).with_context(|| format!("{name} is not listed"))
}

/// Looks until the queue is as wanted.
pub(crate) async fn look_until(
    broker: &Weir,
    name: &str,
    what: &str,
    wanted: impl Fn(&QueueObservation) -> bool,
) -> Result<QueueObservation> {
    let wanted = &wanted;
    wait::until(what, SETTLED, || async move {
        // The broker counts anew every five seconds: looking oftener would only load it.
        tokio::time::sleep(Duration::from_millis(400)).await;
        let seen = look_at(broker, name).await.ok()?;
        wanted(&seen).then_some(seen)
    })
    .await
}

/// Looks until the depth is known and as given.
pub(crate) async fn look_until_depth(broker: &Weir, name: &str, depth: i64) -> Result<QueueObservation> {
    let what = format!("{name} holds {depth}");
    look_until(broker, name, &what, |queue| queue.value(Metric::Depth) == Some(depth)).await
}

/// A client of the application's side.
pub(crate) struct Client {
    _connection: Connection,
    pub(crate) channel: Channel,
}

impl Client {
    pub(crate) async fn connect(node: &RabbitMq) -> Result<Self> {
        let connection = Connection::connect(&node.amqp_url(), ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(Self { _connection: connection, channel })
    }

    /// Declares a durable queue.
    pub(crate) async fn declare(&self, name: &str, arguments: &[(&str, AMQPValue)]) -> Result<()> {
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        self.channel.queue_declare(name.into(), options, table(arguments)).await?;
        Ok(())
    }

    /// Publishes `count` messages with the bodies `m0`, `m1`, … and waits for their confirms.
    pub(crate) async fn publish(&self, queue: &str, count: usize) -> Result<()> {
        let bodies: Vec<Vec<u8>> = (0..count).map(|n| format!("m{n}").into_bytes()).collect();
        self.publish_bodies(queue, &bodies).await
    }

    pub(crate) async fn publish_bodies(&self, queue: &str, bodies: &[Vec<u8>]) -> Result<()> {
        for body in bodies {
            let properties = BasicProperties::default().with_delivery_mode(2);
            let confirm = self
                .channel
                .basic_publish("".into(), queue.into(), BasicPublishOptions::default(), body, properties)
                .await?;
            drop(confirm);
        }
        self.channel.wait_for_confirms().await?;
        Ok(())
    }

    /// Ready messages, as the broker counts them this moment.
    pub(crate) async fn ready(&self, name: &str) -> Result<u32> {
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        Ok(self.channel.queue_declare(name.into(), options, FieldTable::default()).await?.message_count())
    }
}

pub(crate) fn table(entries: &[(&str, AMQPValue)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in entries {
        table.insert(ShortString::from(*name), value.clone());
    }
    table
}

/// A text as an AMQP value.
pub(crate) fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

/// Arguments of a quorum queue.
pub(crate) fn quorum() -> (&'static str, AMQPValue) {
    ("x-queue-type", text("quorum"))
}

/// Arguments of a quorum queue that gives messages back as often as one likes.
pub(crate) async fn unlimited(weir: &Weir) -> Result<Vec<(&'static str, AMQPValue)>> {
    let mut arguments = vec![quorum()];
    if major_version(weir).await? >= 4 {
        arguments.push(("x-delivery-limit", AMQPValue::LongInt(-1)));
    }
    Ok(arguments)
}

/// The broker's major version, where its rules depend on it.
pub(crate) async fn major_version(weir: &Weir) -> Result<u32> {
    Ok(version(weir).await?.0)
}

/// True where a peek adds to the delivery count of a quorum queue's messages: before 4.3.
pub(crate) async fn peeks_count(weir: &Weir) -> Result<bool> {
    Ok(version(weir).await? < (4, 3))
}

async fn version(weir: &Weir) -> Result<(u32, u32)> {
    let text = observe(weir).await?.version;
    let mut parts = text.split('.').map(str::parse);
    let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) else { bail!("version {text}") };
    Ok((major, minor))
}

/// Arguments of a stream.
pub(crate) fn stream() -> (&'static str, AMQPValue) {
    ("x-queue-type", text("stream"))
}
