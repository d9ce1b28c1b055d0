//! From a queue as the management API lists it to its figures.

use weir_model::{
    GroupObservation, Metric, QueueId, QueueKind, QueueObservation, Reading, Timestamp, Unknown, UnknownCode,
    unknown::unknown,
};

use super::{
    counters::Epochs,
    wire::{Queue, Stats},
};

/// A `timestamp` property this far ahead of the clock is no time in seconds.
const FUTURE_TOLERANCE_MS: i64 = 60_000;

/// What holds for all queues of one observation.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub at: Timestamp,
    /// Why there are no counters, where statistics are off.
    pub statistics_off: Option<&'a str>,
    /// Tells starts of the broker apart; part of every epoch.
    pub start: &'a str,
}

/// The id of a queue.
pub(super) fn queue_id(vhost: &str, name: &str) -> QueueId {
    QueueId::from_parts(&[vhost, name])
}

/// The kind of a queue. Types that plugins add behave as classic ones.
pub(super) fn queue_kind(queue: &Queue) -> QueueKind {
    match queue.type_name() {
        "quorum" => QueueKind::RabbitmqQuorum,
        "stream" => QueueKind::RabbitmqStream,
        _ => QueueKind::RabbitmqClassic,
    }
}

/// True where the state means that the queue can't serve.
pub(super) fn unavailable(state: Option<&str>) -> bool {
    matches!(state, Some("down" | "minority" | "crashed" | "stopped" | "terminated" | "nodedown" | "noproc"))
}

/// A classic or quorum queue, or the part of a stream that the list of queues tells.
pub(super) fn observe(queue: &Queue, scene: &Scene<'_>, epochs: &mut Epochs) -> QueueObservation {
    let id = queue_id(&queue.vhost, &queue.name);
    let kind = queue_kind(queue);
    let counters = counters(queue, scene);
    let began = epochs.note(&id, counters.as_ref().ok().copied(), scene.at);
    let mut seen = QueueObservation::new(id, kind, queue.name.clone(), queue.vhost.clone());
    seen.epoch = format!("{} {} {began}", queue.type_name(), scene.start);
    seen.state = queue.state.clone();
    seen.unavailable = unavailable(queue.state.as_deref());
    seen.not_fifo = queue.setting("max-priority").is_some();
    seen.notes = notes(queue);
    if kind == QueueKind::RabbitmqStream {
        stream(seen, queue, &counters)
    } else {
        held(seen, queue, scene, &counters)
    }
}

/// The counters, by the rule of zero or unknown: with statistics on and a queue that the statistics know (it has
/// `messages`), a counter that is missing is zero.
fn counters(queue: &Queue, scene: &Scene<'_>) -> Reading<Stats> {
    if let Some(why) = scene.statistics_off {
        return unknown(UnknownCode::StatisticsOff, why);
    }
    if queue.messages.is_none() {
        return Err(not_counted_yet(queue));
    }
    Ok(queue.message_stats)
}

fn not_counted_yet(queue: &Queue) -> Unknown {
    if unavailable(queue.state.as_deref()) {
        let state = queue.state.as_deref().unwrap_or("down");
        return Unknown::new(
            UnknownCode::BrokerDown,
            format!("the queue is {state}, so the broker can't tell"),
        );
    }
    let why =
        "the broker has no statistics of this queue yet, as in the first seconds of a queue or of the broker";
    Unknown::new(UnknownCode::NotYet, why)
}

/// The figures of a queue that gives messages away.
fn held(
    seen: QueueObservation,
    queue: &Queue,
    scene: &Scene<'_>,
    counters: &Reading<Stats>,
) -> QueueObservation {
    let gauge = |value: Option<i64>| value.ok_or_else(|| not_counted_yet(queue));
    let counter = |of: fn(&Stats) -> i64| counters.as_ref().map(of).map_err(Clone::clone);
    seen.with(Metric::Depth, gauge(queue.messages))
        .with(Metric::Backlog, gauge(queue.messages))
        .with(Metric::Ready, gauge(queue.messages_ready))
        .with(Metric::Unacknowledged, gauge(queue.messages_unacknowledged))
        .with(Metric::Consumers, consumers(queue, scene))
        .with(Metric::OldestAge, oldest_age(queue, scene))
        .with(Metric::In, counter(|s| s.publish.unwrap_or(0)))
        .with(Metric::Delivered, counter(|s| s.deliver_get.unwrap_or(0)))
        .with(Metric::Out, counter(removed))
        .with(Metric::Ack, counter(|s| s.ack.unwrap_or(0)))
        .with(Metric::Redelivered, counter(|s| s.redeliver.unwrap_or(0)))
}

