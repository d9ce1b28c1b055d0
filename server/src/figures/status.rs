//! The status of a queue: a pure rule, worst first, with its reason in words (docs/figures.md, "Status").

use weir_model::{Status, Timestamp, Trend};

/// What the rule looks at.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub broker_down: Option<String>,
    pub publishers_blocked: Option<String>,
    /// State of the queue itself, where it can't serve.
    pub unavailable: Option<String>,
    pub offline_partitions: usize,
    /// The kind has a depth, but it is unknown, for this reason.
    pub depth_unknown: Option<String>,
    pub vanished: bool,
    pub dead_letter_target: bool,
    /// When something came in last.
    pub last_arrival: Option<Timestamp>,
    /// Redelivered over delivered in the last minutes.
    pub redelivered_share: Option<f64>,
    /// The queue itself, or each group of a log.
    pub parts: Vec<Part>,
    /// A log without a group: why its backlog is not known.
    pub without_group: Option<String>,
    /// What to say when all is well ("an empty list does not exist in Redis").
    pub ok_note: Option<String>,
}

/// One backlog: the queue's own, or that of one group.
#[derive(Clone, Debug)]
pub struct Part {
    /// The group's name; `None` for the queue itself.
    pub group: Option<String>,
    pub backlog: Option<i64>,
    pub consumers: Option<i64>,
    pub trend: Trend,
    pub growing_since: Option<Timestamp>,
    /// Messages that went out in the last five minutes, where that is known over all of them.
    pub out_in_five_minutes: Option<i64>,
}

impl Default for Part {
    fn default() -> Self {
        Self {
            group: None,
            backlog: None,
            consumers: None,
            trend: Trend::Unknown,
            growing_since: None,
            out_in_five_minutes: None,
        }
    }
}

/// A backlog that grows for this long is a warning.
const GROWS_TOO_LONG_MS: i64 = 10 * 60_000;
/// A dead-letter queue that received within this time is a warning.
const DEAD_LETTER_MS: i64 = 60 * 60_000;

/// Judges a queue at `now`.
#[must_use]
pub fn judge(facts: &Facts, now: Timestamp) -> (Status, String) {
    if let Some(reason) = &facts.broker_down {
        return (Status::Unknown, reason.clone());
    }
    if let Some(reason) = critical(facts) {
        return (Status::Critical, reason);
    }
    if let Some(reason) = warning(facts, now) {
        return (Status::Warning, reason);
    }
    if let Some(reason) = &facts.depth_unknown {
        return (Status::Unknown, reason.clone());
    }
    (Status::Ok, fine(facts))
}

fn critical(facts: &Facts) -> Option<String> {
    if facts.offline_partitions > 0 {
        let n = facts.offline_partitions;
        return Some(format!("{n} partition{} without a leader", if n == 1 { " is" } else { "s are" }));
    }
    if let Some(state) = &facts.unavailable {
        return Some(format!("The queue's state is {state}"));
    }
    if let Some(alarm) = &facts.publishers_blocked {
        return Some(format!("The broker blocks publishers: {alarm}"));
    }
    facts
        .parts
        .iter()
        .find(|p| waits(p) && p.consumers == Some(0) && p.trend == Trend::Growing)
        .map(|p| format!("{}Backlog grows and nothing consumes it", prefix(p)))
}

fn warning(facts: &Facts, now: Timestamp) -> Option<String> {
    let grows = |p: &&Part| {
        waits(p)
            && p.trend == Trend::Growing
            && p.growing_since.is_some_and(|t| now.since_ms(t) >= GROWS_TOO_LONG_MS)
    };
    if let Some(part) = facts.parts.iter().find(grows) {
        let minutes = part.growing_since.map_or(0, |t| now.since_ms(t) / 60_000);
        return Some(format!("{}Backlog has grown for {minutes} min", prefix(part)));
    }
    if let Some(part) = facts.parts.iter().find(|p| waits(p) && p.consumers == Some(0)) {
        return Some(format!("{}Messages wait and there is no consumer", prefix(part)));
    }
    let stuck =
        |p: &&Part| waits(p) && p.consumers.is_some_and(|c| c > 0) && p.out_in_five_minutes == Some(0);
    if let Some(part) = facts.parts.iter().find(stuck) {
        return Some(format!("{}Consumers are there, but nothing went out for 5 min", prefix(part)));
    }
    if let Some(share) = facts.redelivered_share.filter(|share| *share > 0.1) {
        return Some(format!("{:.0} % of deliveries are redeliveries", share * 100.0));
    }
    let received =
        facts.last_arrival.filter(|t| facts.dead_letter_target && now.since_ms(*t) <= DEAD_LETTER_MS);
    received.map(|_| "A dead-letter queue that received messages within the hour".to_owned())
}

