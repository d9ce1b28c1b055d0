//! How far behind a group is in one topic.

use std::collections::BTreeMap;

use weir_kafka_admin::{GroupType, Member, TopicPartition};
use weir_model::{
    GroupObservation, Metric, Reading, Unknown, UnknownCode, observation::GroupPartition, unknown::unknown,
};

use super::{figures::TopicEnds, groups::Group, sums::Sums, topology::Topic};

/// The group as it stands in a topic; `None` where it neither committed nor reads there.
pub(super) fn group_in(
    group: &Group,
    topic: &Topic,
    ends: &TopicEnds,
    sums: &mut Sums,
) -> Option<GroupObservation> {
    let readers = readers(group, topic);
    let committed = committed(group, topic);
    if readers.is_empty() && committed.as_ref().is_ok_and(BTreeMap::is_empty) {
        return None;
    }
    let standing = Standing { topic, ends, readers, committed };
    let partitions = standing.partitions();
    let members = group.members.as_ref().map(|members| members.len() as i64).map_err(Clone::clone);
    let out = standing.out(&group.id, sums);
    let figures = BTreeMap::from([
        (Metric::Lag, standing.lag(&partitions)),
        (Metric::Out, out),
        (Metric::OldestAge, unknown(UnknownCode::NotYet, "history does not reach back to that message yet")),
    ]);
    let notes = notes(group, &standing, &partitions);
    let state = Some(group.state.as_str().to_owned());
    Some(GroupObservation { name: group.id.clone(), state, members, figures, partitions, notes })
}

/// Who reads which partition of the topic.
fn readers<'a>(group: &'a Group, topic: &Topic) -> BTreeMap<i32, &'a Member> {
    let members = group.members.as_deref().unwrap_or_default();
    let assigned = members.iter().flat_map(|member| member.assigned.iter().map(move |place| (place, member)));
    assigned
        .filter(|(place, _)| place.topic == topic.name)
        .map(|(place, member)| (place.partition, member))
        .collect()
}

/// What the group committed in this topic.
fn committed(group: &Group, topic: &Topic) -> Reading<BTreeMap<i32, Reading>> {
    let all = group.committed.as_ref().map_err(Clone::clone)?;
    let first = TopicPartition { topic: topic.name.clone(), partition: i32::MIN };
    let own = all.range(first..).take_while(|(place, _)| place.topic == topic.name);
    Ok(own.map(|(place, offset)| (place.partition, offset.clone())).collect())
}

struct Standing<'a> {
    topic: &'a Topic,
    ends: &'a TopicEnds,
    readers: BTreeMap<i32, &'a Member>,
    committed: Reading<BTreeMap<i32, Reading>>,
}

