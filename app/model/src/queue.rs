//! What the operator sees of a queue.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    PartitionObservation, QueueId, QueueKind, Timestamp, Unknown, message::Forms, observation::GroupPartition,
};

/// How a queue is doing. The order is that of severity: the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Status {
    Ok,
    Unknown,
    Warning,
    Critical,
}

/// Which way the backlog goes, by its slope over five minutes against the noise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Trend {
    Draining,
    Steady,
    Growing,
    #[default]
    Unknown,
}

/// One queue in the table. Figures are of one minute where they are rates; `null` has its reason in `unknown`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueueRow {
    pub broker: String,
    pub id: QueueId,
    pub name: String,
    pub kind: QueueKind,
    /// The vhost, or `db 0`; empty where the kind has none.
    pub scope: String,
    pub status: Status,
    pub status_reason: String,
    pub depth: Option<i64>,
    /// What still has to be worked off.
    pub backlog: Option<i64>,
    pub unacknowledged: Option<i64>,
    /// The slowest group's, for logs.
    pub lag: Option<i64>,
    pub in_rate: Option<f64>,
    pub delivered_rate: Option<f64>,
    pub out_rate: Option<f64>,
    pub ack_rate: Option<f64>,
    pub redelivered_rate: Option<f64>,
    /// Messages that came in past every counter (dead-lettered here), by the balance of depth, in and out over half a
    /// minute; `null` where that can't be told.
    pub uncounted_in_rate: Option<f64>,
    /// The same of those that left (expired, dead-lettered, dropped, purged).
    pub uncounted_out_rate: Option<f64>,
    /// Of a list: commands per second that pushed, by keyspace events. A lower bound of what came in, since a command may push
    /// many; `null` for other kinds.
    #[serde(default)]
    pub push_commands_rate: Option<f64>,
    /// The same of commands that took.
    #[serde(default)]
    pub take_commands_rate: Option<f64>,
    /// Change of the backlog per second over five minutes.
    pub growth_rate: Option<f64>,
    /// Standard error of `growth_rate`.
    pub growth_error: Option<f64>,
    pub trend: Trend,
    /// `null` while the backlog does not drain.
    pub drain_seconds: Option<f64>,
    /// Start of the present growth.
    pub backlog_since: Option<Timestamp>,
    /// It grew at the first look already: `backlog_since` is when that was.
    #[serde(default)]
    pub backlog_since_at_least: bool,
    pub consumers: Option<i64>,
    pub oldest_age_seconds: Option<f64>,
    /// How the age was come by when it is an estimate ("by the curves of arrivals and backlog"); `null` = measured.
    pub oldest_age_estimate: Option<String>,
    /// The age is at least this: it began before history does.
    pub oldest_age_at_least: bool,
    pub observed_at: Option<Timestamp>,
    /// The figures are of the last observation before the broker stopped answering.
    pub stale: bool,
    /// It is not on the broker at the moment.
    pub vanished: bool,
    /// Why a figure above is `null`, by its name.
    pub unknown: BTreeMap<String, Unknown>,
    /// Backlog (depth where there is none) of the last hour, one value a minute, oldest first.
    pub sparkline: Vec<Option<f64>>,
}

/// One page of the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueuePage {
    pub items: Vec<QueueRow>,
    /// Cursor of the next page; `null` on the last.
    pub next: Option<String>,
    /// Rows that match, over all pages.
    pub total: u64,
}

/// A figure of a group or consumer with its reason when unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupRow {
    pub name: String,
    /// `Stable`, `Empty`, … as the broker calls it.
    pub state: Option<String>,
    /// By the rule of queues, for this group alone.
    pub status: Status,
    pub status_reason: String,
    pub members: Option<i64>,
    pub lag: Option<i64>,
    pub out_rate: Option<f64>,
    pub unacknowledged: Option<i64>,
    pub growth_rate: Option<f64>,
    pub trend: Trend,
    pub drain_seconds: Option<f64>,
    pub oldest_age_seconds: Option<f64>,
    /// How the age was come by when it is an estimate; `null` = measured.
    #[serde(default)]
    pub oldest_age_estimate: Option<String>,
    /// The age is at least this: it began before history does.
    #[serde(default)]
    pub oldest_age_at_least: bool,
    pub partitions: Vec<GroupPartition>,
    pub notes: Vec<String>,
    pub unknown: BTreeMap<String, Unknown>,
}

