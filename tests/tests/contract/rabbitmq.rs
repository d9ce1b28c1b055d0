//! RabbitMQ: classic, quorum and stream queues.

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use lapin::{
    BasicProperties, Connection, ConnectionProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};
use weir::config::{BrokerConfig, Secret};
use weir_model::{QueueId, QueueKind, message::PublishRequest};
use weir_tests::brokers::RabbitMq;

use crate::subject::Subject;

pub struct RabbitMqSubject {
    server: &'static RabbitMq,
}

#[async_trait]
impl Subject for RabbitMqSubject {
    async fn open() -> Result<Self> {
        Ok(Self { server: RabbitMq::shared().await? })
    }

    fn config(&self) -> BrokerConfig {
        let mut config =
            BrokerConfig::new("orders", "amqp", vec![("127.0.0.1".to_owned(), self.server.amqp_port())]);
        config.user = Some("guest".to_owned());
        config.password = Secret::new("guest");
        config.management_url = Some(self.server.management_url());
        config
    }

    fn kinds(&self) -> &'static [QueueKind] {
        &[QueueKind::RabbitmqClassic, QueueKind::RabbitmqQuorum, QueueKind::RabbitmqStream]
    }

    async fn make(&self, kind: QueueKind, name: &str, bodies: &[Vec<u8>]) -> Result<QueueId> {
        let connection =
            Connection::connect(&self.server.amqp_url(), ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let queue_type = kind.as_str().trim_start_matches("rabbitmq-").to_owned();
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString(queue_type.into()));
        let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        channel.queue_declare(name.into(), durable, arguments).await?;
        for body in bodies {
            let options = BasicPublishOptions::default();
            channel
                .basic_publish("".into(), name.into(), options, body, BasicProperties::default())
                .await?
                .await?;
        }
        connection.close(200, "done".into()).await?;
        Ok(QueueId::from_parts(&["/", name]))
    }

    async fn held(&self, _kind: QueueKind, name: &str) -> Result<i64> {
        let listed =
            self.server.ctl(&["list_queues", "--silent", "--no-table-headers", "name", "messages"])?;
        let line = listed.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'));
        Ok(line.with_context(|| format!("{name} is not in {listed}"))?.trim().parse()?)
    }

    /// RabbitMQ names processes and folders of quorum queues and streams by vhost and name, and has no room for more.
    fn longest_name(&self, kind: QueueKind) -> usize {
        if kind == QueueKind::RabbitmqClassic { 255 } else { 200 }
    }

    fn foreign_field(&self, _kind: QueueKind) -> (PublishRequest, &'static str) {
        (PublishRequest { partition: Some(0), ..PublishRequest::default() }, "partition")
    }

    fn wrong_password(&self) -> Option<BrokerConfig> {
        let mut config = self.config();
        config.password = Secret::new("wrong-secret");
        Some(config)
    }
}
