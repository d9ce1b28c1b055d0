//! Redis: lists and streams.

use anyhow::Result;
use async_trait::async_trait;
use weir::config::{BrokerConfig, Secret};
use weir_model::{QueueId, QueueKind, message::PublishRequest};
use weir_tests::brokers::Redis;

use crate::subject::Subject;

pub struct RedisSubject {
    server: &'static Redis,
}

impl RedisSubject {
    async fn connection(&self) -> Result<redis::aio::MultiplexedConnection> {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", self.server.port()))?;
        Ok(client.get_multiplexed_async_connection().await?)
    }
}

#[async_trait]
impl Subject for RedisSubject {
    async fn open() -> Result<Self> {
        Ok(Self { server: Redis::shared().await? })
    }

    fn config(&self) -> BrokerConfig {
        BrokerConfig::new("cache", "redis", vec![("127.0.0.1".to_owned(), self.server.port())])
    }

    fn kinds(&self) -> &'static [QueueKind] {
        &[QueueKind::RedisList, QueueKind::RedisStream]
    }

    async fn make(&self, kind: QueueKind, name: &str, bodies: &[Vec<u8>]) -> Result<QueueId> {
        let mut connection = self.connection().await?;
        let mut pipe = redis::pipe();
        match kind {
            QueueKind::RedisStream => {
                // A stream may be empty: a group makes it.
                pipe.cmd("XGROUP").arg("CREATE").arg(name).arg("contract").arg("$").arg("MKSTREAM").ignore();
                for body in bodies {
                    pipe.cmd("XADD").arg(name).arg("*").arg("body").arg(body).ignore();
                }
            }
            _ => {
                // A list may not: one that was emptied is known by name alone.
                pipe.cmd("RPUSH").arg(name).arg("first").ignore();
                for body in bodies {
                    pipe.cmd("RPUSH").arg(name).arg(body).ignore();
                }
                pipe.cmd("LPOP").arg(name).ignore();
            }
        }
        let () = pipe.query_async(&mut connection).await?;
        let part = if kind == QueueKind::RedisStream { "stream" } else { "list" };
        Ok(QueueId::from_parts(&["0", part, name]))
    }

    async fn held(&self, kind: QueueKind, name: &str) -> Result<i64> {
        let command = if kind == QueueKind::RedisStream { "XLEN" } else { "LLEN" };
        Ok(redis::cmd(command).arg(name).query_async(&mut self.connection().await?).await?)
    }

    fn foreign_field(&self, _kind: QueueKind) -> (PublishRequest, &'static str) {
        (
            PublishRequest { routing_key: Some("orders".to_owned()), ..PublishRequest::default() },
            "routing_key",
        )
    }

    fn wrong_password(&self) -> Option<BrokerConfig> {
        let mut config = self.config();
        config.user = Some("nobody".to_owned());
        config.password = Secret::new("wrong-secret");
        Some(config)
    }
}
