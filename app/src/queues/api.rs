//! What the pages about queues ask of the server.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use weir_model::{Action, QueueDetail, QueueRow, Series, SeriesMetric, Timestamp, queue::QueuePage};
#[cfg(feature = "ssr")]
use weir_model::{Problem, QueueId, message::Forms};

use crate::{
    charts::{Compare, WindowQuery},
    error::ApiError,
};

/// What the table shows: the same words in the page's address and in `GET /api/v1/queues`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QueueQuery {
    pub broker: Option<String>,
    pub kind: Option<String>,
    /// The filter language: `kind:stream depth>1000 -name~test`.
    pub q: Option<String>,
    /// A column's name; default: the rank (growing first, then time to drain).
    pub sort: Option<String>,
    /// `asc` or `desc`.
    pub order: Option<String>,
    /// Names of the columns that the page shows, with commas; default: all.
    pub columns: Option<String>,
    /// 1 to 1,000, default 100.
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

/// A page of the table with what the page's frame needs, true at `now`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueTable {
    pub now: Timestamp,
    pub page: QueuePage,
    /// Rows before the first of the page.
    pub start: u64,
    /// Cursor of the page before, if this is not the first.
    pub previous: Option<String>,
    /// Queues there are without the filter.
    pub all: u64,
    /// The columns to show: those of the address, else those that this browser remembers; `None`: all.
    pub columns: Option<String>,
}

/// A figure over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesQuery {
    pub metric: SeriesMetric,
    pub from: Timestamp,
    pub to: Timestamp,
    /// 1 to 2,000 buckets at most.
    pub points: u32,
    pub group: Option<String>,
    pub partition: Option<i32>,
}

/// All charts of a queue's page over one range, under one crosshair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueCharts {
    pub from: Timestamp,
    pub to: Timestamp,
    /// The metrics that the kind has, in the order of the page. Lag has one series per group.
    pub series: Vec<Series>,
    /// Spans without an observation, with their reason.
    pub gaps: Vec<Gap>,
}

impl QueueCharts {
    /// The width of the widest buckets.
    #[must_use]
    pub fn step_seconds(&self) -> f64 {
        self.series.iter().map(|series| series.step_seconds).fold(0.0, f64::max)
    }
}

/// A span in which the broker was not observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub from: Timestamp,
    pub to: Timestamp,
    pub reason: String,
}

/// The same charts over an earlier stretch of the same length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Earlier {
    pub compare: Compare,
    pub charts: QueueCharts,
}

/// The detail of one queue, true at `now`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueView {
    pub now: Timestamp,
    pub detail: QueueDetail,
}

/// The charts of a queue's page with what is drawn over them, true at `now`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChartsView {
    pub now: Timestamp,
    pub row: QueueRow,
    pub charts: QueueCharts,
    /// What they are held against, where the address asks for it.
    pub earlier: Option<Earlier>,
    /// What operators did in the range, oldest first.
    pub actions: Vec<Action>,
}

/// The server's side of the pages about queues.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Queues: Send + Sync {
    /// From live state, never from a broker.
    ///
    /// # Errors
    /// A field of the query is wrong: it is named.
    fn table(&self, query: &QueueQuery) -> Result<QueueTable, Problem>;

    /// All rows of the table, whatever the page.
    ///
    /// # Errors
    /// As [`Queues::table`].
    fn rows(&self, query: &QueueQuery) -> Result<Vec<std::sync::Arc<QueueRow>>, Problem>;

    /// One row of the table, from live state.
    fn row(&self, broker: &str, id: &QueueId) -> Result<QueueRow, Problem>;

    /// What the forms of a queue ask for, from live state.
    fn forms(&self, broker: &str, id: &QueueId) -> Result<Forms, Problem>;

    /// One queue; asks the broker to describe it (configuration, consumers) within a short time.
    async fn detail(&self, broker: &str, id: &QueueId) -> Result<QueueView, Problem>;

    /// One figure from history.
    async fn series(&self, broker: &str, id: &QueueId, query: &SeriesQuery) -> Result<Series, Problem>;

    /// All charts of the queue's page.
    async fn charts(
        &self,
        broker: &str,
        id: &QueueId,
        from: Timestamp,
        to: Timestamp,
        points: u32,
    ) -> Result<QueueCharts, Problem>;
}

/// A page of the table.
#[server(prefix = "/ui", endpoint = "queues", input = server_fn::codec::Json)]
pub async fn read_table(query: QueueQuery) -> Result<QueueTable, ApiError> {
    use crate::{
        access::{Act, Object},
        services::caller,
    };

    let (services, _) = caller(Act::View, Object::House)?;
    let mut table = services.queues.table(&query)?;
    table.columns = table.columns.or_else(super::columns::remembered);
    Ok(table)
}

/// The queue that an address names.
///
/// # Errors
/// The id is none.
#[cfg(feature = "ssr")]
pub(crate) fn queue_id(id: &str) -> Result<QueueId, Problem> {
    id.parse().map_err(|error| Problem::not_found(format!("no queue has the id \"{id}\": {error}")))
}

/// One queue with what the broker tells about it alone.
#[server(prefix = "/ui", endpoint = "queue", input = server_fn::codec::Json)]
pub async fn read_queue(broker: String, id: String) -> Result<QueueView, ApiError> {
    use crate::{
        access::{Act, Object},
        services::caller,
    };

    let (services, _) = caller(Act::View, Object::Queue { broker: &broker, id: &id })?;
    Ok(services.queues.detail(&broker, &queue_id(&id)?).await?)
}

/// The charts of a window, in at most `points` buckets.
#[server(prefix = "/ui", endpoint = "charts", input = server_fn::codec::Json)]
pub async fn read_charts(
    broker: String,
    id: String,
    window: WindowQuery,
    points: u32,
) -> Result<ChartsView, ApiError> {
    use crate::{
        access::{Act, Object},
        services::caller,
    };

    let (services, _) = caller(Act::View, Object::Queue { broker: &broker, id: &id })?;
    let window = window.window(Timestamp::now())?;
    Ok(charts_view(&services, &broker, &queue_id(&id)?, window, points).await?)
}

/// The charts of a window, for the page and for their files.
///
/// # Errors
/// There is no such queue, or the window is none that history can answer.
#[cfg(feature = "ssr")]
pub async fn charts_view(
    services: &crate::services::Services,
    broker: &str,
    id: &QueueId,
    window: crate::charts::window::Window,
    points: u32,
) -> Result<ChartsView, Problem> {
    let row = services.queues.row(broker, id)?;
    let read =
        |span: crate::charts::Span, points| services.queues.charts(broker, id, span.from, span.to, points);
    let mut charts = read(window.span, points).await?;
    let actions = crate::audit::api::actions_within(services.audit.as_ref(), broker, id, window.span).await?;
    let earlier = match window.compare {
        None => None,
        Some(compare) => {
            let span = window.span.moved(-compare.behind_ms());
            let mut earlier = read(span, points).await?;
            // History may have wider buckets of then than of now, or the other way round: one width for both, so that
            // each bucket stands beside one.
            let step = charts.step_seconds().max(earlier.step_seconds());
            let as_wide = || window.span.buckets_of(step).min(points);
            if charts.step_seconds() < step {
                charts = read(window.span, as_wide()).await?;
            } else if earlier.step_seconds() < step {
                earlier = read(span, as_wide()).await?;
            }
            Some(Earlier { compare, charts: earlier })
        }
    };
    Ok(ChartsView { now: Timestamp::now(), row, charts, earlier, actions })
}
