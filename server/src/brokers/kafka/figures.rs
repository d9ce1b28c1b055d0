//! From what a cluster told to what a topic shows. Nothing here asks anybody.

use std::collections::{BTreeMap, HashMap};

use weir_kafka_admin::TopicPartition;
use weir_model::{
    GroupObservation, Metric, PartitionObservation, QueueId, QueueKind, QueueObservation, Reading, Unknown,
    UnknownCode, unknown::unknown,
};

use super::{
    group_figures::{group_in, listed},
    groups::Groups,
    offsets::{AllEnds, Ends},
    sums::Sums,
    topic_config::CleanupPolicy,
    topology::{Partition, Topic, Topology},
};

const WITHOUT_GROUP: &str =
    "no consumer group reads it; readers without a group can't be seen, so their lag can't be known";

/// The offsets of one topic's partitions that have a leader.
pub(super) type TopicEnds = BTreeMap<i32, Ends>;

/// What one look at a cluster brought home.
pub(super) struct Seen<'a> {
    pub(super) topology: &'a Topology,
    pub(super) ends: &'a AllEnds,
    pub(super) groups: &'a Groups,
    pub(super) policies: &'a HashMap<String, Reading<CleanupPolicy>>,
}

impl Seen<'_> {
    /// One topic with its groups.
    pub(super) fn topic(&self, topic: &Topic, sums: &mut Sums) -> QueueObservation {
        let ends = self.ends_of(topic);
        let groups: Vec<GroupObservation> =
            self.groups.groups.iter().filter_map(|group| group_in(group, topic, &ends, sums)).collect();
        let id = QueueId::from_parts(&[&topic.name]);
        let queue = QueueObservation {
            epoch: self.topology.cluster_id.clone(),
            partitions: topic.partitions.iter().map(|p| partition(p, ends.get(&p.id))).collect(),
            notes: self.notes(topic, &ends),
            ..QueueObservation::new(id, QueueKind::KafkaTopic, topic.name.clone(), "")
        };
        let queue = queue
            .with(Metric::Depth, sum(topic, &ends, |ends| Ok(ends.end.clone()? - ends.begin.clone()?)))
            .with(
                Metric::In,
                sum(topic, &ends, |ends| ends.end.clone()).map_err(|why| why.with_at_least(None)),
            )
            .with(Metric::Consumers, self.consumers(&groups))
            .with(
                Metric::OldestAge,
                unknown(UnknownCode::NotYet, "history does not reach back to that message yet"),
            );
        let queue = [Metric::Backlog, Metric::Lag].into_iter().fold(queue, |queue, metric| {
            let lag = self.over_groups(&groups, Metric::Lag, i64::max);
            queue.with(metric, lag.map_err(|why| why.with_at_least(largest_known(&groups))))
        });
        let out = self.slowest_out(topic, &groups, sums);
        QueueObservation { groups, ..queue.with(Metric::Out, out) }
    }

    fn ends_of(&self, topic: &Topic) -> TopicEnds {
        let place = |id| TopicPartition { topic: topic.name.clone(), partition: id };
        topic
            .partitions
            .iter()
            .filter_map(|p| self.ends.of.get(&place(p.id)).map(|ends| (p.id, ends.clone())))
            .collect()
    }

    /// The slowest group tells what has gone out for good.
    fn slowest_out(&self, topic: &Topic, groups: &[GroupObservation], sums: &mut Sums) -> Reading {
        let out = self.over_groups(groups, Metric::Out, i64::min)?;
        let told = |group: &&GroupObservation| group.figures.get(&Metric::Out).is_some_and(Result::is_ok);
        let names = groups.iter().filter(told).map(|group| group.name.clone()).collect();
        if !sums.groups.are_as_before(topic.name.clone(), names) {
            return unknown(UnknownCode::NotYet, "a group came or went: counted from the next look on");
        }
        Ok(out)
    }

    /// A figure of the topic from those of its groups; one unknown part makes it unknown.
    fn over_groups(&self, groups: &[GroupObservation], metric: Metric, fold: fn(i64, i64) -> i64) -> Reading {
        if let Some(reason) = &self.groups.unlisted {
            return Err(reason.clone());
        }
        let readings = groups.iter().filter_map(|group| group.figures.get(&metric).cloned());
        // A group that has only just come says nothing yet, and hides none that does.
        let told = readings.filter(|r| !matches!(r, Err(reason) if reason.code == UnknownCode::NotYet));
        let all: Vec<i64> = told.collect::<Result<_, Unknown>>()?;
        match (all.into_iter().reduce(fold), groups.is_empty()) {
            (Some(value), _) => Ok(value),
            (None, true) => unknown(UnknownCode::NoGroup, WITHOUT_GROUP),
            (None, false) => unknown(UnknownCode::NotYet, "its groups have not committed yet"),
        }
    }

    /// Members that read a partition of the topic. One may read several.
    fn consumers(&self, groups: &[GroupObservation]) -> Reading {
        if let Some(reason) = &self.groups.unlisted {
            return Err(reason.clone());
        }
        if groups.is_empty() {
            return unknown(UnknownCode::NoGroup, WITHOUT_GROUP);
        }
        groups.iter().map(|group| group.members.clone()).sum()
    }

    fn notes(&self, topic: &Topic, ends: &TopicEnds) -> Vec<String> {
        let mut notes = Vec::new();
        match self.policies.get(&topic.name) {
            Some(Ok(policy)) if policy.compact => notes.push(
                "It is compacted: offsets outnumber messages, so depth and lag are upper bounds.".to_owned(),
            ),
            Some(Err(reason)) => notes.push(format!(
                "Whether it is compacted is not known ({}): depth and lag may be upper bounds.",
                reason.detail
            )),
            _ => {}
        }
        let held: i64 = ends.values().filter_map(held_by_transactions).sum();
        if held > 0 {
            notes.push(format!(
                "{held} messages are held by an open transaction; readers of committed messages wait."
            ));
        }
        let offline: Vec<i32> =
            topic.partitions.iter().filter(|p| p.leader.is_none()).map(|p| p.id).collect();
        if !offline.is_empty() {
            notes.push(format!("Without a leader: {}.", listed(&offline)));
        }
        notes
    }
}

