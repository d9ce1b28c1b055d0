//! Whether Weir lives, and whether it is ready.

use std::time::Duration;

use axum::extract::State;
use weir_model::{Problem, ProblemKind};

use super::{App, problem::Answer};

/// The writer of history answers within this time, or is not healthy.
const WRITER_WITHIN: Duration = Duration::from_secs(2);

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "process", responses((status = 200, description = "alive", body = String)))]
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Every broker that can be reached was observed and stored, and the writer of history works.
#[utoipa::path(get, path = "/readyz", tag = "process", responses(
    (status = 200, description = "ready", body = String),
    (status = 503, description = "not ready, with the reason", body = super::problem::ProblemBody),
))]
pub(crate) async fn readyz(State(app): State<App>) -> Answer<&'static str> {
    let not_ready = |detail: String| Problem::new(ProblemKind::Unavailable, detail);
    if !app.fleet.looked() {
        return Err(not_ready("the first observation of a broker is under way".to_owned()).into());
    }
    match tokio::time::timeout(WRITER_WITHIN, app.history.flush()).await {
        Ok(Ok(())) => Ok("ready\n"),
        Ok(Err(error)) => Err(not_ready(format!("history can't be written: {error}")).into()),
        Err(_) => Err(not_ready("the writer of history does not keep up".to_owned()).into()),
    }
}
