//! A Weir of its own over the demonstration, which has a queue of each kind.

use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use weir_tests::weir::WeirProcess;

pub(crate) const CONFIG: &str = "[[brokers]]\nname = \"shop\"\nurl = \"demo://\"\npoll_interval = \"2s\"\n";

/// Started, with its queues listed.
pub(crate) async fn house() -> Result<WeirProcess> {
    let weir = WeirProcess::start(CONFIG).await?;
    let listed = |answer: &Value| (!answer["items"].as_array()?.is_empty()).then_some(());
    weir.until("the demo's queues", Duration::from_secs(20), "/api/v1/queues", listed).await?;
    Ok(weir)
}
