//! `make bench`: what Weir costs, measured on a broker with a thousand queues. See docs/performance.md.
//!
//! Each line of the table is one module in `measures`. Ratios are taken within one run, the peer's turns between
//! Weir's own, since a machine is never the same twice.

mod house;
mod machine;
mod measure;
mod measures;
mod process;
mod record;
mod statistics;
mod table;
mod wire;

use anyhow::{Result, bail};
use clap::Parser;

use crate::{house::House, machine::Machine, measure::Measure, record::Record, table::Row};

#[derive(Parser)]
#[command(about = "What Weir costs with 1,000 queues. The binary measured is WEIR_BIN.")]
struct Args {
    /// One measure only
    #[arg(long)]
    one: Option<String>,
    /// What the binary was built as: only a release goes into tests/bench/results and docs/performance.md
    #[arg(long, default_value = "dev")]
    build: String,
    /// The commit that it was built from
    #[arg(long, default_value = "unknown")]
    commit: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let mut house = House::default();
    let mut failed = Vec::new();
    for measure in chosen(args.one.as_deref())? {
        eprintln!("==> {}", measure.line().title);
        let machine = Machine::now()?;
        match measure.take(&mut house).await {
            Ok(outcome) => {
                let record = Record::new(measure.line().name, outcome, machine, &args.build, &args.commit);
                print(&Row::new(measure, &record).sentence());
                if args.build == "release" {
                    record.write()?;
                }
            }
            Err(error) => {
                eprintln!("    failed: {error:#}");
                failed.push(measure.line().name);
            }
        }
    }
    if args.build == "release" {
        table::write_into_docs(&record::all(&measures::ALL)?)?;
    }
    if failed.is_empty() { Ok(()) } else { bail!("not measured: {}", failed.join(", ")) }
}

#[expect(clippy::print_stdout, reason = "the figures are what the command is for")]
fn print(line: &str) {
    println!("{line}");
}

fn chosen(one: Option<&str>) -> Result<Vec<&'static dyn Measure>> {
    let Some(one) = one else { return Ok(measures::ALL.to_vec()) };
    let found: Vec<_> = measures::ALL.into_iter().filter(|measure| measure.line().name == one).collect();
    if found.is_empty() {
        let names: Vec<_> = measures::ALL.iter().map(|measure| measure.line().name).collect();
        bail!("there is no measure {one:?}; there are {}", names.join(", "));
    }
    Ok(found)
}
