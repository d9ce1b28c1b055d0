//! Topics, partitions and brokers, as metadata tells them.

use std::collections::{BTreeMap, BTreeSet};

use rdkafka::metadata::{Metadata, MetadataPartition, MetadataTopic};
use weir_kafka_admin::TopicPartition;

/// A cluster at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Topology {
    pub(super) cluster_id: String,
    /// Ids of the brokers that are alive.
    pub(super) brokers: BTreeSet<i32>,
    pub(super) topics: Vec<Topic>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Topic {
    pub(super) name: String,
    pub(super) partitions: Vec<Partition>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Partition {
    pub(super) id: i32,
    /// `None`: offline.
    pub(super) leader: Option<i32>,
    pub(super) replicas: Vec<i32>,
    pub(super) in_sync: Vec<i32>,
}

impl Topology {
    pub(super) fn read(metadata: &Metadata, cluster_id: String) -> Self {
        let mut topics: Vec<Topic> = metadata.topics().iter().map(read_topic).collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        Self { cluster_id, brokers: metadata.brokers().iter().map(|b| b.id()).collect(), topics }
    }

    /// Brokers that hold replicas and are not alive.
    pub(super) fn missing_brokers(&self) -> BTreeSet<i32> {
        let holders = self.topics.iter().flat_map(|t| &t.partitions).flat_map(|p| &p.replicas).copied();
        holders.filter(|id| !self.brokers.contains(id)).collect()
    }
}

impl Topic {
    /// Kafka's own bookkeeping, which no operator may write to.
    pub(super) fn is_internal(&self) -> bool {
        is_internal(&self.name)
    }
}

/// True for `__consumer_offsets` and its like.
pub(super) fn is_internal(topic: &str) -> bool {
    matches!(
        topic,
        "__consumer_offsets" | "__transaction_state" | "__share_group_state" | "__cluster_metadata"
    )
}

/// The partitions that have a leader, by leader: what one request each can ask for.
pub(super) fn by_leader<'a>(
    topics: impl IntoIterator<Item = &'a Topic>,
) -> BTreeMap<i32, Vec<TopicPartition>> {
    let mut asked: BTreeMap<i32, Vec<TopicPartition>> = BTreeMap::new();
    for topic in topics {
        for partition in &topic.partitions {
            if let Some(leader) = partition.leader {
                let place = TopicPartition { topic: topic.name.clone(), partition: partition.id };
                asked.entry(leader).or_default().push(place);
            }
        }
    }
    asked
}

fn read_topic(topic: &MetadataTopic) -> Topic {
    let mut partitions: Vec<Partition> = topic.partitions().iter().map(read_partition).collect();
    partitions.sort_by_key(|p| p.id);
    Topic { name: topic.name().to_owned(), partitions }
}

fn read_partition(partition: &MetadataPartition) -> Partition {
    Partition {
        id: partition.id(),
        leader: Some(partition.leader()).filter(|id| *id >= 0),
        replicas: partition.replicas().to_vec(),
        in_sync: partition.isr().to_vec(),
    }
}
