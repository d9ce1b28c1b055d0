//! A series drawn, as a file.

use axum::{
    Extension,
    extract::{RawQuery, State},
    response::Response,
};
use serde::Deserialize;
use weir_app::{
    access::{Act, Object, Principal, authorise},
    charts::series_svg,
};
use weir_model::{Problem, QueueId, SeriesMetric};

use super::{download::drawing, series::series_query};
use crate::http::{
    App,
    extract::{At, Params},
    problem::{Answer, ProblemBody},
};

/// `{broker}`, `{id}` and `{metric}` with its ending
#[derive(Deserialize)]
pub(crate) struct ChartPath {
    broker: String,
    id: QueueId,
    metric: String,
}

/// The same series as …/series, drawn by the code that draws the pages' charts.
#[utoipa::path(get, path = "/api/v1/brokers/{broker}/queues/{id}/charts/{metric}.svg", tag = "queues",
    params(
        ("broker" = String, Path),
        ("id" = String, Path),
        ("metric" = SeriesMetric, Path),
        ("from" = Option<String>, Query, description = "RFC 3339; default: an hour before `to`"),
        ("to" = Option<String>, Query, description = "RFC 3339; default: now"),
        ("points" = Option<u32>, Query, minimum = 1, maximum = 2000, description = "buckets at most, default 300"),
        ("group" = Option<String>, Query, description = "one consumer group"),
        ("partition" = Option<i32>, Query, description = "one partition"),
    ),
    responses(
        (status = 200, description = "a drawing", body = String, content_type = "image/svg+xml"),
        (status = 400, description = "a parameter is wrong", body = ProblemBody),
        (status = 404, description = "no such broker, queue or metric", body = ProblemBody),
    ))]
pub(crate) async fn chart(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(ChartPath { broker, id, metric }): At<ChartPath>,
    RawQuery(query): RawQuery,
) -> Answer<Response> {
    authorise(&who, Act::View, Object::Queue { broker: &broker, id: id.as_str() })?;
    let params = Params::read(query.as_deref(), &["from", "to", "points", "group", "partition"])?;
    let metric = metric_of(&metric)?;
    let query = series_query(metric, &params)?;
    let svg = series_svg(&app.services.queues.series(&broker, &id, &query).await?);
    Ok(drawing(None, svg))
}

fn metric_of(file: &str) -> Result<SeriesMetric, Problem> {
    let name = file.strip_suffix(".svg").ok_or_else(|| {
        Problem::not_found(format!("there is no chart \"{file}\": a chart's name ends in .svg, as depth.svg"))
    })?;
    name.parse().map_err(|error| Problem::field("metric", format!("{error}")))
}
