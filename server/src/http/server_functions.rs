//! Server functions answer every problem with 500. Here it gets the status of its kind.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::Response,
};
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use weir_app::error::ApiError;

use super::problem::status_of;

/// A problem in JSON is never longer.
const LONGEST: usize = 1_000_000;

/// Sets the status of a problem that a server function answered.
pub(crate) async fn give_problems_their_status(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let failed = response.status() == StatusCode::INTERNAL_SERVER_ERROR
        && response.headers().contains_key(SERVER_FN_ERROR_HEADER);
    if !failed {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LONGEST).await else {
        return Response::from_parts(parts, Body::empty());
    };
    if let Ok(ApiError(problem)) = serde_json::from_slice(&bytes) {
        parts.status = status_of(&problem);
    }
    Response::from_parts(parts, Body::from(bytes))
}
