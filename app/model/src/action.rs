//! What operators did: intent first, then outcome.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ActionVerb {
    Publish,
    Purge,
    /// A read that has a price.
    Peek,
    /// Listening to what passes.
    Tap,
    /// What an interrupted purge set aside was given back.
    Restore,
    /// A broker was allowed to be changed.
    Arm,
    /// A view of the table of queues was kept.
    SaveView,
    DeleteView,
}

impl ActionVerb {
    pub const ALL: [Self; 8] = [
        Self::Publish,
        Self::Purge,
        Self::Peek,
        Self::Tap,
        Self::Restore,
        Self::Arm,
        Self::SaveView,
        Self::DeleteView,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Purge => "purge",
            Self::Peek => "peek",
            Self::Tap => "tap",
            Self::Restore => "restore",
            Self::Arm => "arm",
            Self::SaveView => "save_view",
            Self::DeleteView => "delete_view",
        }
    }
}

/// How an action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ActionOutcome {
    /// The intent is written, no outcome yet.
    Running,
    Done,
    /// The broker took it and dropped it: no queue was bound, nobody listened.
    Dropped,
    /// Weir or the broker said no; nothing was done.
    Refused,
    /// The broker could not be asked; nothing was done.
    Failed,
    /// Weir stopped, or the broker fell silent, between intent and outcome.
    Unknown,
}

impl ActionOutcome {
    pub const ALL: [Self; 6] =
        [Self::Running, Self::Done, Self::Dropped, Self::Refused, Self::Failed, Self::Unknown];

    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Dropped => "dropped",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// One row under Activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Action {
    pub id: i64,
    pub at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// Who: `local admin` until there are users.
    pub actor: String,
    pub verb: ActionVerb,
    /// Empty for an act on Weir itself.
    pub broker: String,
    /// The queue's id; `null` for an act on a broker.
    pub queue: Option<String>,
    pub queue_name: Option<String>,
    /// What was meant to be done, as a sentence. Never holds a body.
    pub intent: String,
    /// The operator's own reason.
    pub reason: Option<String>,
    pub outcome: ActionOutcome,
    /// What the broker said, as a sentence.
    pub detail: Option<String>,
    /// The file of the data folder's `copies` that a purge wrote what it removed to; there is none where nothing was.
    pub copy: Option<String>,
}
