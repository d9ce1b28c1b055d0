//! A Weir over one broker, its rows, and the history it leaves behind.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use weir::history::{
    History as _, SeriesKey,
    sqlite::{Database, SqliteHistory},
};
use weir_model::{Metric, QueueId, Timestamp};
use weir_tests::weir::{WeirProcess, queue_path};

/// In which an increase must have become exact after the traffic has ended.
pub(crate) const EXACT_AFTER: Duration = Duration::from_secs(15);

/// One queue of the broker `it`.
pub(crate) struct Watched {
    pub weir: WeirProcess,
    parts: Vec<String>,
}

impl Watched {
    /// Starts Weir over a broker whose config names it `it`, and waits until it has looked at the queue twice, so that
    /// every increase from now on has a beginning.
    pub(crate) async fn start(config: &str, parts: &[&str]) -> Result<Self> {
        let weir = WeirProcess::start(config).await?;
        let watched = Self { weir, parts: parts.iter().map(|&part| part.to_owned()).collect() };
        let first = watched.row_when("it is seen", |row| row["depth"].is_i64()).await?;
        watched
            .row_when("it is seen again", |row| {
                row["depth"].is_i64() && row["observed_at"] != first["observed_at"]
            })
            .await?;
        Ok(watched)
    }

    /// Its path in the interface.
    pub(crate) fn path(&self) -> String {
        queue_path("it", &self.parts.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The row as it stands.
    pub(crate) async fn row(&self) -> Result<Value> {
        self.weir.get(&self.path()).await
    }

    /// Waits at most 45 s for a row.
    pub(crate) async fn row_when(&self, what: &str, is: impl Fn(&Value) -> bool) -> Result<Value> {
        let within = Duration::from_secs(45);
        self.weir.until(what, within, &self.path(), |row| is(row).then(|| row.clone())).await
    }

    /// The points of a series over the last ten minutes.
    pub(crate) async fn points(&self, metric: &str) -> Result<Vec<Value>> {
        let from = Timestamp(Timestamp::now().0 - 600_000);
        let path = format!("{}/series?metric={metric}&from={from}&points=300", self.path());
        let series = self.weir.get(&path).await?;
        Ok(series["points"].as_array().context("no points")?.clone())
    }

    /// Stops Weir and adds up what its history says came in, or went out.
    pub(crate) async fn increases(mut self, metrics: &[Metric]) -> Result<Vec<i64>> {
        ensure!(self.weir.stop().await? == 0, "it did not stop cleanly: {}", self.weir.log()?);
        let database = Database::open(&self.weir.data_dir().join("weir.db")).await?;
        let minutes = SqliteHistory::start(database).await?.minutes("it", metrics, Timestamp(0)).await?;
        let queue = QueueId::from_parts(&self.parts);
        let of = |metric: &Metric| {
            let mine = |key: &SeriesKey| key.queue == queue && key.metric == *metric && key.group.is_none();
            let series = minutes.iter().filter(|(key, _)| mine(key));
            series.flat_map(|(_, points)| points).map(|point| point.increase).sum()
        };
        Ok(metrics.iter().map(of).collect())
    }
}

/// Runs `step` at an even pace, so that the true rate is known.
pub(crate) async fn at_pace<F, Fut>(per_second: u32, count: usize, mut step: F) -> Result<()>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<()>>,
{
    let mut clock = tokio::time::interval(Duration::from_secs(1) / per_second);
    for _ in 0..count {
        clock.tick().await;
        step().await?;
    }
    Ok(())
}

/// Asserts that a figure lies within a share of the truth.
pub(crate) fn ensure_near(name: &str, row: &Value, truth: f64, share: f64) -> Result<()> {
    let told = row[name].as_f64().with_context(|| format!("{name} is unknown: {row:#}"))?;
    ensure!((told - truth).abs() <= truth * share, "{name} is {told}, the truth {truth}");
    Ok(())
}
