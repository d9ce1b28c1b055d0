//! A panic while a request is answered costs that request alone: it is a bug of ours, but not the end of the others.

use std::{any::Any, panic::AssertUnwindSafe};

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse as _, Response},
};
use futures::FutureExt as _;
use weir_model::{Problem, ProblemKind};

use super::problem::Rejection;

const DETAIL: &str = "a bug of Weir's: the log of the server tells more";

/// Small enough to need nothing else of Weir, which may be what is broken.
const PAGE: &str = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Internal error: Weir</title></head>\
    <body><h1>Internal error</h1><p>This page could not be written because of a bug of Weir's. \
    The log of the server tells more.</p><p><a href=\"\">Try again</a> or go to the <a href=\"/\">overview</a>.</p></body></html>";

/// Answers 500 where answering panicked: a page to browsers, a problem to programs. A panic after the first byte of
/// the answer was sent closes the connection instead.
pub async fn catch_panics(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let is_browser = takes_html(request.headers());
    // What was being answered is dropped with its request; what is shared recovers from poisoned locks.
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            tracing::error!(http.path = %path, panic = message(panic.as_ref()), "answering a request panicked");
            if is_browser {
                return (StatusCode::INTERNAL_SERVER_ERROR, Html(PAGE)).into_response();
            }
            Rejection(Problem::new(ProblemKind::Internal, DETAIL)).into_response()
        }
    }
}

fn takes_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// What `panic!` was given: text, unless somebody threw something else.
fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}
