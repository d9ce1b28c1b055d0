//! What operators did.

use axum::{
    Extension, Json,
    extract::{RawQuery, State},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_app::{
    access::{Act, Object, Principal, authorise},
    audit::api::ActionQuery,
};
use weir_model::{Action, Problem};

use super::download;
use crate::http::{
    App,
    extract::{At, Params},
    problem::{Answer, ProblemBody},
};

/// Actions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActionList {
    pub(crate) items: Vec<Action>,
    /// Cursor of the next page; `null` on the last.
    pub(crate) next: Option<String>,
    pub(crate) total: u64,
}

/// What was done: who, what, on what, intent, outcome, when.
#[utoipa::path(get, path = "/api/v1/actions", tag = "actions",
    params(
        ("broker" = Option<String>, Query, description = "only this broker"),
        ("queue" = Option<String>, Query, description = "only the queue with this id; needs broker"),
        ("from" = Option<String>, Query, description = "RFC 3339; only what began from here on"),
        ("to" = Option<String>, Query, description = "RFC 3339; only what began up to here"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "actions of a page, default 100"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses(
        (status = 200, body = ActionList),
        (status = 400, description = "a parameter is wrong", body = ProblemBody),
    ))]
pub(crate) async fn list(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    RawQuery(query): RawQuery,
) -> Answer<Json<ActionList>> {
    authorise(&who, Act::View, Object::House)?;
    let params = Params::read(query.as_deref(), &["broker", "queue", "from", "to", "limit", "cursor"])?;
    if params.text("queue").is_some() && params.text("broker").is_none() {
        return Err(Problem::field("queue", "name the broker too: an id holds within its broker").into());
    }
    let query = ActionQuery {
        broker: params.owned("broker"),
        queue: params.owned("queue"),
        limit: params.number("limit")?,
        before: params.number("cursor")?,
        from: params.time("from")?,
        to: params.time("to")?,
    };
    let page = app.services.audit.actions(&query).await?;
    let next = page.next.map(|before| before.to_string());
    Ok(Json(ActionList { items: page.items, next, total: page.total }))
}

/// `{action}`
#[derive(Deserialize)]
pub(crate) struct ActionPath {
    action: i64,
}

/// What a purge wrote before it removed it: JSON Lines, the first of which is a header.
#[utoipa::path(get, path = "/api/v1/actions/{action}/copy", tag = "actions",
    params(("action" = i64, Path, description = "`id` of the action")),
    responses(
        (status = 200, description = "a download", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, description = "no such action, or it has no copy", body = ProblemBody),
    ))]
pub(crate) async fn copy(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(ActionPath { action }): At<ActionPath>,
) -> Answer<Response> {
    // Whoever may see messages of any queue: a copy outlives its queue.
    authorise(&who, Act::Peek, Object::House)?;
    let copy = app.services.messages.copy(action).await?;
    Ok(download::file(&copy.file_name, copy.file))
}
