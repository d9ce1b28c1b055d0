//! What polling costs Weir itself.

use std::time::{Duration, Instant};

use anyhow::Result;
use async_trait::async_trait;
use serde_json::json;
use tokio::time::sleep;

use crate::{
    house::{House, slowed},
    measure::{Line, Measure, Outcome},
    process::cpu_seconds,
};

/// Until the first looks, which write every name and value, are over.
const SETTLES: Duration = Duration::from_secs(25);
const MEASURED: Duration = Duration::from_secs(120);

pub(crate) struct Cpu;

#[async_trait(?Send)]
impl Measure for Cpu {
    fn line(&self) -> Line {
        Line { name: "cpu", title: "Weir's CPU at a 10-s poll", unit: " % of a core", aim: Some(5.0) }
    }

    async fn take(&self, house: &mut House) -> Result<Outcome> {
        let node = house.node().await?;
        let _traffic = node.traffic();
        let weir = node.weir("10s").await?;
        sleep(SETTLES).await;
        let (begun, before) = (Instant::now(), cpu_seconds(weir.pid())?);
        sleep(MEASURED).await;
        let (took, used) = (begun.elapsed().as_secs_f64(), cpu_seconds(weir.pid())? - before);
        let slowed = if slowed(&weir).await? { "; polling had slowed down" } else { "" };
        Ok(Outcome {
            value: used / took * 100.0,
            beside: format!(
                "{used:.2} s of CPU in {took:.0} s, fifty queues with a message a second, no page open{slowed}"
            ),
            readings: json!({"cpu_seconds": used, "seconds": took}),
        })
    }
}
