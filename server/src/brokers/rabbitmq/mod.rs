//! RabbitMQ: observed through the management API, acted on by AMQP 0-9-1.

mod amqp;
mod check;
mod client;
mod counters;
mod dead_letters;
mod deliveries;
mod describe;
mod drain;
mod figures;
mod growth;
mod health;
mod limit;
mod lookup;
mod observe;
mod outgoing;
mod own_reads;
mod peek;
mod price;
mod probe;
mod publish;
mod purge;
mod scan;
mod settings;
mod stream;
mod take;
mod values;
mod version;
mod wire;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;
use tokio::sync::Mutex;
use weir_model::{
    BrokerKind, CheckStep, Metric, Observation, Outcome, QueueId, QueueKind, QueueObservation, Step,
    UnknownCode,
    queue::{Abilities, Ability, QueueDescription},
    unknown::unknown,
};

use self::{
    amqp::Amqp,
    client::Management,
    figures::queue_id,
    observe::Memory,
    own_reads::OwnReads,
    publish::Publisher,
    settings::Settings,
    version::Version,
    wire::{Overview, Queue},
};
use super::{Broker, BrokerError, Browse, Drain, NOTHING_PASSES, ObserveContext, Peek, Publish, Purge};
use crate::config::BrokerConfig;

/// A RabbitMQ node or cluster.
pub(super) struct RabbitMq {
    settings: Settings,
    management: Management,
    amqp: Amqp,
    /// Held through an observation, of which there is one at a time.
    memory: Mutex<Memory>,
    /// What acts and abilities need to know from the last observation; held for a moment only.
    known: RwLock<Known>,
    own_reads: OwnReads,
    publisher: Publisher,
}

/// What the last observation told beside the figures.
#[derive(Debug, Default)]
struct Known {
    version: Version,
    traits: HashMap<QueueId, Traits>,
}

/// Settings of a queue that decide what can be done with it.
#[derive(Clone, Copy, Debug, Default)]
struct Traits {
    exclusive: bool,
    single_active_consumer: bool,
}

/// Makes the adapter. Does not connect.
///
/// # Errors
/// A setting that RabbitMQ can't use, named.
pub(super) fn connect(config: &BrokerConfig) -> Result<Arc<dyn Broker>, BrokerError> {
    let settings = Settings::new(config)?;
    Ok(Arc::new(RabbitMq {
        management: Management::new(settings.clone()),
        amqp: Amqp::new(settings.clone()),
        settings,
        memory: Mutex::default(),
        known: RwLock::default(),
        own_reads: OwnReads::default(),
        publisher: Publisher::default(),
    }))
}

#[async_trait]
impl Broker for RabbitMq {
    fn kind(&self) -> BrokerKind {
        BrokerKind::Rabbitmq
    }

    async fn observe(&self, cx: &ObserveContext) -> Result<Observation, BrokerError> {
        let silent = |_| BrokerError::Timeout {
            step: Step::Read,
            outcome: Outcome::NotDone,
            detail: format!("the management API did not answer within {} s", cx.budget.as_secs()),
        };
        tokio::time::timeout(cx.budget, self.look(&cx.known)).await.map_err(silent)?
    }

    async fn describe(&self, queue: &QueueObservation) -> Result<QueueDescription, BrokerError> {
        self.explain(queue).await
    }

    fn abilities(&self, queue: &QueueObservation) -> Abilities {
        abilities(queue, self.traits(&queue.id))
    }

    async fn check(&self) -> Vec<CheckStep> {
        self.check_steps().await
    }

    fn vanished(&self, before: &QueueObservation) -> QueueObservation {
        let gone = "the queue is not on the broker: deleted, or hidden from this account";
        let mut queue =
            QueueObservation::new(before.id.clone(), before.kind, before.name.clone(), before.scope.clone());
        queue.epoch = before.epoch.clone();
        queue.dead_letter_target = before.dead_letter_target;
        queue.not_fifo = before.not_fifo;
        queue.vanished = true;
        queue.figures = Metric::ALL
            .into_iter()
            .map(|metric| (metric, unknown(UnknownCode::NotApplicable, gone)))
            .collect();
        queue.notes = vec!["Not on the broker any more: deleted, or hidden from this account".to_owned()];
        queue
    }

    fn browse(&self) -> Option<&dyn Browse> {
        Some(self)
    }

    fn peek(&self) -> Option<&dyn Peek> {
        Some(self)
    }

    fn publish(&self) -> Option<&dyn Publish> {
        Some(self)
    }

    fn purge(&self) -> Option<&dyn Purge> {
        Some(self)
    }

    fn drain(&self) -> Option<&dyn Drain> {
        Some(self)
    }
}

impl RabbitMq {
    /// Keeps what acts need from an observation.
    fn remember(&self, overview: &Overview, queues: Vec<Queue>) {
        let traits =
            queues.into_iter().map(|queue| (queue_id(&queue.vhost, &queue.name), Traits::of(&queue)));
        let known = Known {
            version: Version::parse(overview.rabbitmq_version.as_deref().unwrap_or_default()),
            traits: traits.collect(),
        };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    fn version(&self) -> Version {
        self.known.read().unwrap_or_else(PoisonError::into_inner).version
    }

    fn traits(&self, id: &QueueId) -> Traits {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.traits.get(id).copied().unwrap_or_default()
    }
}

impl Traits {
    fn of(queue: &Queue) -> Self {
        let single = queue.arguments.get("x-single-active-consumer").and_then(serde_json::Value::as_bool);
        Self { exclusive: queue.exclusive, single_active_consumer: single.unwrap_or(false) }
    }
}

fn abilities(queue: &QueueObservation, traits: Traits) -> Abilities {
    if queue.vanished {
        let no = || Ability::no("the queue is not on the broker at the moment");
        return Abilities { browse: no(), peek: no(), tap: no(), publish: no(), purge: no() };
    }
    let stream = queue.kind == QueueKind::RabbitmqStream;
    let state = queue.state.as_deref().unwrap_or("down");
    let exclusive = "the queue is exclusive: only the connection that declared it may use it";
    let peek = if stream {
        Ability::no("a stream is read freely, without a price")
    } else if traits.exclusive {
        Ability::no(exclusive)
    } else if traits.single_active_consumer && queue.kind == QueueKind::RabbitmqQuorum {
        Ability::no("a quorum queue with a single active consumer hands messages to that consumer alone")
    } else if queue.unavailable {
        Ability::no(format!("the queue is {state}"))
    } else {
        Ability::yes()
    };
    let purge = if stream {
        Ability::no(
            "a stream can't be purged: its retention (x-max-age, x-max-length-bytes) removes old segments",
        )
    } else if traits.exclusive {
        Ability::no(exclusive)
    } else {
        match queue.value(Metric::Unacknowledged) {
            Some(n) if n > 0 => Ability::yes_but(format!("{n} unacknowledged messages stay")),
            _ => Ability::yes_but("ready messages are removed; unacknowledged ones stay"),
        }
    };
    let browse = if stream {
        Ability::yes()
    } else {
        Ability::no("reading takes the messages and gives them back, which has a price: peek")
    };
    let tap = Ability::no(NOTHING_PASSES);
    Abilities { browse, peek, tap, publish: Ability::yes(), purge }
}
