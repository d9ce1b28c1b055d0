//! The status of a queue: a pure rule, worst first, with its reason in words (docs/figures.md, "Status").

use weir_model::{Status, Timestamp, Trend};

use super::{tracker::Since, usual::Burst};

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
    /// It was deleted: what is to be said of that.
    pub gone: Option<String>,
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
    pub growing_since: Option<Since>,
    /// Producers send more than they usually do.
    pub burst: Option<Burst>,
    /// Since when messages wait and nothing is there to take them.
    pub unread_since: Option<Since>,
    /// For how many milliseconds messages have waited and none has gone out.
    pub standstill_ms: i64,
}

impl Default for Part {
    fn default() -> Self {
        Self {
            group: None,
            backlog: None,
            consumers: None,
            trend: Trend::Unknown,
            growing_since: None,
            burst: None,
            unread_since: None,
            standstill_ms: 0,
        }
    }
}

/// A backlog that grows for this long is a warning.
const GROWS_TOO_LONG_MS: i64 = 10 * 60_000;
/// Messages that nothing consumes are a warning once they waited this long: a consumer may restart meanwhile.
const UNREAD_MS: i64 = 2 * 60_000;
/// Consumers that take nothing for this long are stuck.
const STUCK_MS: i64 = 5 * 60_000;
/// A dead-letter queue that received within this time is a warning.
const DEAD_LETTER_MS: i64 = 60 * 60_000;

/// Judges a queue at `now`.
#[must_use]
pub fn judge(facts: &Facts, now: Timestamp) -> (Status, String) {
    if let Some(reason) = &facts.broker_down {
        return (Status::Unknown, reason.clone());
    }
    if let Some(reason) = &facts.gone {
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
    facts.parts.iter().find(|p| waits(p) && p.consumers == Some(0) && p.trend == Trend::Growing).map(|p| {
        match &p.group {
            // Other groups of the log may well have members.
            Some(group) => format!("Group {group} has no members and its backlog grows"),
            None => "Backlog grows and nothing consumes it".to_owned(),
        }
    })
}

fn warning(facts: &Facts, now: Timestamp) -> Option<String> {
    // The cause comes before how long it grows: that goes on being said when it grows for longer.
    let causes: [fn(&Part, Timestamp) -> Option<&'static str>; 2] = [unread, stuck];
    for cause in causes {
        let found = facts.parts.iter().find_map(|part| cause(part, now).map(|why| (part, why)));
        if let Some((part, why)) = found {
            let grows =
                grows_for(part, now).map(|minutes| format!("; the backlog has grown for {minutes} min"));
            return Some(format!("{}{why}{}", prefix(part), grows.unwrap_or_default()));
        }
    }
    if let Some((part, minutes)) = facts.parts.iter().find_map(|p| grows_for(p, now).map(|m| (p, m))) {
        let burst = part.burst.map(in_words).unwrap_or_default();
        return Some(format!("{}Backlog has grown for {minutes} min{burst}", prefix(part)));
    }
    if let Some(share) = facts.redelivered_share.filter(|share| *share > 0.1) {
        let share = share * 100.0;
        return Some(format!(
            "{share:.0} % of deliveries are redeliveries: a poison message, or consumers that fail"
        ));
    }
    let received =
        facts.last_arrival.filter(|t| facts.dead_letter_target && now.since_ms(*t) <= DEAD_LETTER_MS);
    received.map(|_| "A dead-letter queue that received messages within the hour".to_owned())
}

/// A message that was published a moment ago, or before a restart of its consumer, is not yet a warning.
fn unread(part: &Part, now: Timestamp) -> Option<&'static str> {
    let long = |since: Since| since.at_least || now.since_ms(since.t) >= UNREAD_MS;
    let unread = waits(part) && part.consumers == Some(0) && part.unread_since.is_some_and(long);
    let why = if part.group.is_some() {
        "it has no members and messages wait"
    } else {
        "Messages wait and nothing consumes them"
    };
    unread.then_some(why)
}

fn stuck(part: &Part, _: Timestamp) -> Option<&'static str> {
    let stuck = waits(part) && part.consumers.is_some_and(|c| c > 0) && part.standstill_ms >= STUCK_MS;
    stuck.then_some("Consumers are there, but nothing went out for 5 min")
}

