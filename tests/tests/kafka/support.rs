//! A client beside Weir, Kafka's own tools, and short ways to look through Weir.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use rdkafka::{
    ClientConfig,
    producer::{BaseRecord, DefaultProducerContext, Producer as _, ThreadedProducer},
};
use weir::{
    brokers::{self, Broker, ObserveContext},
    config::BrokerConfig,
};
use weir_model::{
    Observation, QueueObservation,
    message::{BrowseFrom, BrowseRequest, Message, MessagePage},
};
use weir_tests::{brokers::Kafka, clients::kafka::KafkaClient, wait};

/// Metadata of a new topic reaches every part of a broker within seconds.
pub const SETTLED: Duration = Duration::from_secs(20);

/// A server, a client of the application's side, and Weir.
pub struct Bench {
    pub kafka: &'static Kafka,
    pub client: KafkaClient,
    pub weir: Arc<dyn Broker>,
}

impl Bench {
    pub async fn open() -> Result<Self> {
        let kafka = Kafka::shared().await?;
        Ok(Self { kafka, client: KafkaClient::new(&kafka.bootstrap())?, weir: adapter(kafka)? })
    }

    /// Makes a topic and waits until Weir lists it.
    pub async fn topic(
        &self,
        name: &str,
        partitions: i32,
        settings: &[(&str, &str)],
    ) -> Result<QueueObservation> {
        self.client.create_topic(name, partitions, settings).await?;
        self.look_until(name, "it is listed", |queue| queue.partitions.len() == partitions as usize).await
    }

    pub async fn look_at(&self, topic: &str) -> Result<QueueObservation> {
        look_at(&self.weir, topic).await
    }

    /// Looks until the topic is as wanted.
    pub async fn look_until(
        &self,
        topic: &str,
        what: &str,
        wanted: impl Fn(&QueueObservation) -> bool,
    ) -> Result<QueueObservation> {
        let wanted = &wanted;
        wait::until(&format!("{topic}: {what}"), SETTLED, || async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let seen = self.look_at(topic).await.ok()?;
            wanted(&seen).then_some(seen)
        })
        .await
    }

    pub async fn browse(&self, queue: &QueueObservation, request: &BrowseRequest) -> Result<MessagePage> {
        Ok(self.weir.browse().context("topics are browsed")?.browse(queue, request).await?)
    }

    /// `(lag, member's client)` by partition, as Kafka's own tool tells it; `None` where it prints `-`.
    pub fn told_by_kafka(&self, group: &str) -> Result<Vec<(i32, Option<i64>)>> {
        let bootstrap = self.kafka.bootstrap();
        let text = self.kafka.tool(
            "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
            &["--bootstrap-server", &bootstrap, "--describe", "--group", group],
        )?;
        let mut rows = Vec::new();
        for line in text.lines() {
            let columns: Vec<&str> = line.split_whitespace().collect();
            if let [name, _topic, partition, _committed, _end, lag, ..] = columns[..]
                && name == group
            {
                rows.push((partition.parse()?, lag.parse().ok()));
            }
        }
        rows.sort_unstable();
        ensure!(!rows.is_empty(), "no partition in: {text}");
        Ok(rows)
    }
}

pub fn adapter(kafka: &Kafka) -> Result<Arc<dyn Broker>> {
    let bootstrap = kafka.bootstrap();
    let (host, port) = bootstrap.rsplit_once(':').context("host and port")?;
    Ok(brokers::connect(&BrokerConfig::new("log", "kafka", vec![(host.to_owned(), port.parse()?)]))?)
}

pub async fn observe(weir: &Arc<dyn Broker>) -> Result<Observation> {
    let cx = ObserveContext { known: vec![], budget: Duration::from_secs(5) };
    Ok(weir.observe(&cx).await?)
}

pub async fn look_at(weir: &Arc<dyn Broker>, topic: &str) -> Result<QueueObservation> {
    let seen = observe(weir).await?;
    seen.queues
        .into_iter()
        .find(|queue| queue.name == topic)
        .with_context(|| format!("{topic} is not listed"))
}

/// A page of at most 100 from a start.
pub fn from(start: BrowseFrom) -> BrowseRequest {
    BrowseRequest { from: Some(start), limit: 100, partition: None, read_committed: false }
}

/// The text of each message.
pub fn texts(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|m| m.body.as_ref().map_or("tombstone", |body| body.data.as_str())).collect()
}

/// A producer inside a transaction.
pub struct Transaction(ThreadedProducer<DefaultProducerContext>);

impl Transaction {
    /// Begins one and writes `count` records to partition 0.
    pub async fn write(bootstrap: &str, topic: &str, count: usize) -> Result<Self> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", bootstrap).set("transactional.id", weir_tests::unique("tx"));
        let topic = topic.to_owned();
        blocking(move || {
            let producer: ThreadedProducer<DefaultProducerContext> = config.create()?;
            producer.init_transactions(SETTLED)?;
            producer.begin_transaction()?;
            for n in 0..count {
                let text = format!("held {n}");
                let record = BaseRecord::<(), _>::to(&topic).partition(0).payload(&text);
                producer.send(record).map_err(|(error, _)| error)?;
            }
            producer.flush(SETTLED)?;
            Ok(Self(producer))
        })
        .await
    }

    pub async fn commit(self) -> Result<()> {
        blocking(move || Ok(self.0.commit_transaction(SETTLED)?)).await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await?
}
