//! What the suite needs of a kind: a server, and a client of the broker's own to know the truth by.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use weir::{
    brokers::{self, Broker, KnownQueue, ObserveContext},
    config::BrokerConfig,
};
use weir_model::{Metric, Observation, QueueId, QueueKind, QueueObservation, message::PublishRequest};
use weir_tests::wait;

/// RabbitMQ refreshes its statistics every five seconds.
pub const SEEN_WITHIN: Duration = Duration::from_secs(30);

/// A kind of broker under test.
#[async_trait]
pub trait Subject: Sized + Send + Sync {
    async fn open() -> Result<Self>;

    fn config(&self) -> BrokerConfig;

    /// The kinds of queue that hold messages.
    fn kinds(&self) -> &'static [QueueKind];

    /// Makes a queue that holds `bodies`, with the broker's own client.
    async fn make(&self, kind: QueueKind, name: &str, bodies: &[Vec<u8>]) -> Result<QueueId>;

    /// Messages that wait, as the broker's own client tells.
    async fn held(&self, kind: QueueKind, name: &str) -> Result<i64>;

    /// Names that are allowed and that trip up careless code.
    fn odd_names(&self) -> &'static [&'static str] {
        &["a/b:c ~2f", "it's \"quoted\" & <script>alert(1)</script>", "größe 日本 %2F?#", "..", "-- drop"]
    }

    /// Bytes of the longest name that the broker takes for a queue of `kind`.
    fn longest_name(&self, _kind: QueueKind) -> usize {
        255
    }

    /// A request with a field that no queue of `kind` has, and the field's name.
    fn foreign_field(&self, kind: QueueKind) -> (PublishRequest, &'static str);

    /// A config that the server refuses to authenticate; `None` where it lets everybody in.
    fn wrong_password(&self) -> Option<BrokerConfig>;
}

/// The adapter under test.
pub fn adapter(config: &BrokerConfig) -> Result<Arc<dyn Broker>> {
    // Nothing else installs one in this process; a second test is welcome to find it there.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    brokers::connect(config).context("the config is good")
}

/// One look, within ten seconds.
pub async fn observe(broker: &dyn Broker, known: &[(QueueId, QueueKind)]) -> Result<Observation> {
    let known =
        known.iter().map(|(id, kind)| KnownQueue { id: id.clone(), kind: *kind, epoch: String::new() });
    let known = known.collect();
    let cx = ObserveContext { known, budget: Duration::from_secs(10) };
    Ok(broker.observe(&cx).await?)
}

/// Looks until the queue is seen with `depth`.
pub async fn seen_with_depth(
    broker: &dyn Broker,
    id: &QueueId,
    kind: QueueKind,
    depth: i64,
) -> Result<QueueObservation> {
    let what = format!("{id} with a depth of {depth}");
    wait::until(&what, SEEN_WITHIN, || async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let seen = observe(broker, &[(id.clone(), kind)]).await.ok()?;
        seen.queues.into_iter().find(|q| q.id == *id && q.value(Metric::Depth) == Some(depth))
    })
    .await
}

/// `n` small bodies that tell themselves apart.
pub fn bodies(n: usize) -> Vec<Vec<u8>> {
    (0..n).map(|i| format!("{{\"n\":{i}}}").into_bytes()).collect()
}
