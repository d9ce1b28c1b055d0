//! The settings feature: what is configured, connection tests, observe now, arming.

mod armed;
mod shown;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use weir_app::{
    access::Principal,
    settings::api::{BrokerSettings, Settings},
};
use weir_model::{ActionVerb, BrokerCard, CheckStep, Problem, ProblemKind};

pub use armed::Armed;

use crate::{
    audit::{ActionLog, Ending, Intent},
    poller::Fleet,
};

/// A connection test that takes longer is ended.
const TEST_WITHIN: Duration = Duration::from_secs(30);

/// The config as it was read, and what may be changed of it while Weir runs.
pub struct SettingsService {
    fleet: Arc<Fleet>,
    armed: Arc<Armed>,
    actions: ActionLog,
}

impl SettingsService {
    #[must_use]
    pub fn new(fleet: Arc<Fleet>, armed: Arc<Armed>, actions: ActionLog) -> Self {
        Self { fleet, armed, actions }
    }
}

#[async_trait]
impl Settings for SettingsService {
    fn brokers(&self) -> Vec<BrokerSettings> {
        let configs = self.fleet.stations().iter().map(|station| &station.config);
        let shown = |(card, config)| BrokerSettings { card, settings: shown::facts(config) };
        self.fleet.cards().into_iter().zip(configs).map(shown).collect()
    }

    async fn test(&self, broker: &str) -> Result<Vec<CheckStep>, Problem> {
        let station = self.fleet.station(broker)?;
        tokio::time::timeout(TEST_WITHIN, station.broker.check()).await.map_err(|_| {
            let detail = format!("the connection test did not end within {} s", TEST_WITHIN.as_secs());
            Problem::new(ProblemKind::BrokerTimeout, detail)
        })
    }

    async fn observe(&self, broker: &str) -> Result<BrokerCard, Problem> {
        self.fleet.observe_now(broker).await
    }

    async fn arm(&self, who: &Principal, broker: &str, confirm: &str) -> Result<BrokerCard, Problem> {
        let config = &self.fleet.station(broker)?.config;
        if confirm != broker {
            let detail = format!("confirm: \"{confirm}\" is not the broker's name; write {broker} to arm it");
            return Err(Problem::conflict(detail));
        }
        if !config.auto_detected {
            let detail = format!(
                "broker {broker} is configured, not found: whether it may be changed is said by read_only in weir.toml"
            );
            return Err(Problem::conflict(detail));
        }
        let intent = Intent {
            actor: who.name.clone(),
            verb: ActionVerb::Arm,
            broker: broker.to_owned(),
            queue: None,
            text: format!("allow changes on broker {broker}"),
            reason: None,
            copy: None,
        };
        let (armed, fleet, name) = (Arc::clone(&self.armed), Arc::clone(&self.fleet), broker.to_owned());
        let act = async move {
            armed.add(&name).map_err(|error| {
                tracing::error!(%error, "what is armed could not be kept");
                Problem::new(
                    ProblemKind::Unavailable,
                    format!("it can't be kept in the data folder: {error}"),
                )
            })?;
            fleet.arm(&name)
        };
        let ended = |card: &BrokerCard| Ending::done(format!("{} may be changed from now on", card.name));
        self.actions.perform(intent, act, ended).await
    }
}
