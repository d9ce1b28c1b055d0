//! Forms that a browser without wasm posts to the address of their own page.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use leptos::prelude::*;
use weir_app::forms::Posted;

use super::BODY_LIMIT;

const FORM: &str = "application/x-www-form-urlencoded";

/// Writes the page that the form was posted to, with the form in context: the page does what the form asks and
/// shows the answer beside what was typed.
pub(super) async fn answer<V: IntoView + 'static>(
    request: Request,
    context: impl Fn() + Clone + Send + Sync + 'static,
    page: impl Fn() -> V + Copy + Send + Sync + 'static,
) -> Response {
    let (parts, body) = request.into_parts();
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with(FORM)) {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("a form is sent as {FORM}")).into_response();
    }
    let Ok(bytes) = to_bytes(body, BODY_LIMIT).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "the form is too large").into_response();
    };
    let posted = Posted(String::from_utf8_lossy(&bytes).into_owned());
    let context = move || {
        context();
        provide_context(posted.clone());
    };
    let request = Request::from_parts(parts, Body::empty());
    leptos_axum::render_app_async_with_context(context, page)(request).await
}
