//! A figure that a broker did not give is unknown, with its reason. It is never zero.

use serde::{Deserialize, Serialize};

/// Why a figure is unknown: the fixed list of codes of the REST interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum UnknownCode {
    /// The broker keeps no such counter.
    NoCounter,
    /// The broker could tell, but its statistics are switched off.
    StatisticsOff,
    /// The account Weir uses may not see it.
    NoPermission,
    /// Too few samples so far, or the broker has not reckoned it yet.
    NotYet,
    /// No consumer group has ever committed here.
    NoGroup,
    /// The broker does not answer.
    BrokerDown,
    /// The partition has no leader.
    PartitionOffline,
    /// This version of the broker, or Weir itself, can't give it.
    Unsupported,
    /// The estimate needs first-in-first-out order, which this queue does not keep.
    NotFifo,
    /// The kind has no such figure. The screen shows `–`, not "unknown".
    NotApplicable,
}

/// The reason beside a missing figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unknown {
    pub code: UnknownCode,
    /// A short sentence for the operator, without a full stop.
    pub detail: String,
    /// The part of a sum that is known, where another part of it is not. Never taken for the whole: the screen shows
    /// `≥`, history and rules see an unknown figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<i64>,
}

impl Unknown {
    #[must_use]
    pub fn new(code: UnknownCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), at_least: None }
    }

    /// The same, with the part that is known.
    #[must_use]
    pub fn with_at_least(self, known: Option<i64>) -> Self {
        Self { at_least: known, ..self }
    }
}

/// A measured value, or why there is none.
pub type Reading<T = i64> = Result<T, Unknown>;

/// Shorthand for an unknown reading.
///
/// # Errors
/// Always: that is its purpose.
pub fn unknown<T>(code: UnknownCode, detail: impl Into<String>) -> Reading<T> {
    Err(Unknown::new(code, detail))
}
