//! Reading a classic or quorum queue, at a price: messages are taken by AMQP and given back.

use async_trait::async_trait;
use weir_model::{
    QueueKind, QueueObservation, Timestamp,
    message::{MessagePage, PeekRequest, Price, StopReason},
};

use super::{
    RabbitMq, amqp,
    client::Tally,
    deliveries::message,
    describe::named,
    limit::DeliveryLimit,
    observe::statistics_off,
    price::price,
    take::{Manner, ORDERED, TIME_BUDGET, Taken},
    version::Version,
    wire::{Overview, Queue},
};
use crate::brokers::{BYTE_BUDGET, BrokerError, Peek, Peeked};

const OVERVIEW: &str = "overview?columns=rabbitmq_version,rates_mode,disable_stats";
const COLUMNS: &str = "type,state,exclusive,arguments,policy,operator_policy,effective_policy_definition,\
    message_stats.redeliver";

#[async_trait]
impl Peek for RabbitMq {
    async fn price(&self, queue: &QueueObservation) -> Result<Price, BrokerError> {
        let now = self.settings_now(queue).await?;
        Ok(now.price())
    }

    async fn peek(&self, queue: &QueueObservation, request: &PeekRequest) -> Result<Peeked, BrokerError> {
        let now = self.settings_now(queue).await?;
        let price = now.price();
        if let Some(why) = price.refused {
            return Err(BrokerError::Refused(why));
        }
        if !price.effects.iter().all(|effect| request.accept.contains(effect)) {
            return Err(BrokerError::field(
                "accept",
                format!("it must name the whole price: {:?}", price.effects),
            ));
        }
        let quorum = queue.kind == QueueKind::RabbitmqQuorum;
        let nack = quorum && now.version >= Version::NACK_IS_FREE;
        let limit = (quorum && !nack).then(|| DeliveryLimit::of(&now.queue, now.version));
        let manner = Manner { quorum, count: request.limit as usize, limit, nack };
        let name = amqp::short("name", &queue.name)?;
        let connection = self.amqp.open(&queue.scope, "peek").await?;
        let mut taken = Taken::default();
        let stopped = match amqp::channel(&connection).await {
            Ok(channel) => {
                let stopped = taken.take(&channel, &name, &manner).await;
                taken.give_back(&channel, &manner).await;
                stopped
            }
            Err(error) => Err(error),
        };
        amqp::close(&connection).await;
        self.own_reads.peeked(&queue.id, taken.deliveries.len(), Timestamp::now());
        let stopped = stopped.map_err(|error| named(error, queue))?;
        Ok(page(taken, stopped, &manner))
    }
}

/// What the price of a queue depends on, asked for at the time: it must not rest on an old observation.
struct SettingsNow {
    queue: Queue,
    version: Version,
    /// True where the broker counts redeliveries.
    statistics: bool,
}

impl SettingsNow {
    fn price(&self) -> Price {
        price(&self.queue, self.version, self.statistics)
    }
}

impl RabbitMq {
    async fn settings_now(&self, queue: &QueueObservation) -> Result<SettingsNow, BrokerError> {
        let tally = Tally::default();
        if queue.kind == QueueKind::RabbitmqStream {
            return Err(BrokerError::Refused("a stream is read freely, without a price".to_owned()));
        }
        let now = self.management.queue_columns(&queue.scope, &queue.name, COLUMNS, &tally).await;
        let now = now.map_err(|error| named(error, queue))?;
        let overview: Overview = self.management.get(OVERVIEW, &tally).await?;
        Ok(SettingsNow {
            queue: now,
            version: Version::parse(overview.rabbitmq_version.as_deref().unwrap_or_default()),
            statistics: statistics_off(&overview).is_none(),
        })
    }
}

fn page(mut taken: Taken, stopped: StopReason, manner: &Manner) -> Peeked {
    let mut notes = Vec::new();
    if taken.deliveries.len() > manner.count {
        let unshown = taken.deliveries.len() - manner.count;
        notes.push(format!(
            "{unshown} messages behind these were taken and given back too, to keep the order"
        ));
    }
    if taken.reordered {
        notes.push(
            "The order may have changed: a quorum queue puts a message that is given back behind those given back \
             before"
                .to_owned(),
        );
    }
    taken.deliveries.truncate(manner.count);
    let items = taken.deliveries.iter().enumerate().map(|(n, delivery)| message(n.to_string(), delivery));
    Peeked {
        page: MessagePage {
            items: items.collect(),
            stopped,
            stopped_detail: stopped_detail(stopped, taken.deliveries.len(), manner),
            next: None,
            peek_id: None,
            notes,
        },
        bodies: taken.deliveries.into_iter().map(|delivery| delivery.data).collect(),
    }
}

fn stopped_detail(stopped: StopReason, shown: usize, manner: &Manner) -> Option<String> {
    match stopped {
        StopReason::Limit if shown < manner.count => Some(format!(
            "{ORDERED} messages of this quorum queue are read at a time, so that their order stays"
        )),
        StopReason::Limit => None,
        StopReason::End => Some("there are no more ready messages".to_owned()),
        StopReason::ByteBudget => Some(format!("{} MiB were read", BYTE_BUDGET / 1024 / 1024)),
        StopReason::TimeBudget => {
            Some(format!("messages are held back for {} s at most", TIME_BUDGET.as_secs()))
        }
        StopReason::DeliveryLimit => manner.limit.as_ref().and_then(DeliveryLimit::value).map(|n| {
            format!(
                "the last message is within one of its delivery limit of {n}; those behind it were left alone"
            )
        }),
    }
}
