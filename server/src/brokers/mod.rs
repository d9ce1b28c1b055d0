//! The brokers: one small trait, narrow capabilities, one folder per kind.
//!
//! Only a kind's own folder names its client (lapin, redis, rdkafka) and asks what kind something is.
//! Adding a kind: a folder, one line in [`connect`], its capabilities, and the shared contract suite.

mod demo;
mod drain;
mod error;
mod kafka;
mod rabbitmq;
mod redis;
mod tap;
mod tls;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use weir_model::{
    BrokerKind, CheckStep, Observation, QueueId, QueueKind, QueueObservation, Timestamp,
    message::{
        BrowseRequest, BrowseStart, Message, MessagePage, MessageShape, PeekRequest, Price, PublishReceipt,
        PublishRequest, PurgeReceipt, PurgeRequest,
    },
    queue::{Abilities, QueueDescription},
};

pub use drain::{CopySink, Drain};
pub use error::BrokerError;
pub use tap::{Listening, NOTHING_PASSES, Passed, Tap};

use crate::config::BrokerConfig;

/// Bytes of message bodies that one read brings home at most.
pub const BYTE_BUDGET: u64 = 16 * 1024 * 1024;

/// A broker that is observed. Cheap to make: it connects when first asked, and again by itself.
///
/// Every method has to end within the time its caller allows; the poller adds its own time-out around `observe`.
#[async_trait]
pub trait Broker: Send + Sync + 'static {
    fn kind(&self) -> BrokerKind;

    /// One look at everything. Called by the poller alone, never twice at a time.
    ///
    /// # Errors
    /// The step that failed. A part that can't be seen is an unknown reading, not an error.
    async fn observe(&self, cx: &ObserveContext) -> Result<Observation, BrokerError>;

    /// What was before Weir first looked, oldest first, for history to begin with: a made-up day of the demonstration.
    /// Real brokers tell nothing of their past.
    fn past(&self, _now: Timestamp) -> Vec<Observation> {
        Vec::new()
    }

    /// What is to know about one queue beyond its figures, asked when an operator opens it.
    ///
    /// # Errors
    /// `NotFound` where the broker has no such queue.
    async fn describe(&self, queue: &QueueObservation) -> Result<QueueDescription, BrokerError>;

    /// What can be done with a queue, and why not. Never asks the broker.
    fn abilities(&self, queue: &QueueObservation) -> Abilities;

    /// Connects anew, step by step. Steps after a failed one are listed as not tried.
    async fn check(&self) -> Vec<CheckStep>;

    /// How a queue that was seen before and is gone now is listed.
    fn vanished(&self, before: &QueueObservation) -> QueueObservation;

    /// Reading without a price, where the kind has it.
    fn browse(&self) -> Option<&dyn Browse> {
        None
    }

    /// Reading at a price, where the kind has it.
    fn peek(&self) -> Option<&dyn Peek> {
        None
    }

    /// Listening to what passes, where the kind has it.
    fn tap(&self) -> Option<&dyn Tap> {
        None
    }

    fn publish(&self) -> Option<&dyn Publish> {
        None
    }

    fn purge(&self) -> Option<&dyn Purge> {
        None
    }

    /// Purging by way of a copy, where the kind has it.
    fn drain(&self) -> Option<&dyn Drain> {
        None
    }
}

/// What the poller tells an adapter.
#[derive(Clone, Debug)]
pub struct ObserveContext {
    /// Queues seen before, also in earlier runs: a list that is empty now is still asked for by name.
    pub known: Vec<KnownQueue>,
    /// Take at most this long.
    pub budget: Duration,
}

impl Default for ObserveContext {
    /// Nothing known before, and ten seconds.
    fn default() -> Self {
        Self { known: Vec::new(), budget: Duration::from_secs(10) }
    }
}

/// A queue that was seen before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownQueue {
    pub id: QueueId,
    pub kind: QueueKind,
    /// As it was named last, also by an earlier run.
    pub epoch: String,
}

