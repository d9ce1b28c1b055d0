//! Where partitions begin and end, asked of all leaders at once.

use std::{collections::HashMap, time::Duration};

use futures::future::join_all;
use rdkafka::types::RDKafkaErrorCode;
use weir_kafka_admin::{Admin, AdminError, Failure, Isolation, OffsetQuery, TopicPartition};
use weir_model::{Reading, Unknown, UnknownCode};

use super::{
    context::Context,
    refused::missing_right,
    topology::{Topic, by_leader},
};

/// One partition's offsets.
#[derive(Clone, Debug)]
pub(super) struct Ends {
    /// The first that is still there.
    pub(super) begin: Reading,
    /// One past the last, open transactions included.
    pub(super) end: Reading,
    /// The last stable offset: what readers of committed messages see as the end.
    pub(super) stable_end: Reading,
}

/// The offsets of many partitions, and what it cost to ask.
#[derive(Clone, Debug, Default)]
pub(super) struct AllEnds {
    pub(super) of: HashMap<TopicPartition, Ends>,
    pub(super) requests: u32,
}

const QUERIES: [(OffsetQuery, Isolation); 3] = [
    (OffsetQuery::Earliest, Isolation::ReadUncommitted),
    (OffsetQuery::Latest, Isolation::ReadUncommitted),
    (OffsetQuery::Latest, Isolation::ReadCommitted),
];

/// Asks each leader for its partitions, in three requests that are under way together, so that a broker that does
/// not answer leaves only its own partitions unknown. Partitions without a leader are not asked for: one of them
/// would make the whole call wait.
pub(super) async fn all_ends<'a>(
    admin: &Admin<Context>,
    topics: impl IntoIterator<Item = &'a Topic>,
    timeout: Duration,
) -> AllEnds {
    let asked = by_leader(topics);
    let requests = u32::try_from(asked.len() * QUERIES.len()).unwrap_or(u32::MAX);
    let each = asked.iter().map(|(leader, partitions)| of_leader(admin, *leader, partitions, timeout));
    AllEnds { of: join_all(each).await.into_iter().flatten().collect(), requests }
}

async fn of_leader(
    admin: &Admin<Context>,
    leader: i32,
    partitions: &[TopicPartition],
    timeout: Duration,
) -> Vec<(TopicPartition, Ends)> {
    let [begin, end, stable] =
        QUERIES.map(|(query, isolation)| one_query(admin, leader, partitions, query, isolation, timeout));
    let (begins, ends, stable_ends) = tokio::join!(begin, end, stable);
    let not_told =
        || Err(Unknown::new(UnknownCode::BrokerDown, format!("broker {leader} left it out of its answer")));
    let pick =
        |found: &HashMap<TopicPartition, Reading>, place| found.get(place).cloned().unwrap_or_else(not_told);
    partitions
        .iter()
        .map(|place| {
            let ends = Ends {
                begin: pick(&begins, place),
                end: pick(&ends, place),
                stable_end: pick(&stable_ends, place),
            };
            (place.clone(), ends)
        })
        .collect()
}

/// One kind of offset of one leader's partitions; a request that failed as a whole is the reason of each.
pub(super) async fn one_query(
    admin: &Admin<Context>,
    leader: i32,
    partitions: &[TopicPartition],
    query: OffsetQuery,
    isolation: Isolation,
    timeout: Duration,
) -> HashMap<TopicPartition, Reading> {
    match admin.list_offsets(partitions, query, isolation, timeout).await {
        Ok(found) => found
            .into_iter()
            .map(|p| {
                let reading = p.offset.map_err(|failure| why_unknown(&failure, leader));
                (TopicPartition { topic: p.topic, partition: p.partition }, reading)
            })
            .collect(),
        Err(error) => {
            let reason = match &error {
                AdminError::Failed(failure) => why_unknown(failure, leader),
                other => Unknown::new(UnknownCode::BrokerDown, format!("broker {leader}: {other}")),
            };
            partitions.iter().map(|place| (place.clone(), Err(reason.clone()))).collect()
        }
    }
}

/// Why a figure that a broker was asked for is not known.
pub(super) fn why_unknown(failure: &Failure, broker: i32) -> Unknown {
    use RDKafkaErrorCode as Code;
    let words = &failure.message;
    if let Some(right) = missing_right(failure.code, "Describe") {
        return Unknown::new(UnknownCode::NoPermission, right);
    }
    match failure.code {
        Code::LeaderNotAvailable | Code::NotLeaderForPartition | Code::UnknownTopicOrPartition => {
            Unknown::new(UnknownCode::PartitionOffline, format!("the leader is changing: {words}"))
        }
        Code::UnsupportedVersion | Code::UnsupportedFeature => {
            Unknown::new(UnknownCode::Unsupported, format!("this version of Kafka can't tell: {words}"))
        }
        _ => Unknown::new(UnknownCode::BrokerDown, format!("broker {broker} did not tell: {words}")),
    }
}
