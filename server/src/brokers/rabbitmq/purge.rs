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
    Metric, Outcome, QueueKind, QueueObservation, Step,
    message::{PurgeReceipt, PurgeRequest},
};

use super::{
    RabbitMq,
    amqp::{self, METHOD_TIMEOUT},
    describe::named,
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
            Ok(channel) => purge(&channel, queue, request.seen_depth).await,
            Err(error) => Err(error),
        };
        amqp::close(&connection).await;
        outcome.map_err(|error| named(error, queue))
    }
}

async fn purge(
    channel: &Channel,
    queue: &QueueObservation,
    seen_depth: Option<i64>,
) -> Result<PurgeReceipt, BrokerError> {
    let name = amqp::short("name", &queue.name)?;
    // The last observation's, up to a few seconds old: AMQP tells ready messages only.
    let unacknowledged = queue.value(Metric::Unacknowledged);
    let ready = ready(channel, &name).await?;
    if let Some(seen) = seen_depth {
        not_grown(seen, ready.saturating_add(unacknowledged.unwrap_or(0)))?;
    }
    let removed = match timeout(
        METHOD_TIMEOUT,
        channel.queue_purge(name.clone(), QueuePurgeOptions::default()),
    )
    .await
    {
        Ok(Ok(removed)) => i64::from(removed),
        Ok(Err(error)) if matches!(error.kind(), ErrorKind::ProtocolError(_)) => {
            return Err(amqp::refusal(Step::Write, "purge", error));
        }
        Ok(Err(error)) => return Err(unknown(format!("the connection broke before the answer: {error}"))),
        Err(_) => return Err(unknown("RabbitMQ did not answer the purge in time".to_owned())),
    };
    // The purge is done: what can't be counted after it is unknown, not a failure.
    let left = self::ready(channel, &name).await.ok().zip(unacknowledged).map(|(ready, held)| ready + held);
    Ok(PurgeReceipt { removed: Some(removed), left, notes: notes(unacknowledged), ..PurgeReceipt::default() })
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

/// Refuses where the queue has grown by more than a tenth since the operator saw it.
pub(super) fn not_grown(seen: i64, now: i64) -> Result<(), BrokerError> {
    if now.saturating_sub(seen).saturating_mul(10) > seen {
        return Err(BrokerError::Conflict(format!(
            "nothing was removed: the queue has grown from {seen} to {now} messages; look again"
        )));
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_growth_of_up_to_a_tenth_when_checked_then_the_purge_goes_on() {
        assert!(not_grown(100, 110).is_ok() && not_grown(100, 5).is_ok() && not_grown(0, 0).is_ok());
        assert!(not_grown(100, 111).is_err() && not_grown(0, 1).is_err());
    }
}
