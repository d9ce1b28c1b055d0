//! Kafka: topics.

use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer as _},
    producer::{FutureProducer, FutureRecord},
};
use weir::config::BrokerConfig;
use weir_model::{QueueId, QueueKind, message::PublishRequest};
use weir_tests::brokers::Kafka;

use crate::subject::Subject;

const PARTITIONS: i32 = 3;

pub struct KafkaSubject {
    server: &'static Kafka,
}

impl KafkaSubject {
    fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.server.bootstrap());
        config
    }
}

#[async_trait]
impl Subject for KafkaSubject {
    async fn open() -> Result<Self> {
        Ok(Self { server: Kafka::shared().await? })
    }

    fn config(&self) -> BrokerConfig {
        let port =
            self.server.bootstrap().rsplit(':').next().and_then(|p| p.parse().ok()).unwrap_or_default();
        BrokerConfig::new("log", "kafka", vec![("127.0.0.1".to_owned(), port)])
    }

    fn kinds(&self) -> &'static [QueueKind] {
        &[QueueKind::KafkaTopic]
    }

    async fn make(&self, _kind: QueueKind, name: &str, bodies: &[Vec<u8>]) -> Result<QueueId> {
        let admin: AdminClient<DefaultClientContext> = self.client().create()?;
        let topic = NewTopic::new(name, PARTITIONS, TopicReplication::Fixed(1));
        for made in admin.create_topics(&[topic], &AdminOptions::new()).await? {
            made.map_err(|(topic, code)| anyhow::anyhow!("{topic}: {code}"))?;
        }
        let producer: FutureProducer = self.client().create()?;
        for (n, body) in bodies.iter().enumerate() {
            let key = n.to_string();
            let record = FutureRecord::to(name).key(&key).payload(body);
            producer.send(record, Duration::from_secs(20)).await.map_err(|(error, _)| error)?;
        }
        Ok(QueueId::from_parts(&[name]))
    }

    async fn held(&self, _kind: QueueKind, name: &str) -> Result<i64> {
        let (config, name) = (self.client(), name.to_owned());
        tokio::task::spawn_blocking(move || {
            let consumer: BaseConsumer = config.create()?;
            let mut held = 0;
            for partition in 0..PARTITIONS {
                let (begin, end) = consumer.fetch_watermarks(&name, partition, Duration::from_secs(10))?;
                held += end - begin;
            }
            Ok(held)
        })
        .await?
    }

    fn odd_names(&self) -> &'static [&'static str] {
        &["a.b_c-D", "..."]
    }

    fn longest_name(&self, _kind: QueueKind) -> usize {
        249
    }

    fn foreign_field(&self, _kind: QueueKind) -> (PublishRequest, &'static str) {
        (PublishRequest { exchange: Some("orders".to_owned()), ..PublishRequest::default() }, "exchange")
    }

    fn wrong_password(&self) -> Option<BrokerConfig> {
        // The private server listens without authentication.
        None
    }
}
