//! What the overview asks of the server.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use weir_model::Problem;
use weir_model::{BrokerCard, QueueRow, Series, Timestamp};

use crate::{charts::WindowQuery, error::ApiError};

/// What auto-detection tried at one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detection {
    /// "RabbitMQ".
    pub what: String,
    /// "127.0.0.1:5672 with management on 15672".
    pub address: String,
    pub found: bool,
    /// What answered, or why nothing did.
    pub detail: String,
}

/// How this installation came by its brokers: for the frame of every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct House {
    pub version: String,
    /// The embedded demo broker serves: every page says so.
    pub demo: bool,
    /// Set where no broker is configured.
    pub detections: Vec<Detection>,
    /// The config file in use, if any.
    pub config_file: Option<String>,
}

/// Queues that are worst off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorstBacklogs {
    /// Growing first, by rate; then by time to drain.
    pub rows: Vec<QueueRow>,
    /// All queues there are.
    pub total: u32,
    /// Queues that can't be ranked, counted by reason.
    pub unranked: Vec<(String, u32)>,
}

/// The charts of the overview: one series per broker, in the order of the config.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BrokerSeries {
    pub broker: String,
    pub backlog: Series,
    pub in_rate: Series,
    pub out_rate: Series,
}

/// Everything the overview shows, true at `now`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverviewData {
    pub now: Timestamp,
    pub brokers: Vec<BrokerCard>,
    pub worst: WorstBacklogs,
    /// Of the charts.
    pub from: Timestamp,
    pub to: Timestamp,
    pub series: Vec<BrokerSeries>,
}

/// The server's side of the overview.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Overview: Send + Sync {
    /// Never waits for a broker.
    fn house(&self) -> House;

    /// The cards alone, for the rail and for `GET /api/v1/brokers`; never waits for a broker.
    fn brokers(&self) -> Vec<BrokerCard>;

    /// The whole page; `from`, `to` and `points` are those of the charts.
    async fn overview(&self, from: Timestamp, to: Timestamp, points: u32) -> Result<OverviewData, Problem>;
}

/// The buckets of the charts: enough for their width, few enough for a page that is fetched again and again.
#[cfg(feature = "ssr")]
const POINTS: u32 = 120;

/// The whole page, its charts over the window of the address.
#[server(prefix = "/ui", endpoint = "overview", input = server_fn::codec::Json)]
pub async fn read_overview(window: WindowQuery) -> Result<OverviewData, ApiError> {
    use crate::{
        access::{Act, Object},
        charts::Span,
        services::caller,
    };

    let (services, _) = caller(Act::View, Object::House)?;
    let Span { from, to } = window.window(Timestamp::now())?.span;
    Ok(services.overview.overview(from, to, POINTS).await?)
}