impl Standing<'_> {
    /// `None`: never committed.
    fn committed_in(&self, partition: i32) -> Option<Reading> {
        match &self.committed {
            Ok(committed) => committed.get(&partition).cloned(),
            Err(reason) => Some(Err(reason.clone())),
        }
    }

    fn partitions(&self) -> Vec<GroupPartition> {
        let row = |partition: i32| {
            let committed = self.committed_in(partition).and_then(Result::ok);
            let reader = self.readers.get(&partition);
            GroupPartition {
                partition,
                committed,
                lag: self.lag_in(partition, committed),
                member: reader.map(|member| member.client_id.clone()),
                host: reader.map(|member| member.host.trim_start_matches('/').to_owned()),
            }
        };
        self.topic.partitions.iter().map(|p| row(p.id)).collect()
    }

    /// End minus committed. A partition that holds nothing leaves nothing to read, committed or not.
    fn lag_in(&self, partition: i32, committed: Option<i64>) -> Option<i64> {
        let ends = self.ends.get(&partition)?;
        let end = *ends.end.as_ref().ok()?;
        match (committed, &ends.begin) {
            // Beyond the end only where the topic was made anew or lost its tail; the notes say so.
            (Some(committed), _) => Some((end - committed).max(0)),
            (None, Ok(begin)) if *begin == end && self.committed.is_ok() => Some(0),
            (None, _) => None,
        }
    }

    /// The sum over partitions. Partitions that were never committed are left out, which the notes say; one whose
    /// end or commit can't be known makes the sum unknown, but for the part that is known.
    fn lag(&self, partitions: &[GroupPartition]) -> Reading {
        let known: Vec<i64> = partitions.iter().filter_map(|p| p.lag).collect();
        let at_least = (!known.is_empty()).then(|| known.iter().sum());
        for partition in partitions {
            let told = match self.committed_in(partition.partition) {
                None => Ok(()),
                Some(Err(reason)) => Err(reason),
                Some(Ok(_)) => self.end_known(partition.partition),
            };
            told.map_err(|reason| reason.with_at_least(at_least))?;
        }
        if known.is_empty() || partitions.iter().all(|p| p.committed.is_none() && p.lag != Some(0)) {
            return unknown(UnknownCode::NotYet, "the group reads here and has not committed yet");
        }
        Ok(known.iter().sum())
    }

    fn end_known(&self, partition: i32) -> Result<(), Unknown> {
        match self.ends.get(&partition) {
            Some(ends) => ends.end.as_ref().map(|_| ()).map_err(Clone::clone),
            None => unknown(UnknownCode::PartitionOffline, format!("partition {partition} has no leader")),
        }
    }

    /// A counter: the sum of committed offsets.
    fn out(&self, group: &str, sums: &mut Sums) -> Reading {
        let committed = self.committed.as_ref().map_err(Clone::clone)?;
        if committed.is_empty() {
            return unknown(UnknownCode::NotYet, "the group has not committed yet");
        }
        let passed: i64 = committed.values().cloned().sum::<Reading>()?;
        let partitions = committed.keys().copied().collect();
        if !sums.committed.are_as_before((group.to_owned(), self.topic.name.clone()), partitions) {
            let why = "it has just committed for the first time in a further partition: counted from the next look on";
            return unknown(UnknownCode::NotYet, why);
        }
        Ok(passed)
    }

    fn partitions_where(&self, holds: impl Fn(i64, &super::offsets::Ends) -> bool) -> Vec<i32> {
        let Ok(committed) = &self.committed else { return Vec::new() };
        let found = committed.iter().filter(|(partition, offset)| {
            let ends = self.ends.get(partition);
            offset.as_ref().ok().zip(ends).is_some_and(|(offset, ends)| holds(*offset, ends))
        });
        found.map(|(partition, _)| *partition).collect()
    }
}

fn notes(group: &Group, standing: &Standing<'_>, partitions: &[GroupPartition]) -> Vec<String> {
    let mut notes = Vec::new();
    if group.kind == GroupType::Consumer {
        notes.push("The broker assigns its partitions (KIP-848).".to_owned());
    }
    if group.simple {
        notes.push("It commits without being a member: readers can't be seen.".to_owned());
    }
    let never: Vec<i32> =
        partitions.iter().filter(|p| p.committed.is_none() && p.lag.is_none()).map(|p| p.partition).collect();
    if standing.committed.is_ok() && !never.is_empty() && never.len() < partitions.len() {
        notes.push(format!("Lag leaves out {}, never committed: it is at least this much.", listed(&never)));
    }
    let beyond = standing.partitions_where(|offset, ends| ends.end.as_ref().is_ok_and(|end| offset > *end));
    if !beyond.is_empty() {
        notes.push(format!(
            "Committed beyond the end of {}: the topic was made anew or lost messages, and the group may read \
             nothing until the end passes its offset.",
            listed(&beyond)
        ));
    }
    let lost =
        standing.partitions_where(|offset, ends| ends.begin.as_ref().is_ok_and(|begin| offset < *begin));
    if !lost.is_empty() {
        notes.push(format!(
            "Messages of {} were deleted before the group read them; lag counts them.",
            listed(&lost)
        ));
    }
    notes
}

/// "partition 3", "partitions 1, 2 and 5 more".
pub(super) fn listed(partitions: &[i32]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = partitions.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = partitions.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let word = if partitions.len() == 1 { "partition" } else { "partitions" };
    format!("{word} {}{rest}", shown.join(", "))
}
