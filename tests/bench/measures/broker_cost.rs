//! What a look of Weir's costs the broker, against the list that every simple script asks for.

use std::time::Duration;

use anyhow::{Result, ensure};
use async_trait::async_trait;
use serde_json::json;
use tokio::time::{Instant, sleep_until};
use weir_tests::weir::WeirProcess;

use crate::{
    house::{BROKER, House, Node},
    measure::{Line, Measure, Outcome},
    process::cpu_seconds,
    statistics::median,
    table::rounded,
};

const ROUNDS: usize = 4;
const ASKED: usize = 5;
/// Between two questions: long enough that the broker does not answer from its cache, which it keeps for five times as
/// long as an answer took.
const APART: Duration = Duration::from_secs(4);

pub(crate) struct BrokerCost;

#[async_trait(?Send)]
impl Measure for BrokerCost {
    fn line(&self) -> Line {
        Line {
            name: "broker-cost",
            title: "the broker's CPU per poll, against one unpaged `GET /api/queues`",
            unit: "×",
            aim: Some(0.5),
        }
    }

    /// In rounds: nothing, Weir, the unpaged list. What the broker uses while nobody asks is taken off.
    async fn take(&self, house: &mut House) -> Result<Outcome> {
        let node = house.node().await?;
        // So rarely that it looks when it is told to and at no other time.
        let weir = node.weir("5m").await?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        let (mut of_weir, mut of_list) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let idle = used(&node, async || Ok(())).await?;
            of_weir.push(used(&node, async || look(&weir).await).await? - idle);
            of_list.push(used(&node, async || list(&node, &client).await).await? - idle);
        }
        let ratios: Vec<f64> = of_weir.iter().zip(&of_list).map(|(weir, list)| weir / list).collect();
        let each: Vec<String> = ratios.iter().map(|ratio| rounded(*ratio)).collect();
        Ok(Outcome {
            value: median(&of_weir) / median(&of_list),
            beside: format!(
                "{} ms against {} ms of the broker's CPU; {ROUNDS} rounds of {ASKED}, by turns: {}",
                rounded(median(&of_weir) * 1000.0),
                rounded(median(&of_list) * 1000.0),
                each.join(", ")
            ),
            readings: json!({"weir_cpu_seconds": of_weir, "list_cpu_seconds": of_list}),
        })
    }
}

/// Seconds of the broker's CPU per question.
async fn used(node: &Node, ask: impl AsyncFn() -> Result<()>) -> Result<f64> {
    let before = cpu_seconds(node.pid()?)?;
    for _ in 0..ASKED {
        let next = Instant::now() + APART;
        ask().await?;
        sleep_until(next).await;
    }
    Ok((cpu_seconds(node.pid()?)? - before) / ASKED as f64)
}

async fn look(weir: &WeirProcess) -> Result<()> {
    weir.post(&format!("/api/v1/brokers/{BROKER}/observe"), &json!({})).await.map(drop)
}

async fn list(node: &Node, client: &reqwest::Client) -> Result<()> {
    let url = format!("{}/api/queues", node.server.management_url());
    let answer = client.get(url).basic_auth("guest", Some("guest")).send().await?.error_for_status()?;
    ensure!(answer.bytes().await?.len() > 100_000, "the list is short");
    Ok(())
}
