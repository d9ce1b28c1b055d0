//! The demonstration: a shop's queues that need no server. Everything is a pure function of time and of the broker's
//! name, so that a day is already in history at the first start; what operators change is kept in memory on top.

mod act;
mod curve;
mod describe;
mod figures;
mod goods;
mod peek;
mod place;
mod read;
mod sequence;
mod shop;
mod state;

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use weir_model::{
    BrokerKind, CheckStep, Cost, Observation, QueueId, QueueObservation, Step, Timestamp,
    message::{
        BrowseRequest, BrowseStart, MessagePage, MessageShape, PeekRequest, Price, PublishReceipt,
        PublishRequest, PurgeReceipt, PurgeRequest,
    },
    queue::{Abilities, QueueDescription},
};

use super::{Broker, BrokerError, Browse, ObserveContext, Peek, Peeked, Publish, Purge};
use state::Queue;

/// The day that is in history when the demonstration begins: so long before, at these intervals.
const PAST_MS: [(i64, i64); 2] = [(24 * HOUR_MS, 60_000), (HOUR_MS, 10_000)];
const HOUR_MS: i64 = 3_600_000;

/// A broker that is not there.
#[derive(Debug)]
pub(super) struct Demo {
    /// Held for moments only: nothing in here waits.
    queues: Mutex<Vec<Queue>>,
}

impl Demo {
    /// The same name gives the same figures at the same time.
    pub(super) fn new(name: &str) -> Self {
        let seed = name.bytes().fold(0, |seed, byte| goods::mixed(seed ^ u64::from(byte)));
        let queues = shop::models(seed).into_iter().map(|model| Queue::new(model, seed)).collect();
        Self { queues: Mutex::new(queues) }
    }

    fn queues(&self) -> MutexGuard<'_, Vec<Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with one queue, at the present moment.
    fn with<T>(
        &self,
        id: &QueueId,
        act: impl FnOnce(&mut Queue, i64) -> Result<T, BrokerError>,
    ) -> Result<T, BrokerError> {
        let mut queues = self.queues();
        let queue = queues.iter_mut().find(|queue| queue.model.id == *id);
        let missing = || BrokerError::NotFound(format!("the demonstration has no queue {id}"));
        act(queue.ok_or_else(missing)?, Timestamp::now().0)
    }
}

/// What would have been seen at `t`.
fn observation(queues: &[Queue], t: i64) -> Observation {
    Observation {
        at: Timestamp(t),
        cost: Cost { duration_ms: 1, requests: 1, bytes: 0 },
        version: "simulated".to_owned(),
        queues: queues.iter().map(|queue| figures::observe(queue, t)).collect(),
        ..Observation::default()
    }
}

#[async_trait]
impl Broker for Demo {
    fn kind(&self) -> BrokerKind {
        BrokerKind::Demo
    }

    async fn observe(&self, _cx: &ObserveContext) -> Result<Observation, BrokerError> {
        Ok(observation(&self.queues(), Timestamp::now().0))
    }

    fn past(&self, now: Timestamp) -> Vec<Observation> {
        let untouched: Vec<Queue> = self.queues().iter().map(Queue::untouched).collect();
        let [(day, minute), (hour, moment)] = PAST_MS;
        let early = (hour..day).rev().step_by(minute as usize);
        let late = (0..hour).rev().step_by(moment as usize);
        early.chain(late).map(|ago| observation(&untouched, now.0 - ago - moment)).collect()
    }

    async fn describe(&self, queue: &QueueObservation) -> Result<QueueDescription, BrokerError> {
        self.with(&queue.id, |queue, _| Ok(describe::describe(queue)))
    }

    fn abilities(&self, queue: &QueueObservation) -> Abilities {
        describe::abilities(queue.kind)
    }

    async fn check(&self) -> Vec<CheckStep> {
        let detail = "the demonstration runs inside Weir: there is nothing to connect to".to_owned();
        vec![CheckStep { step: Step::Connect, passed: Some(true), detail }]
    }

    fn vanished(&self, before: &QueueObservation) -> QueueObservation {
        QueueObservation { vanished: true, ..before.clone() }
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
}

#[async_trait]
impl Browse for Demo {
    fn starts(&self, queue: &QueueObservation) -> &'static [BrowseStart] {
        describe::starts(queue.kind)
    }

    async fn browse(
        &self,
        queue: &QueueObservation,
        request: &BrowseRequest,
    ) -> Result<MessagePage, BrokerError> {
        self.with(&queue.id, |queue, t| read::browse(queue, request, t))
    }

    async fn body(&self, queue: &QueueObservation, position: &str) -> Result<Vec<u8>, BrokerError> {
        self.with(&queue.id, |queue, t| read::body(queue, position, t))
    }
}

#[async_trait]
impl Peek for Demo {
    async fn price(&self, queue: &QueueObservation) -> Result<Price, BrokerError> {
        self.with(&queue.id, |queue, _| peek::price(queue.model.kind))
    }

    async fn peek(&self, queue: &QueueObservation, request: &PeekRequest) -> Result<Peeked, BrokerError> {
        self.with(&queue.id, |queue, t| peek::peek(queue, request, t))
    }
}

#[async_trait]
impl Publish for Demo {
    fn shape(&self, queue: &QueueObservation) -> MessageShape {
        describe::shape(queue.kind)
    }

    async fn publish(
        &self,
        queue: &QueueObservation,
        request: &PublishRequest,
    ) -> Result<PublishReceipt, BrokerError> {
        self.with(&queue.id, |queue, t| act::publish(queue, request, t))
    }
}

#[async_trait]
impl Purge for Demo {
    async fn purge(
        &self,
        queue: &QueueObservation,
        request: &PurgeRequest,
    ) -> Result<PurgeReceipt, BrokerError> {
        self.with(&queue.id, |queue, t| act::purge(queue, request, t))
    }
}

#[cfg(test)]
mod tests;
