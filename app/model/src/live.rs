//! What changed, pushed to open pages.

use serde::{Deserialize, Serialize};

use crate::{BrokerCard, QueueId, QueueRow, Timestamp};

/// One event of `GET /api/v1/live`; the SSE event's name is the tag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LiveEvent {
    /// A broker was observed: the rows that differ from what this browser was told last.
    Observation(RowChange),
    /// A broker's card changed: up, down, slowed, armed.
    Broker { card: Box<BrokerCard> },
    /// Events were lost: fetch what is on the screen anew.
    Resync,
}

/// Rows that changed in one observation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RowChange {
    pub broker: String,
    pub observed_at: Timestamp,
    pub changed: Vec<QueueRow>,
    /// Queues that are no longer listed at all.
    pub forgotten: Vec<QueueId>,
}
