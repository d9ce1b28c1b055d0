//! The queues contract over the fleet and history.

use std::sync::Arc;

use async_trait::async_trait;
use weir_app::queues::{
    api::{QueueCharts, QueueQuery, QueueTable, QueueView, Queues, SeriesQuery},
    columns,
};
use weir_model::{
    Problem, QueueDetail, QueueId, QueueRow, Series, Timestamp, message::Forms, queue::QueuePage,
};

use super::{
    descriptions::Descriptions,
    filter::{Filter, kind_is},
    series::SeriesReader,
    sort::Order,
};
use crate::{figures::group::group_row, history::History, poller::Fleet};

/// Rows of a page unless asked otherwise, and at most.
const LIMITS: (u32, u32) = (100, 1000);

/// Live state for tables, history for charts.
pub struct QueuesService {
    fleet: Arc<Fleet>,
    reader: SeriesReader,
    descriptions: Descriptions,
}

impl QueuesService {
    #[must_use]
    pub fn new(fleet: Arc<Fleet>, history: Arc<dyn History>) -> Self {
        let reader = SeriesReader::new(Arc::clone(&fleet), history);
        Self { fleet, reader, descriptions: Descriptions::default() }
    }

    /// The rows that match in their order, and how many there are in all.
    fn matching(&self, query: &QueueQuery) -> Result<(Vec<Arc<QueueRow>>, u64), Problem> {
        let order = Order::parse(query.sort.as_deref(), query.order.as_deref())?;
        let filter = Filter::parse(query.q.as_deref().unwrap_or_default())?;
        if let Some(broker) = &query.broker {
            self.fleet.station(broker).map_err(|p| Problem::field("broker", p.detail))?;
        }
        if let Some(kind) = &query.kind {
            check_kind(kind)?;
        }
        let rows = self.fleet.rows();
        let all = rows.len() as u64;
        let brokers: Vec<&str> = self.fleet.stations().iter().map(|s| s.config.name.as_str()).collect();
        filter.check(&brokers, &rows)?;
        let mut found: Vec<Arc<QueueRow>> = rows
            .into_iter()
            .filter(|row| query.broker.as_ref().is_none_or(|b| *b == row.broker))
            .filter(|row| query.kind.as_ref().is_none_or(|k| kind_is(row, k)))
            .filter(|row| filter.matches(row))
            .collect();
        found.sort_by(|a, b| order.compare(a, b));
        Ok((found, all))
    }
}

#[async_trait]
impl Queues for QueuesService {
    fn table(&self, query: &QueueQuery) -> Result<QueueTable, Problem> {
        let limit = limit_of(query.limit)?;
        let start = start_of(query.cursor.as_deref())?;
        let columns = query.columns.as_deref().map(|names| columns::chosen(Some(names))).transpose()?;
        let (found, all) = self.matching(query)?;
        let total = found.len();
        let items: Vec<QueueRow> =
            found.iter().skip(start).take(limit).map(|row| QueueRow::clone(row)).collect();
        let end = start + items.len();
        let page = QueuePage { items, next: (end < total).then(|| end.to_string()), total: total as u64 };
        let previous = (start > 0).then(|| start.saturating_sub(limit).to_string());
        let columns = columns.map(|columns| columns::joined(&columns));
        Ok(QueueTable { now: Timestamp::now(), page, start: start as u64, previous, all, columns })
    }

    fn rows(&self, query: &QueueQuery) -> Result<Vec<Arc<QueueRow>>, Problem> {
        Ok(self.matching(query)?.0)
    }

    fn row(&self, broker: &str, id: &QueueId) -> Result<QueueRow, Problem> {
        Ok(QueueRow::clone(&self.fleet.queue(broker, id)?.0))
    }

    fn forms(&self, broker: &str, id: &QueueId) -> Result<Forms, Problem> {
        self.fleet.forms(broker, id)
    }

    async fn detail(&self, broker: &str, id: &QueueId) -> Result<QueueView, Problem> {
        let (row, tracker) = self.fleet.queue(broker, id)?;
        let abilities = self.fleet.abilities(broker, id)?;
        let station = self.fleet.station(broker)?;
        let view = station.view();
        let described = self.descriptions.of(station, &tracker).await;
        let now = Timestamp::now();
        let groups = tracker.seen.groups.iter();
        let groups = groups
            .filter_map(|g| tracker.groups.get(&g.name).map(|memory| group_row(g, memory, &view, now)))
            .collect();
        let (description_at, description) = described.last.map(|told| (told.at, told.description)).unzip();
        let detail = QueueDetail {
            row: QueueRow::clone(&row),
            state: tracker.seen.state,
            groups,
            partitions: tracker.seen.partitions,
            notes: tracker.seen.notes,
            abilities,
            forms: self.fleet.forms(broker, id)?,
            description,
            description_at,
            description_error: described.error,
        };
        Ok(QueueView { now, detail })
    }

    async fn series(&self, broker: &str, id: &QueueId, query: &SeriesQuery) -> Result<Series, Problem> {
        self.reader.series(broker, id, query).await
    }

    async fn charts(
        &self,
        broker: &str,
        id: &QueueId,
        from: Timestamp,
        to: Timestamp,
        points: u32,
    ) -> Result<QueueCharts, Problem> {
        self.reader.charts(broker, id, from, to, points).await
    }
}

fn limit_of(limit: Option<u32>) -> Result<usize, Problem> {
    let (default, most) = LIMITS;
    let limit = limit.unwrap_or(default);
    if limit == 0 || limit > most {
        return Err(Problem::field("limit", format!("{limit} is not between 1 and {most}")));
    }
    Ok(limit as usize)
}

fn start_of(cursor: Option<&str>) -> Result<usize, Problem> {
    cursor.map_or(Ok(0), |text| {
        text.parse()
            .map_err(|_| Problem::field("cursor", format!("\"{text}\" is none that an answer gave as next")))
    })
}

fn check_kind(kind: &str) -> Result<(), Problem> {
    let names = weir_model::QueueKind::ALL.map(weir_model::QueueKind::as_str);
    let known = names.iter().any(|name| *name == kind || name.ends_with(&format!("-{kind}")));
    if known {
        return Ok(());
    }
    Err(Problem::field("kind", format!("\"{kind}\" is no kind; there are {}", names.join(", "))))
}
