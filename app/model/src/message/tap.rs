//! What is heard by listening, where a broker keeps nothing.

use serde::{Deserialize, Serialize};

use super::Message;

/// One event of a tap; the SSE event's name is the tag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TapEvent {
    /// What passed since the event before; also told where nothing did.
    Passed(TapReport),
    /// It is over, and why.
    Ended { reason: String },
}

/// What a tap has heard. Counts are exact, of everything since it began.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TapReport {
    /// How long it has lasted.
    pub seconds: f64,
    pub messages: u64,
    /// Of their bodies.
    pub bytes: u64,
    /// Messages that were counted and not handed on, since they were too many to be read.
    pub dropped: u64,
    /// Messages per second over the last five seconds.
    pub rate: f64,
    /// Messages since the event before, oldest first. `position` is the number since the tap began, `timestamp` when Weir
    /// received it.
    pub items: Vec<Message>,
}