/// Messages that consumers removed: acknowledged, or handed out where no acknowledgement was asked for.
///
/// Weir's own peeks ask for one and never give it, so they are not in here.
fn removed(stats: &Stats) -> i64 {
    total([stats.ack, stats.deliver_no_ack, stats.get_no_ack].into_iter().flatten())
}

/// The sum, which ends where its range does: nothing that a broker answers may make it a negative one.
fn total(counts: impl Iterator<Item = i64>) -> i64 {
    counts.fold(0, i64::saturating_add)
}

fn consumers(queue: &Queue, scene: &Scene<'_>) -> Reading {
    match (queue.consumers, scene.statistics_off) {
        (Some(n), _) => Ok(n),
        (None, Some(why)) => unknown(UnknownCode::StatisticsOff, why),
        (None, None) => Err(not_counted_yet(queue)),
    }
}

/// Age of the first ready message, where producers set the `timestamp` property.
fn oldest_age(queue: &Queue, scene: &Scene<'_>) -> Reading {
    let Some(seconds) = queue.head_message_timestamp else {
        return unknown(UnknownCode::NoCounter, "the first message carries no timestamp property");
    };
    let age = scene.at.0.saturating_sub(seconds.saturating_mul(1000));
    if age < -FUTURE_TOLERANCE_MS {
        return unknown(
            UnknownCode::Unsupported,
            "the timestamp property of the first message lies in the future",
        );
    }
    Ok(age.max(0))
}

/// The figures of a stream, before its consumers are known.
fn stream(seen: QueueObservation, queue: &Queue, counters: &Reading<Stats>) -> QueueObservation {
    let counter = |of: fn(&Stats) -> i64| counters.as_ref().map(of).map_err(Clone::clone);
    let mut seen = seen
        .with(Metric::Depth, queue.messages.ok_or_else(|| not_counted_yet(queue)))
        .with(Metric::Consumers, queue.consumers.ok_or_else(|| not_counted_yet(queue)))
        .with(Metric::In, counter(|s| s.publish.unwrap_or(0)))
        .with(Metric::Delivered, counter(|s| s.deliver_get.unwrap_or(0)));
    seen.notes.push("The depth is an estimate: stored consumer offsets count as messages".to_owned());
    seen.notes.push("In and delivered count AMQP only: the stream protocol is in no counter".to_owned());
    with_stream_consumers(seen, Vec::new())
}

/// Adds the consumers that speak the stream protocol; the backlog is the largest lag among them.
pub(super) fn with_stream_consumers(
    mut stream: QueueObservation,
    groups: Vec<GroupObservation>,
) -> QueueObservation {
    let lags = groups.iter().filter_map(|group| group.figures.get(&Metric::Lag)?.as_ref().ok());
    let lag = lags.max().copied().ok_or_else(|| match stream.value(Metric::Consumers) {
        Some(n) if n > 0 => {
            Unknown::new(UnknownCode::Unsupported, "AMQP consumers of a stream tell no offset")
        }
        _ => Unknown::new(UnknownCode::NoGroup, "nobody reads this stream"),
    });
    let out = if groups.is_empty() {
        unknown(
            UnknownCode::NoCounter,
            "a stream keeps what is read; only stream-protocol consumers tell an offset",
        )
    } else {
        Ok(total(groups.iter().filter_map(|group| group.figures.get(&Metric::Out)?.as_ref().ok().copied())))
    };
    let told = i64::try_from(groups.len()).unwrap_or(i64::MAX);
    if !groups.is_empty() && stream.value(Metric::Consumers).is_some_and(|n| n > told) {
        stream.notes.push("The backlog leaves out AMQP consumers, which tell no offset".to_owned());
    }
    stream.groups = groups;
    stream.with(Metric::Lag, lag.clone()).with(Metric::Backlog, lag).with(Metric::Out, out)
}