/// Why it grows, behind that it does.
fn in_words(burst: Burst) -> String {
    let Burst { now, usual } = burst;
    format!(": producers send {now:.1}/s, {usual:.1}/s is usual")
}

/// Minutes of growth, once they are too many.
fn grows_for(part: &Part, now: Timestamp) -> Option<i64> {
    let growing = waits(part) && part.trend == Trend::Growing;
    let ms = part.growing_since.filter(|_| growing).map(|since| now.since_ms(since.t))?;
    (ms >= GROWS_TOO_LONG_MS).then_some(ms / 60_000)
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
    let words = if facts.parts.iter().any(|p| waits(p) && p.consumers == Some(0)) {
        "Messages wait and nothing consumes them, for less than 2 min"
    } else if any(Trend::Growing) {
        let burst = facts.parts.iter().filter(|p| waits(p)).find_map(|p| p.burst);
        return format!("Backlog grows, for less than 10 min{}", burst.map(in_words).unwrap_or_default());
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
        assert_eq!(status(&Facts { parts: vec![part(0, 0, Trend::Steady)], ..Facts::default() }), Status::Ok);
    }

    #[test]
    fn given_messages_that_nothing_consumes_when_they_waited_two_minutes_then_it_is_a_warning() {
        let unread = |seconds: i64, at_least| {
            let since = Since { t: NOW.plus_ms(-seconds * 1000), at_least };
            let part = Part { unread_since: Some(since), ..part(2, 0, Trend::Steady) };
            status(&Facts { parts: vec![part], ..Facts::default() })
        };
        assert_eq!(unread(110, false), Status::Ok);
        assert_eq!(unread(120, false), Status::Warning);
        assert_eq!(unread(0, true), Status::Warning, "it was so before the first look");
    }

    #[test]
    fn given_consumers_that_take_nothing_when_it_grows_for_long_then_the_cause_is_still_named() {
        let growing_since = Some(Since { t: NOW.plus_ms(-11 * 60_000), at_least: false });
        let stuck = Part { standstill_ms: STUCK_MS, growing_since, ..part(9, 2, Trend::Growing) };
        let (_, reason) = judge(&Facts { parts: vec![stuck], ..Facts::default() }, NOW);
        let expected =
            "Consumers are there, but nothing went out for 5 min; the backlog has grown for 11 min";
        assert_eq!(reason, expected);
    }

    #[test]
    fn given_growth_when_it_lasts_ten_minutes_then_it_is_a_warning() {
        let grows = |minutes: i64| Part {
            growing_since: Some(Since { t: NOW.plus_ms(-minutes * 60_000), at_least: false }),
            ..part(9, 2, Trend::Growing)
        };
        assert_eq!(status(&Facts { parts: vec![grows(9)], ..Facts::default() }), Status::Ok);
        assert_eq!(status(&Facts { parts: vec![grows(10)], ..Facts::default() }), Status::Warning);
    }

    #[test]
    fn given_producers_that_send_more_than_usual_when_it_grows_then_the_burst_is_the_cause() {
        let part = |minutes: i64| Part {
            growing_since: Some(Since { t: NOW.plus_ms(-minutes * 60_000), at_least: false }),
            burst: Some(Burst { now: 120.0, usual: 40.0 }),
            ..part(9, 2, Trend::Growing)
        };
        let reason = |minutes| judge(&Facts { parts: vec![part(minutes)], ..Facts::default() }, NOW).1;
        assert_eq!(reason(12), "Backlog has grown for 12 min: producers send 120.0/s, 40.0/s is usual");
        assert_eq!(reason(5), "Backlog grows, for less than 10 min: producers send 120.0/s, 40.0/s is usual");
    }

    #[test]
    fn given_consumers_that_take_nothing_when_judged_then_the_reason_says_so() {
        let stuck = Part { standstill_ms: STUCK_MS, ..part(9, 2, Trend::Steady) };
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
        assert_eq!(reason, "Group billing has no members and its backlog grows");
    }

    #[test]
    fn given_a_queue_that_was_deleted_when_judged_then_it_is_not_ok() {
        let gone = Some("Not on the broker any more".to_owned());
        assert_eq!(status(&Facts { gone, ..Facts::default() }), Status::Unknown);
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
