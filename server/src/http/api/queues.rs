//! The table of queues, and one queue.

use axum::{
    Extension, Json,
    extract::{RawQuery, State},
    response::Response,
};
use weir_app::{
    access::{Act, Object, Principal, authorise},
    charts::file::compact,
    queues::{api::QueueQuery, columns},
};
use weir_model::{QueueDetail, Timestamp, queue::QueuePage};

use super::download::table;
use crate::{
    http::{
        App,
        extract::{At, Params, QueuePath},
        problem::{Answer, ProblemBody},
    },
    queues::table_csv,
};

/// Queues of all brokers, from the last observation.
#[utoipa::path(get, path = "/api/v1/queues", tag = "queues",
    params(
        ("broker" = Option<String>, Query, description = "only this broker"),
        ("kind" = Option<String>, Query, description = "`kafka-topic`, or the end of kinds: `stream`"),
        ("q" = Option<String>, Query, description = "the filter language of the table, see docs/api.md", example = "kind:stream depth>1000 -name~test"),
        ("sort" = Option<String>, Query, description = "a column; default: the rank"),
        ("order" = Option<String>, Query, description = "`asc` or `desc`"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "rows of a page, default 100"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses(
        (status = 200, body = QueuePage),
        (status = 400, description = "a parameter is wrong", body = ProblemBody),
    ))]
pub(crate) async fn list(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    RawQuery(query): RawQuery,
) -> Answer<Json<QueuePage>> {
    authorise(&who, Act::View, Object::House)?;
    let known = ["broker", "kind", "q", "sort", "order", "limit", "cursor"];
    let params = Params::read(query.as_deref(), &known)?;
    let query =
        QueueQuery { limit: params.number("limit")?, cursor: params.owned("cursor"), ..query_of(&params) };
    Ok(Json(app.services.queues.table(&query)?.page))
}

/// Filter, order and columns.
fn query_of(params: &Params) -> QueueQuery {
    QueueQuery {
        broker: params.owned("broker"),
        kind: params.owned("kind"),
        q: params.owned("q"),
        sort: params.owned("sort"),
        order: params.owned("order"),
        columns: params.owned("columns"),
        ..QueueQuery::default()
    }
}

/// The table as a file: all rows of the filter, in its order.
#[utoipa::path(get, path = "/api/v1/queues.csv", tag = "queues",
    params(
        ("broker" = Option<String>, Query, description = "only this broker"),
        ("kind" = Option<String>, Query, description = "`kafka-topic`, or the end of kinds: `stream`"),
        ("q" = Option<String>, Query, description = "the filter language of the table, see docs/api.md"),
        ("sort" = Option<String>, Query, description = "a column; default: the rank"),
        ("order" = Option<String>, Query, description = "`asc` or `desc`"),
        ("columns" = Option<String>, Query, description = "names of columns, with commas; default: all", example = "name,depth"),
    ),
    responses(
        (status = 200, description = "a table", body = String, content_type = "text/csv"),
        (status = 400, description = "a parameter is wrong", body = ProblemBody),
    ))]
pub(crate) async fn csv(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    RawQuery(query): RawQuery,
) -> Answer<Response> {
    authorise(&who, Act::View, Object::House)?;
    let params = Params::read(query.as_deref(), &["broker", "kind", "q", "sort", "order", "columns"])?;
    let query = query_of(&params);
    let columns: Vec<&str> =
        columns::chosen(query.columns.as_deref())?.into_iter().map(columns::Column::name).collect();
    let csv = table_csv(&app.services.queues.rows(&query)?, &columns);
    Ok(table(&format!("queues-{}", compact(Timestamp::now())), csv))
}

/// One queue with its kind's own detail.
#[utoipa::path(get, path = "/api/v1/brokers/{broker}/queues/{id}", tag = "queues",
    params(("broker" = String, Path), ("id" = String, Path, example = "~2f:hello")),
    responses(
        (status = 200, body = QueueDetail),
        (status = 400, description = "the id is not spelled as an id", body = ProblemBody),
        (status = 404, description = "no such broker or queue", body = ProblemBody),
    ))]
pub(crate) async fn detail(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(QueuePath { broker, id }): At<QueuePath>,
    RawQuery(query): RawQuery,
) -> Answer<Json<QueueDetail>> {
    authorise(&who, Act::View, Object::Queue { broker: &broker, id: id.as_str() })?;
    Params::read(query.as_deref(), &[])?;
    Ok(Json(app.services.queues.detail(&broker, &id).await?.detail))
}
