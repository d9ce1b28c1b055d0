//! Taking messages from a classic or quorum queue so that they can be given back in their order.
//!
//! Classic queues keep the order of what a closed channel held. Quorum queues (measured on 3.10, 4.0 and 4.3) have
//! habits that shape how they are read:
//!
//! - When a channel closes they give back consumer by consumer, in the order of the consumers' tags as texts, and
//!   in no order from 33 on. Each `basic.get` counts as a consumer with its delivery tag for a name, so the tenth
//!   comes back before the second. So they are read by consumers whose tags sort, at most 32.
//! - From 4.3 on closing counts as a delivery and `basic.nack` does not, and it keeps the order of up to 32 gets.
//!   Consumers would be handed at once what they give back, so there it is gets and one nack.
//! - What is given back goes behind everything else that was given back before. So reading goes on, unshown, until
//!   a message that was never given back: taken together, they keep their order.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use lapin::{
    Channel, Consumer,
    message::Delivery,
    options::{BasicConsumeOptions, BasicGetOptions, BasicNackOptions, BasicQosOptions, QueueDeclareOptions},
    types::{FieldTable, ShortString},
};
use tokio::time::timeout;
use weir_model::{Step, message::StopReason};

use super::{amqp, deliveries::header_number, limit::DeliveryLimit, price::is_last_safe};
use crate::brokers::{BYTE_BUDGET, BrokerError};

/// How long messages may be held back from consumers.
pub(super) const TIME_BUDGET: Duration = Duration::from_secs(5);

/// Consumers of one channel, or gets, that come back in their order: an Erlang map of up to 32 keys is sorted, and
/// a quorum queue's client sends up to 32 commands before it makes the rest wait.
pub(super) const ORDERED: usize = 32;

/// How long a quorum queue that has ready messages may take to deliver the next: other consumers may be quicker.
const SILENCE: Duration = Duration::from_millis(500);

/// How often a message came back, on quorum queues. Missing on the first delivery.
const DELIVERY_COUNT: &str = "x-delivery-count";

/// How to read a queue.
#[derive(Clone, Debug)]
pub(super) struct Manner {
    pub quorum: bool,
    /// Messages to show.
    pub count: usize,
    /// The limit that each taking brings a message nearer to.
    pub limit: Option<DeliveryLimit>,
    /// Give back by nack, since closing counts.
    pub nack: bool,
}

/// Messages that were taken and not yet given back.
#[derive(Default)]
pub(super) struct Taken {
    /// All of them; those behind [`Manner::count`] were taken for the order's sake.
    pub deliveries: Vec<Delivery>,
    /// The order may change: messages that were given back before may stand behind those taken.
    pub reordered: bool,
    bytes: u64,
}

impl Taken {
    /// Takes messages until something says that it is enough. What was taken before a failure stays noted.
    pub(super) async fn take(
        &mut self,
        channel: &Channel,
        name: &ShortString,
        manner: &Manner,
    ) -> Result<StopReason, BrokerError> {
        let begun = Instant::now();
        let mut source = Source::open(channel, name, manner).await?;
        // Set when enough is taken to be shown, and more is taken for the order's sake.
        let mut full = None;
        loop {
            match source.next(channel, name, self.deliveries.len()).await? {
                Next::Message(delivery) => self.add(*delivery),
                Next::NoMore => return Ok(full.unwrap_or(StopReason::End)),
                Next::OutOfOrder => {
                    self.reordered = self.ends_among_returned();
                    return Ok(full.unwrap_or(StopReason::Limit));
                }
            }
            match self.enough(manner, begun) {
                Some(StopReason::Limit) if manner.quorum && self.ends_among_returned() => {
                    full = Some(StopReason::Limit);
                }
                Some(reason) => {
                    self.reordered =
                        manner.quorum && reason != StopReason::Limit && self.ends_among_returned();
                    return Ok(full.unwrap_or(reason));
                }
                None => {}
            }
        }
    }

    fn add(&mut self, delivery: Delivery) {
        self.bytes += delivery.data.len() as u64;
        self.deliveries.push(delivery);
    }

    /// Why the message taken last is the last one, where it is.
    fn enough(&self, manner: &Manner, begun: Instant) -> Option<StopReason> {
        let last = self.deliveries.last()?;
        let delivered = header_number(&last.properties, DELIVERY_COUNT).unwrap_or(0);
        if manner.limit.as_ref().is_some_and(|limit| is_last_safe(limit, delivered)) {
            Some(StopReason::DeliveryLimit)
        } else if self.bytes >= BYTE_BUDGET {
            Some(StopReason::ByteBudget)
        } else if begun.elapsed() >= TIME_BUDGET {
            Some(StopReason::TimeBudget)
        } else {
            (self.deliveries.len() >= manner.count).then_some(StopReason::Limit)
        }
    }

    /// True where the message taken last was given back before: more of these may follow it.
    fn ends_among_returned(&self) -> bool {
        self.deliveries.last().is_some_and(|delivery| delivery.redelivered)
    }

    /// Gives all messages back. Whatever goes wrong here, the end of the connection gives them back too.
    pub(super) async fn give_back(&self, channel: &Channel, manner: &Manner) {
        if let (true, Some(last)) = (manner.nack, self.deliveries.last()) {
            let all = BasicNackOptions { multiple: true, requeue: true };
            drop(channel.basic_nack(last.delivery_tag, all).await);
        }
        amqp::close_channel(channel).await;
    }
}