/// A consumer as the broker lists it: a channel's subscription, a group's member, a blocked client.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsumerRow {
    /// Consumer tag, member id, consumer name or client name.
    pub name: String,
    /// Group it belongs to, where there are groups.
    pub group: Option<String>,
    /// Where it connects from.
    pub host: Option<String>,
    /// Messages it was given and has not acknowledged, where the broker counts them by consumer (Redis streams).
    #[serde(default)]
    pub pending: Option<i64>,
    /// Since when it has asked for nothing, where the broker tells.
    #[serde(default)]
    pub idle_seconds: Option<f64>,
    /// What else there is to know, name and value: prefetch, acknowledgement mode, idle time, partitions.
    pub facts: Vec<Fact>,
}

/// A named value, for the configuration tab and for details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fact {
    pub name: String,
    pub value: String,
    /// Where it comes from: `argument`, `policy high-priority`, `default`, `broker` …
    pub source: Option<String>,
}

impl Fact {
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>, source: Option<&str>) -> Self {
        Self { name: name.into(), value: value.into(), source: source.map(str::to_owned) }
    }
}

/// What a broker tells about one queue when asked for it alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueueDescription {
    /// Arguments, policies, durability, limits; topic settings; encoding and length limits.
    pub configuration: Vec<Fact>,
    /// What leads messages here: bindings of a RabbitMQ queue.
    pub bindings: Vec<Binding>,
    pub consumers: Vec<ConsumerRow>,
    /// Why `consumers` may leave somebody out, as a sentence.
    pub consumers_note: Option<String>,
}

/// A way messages take from an exchange to a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Binding {
    /// Empty for the default exchange.
    pub exchange: String,
    pub routing_key: String,
    pub arguments: Vec<Fact>,
}

/// Whether an act is possible on a queue, and if not, why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ability {
    pub allowed: bool,
    /// Why not ("a stream can't be purged: …"); or what to know before ("unacknowledged messages stay").
    pub reason: Option<String>,
}

impl Ability {
    #[must_use]
    pub fn yes() -> Self {
        Self { allowed: true, reason: None }
    }

    /// Possible, with something to know before.
    #[must_use]
    pub fn yes_but(reason: impl Into<String>) -> Self {
        Self { allowed: true, reason: Some(reason.into()) }
    }

    #[must_use]
    pub fn no(reason: impl Into<String>) -> Self {
        Self { allowed: false, reason: Some(reason.into()) }
    }
}

/// What can be done with a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Abilities {
    /// Free reading; the reason says why not ("reading has a price: peek").
    pub browse: Ability,
    /// Priced reading.
    pub peek: Ability,
    /// Listening to what passes, where nothing is kept.
    pub tap: Ability,
    pub publish: Ability,
    pub purge: Ability,
}

/// The row and the kind's own detail: the page of one queue, `GET /api/v1/brokers/{broker}/queues/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueueDetail {
    #[serde(flatten)]
    pub row: QueueRow,
    pub state: Option<String>,
    pub groups: Vec<GroupRow>,
    pub partitions: Vec<PartitionObservation>,
    pub notes: Vec<String>,
    pub abilities: Abilities,
    pub forms: Forms,
    /// As the broker gave it last, at `description_at`; `null` where it never did.
    pub description: Option<QueueDescription>,
    pub description_at: Option<Timestamp>,
    /// Why the broker did not give it just now.
    pub description_error: Option<String>,
}
