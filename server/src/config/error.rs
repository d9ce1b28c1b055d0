//! What is wrong with the configuration: where, what, and how to mend it.

use thiserror::Error;

/// A setting that can't be used. Holds no secret: values of `url` are never repeated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {field}: {problem}; {way_out}")]
pub struct ConfigError {
    /// Where the value stands: `weir.toml:12`, `--listen or WEIR_LISTEN`.
    pub place: String,
    /// The setting, `brokers[0].poll_interval`.
    pub field: String,
    pub problem: String,
    /// What to write instead.
    pub way_out: String,
}

/// The same before it is known where the value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub problem: String,
    pub way_out: String,
}

impl Fault {
    pub(super) fn new(problem: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { problem: problem.into(), way_out: way_out.into() }
    }

    pub(super) fn at(self, place: impl Into<String>, field: impl Into<String>) -> ConfigError {
        ConfigError {
            place: place.into(),
            field: without_account(field.into()),
            problem: without_account(self.problem),
            way_out: self.way_out,
        }
    }
}

/// A URL that stands where another setting belongs would be repeated by whoever refuses it: its account is left out.
fn without_account(text: String) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}://•••{}", &text[..scheme], &text[at..]),
        _ => text,
    }
}
