//! The words of the table of queues.

use crate::ui::format;

pub const STATUS: &str = "Status";
pub const QUEUE: &str = "Queue";
pub const BROKER: &str = "Broker";
pub const KIND: &str = "Kind";
pub const BACKLOG: &str = "Backlog";
pub const DEPTH: &str = "Depth";
pub const UNACKED: &str = "Unacked";
pub const LAG: &str = "Lag";
pub const OLDEST: &str = "Oldest";
pub const IN: &str = "In/s";
pub const OUT: &str = "Out/s";
pub const DRAIN: &str = "Time to drain";
pub const CONSUMERS: &str = "Consumers";
pub const LAST_HOUR: &str = "Last hour";

pub const BACKLOG_TITLE: &str = "What still has to be worked off: the depth of a queue or list, the slowest group's lag of a stream or topic. Each segment of the bar is ten times the one before";
pub const DEPTH_TITLE: &str = "Messages held. Of a stream or topic they are merely kept for readers";
pub const UNACKED_TITLE: &str = "Unacknowledged: handed to a consumer and not acknowledged";
pub const LAG_TITLE: &str = "How far the slowest group is behind";
pub const OLDEST_TITLE: &str = "Age of the oldest message that is not worked off";
pub const IN_TITLE: &str = "Messages in per second, over one minute";
pub const OUT_TITLE: &str = "Messages worked off per second, over one minute";
pub const DRAIN_TITLE: &str = "Backlog divided by its decrease over five minutes";
pub const LAST_HOUR_TITLE: &str = "Backlog of the last hour";

pub const BY_COMMANDS: &str = "commands by keyspace events, each of which moved one message or more";

pub const STEADY: &str = "steady";
pub const EMPTY: &str = "empty";
pub const VANISHED: &str = "gone";
pub const VANISHED_TITLE: &str = "It is not on the broker at the moment";

pub const STALE_TITLE: &str = "The broker does not answer; these are its last figures";

pub const VIEWS: &str = "Views";
pub const FILTER: &str = "Filter queues";
pub const FILTER_EXAMPLE: &str = "kind:stream  broker:orders  depth>1000  age>5m  name~orders";
pub const FILTER_HELP: &str = "Name, operator, value. Space: and. Comma: or. Minus: not.";
pub const FILTER_APPLY: &str = "Apply";
pub const TABLE: &str = "Queues";
pub const NOTHING_TITLE: &str = "No queue matches";
pub const NOTHING_TEXT: &str = "Loosen the filter, or clear it to see every queue.";
pub const NOTHING_CLEAR: &str = "Clear the filter";
pub const PAST_END_TITLE: &str = "There are no rows here";
pub const PAST_END_TEXT: &str = "The list ends before this page. It may have become shorter.";
pub const PAST_END_FIRST: &str = "To the first rows";
pub const NONE_TITLE: &str = "No queue yet";
pub const NONE_TEXT: &str = "A queue appears here when a broker that answers has one.";
pub const PREVIOUS: &str = "Previous";
pub const NEXT: &str = "Next";
pub const UPDATED: &str = "updated ";
pub const FOOT_MOVE: &str = "move";
pub const FOOT_OPEN: &str = "open";

/// Filters that are worth a click: name and filter.
pub const PRESETS: [(&str, &str); 5] = [
    ("Worst first", ""),
    ("Growing", "trend:growing"),
    ("No consumers", "consumers:0 backlog>0"),
    ("Streams and topics", "kind:stream,topic"),
    ("Unknown backlog", "backlog:unknown"),
];

/// The beginnings of filter terms that are offered, and what they take.
pub const FILTER_TERMS: [(&str, &str); 10] = [
    ("name~", "contains; name:exact for the whole name"),
    ("broker:", "the broker's name"),
    ("kind:", "quorum, classic, stream, list, channel, topic"),
    ("status:", "critical, warning, ok, unknown"),
    ("trend:", "growing, steady, draining, unknown"),
    ("backlog>", "messages, as 1000, 10k, 2M"),
    ("depth>", "messages held or kept"),
    ("age>", "the oldest is older than 5m, 1h, 2d"),
    ("drain>", "takes longer to drain than 10m"),
    ("consumers:", "a number; 0 finds queues nobody reads"),
];

/// When the figures of a row are from, where that is not just now.
#[must_use]
pub fn figures_of(at: weir_model::Timestamp) -> String {
    let of = format::moment(at);
    format!("of {}", of.split_once(' ').map_or(of.as_str(), |(_, time)| time))
}

#[must_use]
pub fn grows(rate: &str) -> String {
    format!("grows {rate}/s")
}

/// What came past every counter.
#[must_use]
pub fn uncounted(rate: f64) -> String {
    format!(
        "{}/s arrived uncounted (dead-lettered here), by the balance of depth, in and out",
        format::rate(rate)
    )
}

#[must_use]
pub fn growth_title(error: Option<f64>) -> String {
    error.map_or_else(
        || "slope of the backlog over five minutes".to_owned(),
        |e| format!("slope of the backlog over five minutes, ± {e:.1}"),
    )
}

#[must_use]
pub fn removes(term: &str) -> String {
    format!("Remove {term}")
}

#[must_use]
pub fn of_queues(all: u64) -> String {
    format!(" of {} queues", exact(all))
}

#[must_use]
pub fn rows_shown(from: u64, to: u64, total: u64) -> String {
    format!("rows {}–{} of {}", exact(from), exact(to), exact(total))
}

fn exact(n: u64) -> String {
    format::exact(i64::try_from(n).unwrap_or(i64::MAX))
}
