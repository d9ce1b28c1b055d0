//! What can go wrong when talking to a broker, and what the caller is told of it.

use weir_model::{FieldError, Outcome, Problem, ProblemKind, Step};

/// The error of every broker method. `source`s are kept for the log; `detail` is for the operator and holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// A step on the way to the broker failed.
    #[error("{detail}")]
    Failed {
        step: Step,
        detail: String,
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// No answer in time.
    #[error("{detail}")]
    Timeout { step: Step, outcome: Outcome, detail: String },
    /// The broker, or a rule of its kind, says no.
    #[error("{0}")]
    Refused(String),
    /// It is not there.
    #[error("{0}")]
    NotFound(String),
    /// It is not as it was seen.
    #[error("{0}")]
    Conflict(String),
    /// The copy of what is to be removed can't be written.
    #[error("{0}")]
    NotKept(String),
    /// Input that the kind can't use.
    #[error("{}", .0.iter().map(|e| format!("{}: {}", e.field, e.message)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldError>),
}

impl BrokerError {
    /// A failed step with its cause.
    pub fn failed(
        step: Step,
        detail: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Failed { step, detail: detail.into(), source: Some(source.into()) }
    }

    /// A failed step whose detail says all.
    pub fn failed_plainly(step: Step, detail: impl Into<String>) -> Self {
        Self::Failed { step, detail: detail.into(), source: None }
    }

    /// One wrong field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// The step that failed, where it was one.
    #[must_use]
    pub fn step(&self) -> Step {
        match self {
            Self::Failed { step, .. } | Self::Timeout { step, .. } => *step,
            _ => Step::Read,
        }
    }
}

impl From<BrokerError> for Problem {
    fn from(error: BrokerError) -> Self {
        let detail = error.to_string();
        match error {
            BrokerError::Failed { step, .. } => {
                Self { step: Some(step), ..Self::new(ProblemKind::BrokerFailed, detail) }
            }
            BrokerError::Timeout { step, outcome, .. } => Self {
                step: Some(step),
                outcome: Some(outcome),
                ..Self::new(ProblemKind::BrokerTimeout, detail)
            },
            BrokerError::Refused(_) => Self::refused(detail),
            BrokerError::NotFound(_) => Self::not_found(detail),
            BrokerError::Conflict(_) => Self::conflict(detail),
            BrokerError::NotKept(_) => Self::new(ProblemKind::Unavailable, detail),
            BrokerError::Invalid(errors) => Self { errors, ..Self::new(ProblemKind::Invalid, detail) },
        }
    }
}
