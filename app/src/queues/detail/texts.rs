//! The English words of the page of one queue.

use weir_model::{QueueKind, QueueRow, Status, Timestamp, Trend};

use crate::{charts::Compare, ui::format};

pub(super) const PATH: &str = "Path";
pub(super) const QUEUES: &str = "Queues";
pub(super) const PARTS: &str = "Parts of this queue";
pub(super) const CHARTS: &str = "Charts";
pub(super) const MESSAGES: &str = "Messages";
pub(super) const CONSUMERS: &str = "Consumers";
pub(super) const GROUPS: &str = "Groups";
pub(super) const CONFIGURATION: &str = "Configuration";
pub(super) const ACTIVITY: &str = "Activity";
pub(super) const DOWNLOAD_COPY: &str = "Download the copy";
pub(super) const PUBLISH: &str = "Publish";
pub(super) const PURGE: &str = "Purge";
pub(super) const READ_ONLY: &str = "Read only.";
pub(super) const SITUATION: &str = "What is wrong";
pub(super) const VANISHED: &str = "not on the broker at the moment";
pub(super) const STALE: &str = "last figures before the broker stopped answering";
pub(super) const OBSERVED: &str = "observed ";

pub(super) const BACKLOG: &str = "Backlog";
pub(super) const SLOWEST_GROUP: &str = "of the slowest group";
pub(super) const ALL_GROUPS: &str = "in all groups";
pub(super) const DRAIN: &str = "Time to drain";
pub(super) const OLDEST: &str = "Oldest";
pub(super) const IN: &str = "In";
pub(super) const OUT: &str = "Out";
pub(super) const REDELIVERED: &str = "Redelivered";
pub(super) const NOT_DRAINING: &str = "not draining";
pub(super) const STEADY: &str = "steady";
pub(super) const EMPTY: &str = "empty";
pub(super) const DRAIN_HOW: &str = "backlog over its decrease of the last five minutes";
pub(super) const ESTIMATE: &str = "estimate";
pub(super) const BEFORE_HISTORY: &str = "older than the history";

pub(super) const COMMANDS: &str = "Commands";
pub(super) const PUSHES: &str = "pushes";
pub(super) const TAKES: &str = "takes";
pub(super) const AT_LEAST: &str = "each moved one message or more";

pub(super) const RANGE: &str = "Range of the charts";
pub(super) const COMPARE: &str = "Compare with";
pub(super) const NO_CHARTS_TITLE: &str = "Nothing to draw";
pub(super) const NO_CHARTS_TEXT: &str = "A chart begins with the first observation of a figure.";
pub(super) const NOT_YET: &str = "it had not been observed yet";
pub(super) const NOTHING_KNOWN: &str = "nothing is known of this time";
pub(super) const UPDATED: &str = "updated ";

pub(super) const NO_CONSUMERS_TITLE: &str = "No consumers";
pub(super) const NO_CONSUMERS_TEXT: &str = "Nobody is subscribed at the moment.";
pub(super) const PENDING: &str = "Pending";
pub(super) const PENDING_TITLE: &str = "given to this consumer and not acknowledged";
pub(super) const IDLE: &str = "Idle";
pub(super) const IDLE_TITLE: &str = "since it last asked for anything";
pub(super) const NO_GROUPS_TITLE: &str = "No groups";
pub(super) const NO_GROUPS_TEXT: &str =
    "No consumer group has ever read here, so there is no backlog to reckon.";
pub(super) const PARTITIONS: &str = "Partitions";
pub(super) const SETTINGS: &str = "Settings";
pub(super) const NO_SETTINGS_TITLE: &str = "No settings";
pub(super) const NO_SETTINGS_TEXT: &str = "The broker names none for this queue.";
pub(super) const BINDINGS: &str = "Bindings";
pub(super) const BINDINGS_SUB: &str = "what leads messages here";
pub(super) const DEFAULT_EXCHANGE: &str = "(default exchange)";
pub(super) const EMPTY_VALUE: &str = "(empty)";
/// Below what the broker told at another time than just now.
pub(super) fn as_of(moment: &str, why: &str) -> String {
    format!("As of {moment}: {why}.")
}
pub(super) const NOT_DESCRIBED: &str = "The broker did not describe it just now";
pub(super) const NO_ACTIVITY_TITLE: &str = "Nothing was done here";
pub(super) const NO_ACTIVITY_TEXT: &str =
    "Publishing, purging and priced reads are listed here, with who did them.";
pub(super) const ACTIVITY_SUB: &str = "newest first";

/// The word for a status.
pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Unknown => "unknown",
        Status::Warning => "warning",
        Status::Critical => "critical",
    }
}

/// What the depth is called: messages in a log are merely kept.
pub(super) fn depth(kind: QueueKind) -> &'static str {
    if kind.is_log() { "Retained" } else { "Depth" }
}

pub(super) fn partitions(n: usize) -> String {
    format::counted(i64::try_from(n).unwrap_or(i64::MAX), "partition", "partitions")
}

pub(super) fn unacknowledged(n: i64) -> String {
    format!("{} unacknowledged", format::exact(n))
}

pub(super) fn uncounted(rate: f64) -> String {
    format!("{}/s dead-lettered here", format::rate(rate))
}

pub(super) fn delivered(rate: f64) -> String {
    format!("delivered {}/s", format::rate(rate))
}

/// "grows 19.6/s ± 1.1", "drains 5.0/s".
pub(super) fn growth(rate: f64, error: Option<f64>) -> String {
    let error = error.map(|e| format!(" ± {}", format::rate(e))).unwrap_or_default();
    let verb = if rate > 0.0 { "grows" } else { "drains" };
    if rate == 0.0 { String::new() } else { format!("{verb} {}/s{error}", format::rate(rate.abs())) }
}

pub(super) fn trend_title(row: &QueueRow) -> String {
    let growth = row.growth_rate.map(|rate| growth(rate, row.growth_error)).unwrap_or_default();
    let trend = match row.trend {
        Trend::Growing => "growing over five minutes",
        Trend::Draining => "draining over five minutes",
        Trend::Steady => "no change beyond the noise over five minutes",
        Trend::Unknown => "unknown",
    };
    if growth.is_empty() { trend.to_owned() } else { format!("{trend}: {growth}") }
}

/// " Growing since 02:31 UTC (43m), by 19.6/s."
/// `at_least`: it grew when observation began.
pub(super) fn growing_since(time: &str, length: &str, at_least: bool, rate: Option<&str>) -> String {
    let since = if at_least { "at least since" } else { "since" };
    let rate = rate.map(|rate| format!(", by {rate}/s")).unwrap_or_default();
    format!(" Growing {since} {time} UTC ({length}){rate}.")
}

/// "Last week: no data from 2026-11-16 02:14:05 UTC to 2026-11-16 03:14:05 UTC; nothing was observed then."
pub(super) fn no_data_then(compare: Compare, from: Timestamp, to: Timestamp) -> String {
    let (from, to) = (format::moment(from), format::moment(to));
    format!("{}: no data from {from} to {to}; nothing was observed then", capital(compare.words()))
}

/// "Yesterday: no observation from … to …: Weir was not running".
pub(super) fn gap_then(compare: Compare, from: Timestamp, to: Timestamp, reason: &str) -> String {
    let (from, to) = (format::moment(from), format::moment(to));
    format!("{}: no observation from {from} to {to}: {reason}", capital(compare.words()))
}

fn capital(words: &str) -> String {
    let (first, rest) = words.split_at(1);
    first.to_uppercase() + rest
}
