//! The words of the overview.

use crate::ui::format;

pub const BROKERS: &str = "Brokers";
pub const BACKLOG: &str = "Backlog";
pub const IN: &str = "In";
pub const OUT: &str = "Out";
pub const STARTING: &str = "not observed yet";
pub const SEEN: &str = "seen ";
pub const DOWN_FOR: &str = "Down ";
pub const FIGURES_OF: &str = "figures of ";
pub const READ_ONLY: &str = "read-only";
pub const READ_ONLY_CONFIGURED: &str =
    "Its configuration says read_only: nothing can be published, peeked at a price or purged";
pub const SITUATION: &str = "What needs you now";
pub const WORST: &str = "Worst backlogs";
pub const WORST_SUB: &str = "growing first, then by time to drain";
pub const WORST_NONE_TITLE: &str = "Nothing is backing up";
pub const WORST_NONE_TEXT: &str = "No queue has a backlog just now.";
pub const UPDATED: &str = "updated ";
pub const UNRANKED_SHOW: &str = "Show";
pub const CRITICAL_FILTER: &str = "status:critical";
pub const UNRANKED_FILTER: &str = "backlog:unknown";
pub const BACKLOG_CHART: &str = "Backlog, by broker";
pub const BACKLOG_CHART_SUB: &str = "messages; streams and topics by lag";
#[cfg(feature = "ssr")]
pub const FLOW: &str = "Flow";
pub const FLOW_CHART: &str = "Flow, by broker";
pub const FLOW_CHART_SUB: &str = "messages/s, own scale each";
pub const IN_KEY: &str = "in";
pub const OUT_KEY: &str = "out";
pub const TOTAL: &str = "total ";
pub const NO_OBSERVATION: &str = "not observed";

pub const EMPTY_TITLE: &str = "No broker yet";
pub const EMPTY_TEXT: &str =
    "Weir looked where brokers usually are. Tell it where yours is: three lines in weir.toml, then restart.";
pub const TRIED: &str = "What was tried";
pub const ADD: &str = "Add a broker";
pub const ADD_FILE: &str = "weir.toml";
pub const ADD_LINES: [(&str, &str); 3] =
    [("[[brokers]]", ""), ("name", "\"orders\""), ("url", "\"amqp://guest:guest@127.0.0.1:5672\"")];
pub const ADD_OTHERS: &str =
    "redis:// and kafka:// go the same way; put the file into the folder where Weir starts.";

/// What arming a broker allows.
#[must_use]
pub fn arm_text(broker: &str) -> String {
    format!(
        "{broker} was found by itself, so Weir only reads it. Arming allows publishing, purging and priced peeks \
         on it from now on, also after a restart."
    )
}

#[must_use]
pub fn arm_button(broker: &str) -> String {
    format!("Allow changes on {broker}")
}

/// What an observation costs, of which interval.
#[must_use]
pub fn cost(took: f64, interval: f64) -> String {
    format!("costs {} per {}", format::span(took), format::span(interval))
}

#[must_use]
pub fn cost_title(took: f64, interval: f64, requests: Option<u32>) -> String {
    let requests = requests
        .map_or(String::new(), |n| format!(", {}", format::counted(i64::from(n), "request", "requests")));
    format!("An observation takes {} of every {}{requests}", format::span(took), format::span(interval))
}

#[must_use]
pub fn slow(took: f64, interval: f64) -> String {
    format!("slow: {} per {}", format::span(took), format::span(interval))
}

#[must_use]
pub fn slow_title(took: f64, interval: f64) -> String {
    format!(
        "An observation takes {}, more than a tenth of the interval: Weir doubled it to {}",
        format::span(took),
        format::span(interval)
    )
}

#[must_use]
pub fn failed(step: &str, detail: &str) -> String {
    format!("{step} failed: {detail}")
}

#[must_use]
pub fn hidden(queues: u64) -> String {
    let queues = i64::try_from(queues).unwrap_or(i64::MAX);
    format!("{} not visible to this account", format::counted(queues, "queue is", "queues are"))
}

#[must_use]
pub fn all(total: u32) -> String {
    format!("All {}", format::exact(i64::from(total)))
}

/// Why queues are left out of the ranking: "3 queues can't be ranked: broker legacy is down (2), …".
#[must_use]
pub fn unranked(reasons: &[(String, u32)]) -> String {
    let sum = reasons.iter().map(|(_, n)| i64::from(*n)).sum();
    let parts: Vec<_> = reasons.iter().map(|(why, n)| format!("{why} ({n})")).collect();
    format!("{} can't be ranked: {}.", format::counted(sum, "queue", "queues"), parts.join(", "))
}

/// "backlog +2.6/s", as it changes over five minutes.
#[must_use]
pub fn growth_note(rate: Option<f64>, partial: bool) -> String {
    let Some(rate) = rate else { return "change of the backlog unknown".to_owned() };
    let sign = if rate < 0.0 { "−" } else { "+" };
    let known = if partial { " where it is known" } else { "" };
    format!("backlog {sign}{}/s{known}", format::rate(rate.abs()))
}

#[must_use]
pub fn broker_down(name: &str) -> String {
    format!("{name} does not answer. ")
}

/// " on orders: Group fraud has no members." The reason's own full stop, where it has one, is not doubled.
#[must_use]
pub fn trouble(broker: &str, reason: &str) -> String {
    format!(" on {broker}: {}.", reason.trim_end_matches('.'))
}

#[must_use]
pub fn and_more(critical: usize) -> String {
    format!("{critical} more critical")
}

/// "Flow of orders".
pub(super) fn flow_of(broker: &str) -> String {
    format!("Flow of {broker}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_reasons_when_told_then_they_are_summed_and_listed() {
        let reasons = [("broker legacy is down".to_owned(), 2), ("a group never committed".to_owned(), 1)];
        assert_eq!(
            unranked(&reasons),
            "3 queues can't be ranked: broker legacy is down (2), a group never committed (1)."
        );
    }
}
