//! Kafka: topics with their partitions and consumer groups.
//!
//! | module | what it does |
//! |---|---|
//! | [`settings`], [`context`], [`connection`] | librdkafka's settings, what it says by itself, its client's life |
//! | [`topology`], [`offsets`], [`groups`], [`topic_config`], [`version`] | what can be asked of a cluster, and how |
//! | [`observe`], [`selection`] | one poll: what is asked in which order, within the budget |
//! | [`figures`], [`group_figures`], [`sums`], [`health`] | what the answers mean; they ask nobody |
//! | [`describe`], [`check`], [`browse`], [`publish`], [`purge`], [`drain`] | what an operator asks for |
//!
//! One client per cluster observes, publishes and purges; each page of messages is read by a client of its own that
//! goes away again. What blocks runs on threads for blocking.

mod browse;
mod check;
mod connection;
mod context;
mod describe;
mod drain;
mod figures;
mod group_figures;
mod groups;
mod health;
mod observe;
mod offsets;
mod publish;
mod purge;
mod refused;
mod selection;
mod settings;
mod sums;
mod topic_config;
mod topology;
mod version;

use async_trait::async_trait;
use weir_model::{
    BrokerKind, CheckStep, Observation, QueueObservation,
    queue::{Abilities, QueueDescription},
};

use self::{connection::Dialer, observe::Memory, selection::Selection, settings::Settings};
use super::{Broker, BrokerError, Browse, Drain, ObserveContext, Publish, Purge};
use crate::config::BrokerConfig;

/// One Kafka cluster.
pub(super) struct Kafka {
    dialer: Dialer,
    selection: Selection,
    memory: Memory,
}

impl Kafka {
    /// Prepares the adapter. Does not connect.
    ///
    /// # Errors
    /// A setting that can't be used, by its name.
    pub(super) fn new(config: &BrokerConfig) -> Result<Self, BrokerError> {
        let dialer = Dialer::new(&config.name, Settings::new(config)?);
        Ok(Self { dialer, selection: Selection::new(&config.include), memory: Memory::default() })
    }
}

#[async_trait]
impl Broker for Kafka {
    fn kind(&self) -> BrokerKind {
        BrokerKind::Kafka
    }

    async fn observe(&self, cx: &ObserveContext) -> Result<Observation, BrokerError> {
        self.look(cx.budget).await
    }

    async fn describe(&self, queue: &QueueObservation) -> Result<QueueDescription, BrokerError> {
        self.tell(queue).await
    }

    fn abilities(&self, queue: &QueueObservation) -> Abilities {
        self.acts(queue)
    }

    async fn check(&self) -> Vec<CheckStep> {
        self.steps().await
    }

    fn vanished(&self, before: &QueueObservation) -> QueueObservation {
        observe::vanished(before)
    }

    fn browse(&self) -> Option<&dyn Browse> {
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
