//! What may be said of a queue in which `HELD` messages wait, whatever happens.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use weir_model::Timestamp;
use weir_tests::weir::WeirProcess;

use crate::house::HELD;

/// The depth is the true one or unknown, never 0; no rate is below 0, or above what filling the queue can have made.
pub(crate) fn truthful(row: &Value) -> Result<()> {
    ensure!(row["depth"].is_null() || row["depth"] == HELD, "a depth that never was: {row:#}");
    for rate in ["in_rate", "delivered_rate", "out_rate", "ack_rate"] {
        ensure!(row[rate].as_f64().is_none_or(possible), "{rate}: {row:#}");
    }
    Ok(())
}

/// The row while its broker is down: marked old, its figures kept or unknown.
pub(crate) fn marked_old(row: &Value) -> Result<()> {
    ensure!(row["stale"] == true && row["status"] == "unknown", "not marked old: {row:#}");
    truthful(row)
}

/// Neither a spike nor a negative rate nor a 0 is left in the history since then.
pub(crate) async fn history_truthful(weir: &WeirProcess, queue: &str, since: Timestamp) -> Result<()> {
    let depths = points(weir, queue, "depth", since).await?;
    let known: Vec<f64> = depths.iter().filter_map(|point| point["last"].as_f64()).collect();
    ensure!(
        !known.is_empty() && known.iter().all(|depth| *depth == HELD as f64),
        "{queue}: depth {depths:?}"
    );
    for metric in ["in_rate", "out_rate"] {
        for point in points(weir, queue, metric, since).await? {
            let rates = ["min", "avg", "max", "last"].map(|which| point[which].as_f64());
            ensure!(rates.into_iter().flatten().all(possible), "{queue}: {metric} {point}");
        }
    }
    Ok(())
}

/// The points of a series since then.
pub(crate) async fn points(
    weir: &WeirProcess,
    queue: &str,
    metric: &str,
    from: Timestamp,
) -> Result<Vec<Value>> {
    let series = weir.get(&format!("{queue}/series?metric={metric}&from={from}&points=600")).await?;
    Ok(series["points"].as_array().context("no points")?.clone())
}

fn possible(rate: f64) -> bool {
    (0.0..=HELD as f64).contains(&rate)
}
