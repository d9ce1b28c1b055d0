//! `GET /api/v1/openapi.json`, made from the handlers themselves.

use axum::Json;
use utoipa::OpenApi;

use super::{actions, brokers, charts, messages, panels, queues, series, tap, views};
use crate::http::{health, live, metrics};

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Weir",
        description = "Queues of RabbitMQ, Redis and Kafka: figures, messages, acts. The words behind each figure are in docs/figures.md, those behind each call in docs/api.md."
    ),
    paths(
        health::healthz,
        health::readyz,
        metrics::metrics,
        brokers::list,
        brokers::observe,
        brokers::arm,
        queues::list,
        queues::csv,
        views::list,
        views::save,
        views::delete,
        queues::detail,
        series::series,
        charts::chart,
        panels::of_queue,
        panels::of_broker,
        panels::of_house,
        messages::browse,
        messages::publish,
        messages::body,
        messages::price,
        messages::peek,
        messages::peeked,
        messages::peeked_body,
        tap::tap,
        messages::purge,
        messages::restore,
        actions::list,
        actions::copy,
        live::live,
        document,
    )
)]
struct Document;

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "process", responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)))]
pub(crate) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}

#[cfg(test)]
mod tests;
