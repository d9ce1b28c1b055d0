//! What the frame of every page asks of the server.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use weir_model::{BrokerCard, Timestamp};

use crate::{error::ApiError, overview::api::House};

/// What every page shows around its own content, true at `now`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrameData {
    pub now: Timestamp,
    pub house: House,
    pub brokers: Vec<BrokerCard>,
}

impl FrameData {
    /// Queues over all brokers.
    #[must_use]
    pub fn queues(&self) -> i64 {
        self.brokers.iter().map(|card| i64::from(card.totals.queues)).sum()
    }
}

/// The installation and its brokers.
#[server(prefix = "/ui", endpoint = "frame")]
pub async fn read_frame() -> Result<FrameData, ApiError> {
    use crate::{
        access::{Act, Object},
        services::caller,
    };

    let (services, _) = caller(Act::View, Object::House)?;
    let overview = services.overview;
    Ok(FrameData { now: Timestamp::now(), house: overview.house(), brokers: overview.brokers() })
}
