//! Problems as `application/problem+json` (RFC 9457): the one place where a kind of problem becomes a status.

use axum::{
    Json,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use weir_model::{FieldError, Outcome, Problem, ProblemKind, Step};

/// What a handler answers: a value, or a problem.
pub(crate) type Answer<T> = Result<T, Rejection>;

/// A problem on its way out.
#[derive(Debug)]
pub(crate) struct Rejection(pub Problem);

impl From<Problem> for Rejection {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

/// The body of every error answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemBody {
    /// `urn:weir:problem:` and the kind, for programs.
    #[serde(rename = "type")]
    #[schema(example = "urn:weir:problem:invalid")]
    pub(crate) type_uri: String,
    /// The same for people.
    pub(crate) title: &'static str,
    pub(crate) status: u16,
    /// What is wrong with this very request, and the way out.
    pub(crate) detail: String,
    /// The fields or parameters that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<FieldError>,
    /// Where talking to the broker failed (502, 504).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) step: Option<Step>,
    /// What became of a change that got no answer (504).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<Outcome>,
}

impl From<Problem> for ProblemBody {
    fn from(problem: Problem) -> Self {
        Self {
            type_uri: format!("urn:weir:problem:{}", word(problem.kind)),
            title: problem.kind.title(),
            status: problem.kind.status(),
            detail: problem.detail,
            errors: problem.errors,
            step: problem.step,
            outcome: problem.outcome,
        }
    }
}

/// The kind as it is spelled in JSON.
fn word(kind: ProblemKind) -> String {
    serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The status of a problem.
#[must_use]
pub(crate) fn status_of(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let status = status_of(&self.0);
        if status.is_server_error() {
            tracing::warn!(http.status = status.as_u16(), detail = %self.0.detail, "a request failed");
        }
        let mut response = (status, Json(ProblemBody::from(self.0))).into_response();
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }
}

/// Nothing stands at an address of the interface.
pub(crate) async fn no_such_address(uri: Uri) -> Rejection {
    let way_out = "GET /api/v1/openapi.json lists all addresses";
    Problem::not_found(format!("nothing stands at {}; {way_out}", uri.path())).into()
}

/// Something stands there, but takes other methods; `Allow` is added by the router.
pub(crate) async fn other_method(method: Method, uri: Uri) -> Rejection {
    let detail = format!("{} does not take {method}; the header Allow names what it takes", uri.path());
    Problem::new(ProblemKind::MethodNotAllowed, detail).into()
}
