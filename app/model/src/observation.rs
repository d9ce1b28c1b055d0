//! What one look at a broker brought home. Adapters make these, the poller stores them, rules read them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{HealthFact, Metric, QueueId, QueueKind, Reading, Timestamp};

/// Everything seen in one poll of one broker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The middle of the requests that asked: the moment the figures are true for.
    pub at: Timestamp,
    pub cost: Cost,
    /// The version as the broker tells it, with the product's name where it differs from the kind ("Valkey 8.1.1").
    pub version: String,
    /// Alarms, offline partitions, evictions and the like, worst first.
    pub health: Vec<HealthFact>,
    /// The broker stops publishers now (a memory or disk alarm): the reason, for the status rule.
    pub publishers_blocked: Option<String>,
    /// The broker's own counters are refreshed this often; a rate covers at least four of these.
    pub refresh_ms: i64,
    pub queues: Vec<QueueObservation>,
    /// Queues that exist but that the account may not see.
    pub hidden_queues: Option<u64>,
}

/// What the poll itself cost the broker and Weir.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    pub duration_ms: i64,
    pub requests: u32,
    /// Bytes received, where the client can tell.
    pub bytes: u64,
}

/// One queue in one observation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueObservation {
    pub id: QueueId,
    pub kind: QueueKind,
    /// For the screen; lossy where the name is not UTF-8.
    pub name: String,
    /// The vhost, or `db 0`; empty where the kind has none.
    pub scope: String,
    /// Identity of the queue and of the source of its counters: another value means that counters began anew.
    pub epoch: String,
    /// Each metric that the kind could have. One that is not listed is "not applicable".
    pub figures: BTreeMap<Metric, Reading>,
    pub groups: Vec<GroupObservation>,
    pub partitions: Vec<PartitionObservation>,
    /// `running`, `down`, `minority` … as the broker calls it; `None` where the kind has no state.
    pub state: Option<String>,
    /// True where the state means that the queue can't serve.
    pub unavailable: bool,
    /// True where other queues dead-letter into this one.
    pub dead_letter_target: bool,
    /// True where messages may leave out of order (priorities), so that ages can't be estimated by curves.
    pub not_fifo: bool,
    /// It is not on the broker at the moment (an empty list, a channel without subscribers, deleted).
    pub vanished: bool,
    /// What the operator should know beside the figures, as sentences.
    pub notes: Vec<String>,
}

impl QueueObservation {
    /// A queue of which nothing is known yet.
    #[must_use]
    pub fn new(id: QueueId, kind: QueueKind, name: impl Into<String>, scope: impl Into<String>) -> Self {
        Self {
            id,
            kind,
            name: name.into(),
            scope: scope.into(),
            epoch: String::new(),
            figures: BTreeMap::new(),
            groups: Vec::new(),
            partitions: Vec::new(),
            state: None,
            unavailable: false,
            dead_letter_target: false,
            not_fifo: false,
            vanished: false,
            notes: Vec::new(),
        }
    }

    /// Notes a reading; `with` so that adapters can chain.
    #[must_use]
    pub fn with(mut self, metric: Metric, reading: Reading) -> Self {
        self.figures.insert(metric, reading);
        self
    }

    /// True where it is not on the broker, and what is not there has no figures either: it was deleted. An empty list or a
    /// channel without subscribers is not there too, but that is how it is empty.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.vanished && self.figures.values().all(Result::is_err)
    }

    /// The value, where it is known.
    #[must_use]
    pub fn value(&self, metric: Metric) -> Option<i64> {
        self.figures.get(&metric).and_then(|r| r.as_ref().ok()).copied()
    }
}

/// A consumer group of a log, or a stream consumer that reads for itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupObservation {
    pub name: String,
    /// `Stable`, `Empty`, … as the broker calls it.
    pub state: Option<String>,
    /// Members or consumers that are there now.
    pub members: Reading,
    /// `Lag`, `Out` (sum of committed positions, or entries read), `Unacknowledged` (pending), `OldestAge`.
    pub figures: BTreeMap<Metric, Reading>,
    /// Positions per partition, where the kind has partitions.
    pub partitions: Vec<GroupPartition>,
    pub notes: Vec<String>,
}

/// Where a group stands in one partition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupPartition {
    pub partition: i32,
    /// `null`: never committed.
    pub committed: Option<i64>,
    /// End offset minus committed offset; `null` where either is unknown.
    pub lag: Option<i64>,
    /// The member that reads it: its client id, or its consumer name.
    pub member: Option<String>,
    /// Where that member connects from.
    pub host: Option<String>,
}

/// One partition of a topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PartitionObservation {
    pub partition: i32,
    /// Node id of the leader; `null` = offline.
    pub leader: Option<i32>,
    pub replicas: Vec<i32>,
    pub in_sync: Vec<i32>,
    pub begin: Option<i64>,
    pub end: Option<i64>,
    /// The last stable offset; `end - stable_end` messages are held by open transactions.
    pub stable_end: Option<i64>,
}
