//! From what a cluster told to what a topic shows. Nothing here asks anybody.

use std::collections::{BTreeMap, HashMap};

use weir_kafka_admin::TopicPartition;
use weir_model::{
    GroupObservation, Metric, PartitionObservation, QueueId, QueueKind, QueueObservation, Reading, Unknown,
    UnknownCode, unknown::unknown,
};

use super::{
    first_commits::FirstCommits,
    group_figures::{group_in, listed},
    groups::Groups,
    offsets::{AllEnds, Ends},
    topic_config::CleanupPolicy,
    topology::{Partition, Topic, Topology},
};

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
    pub(super) fn topic(&self, topic: &Topic, first_commits: &mut FirstCommits) -> QueueObservation {
        let ends = self.ends_of(topic);
        let groups: Vec<GroupObservation> = self
            .groups
            .groups
            .iter()
            .filter_map(|group| group_in(group, topic, &ends, first_commits))
            .collect();
        let id = QueueId::from_parts(&[&topic.name]);
        let queue = QueueObservation {
            epoch: self.topology.cluster_id.clone(),
            partitions: topic.partitions.iter().map(|p| partition(p, ends.get(&p.id))).collect(),
            notes: self.notes(topic, &ends),
            ..QueueObservation::new(id, QueueKind::KafkaTopic, topic.name.clone(), "")
        };
        let queue = queue
            .with(Metric::Depth, sum(topic, &ends, |ends| Ok(ends.end.clone()? - ends.begin.clone()?)))
            .with(Metric::In, sum(topic, &ends, |ends| ends.end.clone()))
            .with(Metric::Consumers, self.consumers(&groups))
            .with(
                Metric::OldestAge,
                unknown(UnknownCode::NotYet, "history does not reach back to that message yet"),
            );
        let queue = [Metric::Backlog, Metric::Lag].into_iter().fold(queue, |queue, metric| {
            let lag = self.over_groups(&groups, Metric::Lag, i64::max);
            queue.with(metric, lag)
        });
        // The slowest group tells what has gone out for good.
        let out = self.over_groups(&groups, Metric::Out, i64::min);
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
            (None, true) => unknown(UnknownCode::NoGroup, "no consumer group has committed here"),
            (None, false) => unknown(UnknownCode::NotYet, "its groups have not committed yet"),
        }
    }

    /// Members that read a partition of the topic. One may read several.
    fn consumers(&self, groups: &[GroupObservation]) -> Reading {
        if let Some(reason) = &self.groups.unlisted {
            return Err(reason.clone());
        }
        if groups.is_empty() {
            let words = "no consumer group reads here; readers without a group can't be seen";
            return unknown(UnknownCode::NoGroup, words);
        }
        groups.iter().map(|group| group.members.clone()).sum()
    }

    fn notes(&self, topic: &Topic, ends: &TopicEnds) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(Ok(policy)) = self.policies.get(&topic.name)
            && policy.compact
        {
            notes.push(
                "It is compacted: offsets outnumber messages, so the depth is an upper bound.".to_owned(),
            );
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

/// A sum over all partitions; one that is unknown makes it unknown, since the rest would read like a loss.
fn sum(topic: &Topic, ends: &TopicEnds, figure: fn(&Ends) -> Reading) -> Reading {
    topic
        .partitions
        .iter()
        .map(|p| match ends.get(&p.id) {
            Some(ends) => figure(ends),
            None => unknown(UnknownCode::PartitionOffline, format!("partition {} has no leader", p.id)),
        })
        .sum()
}

#[cfg(test)]
#[path = "figures_tests.rs"]
mod tests;
