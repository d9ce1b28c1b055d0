//! From the start of the process to the last byte of the overview.

use std::{
    ffi::OsString,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use serde_json::json;
use weir_tests::{
    process::{Launch, Signal, Supervised},
    scratch::Scratch,
    weir,
};

use crate::{
    house::House,
    measure::{Line, Measure, Outcome},
    statistics::{extremes, median},
    table::rounded,
    wire::{Connection, LIKE_A_BROWSER},
};

const STARTS: usize = 10;
const LONGEST: Duration = Duration::from_secs(20);

pub(crate) struct Start;

#[async_trait(?Send)]
impl Measure for Start {
    fn line(&self) -> Line {
        Line { name: "start", title: "start to first page", unit: " ms", aim: Some(150.0) }
    }

    /// On a data folder that knows the queues, as after a restart, and on new ones.
    async fn take(&self, house: &mut House) -> Result<Outcome> {
        let node = house.node().await?;
        let config = node.config("5s");
        let mut weir = node.weir("5s").await?;
        weir.stop().await?;
        let mut again = Vec::new();
        let mut anew = Vec::new();
        for _ in 0..STARTS {
            again.push(start(&config, &weir.data_dir()).await?);
            let folder = Scratch::new("bench")?;
            anew.push(start(&config, &folder.path().join("data")).await?);
        }
        let (least, most) = extremes(&again);
        Ok(Outcome {
            value: median(&again),
            beside: format!(
                "median of {STARTS} starts on a data folder that knows the queues, {} to {} ms; on a new one {} ms",
                rounded(least),
                rounded(most),
                rounded(median(&anew))
            ),
            readings: json!({"again_ms": again, "anew_ms": anew}),
        })
    }
}

/// Milliseconds from the start of the process to the whole first page.
async fn start(config: &str, data: &Path) -> Result<f64> {
    let folder = Scratch::new("bench")?;
    let file = folder.path().join("weir.toml");
    std::fs::write(&file, config)?;
    let mut args: Vec<OsString> = ["serve", "--listen", "127.0.0.1:0"].map(Into::into).to_vec();
    args.extend(["--config".into(), file.into(), "--data-dir".into(), data.into()]);
    let launch = Launch {
        program: weir::binary()?,
        args,
        env: Vec::new(),
        folder: folder.path().to_owned(),
        name: "weir",
    };
    let begun = Instant::now();
    let mut process = Supervised::spawn(&launch)?;
    let url = address(&launch)?;
    let page = Connection::open(&url)?.get("/", LIKE_A_BROWSER)?;
    let took = begun.elapsed();
    ensure!(!page.body.is_empty(), "the first page is empty");
    process.signal(Signal::Term)?;
    process.ended(LONGEST).await?;
    Ok(took.as_secs_f64() * 1000.0)
}

/// Waits for the line that says where it listens. Looks every millisecond: the wait is part of the measure.
fn address(launch: &Launch) -> Result<String> {
    let begun = Instant::now();
    while begun.elapsed() < LONGEST {
        let said = std::fs::read_to_string(launch.stdout_path()).unwrap_or_default();
        if let Some((line, _)) = said.split_once('\n') {
            let line: serde_json::Value = serde_json::from_str(line)?;
            return line["url"].as_str().map(str::to_owned).context("no address");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    anyhow::bail!("it does not listen{}", launch.log_tail())
}