/// Reading that changes nothing on the broker.
#[async_trait]
pub trait Browse: Send + Sync {
    /// A page of messages within [`BYTE_BUDGET`]; the first message always comes, cut if need be.
    async fn browse(
        &self,
        queue: &QueueObservation,
        request: &BrowseRequest,
    ) -> Result<MessagePage, BrokerError>;

    /// Where reading can begin, the usual place first. Never asks the broker.
    fn starts(&self, queue: &QueueObservation) -> &'static [BrowseStart];

    /// The exact bytes at a position of an earlier page.
    async fn body(&self, queue: &QueueObservation, position: &str) -> Result<Vec<u8>, BrokerError>;
}

/// Reading by taking messages and giving them back.
#[async_trait]
pub trait Peek: Send + Sync {
    /// What a peek would do to the messages now.
    async fn price(&self, queue: &QueueObservation) -> Result<Price, BrokerError>;

    /// Takes, gives back, and hands over the exact bytes of each body beside the page.
    async fn peek(&self, queue: &QueueObservation, request: &PeekRequest) -> Result<Peeked, BrokerError>;
}

/// Messages that were paid for.
#[derive(Clone, Debug)]
pub struct Peeked {
    pub page: MessagePage,
    /// The whole body of each message of the page, in its order.
    pub bodies: Vec<Vec<u8>>,
}

#[async_trait]
pub trait Publish: Send + Sync {
    /// What a message for this queue consists of. Never asks the broker.
    fn shape(&self, queue: &QueueObservation) -> MessageShape;

    /// Sends and waits for the broker's own answer.
    ///
    /// # Errors
    /// `Invalid` names a field that the kind has not or that can't be sent; `Refused` is the broker's no;
    /// `Timeout` says whether it may have been done.
    async fn publish(
        &self,
        queue: &QueueObservation,
        request: &PublishRequest,
    ) -> Result<PublishReceipt, BrokerError>;
}

#[async_trait]
pub trait Purge: Send + Sync {
    /// Removes what waits. The caller has checked the name; `seen_depth` is checked here, as close to the act as
    /// the broker allows.
    async fn purge(
        &self,
        queue: &QueueObservation,
        request: &PurgeRequest,
    ) -> Result<PurgeReceipt, BrokerError>;
}

/// Makes the adapter for a configured broker. Does not connect.
///
/// # Errors
/// A setting that the kind can't use, named.
pub fn connect(config: &BrokerConfig) -> Result<Arc<dyn Broker>, BrokerError> {
    Ok(match config.scheme.as_str() {
        "kafka" => Arc::new(kafka::Kafka::new(config)?),
        "amqp" | "amqps" => rabbitmq::connect(config)?,
        "redis" | "rediss" | "valkey" | "valkeys" => Arc::new(redis::Redis::new(config)?),
        "demo" => Arc::new(demo::Demo::new(&config.name)),
        other => return Err(BrokerError::field("url", format!("no broker speaks {other}://"))),
    })
}

/// Cuts what a page of messages shows of a body: text where all of it is UTF-8, else base64.
#[must_use]
pub fn shown_body(bytes: &[u8], limit: usize) -> weir_model::message::Body {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use weir_model::message::{Body, BodyEncoding};

    let truncated = bytes.len() > limit;
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let end = (0..=limit.min(text.len())).rev().find(|&n| text.is_char_boundary(n)).unwrap_or(0);
            Body { encoding: BodyEncoding::Utf8, data: text[..end].to_owned(), truncated }
        }
        Err(_) => {
            let end = limit.min(bytes.len());
            Body { encoding: BodyEncoding::Base64, data: STANDARD.encode(&bytes[..end]), truncated }
        }
    }
}

/// Bytes of one body that a page of messages shows at most; the rest is a download away.
pub const SHOWN_BODY_LIMIT: usize = 256 * 1024;

/// A message of which only the position is known yet.
#[must_use]
pub fn bare_message(position: impl Into<String>) -> Message {
    Message {
        position: position.into(),
        timestamp: None,
        key: None,
        routing_key: None,
        exchange: None,
        redelivered: None,
        headers: Vec::new(),
        properties: Vec::new(),
        size: 0,
        body: None,
    }
}
