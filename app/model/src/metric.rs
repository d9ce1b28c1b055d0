//! What is measured of a queue, and how it is kept.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A series that Weir stores: a gauge as it was seen, or a counter as a counter.
///
/// All values are whole numbers: messages, consumers, or milliseconds for times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Messages held: ready and unacknowledged, or retained by a log.
    Depth,
    /// Messages a consumer could take now.
    Ready,
    /// Messages handed out and not acknowledged.
    Unacknowledged,
    /// What still has to be worked off: depth of a queue or list, the slowest group's lag of a log.
    Backlog,
    /// Messages between a group and the end of the log.
    Lag,
    Consumers,
    /// Age of the oldest message not worked off, in milliseconds.
    OldestAge,
    /// Counter: messages that came in.
    In,
    /// Counter: messages handed to consumers.
    Delivered,
    /// Counter: messages removed by consumers, or passed by a group.
    Out,
    /// Counter: acknowledgements.
    Ack,
    /// Counter: messages handed out again.
    Redelivered,
    /// Counter: commands that pushed to a list. Each pushed one message at least: a lower bound of `In`, never mixed with it.
    Pushes,
    /// Counter: commands that took from a list, likewise of `Out`.
    Takes,
}

impl Metric {
    pub const ALL: [Self; 14] = [
        Self::Depth,
        Self::Ready,
        Self::Unacknowledged,
        Self::Backlog,
        Self::Lag,
        Self::Consumers,
        Self::OldestAge,
        Self::In,
        Self::Delivered,
        Self::Out,
        Self::Ack,
        Self::Redelivered,
        Self::Pushes,
        Self::Takes,
    ];

    /// True where only differences within one epoch mean something.
    #[must_use]
    pub fn is_counter(self) -> bool {
        matches!(
            self,
            Self::In
                | Self::Delivered
                | Self::Out
                | Self::Ack
                | Self::Redelivered
                | Self::Pushes
                | Self::Takes
        )
    }

    /// The name in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Depth => "depth",
            Self::Ready => "ready",
            Self::Unacknowledged => "unacknowledged",
            Self::Backlog => "backlog",
            Self::Lag => "lag",
            Self::Consumers => "consumers",
            Self::OldestAge => "oldest_age",
            Self::In => "in",
            Self::Delivered => "delivered",
            Self::Out => "out",
            Self::Ack => "ack",
            Self::Redelivered => "redelivered",
            Self::Pushes => "pushes",
            Self::Takes => "takes",
        }
    }
}

/// A figure that can be asked for as a series; the names are those of the row in the REST interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SeriesMetric {
    Depth,
    Ready,
    Unacknowledged,
    Backlog,
    Lag,
    Consumers,
    OldestAgeSeconds,
    InRate,
    /// Arrivals that no counter saw, by the balance of depth, in and out.
    UncountedInRate,
    DeliveredRate,
    OutRate,
    AckRate,
    RedeliveredRate,
    /// Commands that pushed to a list: a lower bound of what came in.
    PushCommandsRate,
    /// Commands that took from a list: a lower bound of what went out.
    TakeCommandsRate,
    /// Slope of the backlog.
    GrowthRate,
    /// Backlog over its decrease; null while it does not drain.
    DrainSeconds,
    /// Time a message waits; known only where a probe measures it.
    LatencySeconds,
}

impl SeriesMetric {
    pub const ALL: [Self; 18] = [
        Self::Depth,
        Self::Ready,
        Self::Unacknowledged,
        Self::Backlog,
        Self::Lag,
        Self::Consumers,
        Self::OldestAgeSeconds,
        Self::InRate,
        Self::UncountedInRate,
        Self::DeliveredRate,
        Self::OutRate,
        Self::AckRate,
        Self::RedeliveredRate,
        Self::PushCommandsRate,
        Self::TakeCommandsRate,
        Self::GrowthRate,
        Self::DrainSeconds,
        Self::LatencySeconds,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Depth => "depth",
            Self::Ready => "ready",
            Self::Unacknowledged => "unacknowledged",
            Self::Backlog => "backlog",
            Self::Lag => "lag",
            Self::Consumers => "consumers",
            Self::OldestAgeSeconds => "oldest_age_seconds",
            Self::InRate => "in_rate",
            Self::UncountedInRate => "uncounted_in_rate",
            Self::DeliveredRate => "delivered_rate",
            Self::OutRate => "out_rate",
            Self::AckRate => "ack_rate",
            Self::RedeliveredRate => "redelivered_rate",
            Self::PushCommandsRate => "push_commands_rate",
            Self::TakeCommandsRate => "take_commands_rate",
            Self::GrowthRate => "growth_rate",
            Self::DrainSeconds => "drain_seconds",
            Self::LatencySeconds => "latency_seconds",
        }
    }

    /// The stored series it is read from; `None` where none is kept yet, or where it takes several.
    #[must_use]
    pub fn source(self) -> Option<Metric> {
        Some(match self {
            Self::Depth => Metric::Depth,
            Self::Ready => Metric::Ready,
            Self::Unacknowledged => Metric::Unacknowledged,
            Self::Backlog | Self::GrowthRate | Self::DrainSeconds => Metric::Backlog,
            Self::Lag => Metric::Lag,
            Self::Consumers => Metric::Consumers,
            Self::OldestAgeSeconds => Metric::OldestAge,
            Self::InRate => Metric::In,
            Self::DeliveredRate => Metric::Delivered,
            Self::OutRate => Metric::Out,
            Self::AckRate => Metric::Ack,
            Self::RedeliveredRate => Metric::Redelivered,
            Self::PushCommandsRate => Metric::Pushes,
            Self::TakeCommandsRate => Metric::Takes,
            Self::UncountedInRate | Self::LatencySeconds => return None,
        })
    }

    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Depth | Self::Ready | Self::Unacknowledged | Self::Backlog | Self::Lag => "messages",
            Self::Consumers => "consumers",
            Self::OldestAgeSeconds | Self::DrainSeconds | Self::LatencySeconds => "seconds",
            Self::PushCommandsRate | Self::TakeCommandsRate => "commands/s",
            _ => "messages/s",
        }
    }
}

impl fmt::Display for SeriesMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No figure has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no metric; known are {known}", known = SeriesMetric::ALL.map(SeriesMetric::as_str).join(", "))]
pub struct UnknownMetric(pub String);

impl FromStr for SeriesMetric {
    type Err = UnknownMetric;

    fn from_str(s: &str) -> Result<Self, UnknownMetric> {
        Self::ALL.into_iter().find(|m| m.as_str() == s).ok_or_else(|| UnknownMetric(s.to_owned()))
    }
}
