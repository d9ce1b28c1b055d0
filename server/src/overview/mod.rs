//! The overview feature: brokers, worst backlogs, totals over time.

mod worst;

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::try_join_all;
use weir_app::overview::api::{BrokerSeries, House, Overview, OverviewData};
use weir_model::{BrokerCard, Metric, Problem, ProblemKind, Series, SeriesMetric, Timestamp};

use crate::{
    history::{History, Span},
    poller::{Fleet, Station},
    queues::span_of,
};

/// Live state for cards and backlogs, history for the charts.
pub struct OverviewService {
    fleet: Arc<Fleet>,
    history: Arc<dyn History>,
    house: House,
}

impl OverviewService {
    #[must_use]
    pub fn new(fleet: Arc<Fleet>, history: Arc<dyn History>, house: House) -> Self {
        Self { fleet, history, house }
    }

    async fn series_of(&self, station: &Station, span: Span) -> Result<BrokerSeries, Problem> {
        let name = &station.config.name;
        let refresh_ms = station.refresh_ms();
        let read = |shown: SeriesMetric, stored: Metric| async move {
            let buckets = self.history.range_of_broker(name, stored, span, refresh_ms).await;
            let buckets = buckets.map_err(|error| {
                tracing::error!(%error, "history could not be read");
                Problem::new(
                    ProblemKind::Unavailable,
                    "history can't be read: the log of the server tells why",
                )
            })?;
            Ok::<_, Problem>(Series {
                metric: shown,
                unit: shown.unit().to_owned(),
                step_seconds: buckets.step_ms as f64 / 1000.0,
                group: None,
                partition: None,
                points: buckets.points,
            })
        };
        let (backlog, in_rate, out_rate) = tokio::try_join!(
            read(SeriesMetric::Backlog, Metric::Backlog),
            read(SeriesMetric::InRate, Metric::In),
            read(SeriesMetric::OutRate, Metric::Out),
        )?;
        Ok(BrokerSeries { broker: name.clone(), backlog, in_rate, out_rate })
    }
}

#[async_trait]
impl Overview for OverviewService {
    fn house(&self) -> House {
        self.house.clone()
    }

    fn brokers(&self) -> Vec<BrokerCard> {
        self.fleet.cards()
    }

    async fn overview(&self, from: Timestamp, to: Timestamp, points: u32) -> Result<OverviewData, Problem> {
        let span = span_of(from, to, points)?;
        let series = try_join_all(self.fleet.stations().iter().map(|s| self.series_of(s, span))).await?;
        Ok(OverviewData {
            now: Timestamp::now(),
            brokers: self.fleet.cards(),
            worst: worst::worst_backlogs(&self.fleet.rows()),
            from,
            to,
            series,
        })
    }
}
