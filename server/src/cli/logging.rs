//! Logs go to standard error; `WEIR_LOG`, else `RUST_LOG`, says how much.

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::EnvFilter;

use super::failure::Failure;

/// lapin writes the bodies of returned messages at warn: they are the operator's, not the log's.
const DEFAULT: &str = "info,lapin=error";

/// Starts logging.
pub(super) fn start() -> Result<(), Failure> {
    let said = ["WEIR_LOG", "RUST_LOG"].into_iter().find_map(|name| {
        let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
        Some((name, value))
    });
    let (name, directives) = said.unwrap_or(("WEIR_LOG", DEFAULT.to_owned()));
    let filter = EnvFilter::try_new(&directives).map_err(|error| {
        Failure::Setting(format!("{name}: \"{directives}\" is no filter: {error}; write info, or weir=debug"))
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .init();
    Ok(())
}
