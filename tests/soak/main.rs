//! `make soak`: the workload of the demo on three real brokers, and every fault in turn, for as long as is asked for.
//! See docs/soak.md.
//!
//! In the end Weir must not have panicked, grown or told a wrong figure, the pages must have answered, and the brokers
//! that were well must have been observed at their pace. Runs inside mounts of its own (scripts/soak.sh makes them).

mod counted;
mod disk;
mod names;
mod report;
mod rest;
mod round;
mod stage;
mod trouble;
mod witness;

use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Parser;
use tokio::time::Instant;

use crate::{
    counted::Counted,
    report::{Facts, Report},
    stage::Stage,
    trouble::Trouble,
    witness::Witness,
};

/// Before the first fault: everything has been looked at and opened a few times.
const SETTLES_IN: Duration = Duration::from_secs(45);

#[derive(Parser)]
#[command(about = "Every fault in turn under load. The binary is WEIR_BIN.")]
struct Args {
    /// How long, once the first round has ended
    #[arg(long, default_value_t = 60)]
    minutes: u64,
    /// What the binary was built as
    #[arg(long, default_value = "debug")]
    build: String,
    /// The commit that it was built from
    #[arg(long, default_value = "unknown")]
    commit: String,
    /// Faults to keep to, by their names; all where none is given
    #[arg(long)]
    only: Vec<String>,
}

// Kafka's clients block a worker for as long as their broker is stopped.
#[tokio::main(flavor = "multi_thread", worker_threads = 8)]
async fn main() {
    let code = match run(&Args::parse()).await {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("error: {error:#}");
            1
        }
    };
    // Kafka's clients would wait for a broker that has ended before them.
    std::process::exit(code);
}

async fn run(args: &Args) -> Result<()> {
    let troubles = Trouble::named(&args.only)?;
    let mut stage = Stage::start().await?;
    let mut counted = Counted::start(&stage).await?;
    let mut witness = Witness::start(stage.weir.url(), stage.weir.pid());
    let began = Instant::now();
    tokio::time::sleep(SETTLES_IN).await;
    let mut facts = Facts::default();
    let until = began + Duration::from_secs(60 * args.minutes);
    while facts.rounds == 0 || Instant::now() < until {
        let ran = round::run(&mut stage, &mut counted, &witness, &troubles, until, &mut facts).await;
        if let Err(error) = ran {
            facts.findings.push(format!("the run itself has failed: {error:#}"));
            break;
        }
        facts.seen = witness.seen();
        (facts.lasted, facts.log) = (began.elapsed(), stage.weir.log()?);
        say(&Report::new(&facts, &args.build, &args.commit).markdown());
    }
    stage.rest().await;
    witness.end().await;
    facts.seen = witness.seen();
    counted.into_sums(&mut stage, &mut facts).await?;
    facts.lasted = began.elapsed();
    let report = Report::new(&facts, &args.build, &args.commit);
    report.print();
    report.write()?;
    ensure!(report.passed(), "the soak has failed: see the table");
    Ok(())
}

/// A line of the run's own log.
pub(crate) fn say(text: &str) {
    eprintln!("{} {text}", chrono::Utc::now().format("%H:%M:%S"));
}
