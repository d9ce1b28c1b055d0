//! What the operator sees of a broker.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{BrokerKind, Step, Timestamp, Unknown};

/// Whether a broker answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BrokerStatus {
    Up,
    Down,
    /// Not observed yet since Weir started.
    Starting,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Severity {
    Info,
    Warning,
    Critical,
}

/// One thing to know about a broker's health: an alarm, offline partitions, evictions, statistics off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthFact {
    /// A stable name for scripts, `memory_alarm`, `offline_partitions`, `evicted_keys` …
    pub code: String,
    pub severity: Severity,
    /// A sentence for the operator.
    pub text: String,
}

/// Why the last observation failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BrokerFault {
    pub step: Step,
    pub detail: String,
    pub since: Timestamp,
    pub next_try_at: Option<Timestamp>,
}

/// What may be done with a kind of queue of this broker, beside looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Capability {
    /// Reading messages without a price.
    Browse,
    /// Reading messages by taking them and putting them back.
    Peek,
    /// Listening to what passes, where nothing is kept.
    Tap,
    Publish,
    Purge,
}

/// Sums over a broker's queues. A sum with an unknown part is a lower bound.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BrokerTotals {
    pub queues: u32,
    pub backlog: Option<i64>,
    pub depth: Option<i64>,
    pub in_rate: Option<f64>,
    pub out_rate: Option<f64>,
    /// Change of the backlogs per second over five minutes: `in_rate` − `out_rate` tells it only where every queue has both
    /// and nothing passes uncounted.
    pub growth_rate: Option<f64>,
    /// Which of the sums above leave queues out, and why: "at least" on the screen.
    pub partial: BTreeMap<String, Unknown>,
    /// Which are wholly unknown, and why.
    pub unknown: BTreeMap<String, Unknown>,
}

/// A broker on the overview and in `GET /api/v1/brokers`. Never holds a password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BrokerCard {
    pub name: String,
    pub kind: BrokerKind,
    /// The address without user and password.
    pub url: String,
    pub version: Option<String>,
    pub status: BrokerStatus,
    pub status_since: Timestamp,
    pub observed_at: Option<Timestamp>,
    /// How long the last observation took.
    pub observation_seconds: Option<f64>,
    pub observation_requests: Option<u32>,
    /// Bytes received, where the client can tell.
    pub observation_bytes: Option<u64>,
    pub poll_interval_seconds: f64,
    /// The interval was doubled because observations take too long.
    pub slowed: bool,
    pub error: Option<BrokerFault>,
    pub capabilities: Vec<Capability>,
    pub read_only: bool,
    /// Found by auto-detection: may be armed by the operator.
    pub auto_detected: bool,
    /// The figures are made up (the demo broker).
    pub simulated: bool,
    pub health: Vec<HealthFact>,
    /// Queues that exist but that the account may not see.
    pub hidden_queues: Option<u64>,
    pub totals: BrokerTotals,
    /// Total backlog of the last hour, one value a minute, oldest first; `null` = not observed.
    pub sparkline: Vec<Option<f64>>,
}

/// One line of a connection test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckStep {
    pub step: Step,
    /// `null`: not tried, since an earlier step failed.
    pub passed: Option<bool>,
    pub detail: String,
}
