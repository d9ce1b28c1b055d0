//! Queues of each kind, filled and emptied with the broker's own clients.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Result, ensure};
use async_trait::async_trait;
use lapin::{
    options::{QueueDeclareOptions, QueuePurgeOptions},
    types::FieldTable,
};
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer as _},
    producer::FutureRecord,
};
use redis::{AsyncCommands as _, streams::StreamRangeReply};
use serde_json::json;
use weir_tests::{
    brokers::{BrokerServer as _, Kafka, RabbitMq, Redis},
    clients::{
        self,
        amqp::{Amqp, Taking},
        kafka::KafkaClient,
    },
    unique,
    weir::queue_path,
};

/// A queue under test.
#[async_trait]
pub(crate) trait Held: Send + Sync {
    fn config(&self) -> String;
    fn path(&self) -> String;
    fn name(&self) -> &str;
    /// Adds messages and gives their bodies.
    async fn fill(&self, prefix: &str, count: usize) -> Result<BTreeSet<String>>;
    /// Empties it and gives the bodies.
    async fn take_all(&self) -> Result<BTreeSet<String>>;
}

fn bodies(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{prefix} {n}")).collect()
}

pub(crate) struct List {
    pub redis: &'static Redis,
    pub name: String,
}

#[async_trait]
impl Held for List {
    fn config(&self) -> String {
        format!("{}include = [\"list:{}\"]\n", self.redis.config("cache"), self.name)
    }

    fn path(&self) -> String {
        queue_path("cache", &["0", "list", &self.name])
    }

    fn name(&self) -> &str {
        &self.name
    }

    async fn fill(&self, prefix: &str, count: usize) -> Result<BTreeSet<String>> {
        let bodies = bodies(prefix, count);
        let mut client = clients::redis::connect(&self.redis.url()).await?;
        client.rpush::<_, _, ()>(&self.name, &bodies).await?;
        Ok(bodies.into_iter().collect())
    }

    async fn take_all(&self) -> Result<BTreeSet<String>> {
        let mut client = clients::redis::connect(&self.redis.url()).await?;
        let mut all = BTreeSet::new();
        for key in [self.name.clone(), format!("weir:aside:{}", self.name)] {
            all.extend(client.lrange::<_, Vec<String>>(&key, 0, -1).await?);
            client.del::<_, ()>(&key).await?;
        }
        Ok(all)
    }
}

pub(crate) struct Stream {
    pub redis: &'static Redis,
    pub name: String,
}

#[async_trait]
impl Held for Stream {
    fn config(&self) -> String {
        format!("{}include = [\"stream:{}\"]\n", self.redis.config("cache"), self.name)
    }

    fn path(&self) -> String {
        queue_path("cache", &["0", "stream", &self.name])
    }

    fn name(&self) -> &str {
        &self.name
    }

    async fn fill(&self, prefix: &str, count: usize) -> Result<BTreeSet<String>> {
        let bodies = bodies(prefix, count);
        let mut client = clients::redis::connect(&self.redis.url()).await?;
        let mut pipeline = redis::pipe();
        for body in &bodies {
            pipeline.xadd(&self.name, "*", &[("body", body)]).ignore();
        }
        pipeline.exec_async(&mut client).await?;
        Ok(bodies.into_iter().collect())
    }

    async fn take_all(&self) -> Result<BTreeSet<String>> {
        let mut client = clients::redis::connect(&self.redis.url()).await?;
        let entries: StreamRangeReply = client.xrange_all(&self.name).await?;
        client.xtrim::<_, ()>(&self.name, redis::streams::StreamMaxlen::Equals(0)).await?;
        Ok(entries.ids.iter().filter_map(|entry| entry.get("body")).collect())
    }
}

pub(crate) struct Queue {
    node: &'static RabbitMq,
    amqp: Amqp,
    name: String,
}

impl Queue {
    pub(crate) async fn new(node: &'static RabbitMq, kind: &str) -> Result<Self> {
        let (amqp, name) = (Amqp::connect(&node.amqp_url()).await?, unique(kind));
        amqp.declare(&name, &json!({ "x-queue-type": kind })).await?;
        Ok(Self { node, amqp, name })
    }

