//! History of one figure.

use axum::{
    Extension, Json,
    extract::{RawQuery, State},
};
use weir_app::{
    access::{Act, Object, Principal, authorise},
    queues::api::SeriesQuery,
};
use weir_model::{Problem, Series, SeriesMetric, Timestamp};

use crate::http::{
    App,
    extract::{At, Params, QueuePath},
    problem::{Answer, ProblemBody},
};

/// The range of a chart that names none, in milliseconds.
const HOUR_MS: i64 = 3_600_000;
/// Buckets of a chart that names none.
const POINTS: u32 = 300;

/// One figure over time, in at most `points` buckets. A gap is a point with nulls.
#[utoipa::path(get, path = "/api/v1/brokers/{broker}/queues/{id}/series", tag = "queues",
    params(
        ("broker" = String, Path),
        ("id" = String, Path),
        ("metric" = SeriesMetric, Query, description = "any figure of the row, `ready`, `latency_seconds`"),
        ("from" = Option<String>, Query, description = "RFC 3339; default: an hour before `to`"),
        ("to" = Option<String>, Query, description = "RFC 3339; default: now"),
        ("points" = Option<u32>, Query, minimum = 1, maximum = 2000, description = "buckets at most, default 300"),
        ("group" = Option<String>, Query, description = "one consumer group"),
        ("partition" = Option<i32>, Query, description = "one partition"),
    ),
    responses(
        (status = 200, body = Series),
        (status = 400, description = "a parameter is wrong", body = ProblemBody),
        (status = 404, description = "no such broker or queue", body = ProblemBody),
    ))]
pub(crate) async fn series(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(QueuePath { broker, id }): At<QueuePath>,
    RawQuery(query): RawQuery,
) -> Answer<Json<Series>> {
    authorise(&who, Act::View, Object::Queue { broker: &broker, id: id.as_str() })?;
    let known = ["metric", "from", "to", "points", "group", "partition"];
    let params = Params::read(query.as_deref(), &known)?;
    let metric = params.text("metric").ok_or_else(|| Problem::field("metric", missing_metric()))?;
    let metric: SeriesMetric =
        metric.parse().map_err(|error| Problem::field("metric", format!("{error}")))?;
    Ok(Json(app.services.queues.series(&broker, &id, &series_query(metric, &params)?).await?))
}

/// The rest of a query for one figure: an hour up to now unless it says otherwise.
pub(super) fn series_query(metric: SeriesMetric, params: &Params) -> Result<SeriesQuery, Problem> {
    let to = params.time("to")?.unwrap_or_else(Timestamp::now);
    Ok(SeriesQuery {
        metric,
        from: params.time("from")?.unwrap_or_else(|| to.plus_ms(-HOUR_MS)),
        to,
        points: params.number("points")?.unwrap_or(POINTS),
        group: params.owned("group"),
        partition: params.number("partition")?,
    })
}

fn missing_metric() -> String {
    format!("it is missing; known are {}", SeriesMetric::ALL.map(SeriesMetric::as_str).join(", "))
}
