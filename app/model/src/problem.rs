//! What went wrong, for people and for programs: RFC 9457 problem details.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The step of talking to a broker that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Step {
    Resolve,
    Connect,
    Tls,
    Authenticate,
    Permission,
    Version,
    /// Asking for figures or messages.
    Read,
    /// Publishing, purging.
    Write,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls => "TLS",
            Self::Authenticate => "authenticate",
            Self::Permission => "permission",
            Self::Version => "version",
            Self::Read => "read",
            Self::Write => "write",
        })
    }
}

/// What became of a change when no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Outcome {
    NotDone,
    Unknown,
}

/// The kinds of problem; each has one HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ProblemKind {
    /// 400: a parameter or field is wrong.
    Invalid,
    /// 401
    Unauthenticated,
    /// 403
    Forbidden,
    /// 404
    NotFound,
    /// 405
    MethodNotAllowed,
    /// 409
    Conflict,
    /// 413
    TooLarge,
    /// 415
    UnsupportedMediaType,
    /// 422: the broker or a rule refused.
    Refused,
    /// 429
    TooMany,
    /// 500: a bug of ours; nothing a caller sends leads here.
    Internal,
    /// 502
    BrokerFailed,
    /// 503: Weir is starting or stopping.
    Unavailable,
    /// 504
    BrokerTimeout,
}

impl ProblemKind {
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Refused => 422,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::BrokerFailed => 502,
            Self::Unavailable => 503,
            Self::BrokerTimeout => 504,
        }
    }

    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Invalid => "Invalid input",
            Self::Unauthenticated => "Not signed in",
            Self::Forbidden => "Not allowed",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::Conflict => "Conflict",
            Self::TooLarge => "Too large",
            Self::UnsupportedMediaType => "Unsupported media type",
            Self::Refused => "Refused",
            Self::TooMany => "Too many requests",
            Self::Internal => "Internal error",
            Self::BrokerFailed => "Broker failed",
            Self::Unavailable => "Not available now",
            Self::BrokerTimeout => "Broker did not answer",
        }
    }
}

/// What is wrong with one field of the input, and the way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

/// A problem with its words. As JSON it is the body of `application/problem+json`, once the server has added
/// `type`, `title` and `status` from its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{detail}")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    pub kind: ProblemKind,
    /// A sentence that names the thing, its trouble and the way out.
    pub detail: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Where talking to the broker failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// What became of a change that got no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

impl Problem {
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), step: None, outcome: None }
    }

    /// One wrong field.
    #[must_use]
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        let (field, message) = (field.into(), message.into());
        let detail = format!("{field}: {message}");
        Self { errors: vec![FieldError { field, message }], ..Self::new(ProblemKind::Invalid, detail) }
    }

    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::NotFound, detail)
    }

    #[must_use]
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Conflict, detail)
    }

    #[must_use]
    pub fn refused(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Refused, detail)
    }

    #[must_use]
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Forbidden, detail)
    }
}
