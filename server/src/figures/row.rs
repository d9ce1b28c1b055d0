//! A queue as the operator sees it: all rules together.

use std::collections::BTreeMap;

use weir_model::{
    GroupObservation, Metric, QueueObservation, QueueRow, Timestamp, Trend, Unknown, UnknownCode,
    unknown::unknown,
};

use super::{
    QueueTracker,
    group::{note, note_growth},
    growth::Growth,
    oldest::OldestAge,
    rates::{headline, increase},
    status::{Facts, Part, judge},
    tracker::BacklogTracker,
};

/// What the row needs to know of the broker.
#[derive(Clone, Debug, Default)]
pub struct BrokerView {
    pub name: String,
    pub refresh_ms: i64,
    pub publishers_blocked: Option<String>,
    /// Set while the broker does not answer: why.
    pub down: Option<String>,
}

/// The row of one queue at `now`.
#[must_use]
pub fn queue_row(tracker: &QueueTracker, broker: &BrokerView, now: Timestamp) -> QueueRow {
    let seen = &tracker.seen;
    let window = &tracker.queue.window;
    let mut unknown = BTreeMap::new();
    let gauge = |metric: Metric| seen.figures.get(&metric).cloned();
    let rate = |metric, counter: fn(&super::window::Sample) -> Option<i64>| {
        Some(headline(window, broker.refresh_ms, seen.figures.get(&metric), counter))
    };
    // Only lists have these: other rows are not burdened with why they have none.
    let of_list = |unknown: &mut BTreeMap<String, Unknown>, name, metric, counter| {
        seen.figures.contains_key(&metric).then(|| note(unknown, name, rate(metric, counter))).flatten()
    };
    // What history remembers says nothing of now before the queue is seen again.
    let memory = (!is_yet_unseen(seen)).then(|| slowest(tracker));
    let growth = memory.and_then(BacklogTracker::growth);
    let growing_since = memory.and_then(BacklogTracker::growing_since);
    let uncounted = tracker.queue.uncounted(broker.refresh_ms).filter(|_| !seen.kind.is_log());
    let backlog = note(&mut unknown, "backlog", gauge(Metric::Backlog));
    let growth_rate = note_growth(&mut unknown, growth, seen.figures.get(&Metric::Backlog));
    let oldest_age = oldest_age(tracker, broker, now);
    let (status, status_reason) = judge(&facts(tracker, broker), now);
    QueueRow {
        broker: broker.name.clone(),
        id: seen.id.clone(),
        name: seen.name.clone(),
        kind: seen.kind,
        scope: seen.scope.clone(),
        status,
        status_reason,
        depth: note(&mut unknown, "depth", gauge(Metric::Depth)),
        backlog,
        unacknowledged: note(&mut unknown, "unacknowledged", gauge(Metric::Unacknowledged)),
        lag: note(&mut unknown, "lag", gauge(Metric::Lag)),
        in_rate: note(&mut unknown, "in_rate", rate(Metric::In, |s| s.arrived)),
        delivered_rate: note(&mut unknown, "delivered_rate", rate(Metric::Delivered, |s| s.delivered)),
        out_rate: note(&mut unknown, "out_rate", rate(Metric::Out, |s| s.out)),
        ack_rate: note(&mut unknown, "ack_rate", rate(Metric::Ack, |s| s.acked)),
        uncounted_in_rate: uncounted.map(|u| u.arrivals),
        uncounted_out_rate: uncounted.map(|u| u.departures),
        redelivered_rate: note(
            &mut unknown,
            "redelivered_rate",
            rate(Metric::Redelivered, |s| s.redelivered),
        ),
        push_commands_rate: of_list(&mut unknown, "push_commands_rate", Metric::Pushes, |s| s.pushes),
        take_commands_rate: of_list(&mut unknown, "take_commands_rate", Metric::Takes, |s| s.takes),
        growth_rate,
        growth_error: growth.map(|g| g.error),
        trend: growth.map_or(Trend::Unknown, Growth::trend),
        drain_seconds: growth.zip(backlog).and_then(|(g, b)| g.drain_seconds(b)),
        backlog_since: growing_since.map(|since| since.t),
        backlog_since_at_least: growing_since.is_some_and(|since| since.at_least),
        consumers: note(&mut unknown, "consumers", gauge(Metric::Consumers)),
        oldest_age_seconds: note(&mut unknown, "oldest_age_seconds", Some(oldest_age.seconds)),
        oldest_age_estimate: oldest_age.estimate,
        oldest_age_at_least: oldest_age.at_least,
        observed_at: Some(tracker.at),
        stale: broker.down.is_some(),
        vanished: seen.vanished,
        unknown,
        sparkline: tracker.queue.sparkline(now),
    }
}

