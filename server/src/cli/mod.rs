//! The command line. Exit codes: 0 clean stop, 1 failure while running, 2 bad command line or config.

mod check;
mod failure;
mod folder;
mod logging;
mod serve;
mod stop;
mod wiring;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Parser, Subcommand};

use self::failure::Failure;
use crate::config::{Config, Environment, Overrides};

/// Shows the backlog of every RabbitMQ, Redis and Kafka queue, and acts on it.
#[derive(Debug, Parser)]
#[command(name = "weir", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Observe the brokers and serve the pages (what `weir` alone does).
    Serve(ServeArgs),
    /// Read the config, connect to every broker and say which step fails.
    Check(ConfigArgs),
    /// Serve the embedded demonstration, in a data folder that is thrown away.
    Demo(DemoArgs),
}

#[derive(Debug, Args)]
struct ConfigArgs {
    /// The config file; default: weir.toml here, else in the XDG config folder.
    #[arg(long, env = "WEIR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ListenArgs {
    /// A loopback address with a port, 127.0.0.1:9347 by default; port 0 takes any free one.
    #[arg(long, env = "WEIR_LISTEN", value_name = "ADDR")]
    listen: Option<String>,
}

#[derive(Debug, Args)]
struct ServeArgs {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    listen: ListenArgs,
    /// Where history and what operators did are kept; default: ~/.local/share/weir.
    #[arg(long, env = "WEIR_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Allow changes on brokers that were found, not configured, for this run.
    #[arg(long)]
    arm: bool,
}

#[derive(Debug, Args)]
struct DemoArgs {
    #[command(flatten)]
    listen: ListenArgs,
}

/// What still waits for a broker then is left behind: after the clock was set back, Kafka's client waits until it shows
/// the time again that it had before.
const STRAGGLERS_END_WITHIN: Duration = Duration::from_secs(1);

/// Runs what the command line says.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = logging::start().and_then(|()| {
        // Two TLS libraries in one process would each want to be the default.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(Failure::running)?;
        let done = runtime.block_on(run(cli));
        runtime.shutdown_timeout(STRAGGLERS_END_WITHIN);
        done
    });
    match done {
        Ok(code) => code,
        Err(failure) => {
            failure::tell(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(args) => {
            let overrides =
                Overrides { config: args.config.config, listen: args.listen.listen, data_dir: args.data_dir };
            let config = Config::load(&overrides, &Environment::of_process())?;
            serve::serve(config, args.arm).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Demo(args) => {
            let overrides = Overrides { listen: args.listen.listen, ..Overrides::default() };
            serve::demo(&overrides).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Check(args) => {
            let overrides = Overrides { config: args.config, ..Overrides::default() };
            let config = Config::load(&overrides, &Environment::of_process())?;
            check::check(config).await
        }
    }
}
