//! Figures that once told a lie, by the rules alone: what it takes to see them with a broker is minutes of waiting.

use std::collections::BTreeMap;

use weir::figures::{
    group::group_row,
    row::{BrokerView, queue_row},
    tracker::{BacklogTracker, QueueTracker},
    window::Sample,
};
use weir_model::{
    GroupObservation, Metric, QueueId, QueueKind, QueueObservation, Status, Timestamp, Trend, UnknownCode,
    unknown::unknown,
};

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds * 1000)
}

/// A queue with one consumer that has taken all but `depth` of a hundred messages.
fn consumed(depth: i64) -> QueueObservation {
    let figures = [(Metric::Depth, depth), (Metric::Backlog, depth), (Metric::Consumers, 1)];
    let counters = [(Metric::In, 100 + depth), (Metric::Out, 100)];
    let mut queue =
        QueueObservation::new(QueueId::from_parts(&["/", "q"]), QueueKind::RabbitmqClassic, "q", "/");
    queue.figures = figures.into_iter().chain(counters).map(|(metric, value)| (metric, Ok(value))).collect();
    queue
}

/// It was called stuck at once: nothing had gone out for five minutes, since nothing had come in.
#[test]
fn given_an_idle_queue_when_a_message_comes_then_its_consumer_is_not_called_stuck() {
    let mut tracker = QueueTracker::new(consumed(0), at(0));
    for n in 0..120 {
        tracker.push(consumed(i64::from(n >= 119)), at(n * 5), 5000);
    }
    let row = queue_row(&tracker, &BrokerView::default(), at(600));
    assert_eq!((row.status, row.backlog), (Status::Ok, Some(1)), "{}", row.status_reason);
    for n in 120..181 {
        tracker.push(consumed(1), at(n * 5), 5000);
    }
    let row = queue_row(&tracker, &BrokerView::default(), at(905));
    assert_eq!(row.status_reason, "Consumers are there, but nothing went out for 5 min");
}

fn group(lag: weir_model::Reading) -> GroupObservation {
    GroupObservation {
        name: "billing".to_owned(),
        state: Some("Empty".to_owned()),
        members: Ok(0),
        figures: BTreeMap::from([(Metric::Lag, lag)]),
        partitions: Vec::new(),
        notes: Vec::new(),
    }
}

/// A group that lags for two minutes, each second by one message more than at first.
fn lagging() -> BacklogTracker {
    let mut tracker = BacklogTracker::default();
    for n in 0..25 {
        let (arrived, backlog) = (Some(1000 + n), Some(500 + n));
        tracker.push(
            Sample {
                t: at(n * 5),
                arrived,
                backlog,
                out: Some(500),
                consumers: Some(0),
                ..Sample::default()
            },
            "e",
            0,
        );
    }
    tracker
}

/// The lag was from before the first look, and its age was told as if it had been measured.
#[test]
fn given_a_lag_from_before_history_when_its_group_is_told_then_the_age_is_a_lower_bound() {
    let row = group_row(&group(Ok(524)), &lagging(), &BrokerView::default(), at(120));
    assert_eq!((row.oldest_age_seconds, row.oldest_age_at_least), (Some(120.0), true));
    assert!(row.oldest_age_estimate.is_some());
}

/// A group without members beside others had no status of its own.
#[test]
fn given_a_group_without_members_whose_lag_grows_when_told_then_its_own_status_is_critical() {
    let row = group_row(&group(Ok(524)), &lagging(), &BrokerView::default(), at(120));
    assert_eq!((row.status, row.trend), (Status::Critical, Trend::Growing), "{}", row.status_reason);
    let offline = unknown(UnknownCode::PartitionOffline, "partition 1 has no leader");
    let row = group_row(&group(offline), &BacklogTracker::default(), &BrokerView::default(), at(120));
    assert_eq!(row.status_reason, "Lag is unknown: partition 1 has no leader");
    assert_eq!(row.status, Status::Unknown);
}
