//! What the activity lists ask of the server.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use weir_model::{Action, Timestamp};
#[cfg(feature = "ssr")]
use weir_model::{Problem, QueueId};

use crate::error::ApiError;

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
    /// Only actions that began from here on.
    pub from: Option<Timestamp>,
    /// Only actions that began up to here.
    pub to: Option<Timestamp>,
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

/// A page of the activity of one queue, true at `now`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivityView {
    pub now: Timestamp,
    pub page: ActionPage,
}

/// Actions drawn over charts at most: more marks would hide the lines.
#[cfg(feature = "ssr")]
const MOST_MARKS: u32 = 12;

/// What was done with a queue in a stretch of time, oldest first; the latest few where it was a lot.
#[cfg(feature = "ssr")]
pub(crate) async fn actions_within(
    audit: &dyn Audit,
    broker: &str,
    queue: &QueueId,
    span: crate::charts::Span,
) -> Result<Vec<Action>, Problem> {
    let query = ActionQuery {
        broker: Some(broker.to_owned()),
        queue: Some(queue.to_string()),
        limit: Some(MOST_MARKS),
        from: Some(span.from),
        to: Some(span.to),
        ..ActionQuery::default()
    };
    let mut actions = audit.actions(&query).await?.items;
    actions.reverse();
    Ok(actions)
}

/// The activity of one queue; `before` is the cursor of an earlier page.
#[server(prefix = "/ui", endpoint = "actions", input = server_fn::codec::Json)]
pub async fn read_actions(
    broker: String,
    queue: String,
    before: Option<String>,
) -> Result<ActivityView, ApiError> {
    use crate::{
        access::{Act, Object},
        services::caller,
    };

    let (services, _) = caller(Act::View, Object::Queue { broker: &broker, id: &queue })?;
    let wrong = |text: &str| Problem::field("before", format!("\"{text}\" is none that a page gave as next"));
    let before = before.map(|text| text.parse().map_err(|_| wrong(&text))).transpose()?;
    let query = ActionQuery { broker: Some(broker), queue: Some(queue), before, ..ActionQuery::default() };
    Ok(ActivityView { now: Timestamp::now(), page: services.audit.actions(&query).await? })
}