/// Where the next message comes from.
enum Source {
    Gets {
        at_most: usize,
    },
    Consumers {
        /// There is no waiting for more than were ready at the start.
        ready: usize,
        /// Messages for the first consumer; each further one is for a single message.
        at_once: usize,
        opened: usize,
        /// Messages that the consumers opened so far may bring.
        credit: usize,
        current: Option<Consumer>,
    },
}

enum Next {
    Message(Box<Delivery>),
    NoMore,
    /// More could not be given back in their order.
    OutOfOrder,
}

impl Source {
    async fn open(channel: &Channel, name: &ShortString, manner: &Manner) -> Result<Self, BrokerError> {
        if !manner.quorum || manner.nack {
            return Ok(Self::Gets { at_most: if manner.quorum { ORDERED } else { usize::MAX } });
        }
        // Counts show only on taking: with a limit messages are taken one by one.
        let limited = manner.limit.as_ref().is_some_and(|limit| limit.value().is_some());
        Ok(Self::Consumers {
            ready: ready(channel, name).await?,
            at_once: if limited { 1 } else { manner.count },
            opened: 0,
            credit: 0,
            current: None,
        })
    }

    /// The next message after the ones taken so far.
    async fn next(
        &mut self,
        channel: &Channel,
        name: &ShortString,
        taken: usize,
    ) -> Result<Next, BrokerError> {
        let delivery = match self {
            Self::Gets { at_most } if taken == *at_most => return Ok(Next::OutOfOrder),
            Self::Gets { .. } => {
                let getting = channel.basic_get(name.clone(), BasicGetOptions::default());
                amqp::answered(Step::Read, "basic.get", getting).await?.map(|got| got.delivery)
            }
            Self::Consumers { ready, .. } if taken >= *ready => None,
            Self::Consumers { at_once, opened, credit, current, .. } => {
                if taken >= *credit {
                    if *opened == ORDERED {
                        return Ok(Next::OutOfOrder);
                    }
                    let more = if *opened == 0 { *at_once } else { 1 };
                    *current = Some(subscribe(channel, name, *opened, more).await?);
                    (*opened, *credit) = (*opened + 1, *credit + more);
                }
                delivered(current.as_mut()).await?
            }
        };
        Ok(delivery.map_or(Next::NoMore, |delivery| Next::Message(Box::new(delivery))))
    }
}

/// Ready messages, counted this moment.
async fn ready(channel: &Channel, name: &ShortString) -> Result<usize, BrokerError> {
    let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let declaring = channel.queue_declare(name.clone(), options, FieldTable::default());
    let queue = amqp::answered(Step::Read, "counting the messages", declaring).await?;
    Ok(queue.message_count() as usize)
}

/// Adds a consumer, whose tag sorts behind those before it, for so many messages.
pub(super) async fn subscribe(
    channel: &Channel,
    name: &ShortString,
    number: usize,
    messages: usize,
) -> Result<Consumer, BrokerError> {
    let prefetch = u16::try_from(messages).unwrap_or(u16::MAX);
    let qos = channel.basic_qos(prefetch, BasicQosOptions::default());
    amqp::answered(Step::Read, "basic.qos", qos).await?;
    let tag = amqp::short("tag", &format!("weir-{number:02}"))?;
    let consuming =
        channel.basic_consume(name.clone(), tag, BasicConsumeOptions::default(), FieldTable::default());
    amqp::answered(Step::Read, "basic.consume", consuming).await
}

/// The consumer's next message, or `None` where other consumers were quicker.
async fn delivered(consumer: Option<&mut Consumer>) -> Result<Option<Delivery>, BrokerError> {
    let Some(consumer) = consumer else { return Ok(None) };
    match timeout(SILENCE, consumer.next()).await {
        Ok(Some(delivery)) => {
            delivery.map(Some).map_err(|error| amqp::refusal(Step::Read, "reading the queue", error))
        }
        Ok(None) | Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use lapin::types::AMQPValue;

    use super::*;
    use crate::brokers::rabbitmq::limit::Rule;

    fn taken(counts: &[i64]) -> Taken {
        let mut taken = Taken::default();
        for count in counts {
            let mut delivery = Delivery::mock(1, "".into(), "q".into(), *count > 0, b"x".to_vec());
            let mut table = FieldTable::default();
            table.insert(DELIVERY_COUNT.into(), AMQPValue::LongLongInt(*count));
            delivery.properties = delivery.properties.with_headers(table);
            taken.add(delivery);
        }
        taken
    }

    fn manner(count: usize, rule: Rule) -> Manner {
        let limit = Some(DeliveryLimit { rule, source: String::new() });
        Manner { quorum: true, count, limit, nack: false }
    }

    #[test]
    fn given_counts_when_taken_then_the_limit_of_deliveries_comes_before_the_number_asked_for() {
        let now = Instant::now();
        assert_eq!(taken(&[0, 0]).enough(&manner(2, Rule::AtMost(3)), now), Some(StopReason::Limit));
        assert_eq!(taken(&[0, 1]).enough(&manner(9, Rule::AtMost(3)), now), None);
        assert_eq!(taken(&[0, 2]).enough(&manner(9, Rule::AtMost(3)), now), Some(StopReason::DeliveryLimit));
        assert_eq!(taken(&[0, 99]).enough(&manner(9, Rule::Unlimited), now), None);
    }

    #[test]
    fn given_messages_that_were_given_back_when_taken_then_more_of_them_may_follow() {
        assert!(taken(&[1, 1]).ends_among_returned());
        assert!(!taken(&[1, 0]).ends_among_returned());
        assert!(!taken(&[]).ends_among_returned());
    }
}
