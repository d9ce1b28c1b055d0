//! What the settings ask of the server.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use weir_model::Problem;
use weir_model::{BrokerCard, CheckStep, Timestamp, queue::Fact};

use crate::error::ApiError;
#[cfg(feature = "ssr")]
use crate::{
    access::{Act, Object, Principal},
    services::caller,
};

/// A broker as it is configured, without its secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BrokerSettings {
    pub card: BrokerCard,
    /// Every setting with where it comes from; secrets read `•••`.
    pub settings: Vec<Fact>,
}

/// The server's side of the settings.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Settings: Send + Sync {
    fn brokers(&self) -> Vec<BrokerSettings>;

    /// Connects anew and says which step passed.
    async fn test(&self, broker: &str) -> Result<Vec<CheckStep>, Problem>;

    /// Observes now; answers when it is stored.
    async fn observe(&self, broker: &str) -> Result<BrokerCard, Problem>;

    /// Allows changes on an auto-detected broker; `confirm` is its name.
    async fn arm(&self, who: &Principal, broker: &str, confirm: &str) -> Result<BrokerCard, Problem>;
}

/// What the settings show, true at `now`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingsData {
    pub now: Timestamp,
    pub brokers: Vec<BrokerSettings>,
}

/// The brokers as they are configured.
#[server(prefix = "/ui", endpoint = "settings")]
pub async fn read_settings() -> Result<SettingsData, ApiError> {
    let (services, _) = caller(Act::View, Object::House)?;
    Ok(SettingsData { now: Timestamp::now(), brokers: services.settings.brokers() })
}

/// Connects anew and says which step passed.
#[server(prefix = "/ui", endpoint = "test")]
pub async fn test_broker(broker: String) -> Result<Vec<CheckStep>, ApiError> {
    let (services, _) = caller(Act::Operate, Object::Broker(&broker))?;
    Ok(services.settings.test(&broker).await?)
}

/// Observes now; answers when it is stored.
#[server(prefix = "/ui", endpoint = "observe")]
pub async fn observe_broker(broker: String) -> Result<BrokerCard, ApiError> {
    let (services, _) = caller(Act::Operate, Object::Broker(&broker))?;
    Ok(services.settings.observe(&broker).await?)
}

/// Allows changes on a broker that was found by itself; `confirm` is its name.
#[server(prefix = "/ui", endpoint = "arm")]
pub async fn arm_broker(broker: String, confirm: String) -> Result<BrokerCard, ApiError> {
    let (services, who) = caller(Act::Administer, Object::Broker(&broker))?;
    Ok(services.settings.arm(&who, &broker, &confirm).await?)
}
