//! Reading a classic or quorum queue: messages are taken by AMQP and given back by closing the channel, which
//! keeps their order where `basic.nack` would not (measured on 3.10 and 4.0). From 4.3 on a quorum queue counts
//! the closing and not the nack, so there it is the other way round.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use lapin::{
    Channel,
    message::Delivery,
    options::{BasicGetOptions, BasicNackOptions},
};
use weir_model::{
    QueueKind, QueueObservation, Step, Timestamp,
    message::{MessagePage, PeekRequest, Price, StopReason},
};

use super::{
    RabbitMq, amqp,
    client::{Tally, queue_path},
    deliveries::{header_number, message},
    describe::named,
    limit::DeliveryLimit,
    price::{is_last_safe, price},
    version::Version,
    wire::{Overview, Queue},
};
use crate::brokers::{BYTE_BUDGET, BrokerError, Peek, Peeked};

/// How long messages may be held back from consumers.
const TIME_BUDGET: Duration = Duration::from_secs(5);

/// How often a message came back, on quorum queues. Missing on the first delivery.
const DELIVERY_COUNT: &str = "x-delivery-count";

const COLUMNS: &str = "columns=type,state,exclusive,arguments,policy,operator_policy,effective_policy_definition,\
    message_stats.redeliver";

/// Messages that were taken and not yet given back.
struct Taken {
    deliveries: Vec<Delivery>,
    stopped: StopReason,
}

#[async_trait]
impl Peek for RabbitMq {
    async fn price(&self, queue: &QueueObservation) -> Result<Price, BrokerError> {
        let (now, version) = self.settings_now(queue).await?;
        Ok(price(&now, version, self.counts()))
    }

    async fn peek(&self, queue: &QueueObservation, request: &PeekRequest) -> Result<Peeked, BrokerError> {
        let (now, version) = self.settings_now(queue).await?;
        let price = price(&now, version, self.counts());
        if let Some(why) = price.refused {
            return Err(BrokerError::Refused(why));
        }
        if !price.effects.iter().all(|effect| request.accept.contains(effect)) {
            return Err(BrokerError::field(
                "accept",
                format!("it must name the whole price: {:?}", price.effects),
            ));
        }
        let limit = (queue.kind == QueueKind::RabbitmqQuorum && version < Version::NACK_IS_FREE)
            .then(|| DeliveryLimit::of(&now, version));
        let nack = queue.kind == QueueKind::RabbitmqQuorum && version >= Version::NACK_IS_FREE;
        let connection = self.amqp.open(&queue.scope, "peek").await?;
        let taken = match amqp::channel(&connection).await {
            Ok(channel) => {
                let taken = take(&channel, queue, request.limit, limit.as_ref()).await;
                give_back(&channel, taken.as_ref().ok(), nack).await;
                taken
            }
            Err(error) => Err(error),
        };
        amqp::close(&connection).await;
        let taken = taken.map_err(|error| named(error, queue))?;
        self.peeked.add(&queue.id, taken.deliveries.len(), Timestamp::now());
        Ok(page(taken, limit.as_ref()))
    }
}

impl RabbitMq {
    /// The queue's settings and state as they are now: the price must not rest on an old observation.
    async fn settings_now(&self, queue: &QueueObservation) -> Result<(Queue, Version), BrokerError> {
        let tally = Tally::default();
        if queue.kind == QueueKind::RabbitmqStream {
            return Err(BrokerError::Refused("a stream is read freely, without a price".to_owned()));
        }
        let path = format!("{}?{COLUMNS}", queue_path(&queue.scope, &queue.name)?);
        let mut now: Queue = self.management.get(&path, &tally).await.map_err(|e| named(e, queue))?;
        // Statistics that are off leave the type out.
        now.kind = Some(now.type_name().to_owned());
        let overview: Overview = self.management.get("overview?columns=rabbitmq_version", &tally).await?;
        Ok((now, Version::parse(overview.rabbitmq_version.as_deref().unwrap_or_default())))
    }
}

/// Takes messages one by one, up to a limit.
async fn take(
    channel: &Channel,
    queue: &QueueObservation,
    count: u32,
    limit: Option<&DeliveryLimit>,
) -> Result<Taken, BrokerError> {
    let name = amqp::short("name", &queue.name)?;
    let begun = Instant::now();
    let mut bytes = 0;
    let mut deliveries: Vec<Delivery> = Vec::new();
    let stopped = loop {
        let getting = channel.basic_get(name.clone(), BasicGetOptions::default());
        let Some(got) = amqp::answered(Step::Read, "basic.get", getting).await? else {
            break StopReason::End;
        };
        let delivery = got.delivery;
        let delivered = header_number(&delivery.properties, DELIVERY_COUNT).unwrap_or(0);
        bytes += delivery.data.len() as u64;
        deliveries.push(delivery);
        if limit.is_some_and(|limit| is_last_safe(limit, delivered)) {
            break StopReason::DeliveryLimit;
        }
        if deliveries.len() >= count as usize {
            break StopReason::Limit;
        }
        if bytes >= BYTE_BUDGET {
            break StopReason::ByteBudget;
        }
        if begun.elapsed() >= TIME_BUDGET {
            break StopReason::TimeBudget;
        }
    };
    Ok(Taken { deliveries, stopped })
}

/// Gives the messages back. Whatever goes wrong here, the end of the connection gives them back too.
async fn give_back(channel: &Channel, taken: Option<&Taken>, nack: bool) {
    let last = taken.and_then(|taken| taken.deliveries.last());
    if let (Some(last), true) = (last, nack) {
        let all = BasicNackOptions { multiple: true, requeue: true };
        drop(channel.basic_nack(last.delivery_tag, all).await);
    }
    amqp::close_channel(channel).await;
}

fn page(taken: Taken, limit: Option<&DeliveryLimit>) -> Peeked {
    let items =
        taken.deliveries.iter().enumerate().map(|(n, delivery)| message(n.to_string(), delivery)).collect();
    let stopped_detail = match taken.stopped {
        StopReason::Limit => None,
        StopReason::End => Some("there are no more ready messages".to_owned()),
        StopReason::ByteBudget => Some(format!("{} MiB were read", BYTE_BUDGET / 1024 / 1024)),
        StopReason::TimeBudget => {
            Some(format!("messages are held back for {} s at most", TIME_BUDGET.as_secs()))
        }
        StopReason::DeliveryLimit => limit.and_then(DeliveryLimit::value).map(|n| {
            format!(
                "the last message is within one of its delivery limit of {n}; those behind it were left alone"
            )
        }),
    };
    Peeked {
        page: MessagePage {
            items,
            stopped: taken.stopped,
            stopped_detail,
            next: None,
            peek_id: None,
            notes: Vec::new(),
        },
        bodies: taken.deliveries.into_iter().map(|delivery| delivery.data).collect(),
    }
}
