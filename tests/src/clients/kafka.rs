//! Kafka: topics, records of known number, and members of consumer groups.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, anyhow, bail};
use rdkafka::{
    ClientConfig, Message as _, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{CommitMode, Consumer as _, StreamConsumer},
    error::RDKafkaErrorCode,
    message::OwnedMessage,
    producer::{FutureProducer, FutureRecord, Producer as _},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// An administrator and a producer.
pub struct KafkaClient {
    bootstrap: String,
    admin: AdminClient<DefaultClientContext>,
    producer: FutureProducer,
}

impl KafkaClient {
    /// For the address that [`Kafka::bootstrap`](crate::brokers::Kafka::bootstrap) gives.
    ///
    /// # Errors
    /// The clients can't be made.
    pub fn new(bootstrap: &str) -> Result<Self> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", bootstrap);
        let admin = config.create()?;
        let producer = config.set("linger.ms", "1").create()?;
        Ok(Self { bootstrap: bootstrap.to_owned(), admin, producer })
    }

    /// Makes a topic, with settings such as `("cleanup.policy", "compact")`, and waits until it can be written to.
    ///
    /// # Errors
    /// It exists, or the broker refuses.
    pub async fn create_topic(&self, topic: &str, partitions: i32, settings: &[(&str, &str)]) -> Result<()> {
        let mut wanted = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
        for (name, value) in settings {
            wanted = wanted.set(name, value);
        }
        let made = self.admin.create_topics([&wanted], &AdminOptions::new()).await?;
        made.into_iter().next().context("no answer")?.map_err(|(topic, code)| anyhow!("{topic}: {code}"))?;
        Ok(())
    }

    /// Makes a topic whose partitions lie on the brokers given, one list of ids for each.
    ///
    /// # Errors
    /// It exists, or one of the brokers does not take partitions.
    pub async fn create_topic_on(&self, topic: &str, replicas: &[&[i32]]) -> Result<()> {
        let wanted = NewTopic::new(topic, replicas.len() as i32, TopicReplication::Variable(replicas));
        let made = self.admin.create_topics([&wanted], &AdminOptions::new()).await?;
        made.into_iter().next().context("no answer")?.map_err(|(topic, code)| anyhow!("{topic}: {code}"))?;
        Ok(())
    }

    /// Deletes a topic.
    ///
    /// # Errors
    /// There is none of that name.
    pub async fn delete_topic(&self, topic: &str) -> Result<()> {
        let gone = self.admin.delete_topics(&[topic], &AdminOptions::new()).await?;
        gone.into_iter().next().context("no answer")?.map_err(|(topic, code)| anyhow!("{topic}: {code}"))?;
        Ok(())
    }

    /// Makes a topic unless it is there.
    ///
    /// # Errors
    /// The broker refuses.
    pub async fn ensure_topic(&self, topic: &str, partitions: i32) -> Result<()> {
        let wanted = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
        match self.admin.create_topics([&wanted], &AdminOptions::new()).await?.into_iter().next() {
            Some(Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(()),
            other => bail!("making the topic {topic}: {other:?}"),
        }
    }

    /// Writes `message 0`, `message 1`, … round over the partitions, and waits until each is acknowledged.
    ///
    /// # Errors
    /// One is not.
    pub async fn produce(&self, topic: &str, partitions: i32, count: usize) -> Result<()> {
        let texts: Vec<String> = (0..count).map(|n| format!("message {n}")).collect();
        let sends = texts.iter().zip((0..partitions).cycle()).map(|(text, partition)| {
            let record = FutureRecord::<(), _>::to(topic).payload(text).partition(partition);
            self.producer.send(record, PATIENCE)
        });
        for sent in futures::future::join_all(sends).await {
            sent.map_err(|(error, _)| error)?;
        }
        Ok(())
    }

    /// Writes one record.
    ///
    /// # Errors
    /// The broker refuses.
    pub async fn produce_one(&self, record: FutureRecord<'_, str, [u8]>) -> Result<(i32, i64)> {
        let sent = self.producer.send(record, PATIENCE).await.map_err(|(error, _)| error)?;
        Ok((sent.partition, sent.offset))
    }

    /// Messages in partition 0 of a topic.
    ///
    /// # Errors
    /// The broker does not tell.
    pub async fn held(&self, topic: &str) -> Result<i64> {
        let (producer, topic) = (self.producer.clone(), topic.to_owned());
        let ask = move || producer.client().fetch_watermarks(&topic, 0, PATIENCE);
        let (begin, end) = tokio::task::spawn_blocking(ask).await??;
        Ok(end - begin)
    }

    /// A member of a consumer group, subscribed to a topic. It has its partitions once it has taken something.
    ///
    /// # Errors
    /// The client can't be made.
    pub fn join(&self, group: &str, topic: &str) -> Result<GroupMember> {
        self.join_with(group, topic, &[])
    }

    /// A member with more client settings, such as `("group.protocol", "consumer")`.
    ///
    /// # Errors
    /// A setting is wrong.
    pub fn join_with(&self, group: &str, topic: &str, settings: &[(&str, &str)]) -> Result<GroupMember> {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.bootstrap)
            .set("group.id", group)
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest");
        for (name, value) in settings {
            config.set(*name, *value);
        }
        let consumer: StreamConsumer = config.create()?;
        consumer.subscribe(&[topic])?;
        Ok(GroupMember { consumer: Arc::new(consumer) })
    }
}

/// A member of a consumer group. It leaves the group when it is dropped.
pub struct GroupMember {
    consumer: Arc<StreamConsumer>,
}

impl GroupMember {
    /// Takes `count` records and commits just behind them.
    ///
    /// # Errors
    /// Not that many come within 30 s.
    pub async fn take(&self, count: usize) -> Result<Vec<OwnedMessage>> {
        let mut records = Vec::with_capacity(count);
        let mut behind = TopicPartitionList::new();
        while records.len() < count {
            let record = tokio::time::timeout(PATIENCE, self.consumer.recv())
                .await
                .with_context(|| format!("{} of {count} records came", records.len()))??;
            let offset = Offset::Offset(record.offset() + 1);
            match behind.find_partition(record.topic(), record.partition()) {
                Some(mut partition) => partition.set_offset(offset)?,
                None => behind.add_partition_offset(record.topic(), record.partition(), offset)?,
            }
            records.push(record.detach());
        }
        if count > 0 {
            // Where the broker is stopped it blocks for minutes: other tasks go on meanwhile.
            let consumer = Arc::clone(&self.consumer);
            tokio::task::spawn_blocking(move || consumer.commit(&behind, CommitMode::Sync)).await??;
        }
        Ok(records)
    }

    /// The client itself, for what is not covered here.
    pub fn consumer(&self) -> &StreamConsumer {
        &self.consumer
    }
}
