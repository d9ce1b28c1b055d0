//! The Redis adapter against real servers: figures, acts, and what goes wrong.

mod acts;
mod events;
mod figures;
mod lag;
mod reading;
mod tap;
mod trouble;

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use redis::{Value, aio::MultiplexedConnection};
use weir::{
    brokers::{self, Broker, KnownQueue, ObserveContext},
    config::BrokerConfig,
};
use weir_model::{Metric, Observation, QueueObservation, Unknown, UnknownCode};
use weir_tests::{brokers::BrokerServer as _, brokers::Redis, clients};

/// A server of the test's own, Weir's adapter on it, and a client that knows the truth.
struct House {
    server: Redis,
    broker: Arc<dyn Broker>,
    client: MultiplexedConnection,
}

impl House {
    async fn start() -> Result<Self> {
        Self::with(&[], |_| {}).await
    }

    /// With settings of the server and of Weir.
    async fn with(settings: &[&str], configure: impl FnOnce(&mut BrokerConfig)) -> Result<Self> {
        let server = Redis::start_with(settings).await?;
        let mut config = config(server.port());
        configure(&mut config);
        let client = clients::redis::connect(&server.url()).await?;
        Ok(Self { broker: brokers::connect(&config)?, server, client })
    }

    /// Runs a command as redis-cli would.
    async fn run(&mut self, line: &str) -> Result<Value> {
        let mut words = line.split(' ');
        let mut command = redis::cmd(words.next().unwrap_or_default());
        words.for_each(|word| {
            command.arg(word);
        });
        command.query_async(&mut self.client).await.with_context(|| line.to_owned())
    }

    async fn observe(&self) -> Result<Observation> {
        self.observe_knowing(&[]).await
    }

    async fn observe_knowing(&self, known: &[&QueueObservation]) -> Result<Observation> {
        let known = known
            .iter()
            .map(|q| KnownQueue { id: q.id.clone(), kind: q.kind, epoch: q.epoch.clone() })
            .collect();
        let cx = ObserveContext { known, budget: Duration::from_secs(5) };
        Ok(self.broker.observe(&cx).await?)
    }

    /// One queue of a fresh observation, by its id.
    async fn queue(&self, id: &str) -> Result<QueueObservation> {
        find(&self.observe().await?, id).cloned()
    }
}

fn config(port: u16) -> BrokerConfig {
    BrokerConfig::new("cache", "redis", vec![("127.0.0.1".to_owned(), port)])
}

fn find<'a>(observation: &'a Observation, id: &str) -> Result<&'a QueueObservation> {
    let ids = || observation.queues.iter().map(|q| q.id.to_string()).collect::<Vec<_>>();
    observation
        .queues
        .iter()
        .find(|q| q.id.as_str() == id)
        .with_context(|| format!("{id} is not among {:?}", ids()))
}

fn ids(observation: &Observation) -> Vec<&str> {
    let mut ids: Vec<_> = observation.queues.iter().map(|queue| queue.id.as_str()).collect();
    ids.sort_unstable();
    ids
}

/// Why a figure is unknown; `None` where it is known or the kind has none.
fn why(queue: &QueueObservation, metric: Metric) -> Option<UnknownCode> {
    queue.figures.get(&metric)?.as_ref().err().map(|Unknown { code, .. }| *code)
}
