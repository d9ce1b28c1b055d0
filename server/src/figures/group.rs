//! A consumer group as the operator sees it.

use std::collections::BTreeMap;

use weir_model::{
    GroupObservation, Metric, Reading, Timestamp, Trend, Unknown, UnknownCode, queue::GroupRow,
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
    let mut unknown = BTreeMap::new();
    let growth = tracker.growth();
    let lag = note(&mut unknown, "lag", group.figures.get(&Metric::Lag).cloned());
    let out = headline(&tracker.window, refresh_ms, group.figures.get(&Metric::Out), |s| s.out);
    GroupRow {
        name: group.name.clone(),
        state: group.state.clone(),
        members: note(&mut unknown, "members", Some(group.members.clone())),
        lag,
        out_rate: note(&mut unknown, "out_rate", Some(out)),
        unacknowledged: note(
            &mut unknown,
            "unacknowledged",
            group.figures.get(&Metric::Unacknowledged).cloned(),
        ),
        growth_rate: growth.map(|g| g.per_second),
        trend: growth.map_or(Trend::Unknown, Growth::trend),
        drain_seconds: growth.zip(lag).and_then(|(g, lag)| g.drain_seconds(lag)),
        oldest_age_seconds: measured_age(group).or_else(|| tracker.age(now).map(|a| a.seconds)),
        partitions: group.partitions.clone(),
        notes: group.notes.clone(),
        unknown,
    }
}

fn measured_age(group: &GroupObservation) -> Option<f64> {
    group.figures.get(&Metric::OldestAge).and_then(|r| r.as_ref().ok()).map(|ms| *ms as f64 / 1000.0)
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
