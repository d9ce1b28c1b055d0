//! Removing the ready messages of a classic or quorum queue.

use async_trait::async_trait;
use lapin::{
    Channel, ErrorKind,
    options::{QueueDeclareOptions, QueuePurgeOptions},
    protocol::{AMQPErrorKind, AMQPSoftError},
    types::{FieldTable, ShortString},
};
use tokio::time::timeout;
use weir_model::{
    Outcome, QueueKind, QueueObservation, Step,
    message::{PurgeReceipt, PurgeRequest},
};

use super::{
    RabbitMq,
    amqp::{self, METHOD_TIMEOUT},
    describe::named,
    growth::Waiting,
};
use crate::brokers::{BrokerError, Purge};

#[async_trait]
impl Purge for RabbitMq {
    async fn purge(
        &self,
        queue: &QueueObservation,
        request: &PurgeRequest,
    ) -> Result<PurgeReceipt, BrokerError> {
        if queue.kind == QueueKind::RabbitmqStream {
            return Err(BrokerError::Refused(
                "a stream can't be purged: its retention (x-max-age, x-max-length-bytes) removes old segments"
                    .to_owned(),
            ));
        }
        let connection = self.amqp.open(&queue.scope, "purge").await?;
        let outcome = match amqp::channel(&connection).await {
            Ok(channel) => self.purge_on(&channel, queue, request.seen_depth).await,
            Err(error) => Err(error),
        };
        amqp::close(&connection).await;
        outcome.map_err(|error| named(error, queue))
    }
}

impl RabbitMq {
    async fn purge_on(
        &self,
        channel: &Channel,
        queue: &QueueObservation,
        seen_depth: Option<i64>,
    ) -> Result<PurgeReceipt, BrokerError> {
        let name = amqp::short("name", &queue.name)?;
        let Waiting { unacknowledged, .. } = self.not_grown(channel, &name, queue, seen_depth).await?;
        let removed = remove(channel, &name).await?;
        // The purge is done: what can't be counted after it is unknown, not a failure.
        let left = ready(channel, &name).await.ok().zip(unacknowledged).map(|(ready, held)| ready + held);
        Ok(PurgeReceipt {
            removed: Some(removed),
            left,
            notes: notes(unacknowledged),
            ..PurgeReceipt::default()
        })
    }
}

async fn remove(channel: &Channel, name: &ShortString) -> Result<i64, BrokerError> {
    let purging = channel.queue_purge(name.clone(), QueuePurgeOptions::default());
    match timeout(METHOD_TIMEOUT, purging).await {
        Ok(Ok(removed)) => Ok(i64::from(removed)),
        Ok(Err(error)) if matches!(error.kind(), ErrorKind::ProtocolError(_)) => {
            Err(amqp::refusal(Step::Write, "purge", error))
        }
        Ok(Err(error)) => Err(unknown(format!("the connection broke before the answer: {error}"))),
        Err(_) => Err(unknown("RabbitMQ did not answer the purge in time".to_owned())),
    }
}

/// Ready messages, counted this moment.
pub(super) async fn ready(channel: &Channel, name: &ShortString) -> Result<i64, BrokerError> {
    let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let declaring = channel.queue_declare(name.clone(), options, FieldTable::default());
    let queue = timeout(METHOD_TIMEOUT, declaring).await.map_err(|_| BrokerError::Timeout {
        step: Step::Write,
        outcome: Outcome::NotDone,
        detail: "nothing was removed: RabbitMQ did not count the messages in time".to_owned(),
    })?;
    match queue {
        Ok(queue) => Ok(i64::from(queue.message_count())),
        Err(error) => Err(match error.kind() {
            ErrorKind::ProtocolError(amqp)
                if *amqp.kind() == AMQPErrorKind::Soft(AMQPSoftError::RESOURCELOCKED) =>
            {
                BrokerError::Refused(
                    "the queue is exclusive: only the connection that declared it may use it".to_owned(),
                )
            }
            _ => amqp::refusal(Step::Write, "counting the messages", error),
        }),
    }
}

pub(super) fn notes(unacknowledged: Option<i64>) -> Vec<String> {
    match unacknowledged {
        Some(0) => Vec::new(),
        Some(1) => vec!["1 unacknowledged message stays: a consumer holds it".to_owned()],
        Some(n) => vec![format!("{n} unacknowledged messages stay: consumers hold them")],
        None => vec!["Unacknowledged messages stay; how many is not known".to_owned()],
    }
}

fn unknown(detail: String) -> BrokerError {
    BrokerError::Timeout { step: Step::Write, outcome: Outcome::Unknown, detail }
}
