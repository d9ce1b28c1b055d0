//! The memory of a Weir that nobody looks at.

use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use serde_json::json;
use tokio::time::sleep;

use crate::{
    house::House,
    measure::{Line, Measure, Outcome},
    process,
    table::rounded,
};

/// After this all that comes with the first looks has come.
const POLLED_FOR: Duration = Duration::from_secs(120);
const MEGABYTE: f64 = 1e6;

pub(crate) struct IdleMemory;

#[async_trait(?Send)]
impl Measure for IdleMemory {
    fn line(&self) -> Line {
        Line { name: "memory", title: "idle memory", unit: " MB", aim: Some(50.0) }
    }

    async fn take(&self, house: &mut House) -> Result<Outcome> {
        let node = house.node().await?;
        let _traffic = node.traffic();
        let weir = node.weir("5s").await?;
        let first = process::memory(weir.pid())?;
        sleep(POLLED_FOR).await;
        let last = process::memory(weir.pid())?;
        Ok(Outcome {
            value: last.resident / MEGABYTE,
            beside: format!(
                "resident after two minutes of polling every 5 s, no page open; proportional {} MB; after the first \
                 look {} MB",
                rounded(last.proportional / MEGABYTE),
                rounded(first.resident / MEGABYTE)
            ),
            readings: json!({
                "resident": last.resident, "proportional": last.proportional, "resident_at_first": first.resident,
            }),
        })
    }
}
