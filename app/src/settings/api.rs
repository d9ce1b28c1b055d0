//! What the settings ask of the server.

use serde::{Deserialize, Serialize};
use weir_model::{BrokerCard, queue::Fact};
#[cfg(feature = "ssr")]
use weir_model::{CheckStep, Problem};

#[cfg(feature = "ssr")]
use crate::access::Principal;

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
