//! The live state of one broker.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{mpsc, oneshot};
use weir_model::{
    BrokerCard, BrokerStatus, Cost, HealthFact, Problem, QueueId, QueueObservation, QueueRow, Timestamp,
    broker::BrokerFault,
};

use super::totals::MinuteTotals;
use crate::{
    brokers::Broker,
    config::BrokerConfig,
    figures::{QueueTracker, row::BrokerView},
};

/// One broker under observation.
pub struct Station {
    pub config: BrokerConfig,
    pub broker: Arc<dyn Broker>,
    /// An auto-detected broker that the operator allowed to be changed.
    armed: AtomicBool,
    /// Held for moments only, never across an await.
    state: Mutex<StationState>,
    pub(super) requests: mpsc::Sender<ObserveNow>,
}

/// Somebody waits for an observation; answered when it is stored.
pub(super) type ObserveNow = oneshot::Sender<Result<(), Problem>>;

/// What is known of a broker now.
pub(super) struct StationState {
    pub status: BrokerStatus,
    pub status_since: Timestamp,
    pub fault: Option<BrokerFault>,
    pub version: Option<String>,
    pub observed_at: Option<Timestamp>,
    pub cost: Option<Cost>,
    pub interval_seconds: f64,
    pub slowed: bool,
    pub health: Vec<HealthFact>,
    pub hidden_queues: Option<u64>,
    pub view: BrokerView,
    pub trackers: HashMap<QueueId, QueueTracker>,
    pub rows: HashMap<QueueId, Arc<QueueRow>>,
    pub minutes: MinuteTotals,
    /// True once the first observation, or its failure, is in.
    pub looked: bool,
    /// Somebody has waited in vain since the last look.
    pub silent: bool,
}

/// A queue to act on, with its broker.
#[derive(Clone)]
pub struct Target {
    pub broker: Arc<dyn Broker>,
    pub queue: QueueObservation,
    /// Why nothing may be changed there; `None` where it may.
    pub read_only: Option<String>,
}

impl Station {
    pub(super) fn new(
        config: BrokerConfig,
        broker: Arc<dyn Broker>,
        armed: bool,
        now: Timestamp,
    ) -> (Arc<Self>, mpsc::Receiver<ObserveNow>) {
        let (requests, inbox) = mpsc::channel(16);
        let state = StationState::new(&config, now);
        let station =
            Self { config, broker, armed: AtomicBool::new(armed), state: Mutex::new(state), requests };
        (Arc::new(station), inbox)
    }

    /// Why this broker may not be changed; `None` where it may.
    #[must_use]
    pub fn read_only(&self) -> Option<String> {
        if self.config.read_only {
            return Some(format!("broker {} is configured read_only = true", self.config.name));
        }
        if self.config.auto_detected && !self.armed.load(Ordering::Acquire) {
            return Some(format!(
                "broker {} was found, not configured, and is read-only until it is armed: on its card, by POST \
                 /api/v1/brokers/{}/arm, or with weir serve --arm",
                self.config.name, self.config.name
            ));
        }
        None
    }

    pub(super) fn arm(&self) {
        self.armed.store(true, Ordering::Release);
    }

    /// The card as it is now.
    #[must_use]
    pub fn card(&self, now: Timestamp) -> BrokerCard {
        super::view::card(self, &self.state(), now)
    }

    /// All rows, in no order.
    #[must_use]
    pub fn rows(&self) -> Vec<Arc<QueueRow>> {
        self.state().rows.values().cloned().collect()
    }

    /// One queue's row and its last observation with groups and partitions.
    #[must_use]
    pub fn queue(&self, id: &QueueId) -> Option<(Arc<QueueRow>, QueueTracker)> {
        let state = self.state();
        Some((Arc::clone(state.rows.get(id)?), state.trackers.get(id)?.clone()))
    }

    /// Why there are no figures just now; `None` where the last look succeeded.
    #[must_use]
    pub fn down(&self) -> Option<String> {
        self.state().view.down.clone()
    }

    /// Notes that the broker left a question unanswered: until the next look has ended nobody else has to wait.
    pub fn note_silence(&self) {
        self.state().silent = true;
    }

    /// True where a question since the last look was left unanswered.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.state().silent
    }

    /// What rows need to know of the broker.
    #[must_use]
    pub fn view(&self) -> BrokerView {
        self.state().view.clone()
    }

    /// How often the broker refreshes its counters.
    #[must_use]
    pub fn refresh_ms(&self) -> i64 {
        self.state().view.refresh_ms
    }

    #[must_use]
    pub fn looked(&self) -> bool {
        self.state().looked
    }

    /// The state; a panic elsewhere does not take it away, since every change to it is whole.
    pub(super) fn state(&self) -> MutexGuard<'_, StationState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StationState {
    fn new(config: &BrokerConfig, now: Timestamp) -> Self {
        Self {
            status: BrokerStatus::Starting,
            status_since: now,
            fault: None,
            version: None,
            observed_at: None,
            cost: None,
            interval_seconds: config.poll_interval.as_secs_f64(),
            slowed: false,
            health: Vec::new(),
            hidden_queues: None,
            view: BrokerView { name: config.name.clone(), ..BrokerView::default() },
            trackers: HashMap::new(),
            rows: HashMap::new(),
            minutes: MinuteTotals::default(),
            looked: false,
            silent: false,
        }
    }
}
