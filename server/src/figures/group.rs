//! A consumer group as the operator sees it.

use std::collections::BTreeMap;

use weir_model::{
    GroupObservation, Metric, Reading, Timestamp, Trend, Unknown, UnknownCode, queue::GroupRow,
    unknown::unknown,
};

use super::{
    growth::Growth,
    oldest::OldestAge,
    rates::headline,
    row::{BrokerView, part},
    status::{Facts, judge},
    tracker::BacklogTracker,
};

/// The row of one group.
#[must_use]
pub fn group_row(
    group: &GroupObservation,
    tracker: &BacklogTracker,
    broker: &BrokerView,
    now: Timestamp,
) -> GroupRow {
    let mut missing = BTreeMap::new();
    let (status, status_reason) = judge(&facts(group, tracker, broker), now);
    let growth = tracker.growth();
    let oldest_age = oldest_age(group, tracker, broker, now);
    let lag = note(&mut missing, "lag", group.figures.get(&Metric::Lag).cloned());
    let out = headline(&tracker.window, broker.refresh_ms, group.figures.get(&Metric::Out), |s| s.out);
    GroupRow {
        name: group.name.clone(),
        state: group.state.clone(),
        status,
        status_reason,
        members: note(&mut missing, "members", Some(group.members.clone())),
        lag,
        out_rate: note(&mut missing, "out_rate", Some(out)),
        unacknowledged: note(
            &mut missing,
            "unacknowledged",
            group.figures.get(&Metric::Unacknowledged).cloned(),
        ),
        growth_rate: note_growth(&mut missing, growth, group.figures.get(&Metric::Lag)),
        trend: growth.map_or(Trend::Unknown, Growth::trend),
        drain_seconds: growth.zip(lag).and_then(|(g, lag)| g.drain_seconds(lag)),
        oldest_age_seconds: note(&mut missing, "oldest_age_seconds", Some(oldest_age.seconds)),
        oldest_age_estimate: oldest_age.estimate,
        oldest_age_at_least: oldest_age.at_least,
        partitions: group.partitions.clone(),
        notes: group.notes.clone(),
        unknown: missing,
    }
}

/// The group alone, by the rule of queues.
fn facts(group: &GroupObservation, tracker: &BacklogTracker, broker: &BrokerView) -> Facts {
    let lag = group.figures.get(&Metric::Lag);
    Facts {
        broker_down: broker.down.clone(),
        depth_unknown: lag.and_then(|lag| Some(format!("Lag is unknown: {}", lag.as_ref().err()?.detail))),
        parts: vec![part(None, tracker, group.members.as_ref().ok().copied())],
        ..Facts::default()
    }
}

/// A group without a lag that is known says why it has no age.
fn oldest_age(
    group: &GroupObservation,
    tracker: &BacklogTracker,
    broker: &BrokerView,
    now: Timestamp,
) -> OldestAge {
    let (reading, lag) = (group.figures.get(&Metric::OldestAge), group.figures.get(&Metric::Lag));
    match lag {
        Some(Err(reason)) if reading.is_none_or(Result::is_err) => OldestAge::of(Err(reason.clone())),
        _ => {
            let backlog = lag.and_then(|lag| lag.as_ref().ok().copied());
            OldestAge::reckon(reading, backlog, Some(tracker), broker, now)
        }
    }
}

/// Takes growth apart. Where it is unknown so is the time to drain, for the same reason; where it is known, the trend
/// says why there is no time to drain.
pub fn note_growth(
    missing: &mut BTreeMap<String, Unknown>,
    growth: Option<Growth>,
    backlog: Option<&Reading<i64>>,
) -> Option<f64> {
    let reading = match (growth, backlog) {
        (Some(growth), _) => return Some(growth.per_second),
        (None, Some(Err(reason))) => Err(reason.clone()),
        (None, None) => unknown(UnknownCode::NotApplicable, "this kind has no backlog"),
        (None, Some(Ok(_))) => unknown(UnknownCode::NotYet, "less than a minute of observations"),
    };
    note::<f64>(missing, "drain_seconds", Some(reading.clone()));
    note(missing, "growth_rate", Some(reading))
}

/// Takes a reading apart: the value, and the reason into `unknown` under `name` where there is none.
pub fn note<T>(
    unknown: &mut BTreeMap<String, Unknown>,
    name: &str,
    reading: Option<Reading<T>>,
) -> Option<T> {
    let reason = match reading {
        Some(Ok(value)) => return Some(value),
        Some(Err(reason)) => reason,
        None => Unknown::new(UnknownCode::NotApplicable, "this kind has no such figure"),
    };
    unknown.insert(name.to_owned(), reason);
    None
}
