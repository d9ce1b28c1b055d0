//! What history costs on disk.

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use serde_json::json;
use weir::history::{
    History as _,
    sqlite::{Database, SqliteHistory},
};
use weir_model::Timestamp;
use weir_tests::scratch::Scratch;

use super::month::{METRICS, look};
use crate::{
    house::{BROKER, House, QUEUES},
    measure::{Line, Measure, Outcome},
    table::rounded,
};

/// An hour of looks every ten seconds.
const LOOKS: usize = 360;
const APART_MS: i64 = 10_000;
/// One queue in so many differs at every look.
const BUSY: usize = 20;

pub(crate) struct Storage;

#[async_trait(?Send)]
impl Measure for Storage {
    fn line(&self) -> Line {
        Line { name: "storage", title: "bytes per stored sample", unit: " B", aim: None }
    }

    async fn take(&self, _: &mut House) -> Result<Outcome> {
        let folder = Scratch::new("bench")?;
        let file = folder.path().join("weir.db");
        let database = Database::open(&file).await?;
        let history = SqliteHistory::start(database.clone()).await?;
        let begin = Timestamp::now().0 - LOOKS as i64 * APART_MS;
        for n in 0..LOOKS {
            let value =
                |queue: usize| if queue.is_multiple_of(BUSY) { (queue + n) as i64 } else { queue as i64 };
            history.append(BROKER, &look(begin + n as i64 * APART_MS, value)).await?;
        }
        history.flush().await?;
        drop(history);
        let (samples,): (i64,) =
            sqlx::query_as("select count(*) from samples").fetch_one(database.readers()).await?;
        database.close().await?;
        let bytes = std::fs::metadata(&file).with_context(|| file.display().to_string())?.len() as f64;
        let readings = (LOOKS * QUEUES * METRICS.len()) as f64;
        Ok(Outcome {
            value: bytes / samples as f64,
            beside: format!(
                "of the whole file, roll-ups and names too, after an hour of looks every 10 s with one queue in \
                 {BUSY} that differs each time; unchanged values are not stored: {} bytes per value seen",
                rounded(bytes / readings)
            ),
            readings: json!({"file_bytes": bytes, "samples": samples, "values_seen": readings}),
        })
    }
}
