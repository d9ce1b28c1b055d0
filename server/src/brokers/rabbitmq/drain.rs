//! Purging by way of a copy: messages are taken with manual acknowledgement, and acknowledged once all of them are
//! on the disk. Until then the end of the connection, however it comes, gives them back.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::StreamExt as _;
use lapin::{
    Channel, Consumer,
    message::Delivery,
    options::{BasicAckOptions, BasicCancelOptions},
    types::ShortString,
};
use tokio::time::timeout;
use weir_model::{
    Outcome, QueueKind, QueueObservation, Step, Timestamp,
    message::{PurgeReceipt, PurgeRequest},
    queue::Ability,
};

use super::{
    RabbitMq, abilities, amqp,
    deliveries::whole_message,
    describe::named,
    purge::{notes, ready},
    take::subscribe,
};
use crate::brokers::{BrokerError, CopySink, Drain};

/// Messages for the first consumer, and how much more each next one may bring.
const FIRST: u64 = 16;
const GROWTH: u64 = 4;
/// A consumer's messages at most: those under way lie in memory.
const MOST: u64 = 10_000;
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// How long the broker may take to deliver the next message.
const SILENCE: Duration = Duration::from_secs(2);
/// Taking ends after this long, and what was taken is removed. Brokers cut off who holds messages for 30 minutes.
const TAKE_WITHIN: Duration = Duration::from_secs(300);
/// Messages of one acknowledgement.
const ACKNOWLEDGED: usize = 10_000;

#[async_trait]
impl Drain for RabbitMq {
    fn drainable(&self, queue: &QueueObservation) -> Ability {
        let (all, traits) = (abilities(queue, self.traits(&queue.id)), self.traits(&queue.id));
        if !all.purge.allowed {
            return all.purge;
        }
        if traits.single_active_consumer {
            return Ability::no(
                "with a single active consumer the queue hands messages to that consumer alone, so they can't be copied first",
            );
        }
        all.peek
    }

    async fn drain(
        &self,
        queue: &QueueObservation,
        request: &PurgeRequest,
        copy: &mut dyn CopySink,
    ) -> Result<PurgeReceipt, BrokerError> {
        if queue.kind == QueueKind::RabbitmqStream {
            return Err(BrokerError::Refused(self.drainable(queue).reason.unwrap_or_default()));
        }
        let connection = self.amqp.open(&queue.scope, "purge with a copy").await?;
        self.own_reads.drains(&queue.id);
        let outcome = match amqp::channel(&connection).await {
            Ok(channel) => self.drain_on(&channel, queue, request.seen_depth, copy).await,
            Err(error) => Err(error),
        };
        amqp::close(&connection).await;
        self.own_reads.drained(&queue.id, Timestamp::now());
        outcome.map_err(|error| named(error, queue))
    }
}

impl RabbitMq {
    async fn drain_on(
        &self,
        channel: &Channel,
        queue: &QueueObservation,
        seen_depth: Option<i64>,
        copy: &mut dyn CopySink,
    ) -> Result<PurgeReceipt, BrokerError> {
        let name = amqp::short("name", &queue.name)?;
        let waiting = self.not_grown(channel, &name, queue, seen_depth).await?;
        let mut taken = Taken::default();
        taken.take(channel, &name, waiting.ready.unsigned_abs(), copy).await?;
        copy.sync().await?;
        taken.acknowledge(channel).await?;
        // An answer after the acknowledgements: the broker has them.
        let left = ready(channel, &name).await.map_err(|error| unknown(&error.to_string()))?;
        let mut notes = notes(waiting.unacknowledged);
        let missed = waiting.ready.saturating_sub(taken.count());
        if missed > 0 {
            notes.push(format!(
                "{missed} of the {} that waited went elsewhere or came too slowly",
                waiting.ready
            ));
        }
        Ok(PurgeReceipt {
            removed: Some(taken.count()),
            left: waiting.unacknowledged.map(|held| left + held),
            notes,
            ..PurgeReceipt::default()
        })
    }
}

/// Messages that are in the copy and not yet acknowledged.
#[derive(Default)]
struct Taken {
    tags: Vec<u64>,
    largest: u64,
}

impl Taken {
    fn count(&self) -> i64 {
        i64::try_from(self.tags.len()).unwrap_or(i64::MAX)
    }

    /// Takes `waiting` messages, by consumers of which each brings exactly its share: none is taken that came later.
    async fn take(
        &mut self,
        channel: &Channel,
        name: &ShortString,
        waiting: u64,
        copy: &mut dyn CopySink,
    ) -> Result<(), BrokerError> {
        let (begun, mut share, mut number) = (Instant::now(), FIRST, 0);
        while (self.tags.len() as u64) < waiting && begun.elapsed() < TAKE_WITHIN {
            share = share.min(waiting - self.tags.len() as u64).min(MOST);
            let mut consumer = subscribe(channel, name, number, usize::try_from(share).unwrap_or(1)).await?;
            let came = self.receive(&mut consumer, share, copy).await?;
            let cancelling = channel.basic_cancel(consumer.tag(), BasicCancelOptions::default());
            amqp::answered(Step::Read, "basic.cancel", cancelling).await?;
            if came < share {
                return Ok(());
            }
            share = share.saturating_mul(GROWTH).min((MOST_BYTES / self.largest.max(1)).max(1));
            number += 1;
        }
        Ok(())
    }

    /// Writes what a consumer brings; fewer than its share where nothing comes for a while.
    async fn receive(
        &mut self,
        consumer: &mut Consumer,
        share: u64,
        copy: &mut dyn CopySink,
    ) -> Result<u64, BrokerError> {
        for came in 0..share {
            let delivery: Delivery = match timeout(SILENCE, consumer.next()).await {
                Ok(Some(Ok(delivery))) => delivery,
                Ok(Some(Err(error))) => return Err(amqp::refusal(Step::Read, "taking the messages", error)),
                Ok(None) | Err(_) => return Ok(came),
            };
            copy.write(&whole_message(self.tags.len().to_string(), &delivery)).await?;
            self.largest = self.largest.max(delivery.data.len() as u64);
            self.tags.push(delivery.delivery_tag);
        }
        Ok(share)
    }

    /// Removes what was taken.
    async fn acknowledge(&self, channel: &Channel) -> Result<(), BrokerError> {
        for batch in self.tags.chunks(ACKNOWLEDGED) {
            let Some(last) = batch.last() else { continue };
            channel
                .basic_ack(*last, BasicAckOptions { multiple: true })
                .await
                .map_err(|error| unknown(&error.to_string()))?;
        }
        Ok(())
    }
}

fn unknown(why: &str) -> BrokerError {
    BrokerError::Timeout {
        step: Step::Write,
        outcome: Outcome::Unknown,
        detail: format!("whether RabbitMQ removed the messages is unknown: {why}"),
    }
}
