//! The demo broker: its queues are given, so that "making" one finds the first of its kind.

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use weir::config::BrokerConfig;
use weir_model::{Metric, QueueId, QueueKind, message::PublishRequest};

use crate::subject::{Subject, adapter, observe};

pub struct DemoSubject;

#[async_trait]
impl Subject for DemoSubject {
    async fn open() -> Result<Self> {
        Ok(Self)
    }

    fn config(&self) -> BrokerConfig {
        BrokerConfig::new("demo", "demo", vec![])
    }

    fn kinds(&self) -> &'static [QueueKind] {
        &[
            QueueKind::RabbitmqClassic,
            QueueKind::RabbitmqQuorum,
            QueueKind::RabbitmqStream,
            QueueKind::RedisList,
            QueueKind::RedisStream,
            QueueKind::KafkaTopic,
        ]
    }

    async fn make(&self, kind: QueueKind, _name: &str, _bodies: &[Vec<u8>]) -> Result<QueueId> {
        let seen = observe(&*adapter(&self.config())?, &[]).await?;
        let found = seen.queues.into_iter().find(|q| q.kind == kind);
        Ok(found.with_context(|| format!("the demo has no {kind}"))?.id)
    }

    async fn held(&self, kind: QueueKind, _name: &str) -> Result<i64> {
        let seen = observe(&*adapter(&self.config())?, &[]).await?;
        let found = seen.queues.into_iter().find(|q| q.kind == kind).context("a queue of the kind")?;
        found.value(Metric::Depth).context("a depth")
    }

    fn foreign_field(&self, kind: QueueKind) -> (PublishRequest, &'static str) {
        if kind == QueueKind::KafkaTopic {
            return (
                PublishRequest { exchange: Some("orders".to_owned()), ..PublishRequest::default() },
                "exchange",
            );
        }
        (PublishRequest { partition: Some(0), ..PublishRequest::default() }, "partition")
    }

    fn wrong_password(&self) -> Option<BrokerConfig> {
        None
    }
}
