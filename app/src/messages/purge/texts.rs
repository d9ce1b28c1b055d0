//! The English words of purging.

use weir_model::message::CopyFile;

use crate::ui::format;

pub(super) const CLOSE: &str = "Close";
pub(super) const CANCEL: &str = "Cancel";
pub(super) const AUDITED: &str = "Written to the activity of the queue";
pub(super) const NO_WAY_BACK: &str = "There is no way back.";
pub(super) const COPY_STAYS: &str =
    "Weir can't put them back: a copy can be kept, to read or to publish from.";
pub(super) const OLDEST: &str = "Oldest";
pub(super) const STAY: &str = "Stay";
pub(super) const COMING: &str = "Still coming";
pub(super) const KNOW: &str = "To know";
pub(super) const TYPE: &str = "Type ";
pub(super) const TO_GO_ON: &str = " to go on";
pub(super) const REASON: &str = "Reason ";
pub(super) const REASON_NOTE: &str = "(optional, kept with the activity)";

pub(super) const COPY: &str = "Keep a copy first";
pub(super) const COPY_NOTE: &str =
    "What is removed is written to Weir's data folder before, to be downloaded from the activity";
pub(super) const ASIDE: &str = "An interrupted purge set these messages aside, and nobody consumes them here. Give them back to their list, or purge them.";
pub(super) const GIVE_BACK: &str = "Give back";
pub(super) const GIVEN_BACK: &str = "Given back to their list";

pub(super) fn copied(copy: &CopyFile) -> String {
    format!("The copy is {copy}: download it from the activity.")
}

pub(super) fn title(name: &str) -> String {
    format!("Purge {name}")
}

fn messages(n: i64) -> String {
    format::counted(n, "message", "messages")
}

pub(super) fn lost(ready: Option<i64>) -> String {
    match ready {
        Some(n) => format!("{} will be lost.", format::counted(n, "ready message", "ready messages")),
        None => "All ready messages will be lost; how many is unknown.".to_owned(),
    }
}

pub(super) fn oldest(seconds: f64) -> String {
    format!("waits {}", format::duration(seconds))
}

pub(super) fn stay(n: i64, consumers: Option<i64>) -> String {
    let held = consumers.map(|n| format!(", held by {}", format::counted(n, "consumer", "consumers")));
    format!("{} unacknowledged{}", format::exact(n), held.unwrap_or_default())
}

/// Reading the dialog takes about half a minute.
pub(super) fn coming(rate: f64) -> String {
    let meanwhile = format::count((rate * 30.0).round() as i64);
    format!("{}/s: about {meanwhile} more while you read this", format::rate(rate))
}

pub(super) fn purge(depth: Option<i64>) -> String {
    depth.map_or_else(|| "Purge".to_owned(), |n| format!("Purge {}", messages(n)))
}

pub(super) fn purged(removed: Option<i64>, left: Option<i64>) -> String {
    let removed = removed
        .map_or_else(|| "Purged; how many is unknown".to_owned(), |n| format!("Purged {}", messages(n)));
    let left = left.map(|n| format!(", {} left", format::exact(n))).unwrap_or_default();
    format!("{removed}{left}")
}
