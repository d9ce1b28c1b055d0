//! All brokers under observation.

use std::sync::Arc;

use tokio::{sync::oneshot, task::JoinSet};
use tokio_util::sync::CancellationToken;
use weir_model::{
    BrokerCard, LiveEvent, Problem, ProblemKind, QueueId, QueueRow, Timestamp,
    message::Forms,
    queue::{Abilities, Ability},
};

use super::{
    events::{Events, Feed, Place},
    station::{Station, Target},
    view::guarded,
    watch::Watch,
};
use crate::{
    brokers::{self, Broker},
    config::BrokerConfig,
    figures::QueueTracker,
    history::History,
};

/// The brokers, in the order of the config. Cheap to share.
pub struct Fleet {
    stations: Vec<Arc<Station>>,
    events: Events,
    tasks: tokio::sync::Mutex<JoinSet<()>>,
}

impl Fleet {
    /// Makes an adapter per broker and begins to observe. `armed` tells which auto-detected brokers may be changed.
    ///
    /// # Errors
    /// A broker's config can't be used: the field is named.
    pub fn start(
        configs: Vec<BrokerConfig>,
        armed: &dyn Fn(&str) -> bool,
        history: &Arc<dyn History>,
        shutdown: &CancellationToken,
    ) -> Result<Arc<Self>, brokers::BrokerError> {
        let made: Result<Vec<(BrokerConfig, Arc<dyn Broker>)>, _> = configs
            .into_iter()
            .map(|config| brokers::connect(&config).map(|broker| (config, broker)))
            .collect();
        Ok(Self::with_brokers(made?, armed, history, shutdown))
    }

    /// The same with adapters that are made already.
    #[must_use]
    pub fn with_brokers(
        brokers: Vec<(BrokerConfig, Arc<dyn Broker>)>,
        armed: &dyn Fn(&str) -> bool,
        history: &Arc<dyn History>,
        shutdown: &CancellationToken,
    ) -> Arc<Self> {
        let events = Events::new(Timestamp::now());
        let (mut stations, mut tasks) = (Vec::new(), JoinSet::new());
        for (config, broker) in brokers {
            let is_armed = armed(&config.name);
            let (station, inbox) = Station::new(config, broker, is_armed, Timestamp::now());
            let watch = Watch {
                station: Arc::clone(&station),
                history: Arc::clone(history),
                events: events.clone(),
                inbox,
                shutdown: shutdown.clone(),
            };
            tasks.spawn(watch.run());
            stations.push(station);
        }
        Arc::new(Self { stations, events, tasks: tokio::sync::Mutex::new(tasks) })
    }

    /// Waits until every task has ended; call it after the shutdown token was cancelled.
    pub async fn stopped(&self) {
        let mut tasks = self.tasks.lock().await;
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a broker's task ended badly");
            }
        }
    }

    #[must_use]
    pub fn stations(&self) -> &[Arc<Station>] {
        &self.stations
    }

    /// # Errors
    /// No broker has this name.
    pub fn station(&self, broker: &str) -> Result<&Arc<Station>, Problem> {
        self.stations.iter().find(|s| s.config.name == broker).ok_or_else(|| {
            let names: Vec<&str> = self.stations.iter().map(|s| s.config.name.as_str()).collect();
            Problem::not_found(format!("no broker is called \"{broker}\"; there are: {}", names.join(", ")))
        })
    }

    /// The cards of all brokers, in the order of the config.
    #[must_use]
    pub fn cards(&self) -> Vec<BrokerCard> {
        let now = Timestamp::now();
        self.stations.iter().map(|s| s.card(now)).collect()
    }

    /// The rows of all queues of all brokers.
    #[must_use]
    pub fn rows(&self) -> Vec<Arc<QueueRow>> {
        self.stations.iter().flat_map(|s| s.rows()).collect()
    }

    /// One queue as it was last seen.
    ///
    /// # Errors
    /// There is no such broker, or no such queue on it.
    pub fn queue(&self, broker: &str, id: &QueueId) -> Result<(Arc<QueueRow>, QueueTracker), Problem> {
        self.station(broker)?.queue(id).ok_or_else(|| {
            let name: Vec<String> =
                id.parts().iter().map(|p| String::from_utf8_lossy(p).into_owned()).collect();
            Problem::not_found(format!("broker {broker} has no queue {} (id {id})", name.join(":")))
        })
    }

    /// A queue to act on.
    ///
    /// # Errors
    /// As [`Fleet::queue`].
    pub fn resolve(&self, broker: &str, id: &QueueId) -> Result<Target, Problem> {
        let station = self.station(broker)?;
        let (_, tracker) = self.queue(broker, id)?;
        Ok(Target {
            broker: Arc::clone(&station.broker),
            queue: tracker.seen,
            read_only: station.read_only(),
        })
    }

    /// What may be done with a queue, the broker's read-only state included.
    ///
    /// # Errors
    /// As [`Fleet::queue`].
    pub fn abilities(&self, broker: &str, id: &QueueId) -> Result<Abilities, Problem> {
        let target = self.resolve(broker, id)?;
        if target.queue.is_gone() {
            let no = || Ability::no("it is not on the broker any more");
            return Ok(Abilities { browse: no(), peek: no(), tap: no(), publish: no(), purge: no() });
        }
        Ok(guarded(target.broker.abilities(&target.queue), target.read_only.as_deref()))
    }

    /// What the forms of a queue ask for, as the capabilities of its broker tell.
    ///
    /// # Errors
    /// As [`Fleet::queue`].
    pub fn forms(&self, broker: &str, id: &QueueId) -> Result<Forms, Problem> {
        let target = self.resolve(broker, id)?;
        let starts = target.broker.browse().map(|browse| browse.starts(&target.queue).to_vec());
        let shape = target.broker.publish().map(|publish| publish.shape(&target.queue));
        let copy = target.broker.drain().map(|drain| drain.drainable(&target.queue));
        let set_aside = target.broker.drain().is_some_and(|drain| drain.is_set_aside(&target.queue));
        Ok(Forms { starts: starts.unwrap_or_default(), shape, copy, set_aside })
    }

    /// Observes a broker now; answers when the observation is stored.
    ///
    /// # Errors
    /// The broker's own failure, with its step; or Weir is stopping.
    pub async fn observe_now(&self, broker: &str) -> Result<BrokerCard, Problem> {
        let stopping = || Problem::new(ProblemKind::Unavailable, "Weir is stopping");
        let station = self.station(broker)?;
        let (reply, answer) = oneshot::channel();
        station.requests.send(reply).await.map_err(|_| stopping())?;
        answer.await.map_err(|_| stopping())??;
        Ok(station.card(Timestamp::now()))
    }

    /// Allows changes on an auto-detected broker, and tells the pages.
    ///
    /// # Errors
    /// No broker has this name.
    pub fn arm(&self, broker: &str) -> Result<BrokerCard, Problem> {
        let station = self.station(broker)?;
        station.arm();
        let card = station.card(Timestamp::now());
        self.events.send(LiveEvent::Broker { card: Box::new(card.clone()) });
        Ok(card)
    }

    /// Changes from now on.
    #[must_use]
    pub fn live(&self) -> Feed {
        self.events.feed()
    }

    /// Up to where the state that is read from now on was told.
    #[must_use]
    pub fn told(&self) -> Place {
        self.events.last()
    }

    /// True once every broker was looked at, with or without success.
    #[must_use]
    pub fn looked(&self) -> bool {
        self.stations.iter().all(|s| s.looked())
    }
}
