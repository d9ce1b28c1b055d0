//! Redis and Valkey: lists, streams and Pub/Sub channels.
//!
//! | module | what it does |
//! |---|---|
//! | [`dial`], [`tls`], [`connection`], [`meter`], [`reply`] | reaching the server, asking in pipelines, reading answers |
//! | [`key`], [`entry_id`], [`pattern`] | names: of queues, of stream entries, of what to list |
//! | [`observe`], [`info`], [`discovery`] | one poll: facts of the server, the search for keys |
//! | [`list`], [`stream`], [`channel`], [`vanished`] | figures by kind; [`stream_info`], [`stream_groups`], [`groups`]: a stream's parts |
//! | [`events`], [`event_setting`], [`event_tally`] | commands on lists, by keyspace events |
//! | [`abilities`], [`describe`], [`check`] | what can be done with each kind; details on demand; the connection test |
//! | [`browse`], [`browse_list`], [`browse_stream`], [`batches`] | reading within a byte budget |
//! | [`tap`] | listening to a channel |
//! | [`publish`], [`purge`], [`drain`], [`aside`] | changing |
//!
//! Polling has one connection of its own; each act of an operator opens another, so that a large read never delays
//! a poll. Keys are bytes throughout.

mod abilities;
mod aside;
mod batches;
mod browse;
mod browse_list;
mod browse_stream;
mod channel;
mod check;
mod connection;
mod describe;
mod dial;
mod discovery;
mod drain;
mod entry_id;
mod event_setting;
mod event_tally;
mod events;
mod groups;
mod info;
mod key;
mod list;
mod meter;
mod observe;
mod pattern;
mod publish;
mod purge;
mod reply;
mod stream;
mod stream_groups;
mod stream_info;
mod tap;
mod vanished;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::{sync::Mutex, time::Instant};
use weir_model::{
    BrokerKind, CheckStep, Observation, QueueObservation,
    message::{
        BrowseRequest, BrowseStart, MessagePage, MessageShape, PublishReceipt, PublishRequest, PurgeReceipt,
        PurgeRequest,
    },
    queue::{Abilities, Ability, QueueDescription},
};

use self::{
    dial::Dialer,
    key::Place,
    observe::{Poll, Scope},
    pattern::Pattern,
    tap::OwnTaps,
};
use super::{Broker, BrokerError, Browse, CopySink, Drain, Listening, ObserveContext, Publish, Purge, Tap};
use crate::config::BrokerConfig;

/// Time for a poll where the caller sets none.
const POLL_TIME: Duration = Duration::from_secs(10);

/// One Redis or Valkey server.
pub(super) struct Redis {
    dialer: Dialer,
    scope: Scope,
    /// Held over a whole poll, which is never run twice at a time.
    poll: Mutex<Poll>,
    taps: Arc<OwnTaps>,
}

impl Redis {
    /// Prepares the adapter. Does not connect.
    ///
    /// # Errors
    /// A setting that can't be used, by its name.
    pub(super) fn new(config: &BrokerConfig) -> Result<Self, BrokerError> {
        let scope = Scope { databases: databases(config)?, patterns: patterns(config)? };
        let taps = Arc::default();
        let poll = Mutex::new(Poll::new(&scope, &taps));
        Ok(Self { dialer: Dialer::new(config)?, poll, scope, taps })
    }
}

fn databases(config: &BrokerConfig) -> Result<Vec<u32>, BrokerError> {
    let mut databases = config.databases.clone();
    if databases.is_empty() {
        let path = config.path.as_deref().filter(|path| !path.is_empty()).unwrap_or("0");
        let db = path.parse().map_err(|_| {
            BrokerError::field(
                "url",
                format!("\"{path}\" is no database: after the host stands a number, as in /0"),
            )
        })?;
        databases.push(db);
    }
    databases.sort_unstable();
    databases.dedup();
    Ok(databases)
}

fn patterns(config: &BrokerConfig) -> Result<Vec<Pattern>, BrokerError> {
    if config.include.is_empty() {
        return Ok(vec![Pattern::everything()]);
    }
    let parse =
        |text: &String| Pattern::parse(text).map_err(|message| BrokerError::field("include", message));
    config.include.iter().map(parse).collect()
}

#[async_trait]
impl Broker for Redis {
    fn kind(&self) -> BrokerKind {
        BrokerKind::Redis
    }

    async fn observe(&self, cx: &ObserveContext) -> Result<Observation, BrokerError> {
        let budget = if cx.budget.is_zero() { POLL_TIME } else { cx.budget };
        let deadline = Instant::now() + budget;
        self.poll.lock().await.observe(&self.dialer, &self.scope, &cx.known, deadline).await
    }

    async fn describe(&self, queue: &QueueObservation) -> Result<QueueDescription, BrokerError> {
        describe::describe(&self.dialer, queue, &self.taps).await
    }

    fn abilities(&self, queue: &QueueObservation) -> Abilities {
        abilities::abilities(queue)
    }

    async fn check(&self) -> Vec<CheckStep> {
        check::check(&self.dialer, &self.scope).await
    }

    fn vanished(&self, before: &QueueObservation) -> QueueObservation {
        match Place::parse(&before.id) {
            Some(place) => vanished::vanished(&place),
            None => QueueObservation { vanished: true, ..before.clone() },
        }
    }

    fn browse(&self) -> Option<&dyn Browse> {
        Some(self)
    }

    fn tap(&self) -> Option<&dyn Tap> {
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

#[async_trait]
impl Browse for Redis {
    fn starts(&self, queue: &QueueObservation) -> &'static [BrowseStart] {
        abilities::starts(queue.kind)
    }

    async fn browse(
        &self,
        queue: &QueueObservation,
        request: &BrowseRequest,
    ) -> Result<MessagePage, BrokerError> {
        browse::browse(&self.dialer, queue, request).await
    }

    async fn body(&self, queue: &QueueObservation, position: &str) -> Result<Vec<u8>, BrokerError> {
        browse::body(&self.dialer, queue, position).await
    }
}

#[async_trait]
impl Tap for Redis {
    async fn tap(&self, queue: &QueueObservation) -> Result<Box<dyn Listening>, BrokerError> {
        tap::tap(&self.dialer, &self.taps, queue).await
    }
}

#[async_trait]
impl Publish for Redis {
    fn shape(&self, queue: &QueueObservation) -> MessageShape {
        abilities::shape(queue.kind)
    }

    async fn publish(
        &self,
        queue: &QueueObservation,
        request: &PublishRequest,
    ) -> Result<PublishReceipt, BrokerError> {
        publish::publish(&self.dialer, queue, request).await
    }
}

#[async_trait]
impl Purge for Redis {
    async fn purge(
        &self,
        queue: &QueueObservation,
        request: &PurgeRequest,
    ) -> Result<PurgeReceipt, BrokerError> {
        purge::purge(&self.dialer, queue, request).await
    }
}

#[async_trait]
impl Drain for Redis {
    fn drainable(&self, queue: &QueueObservation) -> Ability {
        abilities::abilities(queue).purge
    }

    fn is_set_aside(&self, queue: &QueueObservation) -> bool {
        Place::parse(&queue.id).is_some_and(|place| place.original().is_some())
    }

    async fn drain(
        &self,
        queue: &QueueObservation,
        request: &PurgeRequest,
        copy: &mut dyn CopySink,
    ) -> Result<PurgeReceipt, BrokerError> {
        drain::drain(&self.dialer, queue, request, copy).await
    }

    async fn restore(&self, queue: &QueueObservation) -> Result<PurgeReceipt, BrokerError> {
        drain::restore(&self.dialer, queue).await
    }
}