fn notes(queue: &Queue) -> Vec<String> {
    let mut notes = Vec::new();
    if queue.online.len() < queue.members.len() {
        notes.push(format!("{} of {} replicas are online", queue.online.len(), queue.members.len()));
    }
    if queue.exclusive {
        notes.push("Exclusive: only the connection that declared it may use it".to_owned());
    }
    notes
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    const AT: Timestamp = Timestamp(1_795_429_900_000);

    fn queue(json: &str) -> Queue {
        serde_json::from_str(json).unwrap()
    }

    fn look(json: &str, statistics_off: Option<&str>) -> QueueObservation {
        let scene = Scene { at: AT, statistics_off, start: "1" };
        observe(&queue(json), &scene, &mut Epochs::default())
    }

    fn code(seen: &QueueObservation, metric: Metric) -> UnknownCode {
        seen.figures[&metric].as_ref().unwrap_err().code
    }

    #[test]
    fn given_a_queue_with_a_producer_only_when_observed_then_missing_counters_are_zero() {
        let seen = look(
            r#"{"name":"hello","vhost":"/","type":"classic","state":"running","consumers":0,"messages":10,
                "messages_ready":7,"messages_unacknowledged":3,"head_message_timestamp":1795429801,
                "message_stats":{"publish":10}}"#,
            None,
        );
        assert_eq!(seen.id.as_str(), "~2f:hello");
        assert_eq!((seen.value(Metric::Depth), seen.value(Metric::Ready)), (Some(10), Some(7)));
        assert_eq!((seen.value(Metric::In), seen.value(Metric::Out)), (Some(10), Some(0)));
        assert_eq!(seen.value(Metric::OldestAge), Some(99_000));
    }

    #[test]
    fn given_acknowledged_and_automatic_deliveries_when_observed_then_out_is_what_was_removed() {
        let seen = look(
            r#"{"name":"q","vhost":"/","messages":0,"message_stats":{"publish":100,"deliver_get":120,"ack":60,
                "deliver_no_ack":30,"get_no_ack":10,"redeliver":20}}"#,
            None,
        );
        assert_eq!((seen.value(Metric::Out), seen.value(Metric::Ack)), (Some(100), Some(60)));
        assert_eq!((seen.value(Metric::Delivered), seen.value(Metric::Redelivered)), (Some(120), Some(20)));
    }

    #[test]
    fn given_counters_at_the_edge_of_their_range_when_summed_then_the_sum_stays_there() {
        let seen = look(
            r#"{"name":"q","vhost":"/","messages":0,"message_stats":{"ack":9223372036854775807,"deliver_no_ack":2}}"#,
            None,
        );
        assert_eq!(seen.value(Metric::Out), Some(i64::MAX));
    }

    #[test]
    fn given_a_queue_that_statistics_do_not_know_yet_when_observed_then_nothing_is_zero() {
        let seen = look(r#"{"name":"q","vhost":"/","state":"running"}"#, None);
        for metric in [Metric::Depth, Metric::In, Metric::Out, Metric::Consumers] {
            assert_eq!(code(&seen, metric), UnknownCode::NotYet, "{metric:?}");
        }
    }

    #[test]
    fn given_statistics_off_when_observed_then_the_depth_is_known_and_the_counters_are_not() {
        let seen = look(r#"{"name":"q","vhost":"/","messages":5,"messages_ready":5}"#, Some("switched off"));
        assert_eq!(seen.value(Metric::Depth), Some(5));
        assert_eq!(code(&seen, Metric::In), UnknownCode::StatisticsOff);
        assert_eq!(code(&seen, Metric::Consumers), UnknownCode::StatisticsOff);
    }

    #[test]
    fn given_a_queue_in_minority_when_observed_then_it_is_unavailable_and_says_so() {
        let seen = look(
            r#"{"name":"q","vhost":"/","type":"quorum","state":"minority","members":["a","b","c"],"online":["a"]}"#,
            None,
        );
        assert!(seen.unavailable);
        assert_eq!(code(&seen, Metric::Depth), UnknownCode::BrokerDown);
        assert_eq!(seen.notes, ["1 of 3 replicas are online"]);
    }

    #[test]
    fn given_a_stream_when_observed_then_its_backlog_is_the_largest_lag_or_unknown() {
        let json =
            r#"{"name":"s","vhost":"/","type":"stream","messages":100,"consumers":0,"message_stats":{}}"#;
        let unread = look(json, None);
        assert_eq!(code(&unread, Metric::Backlog), UnknownCode::NoGroup);
        assert!(!unread.figures.contains_key(&Metric::Ack));
        let group = |lag| GroupObservation {
            name: "reader".to_owned(),
            state: None,
            members: Ok(1),
            figures: [(Metric::Lag, Ok(lag))].into(),
            partitions: Vec::new(),
            notes: Vec::new(),
        };
        let read = with_stream_consumers(unread, vec![group(3), group(40)]);
        assert_eq!((read.value(Metric::Backlog), read.value(Metric::Depth)), (Some(40), Some(100)));
        let by_amqp = look(&json.replace("\"consumers\":0", "\"consumers\":1"), None);
        assert_eq!(code(&by_amqp, Metric::Backlog), UnknownCode::Unsupported);
    }

    #[test]
    fn given_a_timestamp_in_milliseconds_when_observed_then_no_age_is_claimed() {
        let seen =
            look(r#"{"name":"q","vhost":"/","messages":1,"head_message_timestamp":1795429801000}"#, None);
        assert_eq!(code(&seen, Metric::OldestAge), UnknownCode::Unsupported);
    }
}
