//! What the forms of a queue ask for. The adapter of its broker tells it, so no page asks what kind a queue is.

use serde::{Deserialize, Serialize};

use crate::queue::Ability;

/// A place where free reading can begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BrowseStart {
    Newest,
    Oldest,
    /// The left end of a list.
    Left,
    /// The right end of a list.
    Right,
    Offset,
    Id,
    Time,
}

impl BrowseStart {
    /// The word in addresses and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
            Self::Left => "left",
            Self::Right => "right",
            Self::Offset => "offset",
            Self::Id => "id",
            Self::Time => "time",
        }
    }

    /// True where it takes a value beside the word: which offset, id or time.
    #[must_use]
    pub fn takes_value(self) -> bool {
        matches!(self, Self::Offset | Self::Id | Self::Time)
    }
}

/// What a message consists of when it is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MessageShape {
    /// Exchange, routing key, properties, headers and a body.
    Routed,
    /// A body, and at which of two ends it is put.
    List,
    /// Fields instead of a body.
    Entry,
    /// A body alone.
    Plain,
    /// Key, partition, timestamp, headers and a body; a tombstone has no body.
    Record,
}

impl MessageShape {
    #[must_use]
    pub fn has_headers(self) -> bool {
        matches!(self, Self::Routed | Self::Record)
    }
}

/// What the forms of one queue ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Forms {
    /// Where free reading can begin, the usual place first; empty where nothing can be read for free.
    pub starts: Vec<BrowseStart>,
    /// What a message for this queue consists of; `null` where nothing can be published.
    pub shape: Option<MessageShape>,
    /// Whether a purge can keep a copy of what it removes; `null` where the kind has no such purge.
    pub copy: Option<Ability>,
    /// These messages were set aside by a purge that did not end, and can be given back.
    pub set_aside: bool,
}
