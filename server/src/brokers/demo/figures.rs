//! What the demonstration's queues look like at a moment: the figures that a real broker of the kind would give.

use weir_model::{
    GroupObservation, Metric, PartitionObservation, QueueKind, QueueObservation, Reading, UnknownCode,
    observation::GroupPartition, unknown::unknown,
};

use super::{shop::Group, state::Queue};

/// The identity of counters that begin with the year and never break off.
const EPOCH: &str = "simulated";

pub(super) fn observe(queue: &Queue, t: i64) -> QueueObservation {
    let model = &queue.model;
    let mut seen = QueueObservation::new(model.id.clone(), model.kind, model.name, model.scope);
    seen.epoch = EPOCH.to_owned();
    seen.dead_letter_target = model.dead_letters;
    match model.kind {
        QueueKind::RabbitmqClassic | QueueKind::RabbitmqQuorum => {
            seen.state = Some("running".to_owned());
            held(seen, queue, t)
        }
        QueueKind::RedisList => list(seen, queue, t),
        QueueKind::RedisChannel => channel(seen, queue),
        QueueKind::RabbitmqStream | QueueKind::RedisStream | QueueKind::KafkaTopic => log(seen, queue, t),
    }
}

/// A classic or quorum queue.
fn held(seen: QueueObservation, queue: &Queue, t: i64) -> QueueObservation {
    let (depth, unacknowledged, taken) = (queue.depth(t), queue.unacknowledged(t), queue.taken(t));
    let arrived = if queue.model.dead_letters { 0 } else { queue.arrived(t) };
    let oldest =
        queue.readable(0, t).first().map(|range| queue.sequences[0].time(queue.model.flows[0], range.start));
    let age = match (oldest, queue.model.kind) {
        (_, QueueKind::RabbitmqQuorum) => {
            unknown(UnknownCode::NoCounter, "quorum queues do not tell the time of their first message")
        }
        (None, _) => unknown(UnknownCode::NotYet, "nothing waits"),
        (Some(came), _) => Ok((t - came).max(0)),
    };
    seen.with(Metric::Depth, whole(depth))
        .with(Metric::Backlog, whole(depth))
        .with(Metric::Ready, whole(depth - unacknowledged))
        .with(Metric::Unacknowledged, whole(unacknowledged))
        .with(Metric::Consumers, Ok(queue.model.consumers))
        .with(Metric::OldestAge, age)
        .with(Metric::In, whole(arrived))
        .with(Metric::Delivered, whole(taken + unacknowledged + queue.redelivered))
        .with(Metric::Out, whole(taken))
        .with(Metric::Ack, whole(taken))
        .with(Metric::Redelivered, whole(queue.redelivered))
}

fn list(seen: QueueObservation, queue: &Queue, t: i64) -> QueueObservation {
    let uncounted = || unknown(UnknownCode::NoCounter, "Redis keeps no counter for lists");
    seen.with(Metric::Depth, whole(queue.depth(t)))
        .with(Metric::Backlog, whole(queue.depth(t)))
        .with(Metric::Unacknowledged, unknown(UnknownCode::NoCounter, "a list does not know what was popped"))
        .with(Metric::Consumers, unknown(UnknownCode::NoCounter, "Redis does not tell who pops from a list"))
        .with(Metric::OldestAge, unknown(UnknownCode::NoCounter, "elements of a list carry no time"))
        .with(Metric::In, uncounted())
        .with(Metric::Out, uncounted())
}

fn channel(seen: QueueObservation, queue: &Queue) -> QueueObservation {
    let uncounted = || unknown(UnknownCode::NoCounter, "Redis keeps no counter for channels");
    seen.with(Metric::Consumers, Ok(queue.model.consumers)).with(Metric::In, uncounted())
}

/// A stream or a topic.
fn log(mut seen: QueueObservation, queue: &Queue, t: i64) -> QueueObservation {
    seen.groups = queue.model.groups.iter().map(|one| group(queue, one, t)).collect();
    if queue.model.kind == QueueKind::KafkaTopic {
        seen.partitions = (0..queue.sequences.len()).map(|n| partition(queue, n, t)).collect();
    }
    let over = |metric: Metric, fold: fn(i64, i64) -> i64| {
        let values = seen.groups.iter().filter_map(|g| g.figures.get(&metric)?.as_ref().ok().copied());
        values
            .reduce(fold)
            .ok_or_else(|| weir_model::Unknown::new(UnknownCode::NoGroup, "no consumer group reads this"))
    };
    let (lag, out) = (over(Metric::Lag, i64::max), over(Metric::Out, i64::min));
    let age = over(Metric::OldestAge, i64::max);
    let pending = over(Metric::Unacknowledged, |a, b| a + b);
    let seen = seen
        .with(Metric::Depth, whole(queue.depth(t)))
        .with(Metric::Backlog, lag.clone())
        .with(Metric::Lag, lag)
        .with(Metric::Consumers, Ok(queue.model.groups.iter().map(|g| g.members).sum()))
        .with(Metric::OldestAge, age)
        .with(Metric::In, whole(queue.arrived(t)))
        .with(Metric::Out, out);
    if queue.model.kind == QueueKind::RedisStream { seen.with(Metric::Unacknowledged, pending) } else { seen }
}

fn group(queue: &Queue, group: &Group, t: i64) -> GroupObservation {
    let partitions: Vec<GroupPartition> =
        (0..queue.sequences.len()).map(|n| position(queue, group, n, t)).collect();
    let lag: i64 = partitions.iter().filter_map(|p| p.lag).sum();
    let out: i64 = partitions.iter().filter_map(|p| p.committed).sum();
    let oldest = (0..queue.sequences.len())
        .filter(|n| queue.lag(group, *n, t) > 0)
        .map(|n| queue.sequences[n].time(queue.model.flows[n], queue.committed(group, n, t)))
        .min();
    let mut figures = vec![
        (Metric::Lag, Ok(lag)),
        (Metric::Out, Ok(out)),
        (Metric::OldestAge, Ok(oldest.map_or(0, |came| (t - came).max(0)))),
    ];
    if queue.model.kind == QueueKind::RedisStream {
        figures.push((Metric::Unacknowledged, Ok(group.members.min(lag))));
    }
    let state = if group.members > 0 { "Stable" } else { "Empty" };
    let is_topic = queue.model.kind == QueueKind::KafkaTopic;
    GroupObservation {
        name: group.name.to_owned(),
        state: is_topic.then(|| state.to_owned()),
        members: Ok(group.members),
        figures: figures.into_iter().collect(),
        partitions: if is_topic { partitions } else { Vec::new() },
        notes: Vec::new(),
    }
}

fn position(queue: &Queue, group: &Group, partition: usize, t: i64) -> GroupPartition {
    let member =
        (group.members > 0).then(|| format!("{}-{}", group.name, 1 + partition as i64 % group.members));
    GroupPartition {
        partition: i32::try_from(partition).unwrap_or(i32::MAX),
        committed: whole(queue.committed(group, partition, t)).ok(),
        lag: whole(queue.lag(group, partition, t)).ok(),
        host: member.as_ref().map(|_| "10.0.0.17".to_owned()),
        member,
    }
}

fn partition(queue: &Queue, n: usize, t: i64) -> PartitionObservation {
    let (begin, end) = queue.bounds(n, t);
    let end = whole(end).ok();
    PartitionObservation {
        partition: i32::try_from(n).unwrap_or(i32::MAX),
        leader: Some(1),
        replicas: vec![1],
        in_sync: vec![1],
        begin: whole(begin).ok(),
        end,
        stable_end: end,
    }
}

fn whole(count: u64) -> Reading {
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}