fn waits(part: &Part) -> bool {
    part.backlog.is_some_and(|b| b > 0)
}

fn prefix(part: &Part) -> String {
    part.group.as_ref().map_or_else(String::new, |group| format!("Group {group}: "))
}

fn fine(facts: &Facts) -> String {
    if let Some(note) = &facts.ok_note {
        return note.clone();
    }
    if let Some(reason) = &facts.without_group {
        return reason.clone();
    }
    let any = |trend: Trend| facts.parts.iter().any(|p| waits(p) && p.trend == trend);
    let words = if any(Trend::Growing) {
        "Backlog grows, for less than 10 min"
    } else if any(Trend::Draining) {
        "Backlog drains"
    } else if any(Trend::Steady) {
        "Backlog is steady"
    } else if facts.parts.iter().any(waits) {
        "Messages wait; too few observations to tell a trend"
    } else {
        "Nothing waits"
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(100 * 60_000);

    fn part(backlog: i64, consumers: i64, trend: Trend) -> Part {
        Part { backlog: Some(backlog), consumers: Some(consumers), trend, ..Part::default() }
    }

    fn status(facts: &Facts) -> Status {
        judge(facts, NOW).0
    }

    #[test]
    fn given_a_growing_backlog_without_consumers_when_judged_then_it_is_critical() {
        assert_eq!(
            status(&Facts { parts: vec![part(5, 0, Trend::Growing)], ..Facts::default() }),
            Status::Critical
        );
        assert_eq!(
            status(&Facts { parts: vec![part(5, 0, Trend::Steady)], ..Facts::default() }),
            Status::Warning
        );
        assert_eq!(status(&Facts { parts: vec![part(0, 0, Trend::Steady)], ..Facts::default() }), Status::Ok);
    }

    #[test]
    fn given_growth_when_it_lasts_ten_minutes_then_it_is_a_warning() {
        let grows = |minutes: i64| Part {
            growing_since: Some(NOW.plus_ms(-minutes * 60_000)),
            ..part(9, 2, Trend::Growing)
        };
        assert_eq!(status(&Facts { parts: vec![grows(9)], ..Facts::default() }), Status::Ok);
        assert_eq!(status(&Facts { parts: vec![grows(10)], ..Facts::default() }), Status::Warning);
    }

    #[test]
    fn given_consumers_that_take_nothing_when_judged_then_the_reason_says_so() {
        let stuck = Part { out_in_five_minutes: Some(0), ..part(9, 2, Trend::Steady) };
        let (status, reason) = judge(&Facts { parts: vec![stuck], ..Facts::default() }, NOW);
        assert_eq!(
            (status, reason.as_str()),
            (Status::Warning, "Consumers are there, but nothing went out for 5 min")
        );
    }

    #[test]
    fn given_one_dead_group_beside_a_live_one_when_judged_then_the_dead_one_is_named() {
        let dead = Part { group: Some("billing".to_owned()), ..part(40, 0, Trend::Growing) };
        let live = Part { group: Some("mail".to_owned()), ..part(0, 3, Trend::Steady) };
        let (status, reason) = judge(&Facts { parts: vec![live, dead], ..Facts::default() }, NOW);
        assert_eq!(status, Status::Critical);
        assert!(reason.starts_with("Group billing:"), "{reason}");
    }

    #[test]
    fn given_a_broker_that_is_down_when_judged_then_nothing_else_is_claimed() {
        let facts = Facts {
            broker_down: Some("connection refused".to_owned()),
            parts: vec![part(9, 0, Trend::Growing)],
            ..Facts::default()
        };
        assert_eq!(status(&facts), Status::Unknown);
    }
}
