//! The English words of bodies that hold less than they seem to.

pub(in super::super) const EMPTY: &str = "empty";
pub(in super::super) const EMPTY_TEXT: &str = "The body is empty: it has no bytes.";

pub(in super::super) fn broken_json(reason: &str) -> String {
    format!("It looks like JSON and is none: {reason}.")
}
