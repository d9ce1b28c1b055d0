//! How soon pages begin to come, beside an answer that takes no work.

use anyhow::Result;
use async_trait::async_trait;
use serde_json::json;

use crate::{
    house::{House, slowed},
    measure::{Line, Measure, Outcome},
    process::cpu_seconds,
    statistics::{median, quantile},
    table::rounded,
    wire::{Connection, LIKE_A_BROWSER},
};

const WARM_UP: usize = 50;
const ROUNDS: usize = 500;
const PAGES: [&str; 2] = ["/", "/queues"];
/// The least that an answer takes on this machine at this moment.
const FLOOR: &str = "/healthz";

pub(crate) struct FirstByte;

#[async_trait(?Send)]
impl Measure for FirstByte {
    fn line(&self) -> Line {
        Line {
            name: "first-byte",
            title: "first byte of overview and queues, p99",
            unit: " ms",
            aim: Some(10.0),
        }
    }

    /// By turns on one kept connection, while Weir polls.
    async fn take(&self, house: &mut House) -> Result<Outcome> {
        let node = house.node().await?;
        let weir = node.weir("5s").await?;
        let url = weir.url().to_owned();
        let before = cpu_seconds(weir.pid())?;
        let times = tokio::task::spawn_blocking(move || by_turns(&url)).await??;
        let cpu_ms = (cpu_seconds(weir.pid())? - before) * 1000.0 / (WARM_UP + ROUNDS) as f64;
        let of = |n: usize| (median(&times[n]), quantile(&times[n], 0.99));
        let [overview, queues, floor] = [of(0), of(1), of(2)];
        let slowed = if slowed(&weir).await? { "; polling had slowed down" } else { "" };
        Ok(Outcome {
            value: overview.1.max(queues.1),
            beside: format!(
                "the worse of the two, {ROUNDS} requests each, compressed; median and p99: overview {} and {} ms, \
                 queues {} and {} ms, {FLOOR} by turns with them {} and {} ms; {} ms of CPU for the three, polling included{slowed}",
                rounded(overview.0),
                rounded(overview.1),
                rounded(queues.0),
                rounded(queues.1),
                rounded(floor.0),
                rounded(floor.1),
                rounded(cpu_ms)
            ),
            readings: json!({
                "overview_ms": {"median": overview.0, "p99": overview.1},
                "queues_ms": {"median": queues.0, "p99": queues.1},
                "healthz_ms": {"median": floor.0, "p99": floor.1},
                "cpu_ms_of_the_three": cpu_ms,
            }),
        })
    }
}

/// Milliseconds to the first byte, of each page and of the floor.
fn by_turns(url: &str) -> Result<[Vec<f64>; 3]> {
    let mut connection = Connection::open(url)?;
    let mut times = [const { Vec::new() }; 3];
    for round in 0..WARM_UP + ROUNDS {
        for (path, times) in PAGES.into_iter().chain([FLOOR]).zip(&mut times) {
            let answer = connection.get(path, LIKE_A_BROWSER)?;
            if round >= WARM_UP {
                times.push(answer.first_byte.as_secs_f64() * 1000.0);
            }
        }
    }
    Ok(times)
}
