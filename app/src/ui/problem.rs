//! A problem in the words of the page: fields by their labels.

use weir_model::{Problem, ProblemKind};

use crate::texts;

/// The sentences of a problem. Where it names fields, each is called by its label instead of its name in a request.
#[must_use]
pub fn told(problem: &Problem) -> String {
    if problem.errors.is_empty() {
        return problem.detail.clone();
    }
    let lines: Vec<String> = problem
        .errors
        .iter()
        .map(|error| match texts::field(&error.field) {
            Some(label) => format!("{label}: {}", error.message),
            None => format!("{}: {}", error.field, error.message),
        })
        .collect();
    lines.join("; ")
}

/// True where the same may go well a moment later.
#[must_use]
pub fn may_pass(kind: ProblemKind) -> bool {
    matches!(
        kind,
        ProblemKind::NotFound
            | ProblemKind::TooMany
            | ProblemKind::Internal
            | ProblemKind::BrokerFailed
            | ProblemKind::Unavailable
            | ProblemKind::BrokerTimeout
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_wrong_field_when_told_then_it_has_its_label() {
        assert_eq!(told(&Problem::field("q", "\"abc\" is no number")), "Filter: \"abc\" is no number");
        assert_eq!(told(&Problem::field("headers[2].name", "it is empty")), "Header 3: it is empty");
        assert_eq!(told(&Problem::field("body.data", "it is not base64")), "Body: it is not base64");
        assert_eq!(told(&Problem::refused("it is full")), "it is full");
    }
}
