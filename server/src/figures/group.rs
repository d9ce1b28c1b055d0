//! A consumer group as the operator sees it.

use std::collections::BTreeMap;

use weir_model::{
    GroupObservation, Metric, Reading, Timestamp, Trend, Unknown, UnknownCode, queue::GroupRow,
    unknown::unknown,
};

use super::{growth::Growth, rates::headline, tracker::BacklogTracker};

/// The row of one group.
#[must_use]
pub fn group_row(
    group: &GroupObservation,
    tracker: &BacklogTracker,
    refresh_ms: i64,
    now: Timestamp,
) -> GroupRow {
    let mut missing = BTreeMap::new();
    let growth = tracker.growth();
    let lag = note(&mut missing, "lag", group.figures.get(&Metric::Lag).cloned());
    let out = headline(&tracker.window, refresh_ms, group.figures.get(&Metric::Out), |s| s.out);
    GroupRow {
        name: group.name.clone(),
        state: group.state.clone(),
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
        oldest_age_seconds: note(&mut missing, "oldest_age_seconds", Some(oldest_age(group, tracker, now))),
        partitions: group.partitions.clone(),
        notes: group.notes.clone(),
        unknown: missing,
    }
}

/// As it was measured, else by the curves of arrivals and lag.
fn oldest_age(group: &GroupObservation, tracker: &BacklogTracker, now: Timestamp) -> Reading<f64> {
    if let Some(Ok(ms)) = group.figures.get(&Metric::OldestAge) {
        return Ok(*ms as f64 / 1000.0);
    }
    match (tracker.age(now), group.figures.get(&Metric::Lag)) {
        (Some(age), _) => Ok(age.seconds),
        (None, Some(Ok(0))) => unknown(UnknownCode::NotApplicable, "nothing waits"),
        (None, Some(Err(reason))) => Err(reason.clone()),
        (None, _) => unknown(UnknownCode::NotYet, "too few observations"),
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
