//! Listening to a channel, as one more subscriber.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use redis::{PushInfo, PushKind, Value};
use tokio::time::Instant;
use weir_model::QueueObservation;

use super::{
    super::{
        BrokerError,
        tap::{Listening, Passed, Sieve},
    },
    abilities::abilities,
    connection::Connection,
    dial::Dialer,
    key::Place,
};

/// Time for each answer.
const TIME: Duration = Duration::from_secs(5);
/// What may come between two looks before the connection is cut: a message is whole in memory before it is counted.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// The channels that Weir itself listens to, so that it isn't taken for somebody else's subscriber.
#[derive(Debug, Default)]
pub(super) struct OwnTaps {
    by_channel: Mutex<HashMap<Vec<u8>, i64>>,
}

impl OwnTaps {
    /// Taps on a channel.
    pub(super) fn on(&self, channel: &[u8]) -> i64 {
        self.by_channel().get(channel).copied().unwrap_or(0)
    }

    fn begin(self: &Arc<Self>, channel: Vec<u8>) -> OwnTap {
        *self.by_channel().entry(channel.clone()).or_default() += 1;
        OwnTap { all: Arc::clone(self), channel }
    }

    fn by_channel(&self) -> MutexGuard<'_, HashMap<Vec<u8>, i64>> {
        self.by_channel.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of them, until it is dropped.
struct OwnTap {
    all: Arc<OwnTaps>,
    channel: Vec<u8>,
}

impl Drop for OwnTap {
    fn drop(&mut self) {
        let mut by_channel = self.all.by_channel();
        if let Some(taps) = by_channel.get_mut(&self.channel) {
            *taps -= 1;
            if *taps == 0 {
                by_channel.remove(&self.channel);
            }
        }
    }
}

/// A subscription of Weir's own, on a connection of its own.
struct ChannelTap {
    connection: Connection,
    sieve: Arc<Sieve>,
    own: OwnTap,
}

/// Subscribes to a channel.
pub(super) async fn tap(
    dialer: &Dialer,
    taps: &Arc<OwnTaps>,
    queue: &QueueObservation,
) -> Result<Box<dyn Listening>, BrokerError> {
    let place = Place::of(queue)?;
    let ability = abilities(queue).tap;
    if !ability.allowed {
        return Err(BrokerError::Refused(ability.reason.unwrap_or_default()));
    }
    let sieve = Arc::new(Sieve::default());
    let taker = Arc::clone(&sieve);
    let told = move |push: PushInfo| {
        if let (PushKind::Message, [_, Value::BulkString(body)]) = (&push.kind, push.data.as_slice()) {
            taker.take_in(body);
        }
    };
    let mut connection = dialer.listen(Instant::now() + TIME, told).await?;
    connection.allow(Some(MOST_BYTES));
    connection.subscribe(vec![place.key.clone()]).await?;
    Ok(Box::new(ChannelTap { connection, sieve, own: taps.begin(place.key) }))
}

#[async_trait]
impl Listening for ChannelTap {
    async fn catch_up(&mut self) -> Result<(), BrokerError> {
        self.connection.deadline = Instant::now() + TIME;
        // Any answer will do, also a refusal: what was sent before it has arrived.
        let _ = self.connection.read_one(0, redis::cmd("PING")).await?;
        self.connection.allow(Some(MOST_BYTES));
        Ok(())
    }

    fn passed(&mut self) -> Passed {
        self.sieve.empty()
    }

    async fn stop(&mut self) {
        self.connection.deadline = Instant::now() + TIME;
        // Where that fails the connection is closed in a moment, which ends it too.
        let _ = self.connection.unsubscribe(vec![self.own.channel.clone()]).await;
    }
}