/// Messages between the last stable offset and the end.
pub(super) fn held_by_transactions(ends: &Ends) -> Option<i64> {
    let (end, stable) = (ends.end.as_ref().ok()?, ends.stable_end.as_ref().ok()?);
    Some((end - stable).max(0))
}

fn partition(partition: &Partition, ends: Option<&Ends>) -> PartitionObservation {
    let known = |pick: fn(&Ends) -> &Reading| ends.and_then(|ends| pick(ends).as_ref().ok().copied());
    PartitionObservation {
        partition: partition.id,
        leader: partition.leader,
        replicas: partition.replicas.clone(),
        in_sync: partition.in_sync.clone(),
        begin: known(|e| &e.begin),
        end: known(|e| &e.end),
        stable_end: known(|e| &e.stable_end),
    }
}

/// A sum over all partitions; one that is unknown makes it unknown, since the rest would read like a loss. The rest is
/// told beside the reason.
fn sum(topic: &Topic, ends: &TopicEnds, figure: fn(&Ends) -> Reading) -> Reading {
    let of = |partition: &Partition| match ends.get(&partition.id) {
        Some(ends) => figure(ends),
        None => unknown(UnknownCode::PartitionOffline, format!("partition {} has no leader", partition.id)),
    };
    let parts: Vec<Reading> = topic.partitions.iter().map(of).collect();
    let known: Vec<i64> = parts.iter().filter_map(|part| part.as_ref().ok().copied()).collect();
    let whole: Reading = parts.into_iter().sum();
    whole.map_err(|why| why.with_at_least((!known.is_empty()).then(|| known.iter().sum())))
}

/// The largest lag among the groups, as far as it is known.
fn largest_known(groups: &[GroupObservation]) -> Option<i64> {
    let known = |group: &GroupObservation| match group.figures.get(&Metric::Lag)? {
        Ok(lag) => Some(*lag),
        Err(why) => why.at_least,
    };
    groups.iter().filter_map(known).max()
}

#[cfg(test)]
#[path = "figures_tests.rs"]
mod tests;
