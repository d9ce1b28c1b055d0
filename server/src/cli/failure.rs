//! Why the process ends, and with which code.

use std::io::Write as _;

use thiserror::Error;
use weir_model::Problem;

use crate::{brokers::BrokerError, config::ConfigError, history::StoreError};

/// What ends the process before its time.
#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A setting that an adapter can't use.
    #[error("weir.toml: {0}")]
    Broker(Problem),
    #[error("{0}")]
    Setting(String),
    #[error("{0:#}")]
    Running(anyhow::Error),
}

impl Failure {
    pub(super) fn running(error: impl Into<anyhow::Error>) -> Self {
        Self::Running(error.into())
    }

    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Broker(_) | Self::Setting(_) => 2,
            Self::Running(_) => 1,
        }
    }
}

impl From<BrokerError> for Failure {
    fn from(error: BrokerError) -> Self {
        Self::Broker(error.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Running(error.into())
    }
}

/// On standard error, also where logging is switched off.
pub(super) fn tell(failure: &Failure) {
    // Nobody can be told where standard error is closed.
    let _ = writeln!(std::io::stderr(), "weir: {failure}");
}
