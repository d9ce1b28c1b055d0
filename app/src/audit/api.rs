//! What the activity lists ask of the server.

use serde::{Deserialize, Serialize};
use weir_model::Action;
#[cfg(feature = "ssr")]
use weir_model::Problem;

/// Which actions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActionQuery {
    pub broker: Option<String>,
    /// A queue's id; needs `broker`.
    pub queue: Option<String>,
    /// 1 to 1,000, default 100.
    pub limit: Option<u32>,
    /// Cursor: only actions before this id.
    pub before: Option<i64>,
}

/// Actions, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActionPage {
    pub items: Vec<Action>,
    /// `before` of the next page; `None` on the last.
    pub next: Option<i64>,
    pub total: u64,
}

/// The server's side of the activity lists.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Audit: Send + Sync {
    async fn actions(&self, query: &ActionQuery) -> Result<ActionPage, Problem>;
}