    async fn ready(&self) -> Result<usize> {
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let channel = self.amqp.channel().await?;
        let queue = channel.queue_declare(self.name.as_str().into(), options, FieldTable::default()).await?;
        channel.close(200, "done".into()).await?;
        Ok(queue.message_count() as usize)
    }
}

#[async_trait]
impl Held for Queue {
    fn config(&self) -> String {
        self.node.config("orders")
    }

    fn path(&self) -> String {
        queue_path("orders", &["/", &self.name])
    }

    fn name(&self) -> &str {
        &self.name
    }

    async fn fill(&self, prefix: &str, count: usize) -> Result<BTreeSet<String>> {
        let bodies = bodies(prefix, count);
        self.amqp.publish_bodies(&self.name, &bodies).await?;
        Ok(bodies.into_iter().collect())
    }

    async fn take_all(&self) -> Result<BTreeSet<String>> {
        // The broker has to notice that Weir is gone before what that held is back.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let count = self.ready().await?;
        let taken = self.amqp.take(&self.name, count, Taking::Acknowledged).await?;
        let purged = self.amqp.channel().await?;
        let rest = purged.queue_purge(self.name.as_str().into(), QueuePurgeOptions::default()).await?;
        ensure!(rest == 0, "{rest} came later");
        Ok(taken.into_iter().map(|body| String::from_utf8_lossy(&body).into_owned()).collect())
    }
}

pub(crate) struct Topic {
    kafka: &'static Kafka,
    client: KafkaClient,
    name: String,
}

const PARTITIONS: i32 = 3;
const PATIENCE: Duration = Duration::from_secs(30);

impl Topic {
    pub(crate) async fn new(kafka: &'static Kafka) -> Result<Self> {
        let (client, name) = (KafkaClient::new(&kafka.bootstrap())?, unique("topic"));
        client.create_topic(&name, PARTITIONS, &[]).await?;
        Ok(Self { kafka, client, name })
    }

    fn settings(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.kafka.bootstrap()).set("group.id", "held");
        config.set("auto.offset.reset", "earliest").set("enable.auto.commit", "false");
        config
    }

    /// All records, and where each partition ends.
    fn read_all(&self) -> Result<(BTreeSet<String>, TopicPartitionList)> {
        let consumer: BaseConsumer = self.settings().create()?;
        let (mut from, mut to, mut left) = (TopicPartitionList::new(), TopicPartitionList::new(), 0);
        for partition in 0..PARTITIONS {
            let (begin, end) = consumer.fetch_watermarks(&self.name, partition, PATIENCE)?;
            from.add_partition_offset(&self.name, partition, Offset::Offset(begin))?;
            to.add_partition_offset(&self.name, partition, Offset::Offset(end))?;
            left += end - begin;
        }
        consumer.assign(&from)?;
        let mut all = BTreeSet::new();
        while left > 0 {
            let Some(record) = consumer.poll(PATIENCE) else { break };
            let text = rdkafka::Message::payload(&record?).map(|b| String::from_utf8_lossy(b).into_owned());
            all.extend(text);
            left -= 1;
        }
        Ok((all, to))
    }
}

#[async_trait]
impl Held for Topic {
    fn config(&self) -> String {
        self.kafka.config("log")
    }

    fn path(&self) -> String {
        queue_path("log", &[&self.name])
    }

    fn name(&self) -> &str {
        &self.name
    }

    async fn fill(&self, prefix: &str, count: usize) -> Result<BTreeSet<String>> {
        let bodies = bodies(prefix, count);
        let sends = bodies.iter().zip((0..PARTITIONS).cycle()).map(|(body, partition)| {
            self.client
                .produce_one(FutureRecord::to(&self.name).payload(body.as_bytes()).partition(partition))
        });
        for sent in futures::future::join_all(sends).await {
            sent?;
        }
        Ok(bodies.into_iter().collect())
    }

    async fn take_all(&self) -> Result<BTreeSet<String>> {
        let (all, ends) = tokio::task::block_in_place(|| self.read_all())?;
        let admin: AdminClient<DefaultClientContext> = self.settings().create()?;
        admin.delete_records(&ends, &AdminOptions::new()).await?;
        Ok(all)
    }
}
