//! Saved views of the table of queues.

use axum::{
    Extension, Json,
    extract::{RawQuery, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_app::access::{Act, Object, Principal, authorise};
use weir_model::{SavedView, ViewQuery};

use crate::http::{
    App,
    extract::{At, JsonBody, Params},
    problem::{Answer, ProblemBody},
};

/// All views, by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ViewPage {
    items: Vec<SavedView>,
    /// Always `null`: there are few.
    next: Option<String>,
    total: u64,
}

/// `{name}`
#[derive(Deserialize)]
pub(crate) struct ViewPath {
    name: String,
}

/// A view to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewBody {
    query: ViewQuery,
    /// Whether it may take the place of one of the same name.
    #[serde(default)]
    overwrite: bool,
}

/// The views of the team.
#[utoipa::path(get, path = "/api/v1/views", tag = "views",
    responses((status = 200, body = ViewPage), (status = 400, description = "a parameter is wrong", body = ProblemBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    RawQuery(query): RawQuery,
) -> Answer<Json<ViewPage>> {
    authorise(&who, Act::View, Object::House)?;
    Params::read(query.as_deref(), &[])?;
    let items = app.services.views.views().await?;
    let total = items.len() as u64;
    Ok(Json(ViewPage { items, next: None, total }))
}

/// Keeps a view under a name.
#[utoipa::path(put, path = "/api/v1/views/{name}", tag = "views",
    params(("name" = String, Path, example = "Growing streams")),
    request_body = ViewBody,
    responses(
        (status = 200, body = SavedView),
        (status = 400, description = "the name or a part of the query is wrong", body = ProblemBody),
        (status = 409, description = "the name is taken and `overwrite` is not set", body = ProblemBody),
    ))]
pub(crate) async fn save(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(ViewPath { name }): At<ViewPath>,
    RawQuery(query): RawQuery,
    JsonBody(body): JsonBody<ViewBody>,
) -> Answer<Json<SavedView>> {
    authorise(&who, Act::Operate, Object::House)?;
    Params::read(query.as_deref(), &[])?;
    Ok(Json(app.services.views.save(&who, &name, &body.query, body.overwrite).await?))
}

/// Takes a view away.
#[utoipa::path(delete, path = "/api/v1/views/{name}", tag = "views",
    params(("name" = String, Path, example = "Growing streams")),
    responses(
        (status = 204, description = "it is gone"),
        (status = 404, description = "there is no such view", body = ProblemBody),
    ))]
pub(crate) async fn delete(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(ViewPath { name }): At<ViewPath>,
    RawQuery(query): RawQuery,
) -> Answer<StatusCode> {
    authorise(&who, Act::Operate, Object::House)?;
    Params::read(query.as_deref(), &[])?;
    app.services.views.delete(&who, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