/// The tracker of the backlog that counts: the slowest group's of a log, else the queue's own.
fn slowest(tracker: &QueueTracker) -> &BacklogTracker {
    let lag = |g: &BacklogTracker| g.window.last().and_then(|s| s.backlog);
    tracker.groups.values().filter(|g| lag(g).is_some()).max_by_key(|g| lag(g)).unwrap_or(&tracker.queue)
}

fn is_yet_unseen(seen: &QueueObservation) -> bool {
    matches!(seen.figures.get(&Metric::Backlog), Some(Err(reason)) if reason.code == UnknownCode::NotYet)
}

/// The age of the oldest message, and how sure it is.
fn oldest_age(tracker: &QueueTracker, broker: &BrokerView, now: Timestamp) -> OldestAge {
    let seen = &tracker.seen;
    let reading = seen.figures.get(&Metric::OldestAge);
    if reading.is_none_or(Result::is_err) && seen.value(Metric::Backlog) != Some(0) && seen.not_fifo {
        let reason = unknown(UnknownCode::NotFifo, "priorities break the order that the estimate needs");
        return OldestAge::of(reason);
    }
    let memory = (!is_yet_unseen(seen)).then(|| slowest(tracker));
    OldestAge::reckon(reading, seen.value(Metric::Backlog), memory, broker, now)
}

fn facts(tracker: &QueueTracker, broker: &BrokerView) -> Facts {
    let seen = &tracker.seen;
    let redelivered = increase(&tracker.queue.window, super::growth::GROWTH_MS, |s| s.redelivered);
    let delivered = increase(&tracker.queue.window, super::growth::GROWTH_MS, |s| s.delivered);
    Facts {
        broker_down: broker.down.clone(),
        publishers_blocked: broker.publishers_blocked.clone(),
        unavailable: seen.unavailable.then(|| seen.state.clone().unwrap_or_else(|| "down".to_owned())),
        offline_partitions: seen.partitions.iter().filter(|p| p.leader.is_none()).count(),
        depth_unknown: depth_unknown(seen),
        gone: seen.is_gone().then(|| gone_note(seen)),
        dead_letter_target: seen.dead_letter_target,
        last_arrival: tracker.queue.last_arrival(),
        redelivered_share: redelivered
            .zip(delivered)
            .and_then(|(r, d)| (d.messages > 0).then(|| r.messages as f64 / d.messages as f64)),
        parts: parts(tracker),
        without_group: without_group(seen),
        ok_note: seen.vanished.then(|| gone_note(seen)),
    }
}

fn gone_note(seen: &QueueObservation) -> String {
    seen.notes.first().cloned().unwrap_or_else(|| "Not on the broker now".to_owned())
}

/// What is said of a log that no group reads, or whose readers tell no position.
fn without_group(seen: &QueueObservation) -> Option<String> {
    if !seen.kind.is_log() || !seen.groups.is_empty() {
        return None;
    }
    match seen.figures.get(&Metric::Backlog) {
        Some(Err(reason)) if reason.code != UnknownCode::NoGroup => {
            Some(format!("Backlog is unknown: {}", reason.detail))
        }
        _ => Some("No consumer group reads it, so no backlog is known".to_owned()),
    }
}

fn depth_unknown(seen: &QueueObservation) -> Option<String> {
    match seen.figures.get(&Metric::Depth) {
        Some(Err(reason)) if reason.code != UnknownCode::NotApplicable => {
            Some(format!("Depth is unknown: {}", reason.detail))
        }
        _ => None,
    }
}

fn parts(tracker: &QueueTracker) -> Vec<Part> {
    let seen = &tracker.seen;
    if is_yet_unseen(seen) {
        return Vec::new();
    }
    if seen.groups.is_empty() {
        if seen.kind.is_log() {
            return Vec::new();
        }
        return vec![part(None, &tracker.queue, seen.value(Metric::Consumers))];
    }
    let of_group = |group: &GroupObservation| {
        let memory = tracker.groups.get(&group.name)?;
        Some(part(Some(group.name.clone()), memory, group.members.as_ref().ok().copied()))
    };
    seen.groups.iter().filter_map(of_group).collect()
}

pub(super) fn part(group: Option<String>, memory: &BacklogTracker, consumers: Option<i64>) -> Part {
    Part {
        group,
        backlog: memory.window.last().and_then(|s| s.backlog),
        consumers,
        trend: memory.growth().map_or(Trend::Unknown, Growth::trend),
        growing_since: memory.growing_since(),
        burst: memory.burst(),
        unread_since: memory.unread_since(),
        standstill_ms: memory.window.standstill_ms(),
    }
}
