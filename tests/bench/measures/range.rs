//! A chart of thirty days, beside SQLite's own shell that reads the same rows.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use weir_tests::{
    wait,
    weir::{WeirProcess, queue_path},
};

use super::month;
use crate::{
    house::{BROKER, House},
    measure::{Line, Measure, Outcome},
    statistics::{extremes, median},
    table::rounded,
    wire::Connection,
};

const ROUNDS: usize = 30;
const WARM_UP: usize = 3;
/// Nobody listens there: the month is all that Weir knows.
const CONFIG: &str = "[[brokers]]\nname = \"orders\"\nurl = \"amqp://guest:guest@127.0.0.1:1\"\n";

pub(crate) struct Range;

#[async_trait(?Send)]
impl Measure for Range {
    fn line(&self) -> Line {
        Line { name: "range", title: "30-day range, 1,000 points", unit: " ms", aim: Some(10.0) }
    }

    /// Of a queue that differs every minute: nothing can be left out.
    async fn take(&self, _: &mut House) -> Result<Outcome> {
        let mut weir = WeirProcess::start(CONFIG).await?;
        weir.stop().await?;
        let file = weir.data_dir().join("weir.db");
        std::fs::remove_file(&file).with_context(|| file.display().to_string())?;
        eprintln!("    writing a month of 1,000 queues …");
        month::write(&file).await?;
        weir.start_again().await?;
        eprintln!("    waiting until it is packed …");
        let packed = Duration::from_secs(1200);
        wait::until("what is past is packed", packed, || async { all_packed(&file).ok()?.then_some(()) })
            .await?;
        let url = weir.url().to_owned();
        let times = tokio::task::spawn_blocking(move || by_turns(&url, &file)).await??;
        let [depth, rate, shell] = [&times.depth, &times.rate, &times.shell].map(|all| median(all));
        let (least, most) = extremes(&times.depth);
        Ok(Outcome {
            value: depth,
            beside: format!(
                "depth of a busy queue by REST, median of {ROUNDS}, {} to {} ms; its rate {} ms; sqlite3 reads the \
                 same rows in {} ms, by turns",
                rounded(least),
                rounded(most),
                rounded(rate),
                rounded(shell)
            ),
            readings: json!({"depth_ms": times.depth, "rate_ms": times.rate, "sqlite3_ms": times.shell}),
        })
    }
}

#[derive(Default)]
struct Times {
    depth: Vec<f64>,
    rate: Vec<f64>,
    shell: Vec<f64>,
}

fn by_turns(url: &str, file: &Path) -> Result<Times> {
    let mut connection = Connection::open(url)?;
    let mut times = Times::default();
    for round in 0..WARM_UP + ROUNDS {
        let taken = [
            chart(&mut connection, "depth")?,
            chart(&mut connection, "in_rate")?,
            shell(file, &rows_of_the_month())? - shell(file, "select 1")?,
        ];
        if round >= WARM_UP {
            times.depth.push(taken[0]);
            times.rate.push(taken[1]);
            times.shell.push(taken[2]);
        }
    }
    Ok(times)
}

/// Milliseconds until the whole chart is there.
fn chart(connection: &mut Connection, metric: &str) -> Result<f64> {
    let now = Utc::now();
    let [from, to] = [now - TimeDelta::days(30) + TimeDelta::hours(1), now]
        .map(|t| t.to_rfc3339_opts(SecondsFormat::Millis, true));
    let queue = queue_path(BROKER, &["/", "orders.0000"]);
    let path = format!("{queue}/series?metric={metric}&from={from}&to={to}&points=1000");
    let answer = connection.get(&path, "identity")?;
    let series: Value = serde_json::from_slice(&answer.body)?;
    let points = series["points"].as_array().context("no points")?;
    let known = points.iter().filter(|point| !point["avg"].is_null()).count();
    ensure!(known > 700 && known <= 1000, "{known} of {} points are known", points.len());
    Ok(answer.whole.as_secs_f64() * 1000.0)
}

/// What Weir reads for the depth of the first queue, row by row.
fn rows_of_the_month() -> String {
    let queries = concat!(
        include_str!("../../../server/src/history/sqlite/queries/rollups_of_series.sql"),
        ";",
        include_str!("../../../server/src/history/sqlite/queries/packed_of_series.sql"),
    );
    let series = "(select series.id from series join queues on queues.id = series.queue \
                  where queues.name = 'orders.0000' and metric = 'depth')";
    let (from, to) = (
        "(select min(t) / 3600000 * 3600000 from observed_minutes)",
        "(select max(t) from observed_minutes)",
    );
    queries.replace("?1", series).replace("?2", from).replace("?3", to)
}

/// Whether only today's roll-ups still stand for themselves.
fn all_packed(file: &Path) -> Result<bool> {
    let query = "select min(hour) >= max(hour) - 12 * 3600000 from rollups";
    let answer = Command::new("sqlite3").arg(file).arg(query).output().context("sqlite3")?;
    Ok(answer.stdout.starts_with(b"1"))
}

/// Milliseconds that SQLite's shell takes from its start to its end.
fn shell(file: &Path, query: &str) -> Result<f64> {
    let begun = Instant::now();
    let done =
        Command::new("sqlite3").arg(file).arg(query).stdout(Stdio::null()).status().context("sqlite3")?;
    ensure!(done.success(), "sqlite3 failed");
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}
