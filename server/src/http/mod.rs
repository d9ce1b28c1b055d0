//! What Weir says over HTTP: pages, server functions, `/api/v1`, the live stream, `/metrics`.

mod api;
pub mod assets;
mod extract;
mod forms;
mod guard;
mod headers;
mod health;
mod live;
mod metrics;
pub mod pages;
pub mod panics;
mod problem;
mod server_functions;
mod unread;

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Request},
    http::{Method, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::get,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::{compression::CompressionLayer, limit::RequestBodyLimitLayer};
use weir_app::{access::Principal, services::Services};
use weir_model::{Outcome, Problem, ProblemKind};

use crate::{history::History, poller::Fleet};

/// Bytes of a request's body at most: a message of 20 MB passes, also percent-encoded in a form.
pub(crate) const BODY_LIMIT: usize = 64_000_000;
/// A request takes at most this long; brokers' own time-outs are shorter.
const REQUEST_WITHIN: Duration = Duration::from_secs(60);

/// What handlers work with. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub services: Services,
    pub fleet: Arc<Fleet>,
    pub history: Arc<dyn History>,
    /// Ends live streams when Weir stops.
    pub shutdown: CancellationToken,
}

/// Everything that is served.
pub fn router(app: App) -> Router {
    let interface = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .merge(api::router())
        .method_not_allowed_fallback(problem::other_method)
        .with_state(app.clone());
    let pages = pages::router(&app)
        .layer(middleware::from_fn(server_functions::give_problems_their_status))
        // Server functions read bodies without asking DefaultBodyLimit.
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT));
    Router::new()
        .merge(assets::router())
        .merge(interface)
        .fallback_service(pages)
        .layer(middleware::from_fn(limit_time))
        .layer(middleware::from_fn(panics::catch_panics))
        .layer(CompressionLayer::new())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(refuse_large_bodies))
        // Until there are users, who reaches a loopback address is the admin.
        .layer(Extension(Principal::local_admin()))
        .layer(middleware::from_fn(guard::guard))
        .layer(middleware::from_fn(unread::read_to_the_end))
        .layer(middleware::from_fn(headers::add_headers))
}

/// Serves until shutdown; open requests get their answers first.
///
/// # Errors
/// The listener fails.
pub async fn serve(listener: TcpListener, app: App) -> std::io::Result<()> {
    let shutdown = app.shutdown.clone();
    axum::serve(listener, router(app)).with_graceful_shutdown(shutdown.cancelled_owned()).await
}

/// Before a byte of it is read, where the length is told.
async fn refuse_large_bodies(request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    if length.and_then(|text| text.parse().ok()).is_some_and(|length: usize| length > BODY_LIMIT) {
        return problem::Rejection(too_large()).into_response();
    }
    next.run(request).await
}

fn too_large() -> Problem {
    let detail = format!("a body may have {} MB at most", BODY_LIMIT / 1_000_000);
    Problem::new(ProblemKind::TooLarge, detail)
}

/// Streams are exempt: they answer at once, and their bodies may last.
async fn limit_time(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    match tokio::time::timeout(REQUEST_WITHIN, next.run(request)).await {
        Ok(response) => response,
        Err(_) => problem::Rejection(late(&method)).into_response(),
    }
}

/// A change goes on where nobody waits for it any more.
fn late(method: &Method) -> Problem {
    let seconds = REQUEST_WITHIN.as_secs();
    if method.is_safe() {
        return Problem::new(ProblemKind::Unavailable, format!("no answer within {seconds} s"));
    }
    let detail = format!("no answer within {seconds} s; it goes on, and the activity tells how it ended");
    Problem { outcome: Some(Outcome::Unknown), ..Problem::new(ProblemKind::BrokerTimeout, detail) }
}
