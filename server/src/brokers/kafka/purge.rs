//! Deleting what a topic holds.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use rdkafka::{Offset, TopicPartitionList, admin::AdminOptions, types::RDKafkaErrorCode};
use weir_model::{
    Outcome, QueueObservation, Step,
    message::{PurgeReceipt, PurgeRequest},
};

use super::{
    Kafka,
    connection::Connection,
    figures::held_by_transactions,
    offsets::{Ends, all_ends},
    publish::internal,
    refused::missing_right,
    topic_config::{CleanupPolicy, describe, policy, with_admin},
    topology::{Topic, is_internal},
};
use crate::brokers::{BrokerError, Purge};

/// Time for asking, and for deleting.
const ASK_TIME: Duration = Duration::from_secs(3);
const DELETE_TIME: Duration = Duration::from_secs(10);

#[async_trait]
impl Purge for Kafka {
    async fn purge(
        &self,
        queue: &QueueObservation,
        request: &PurgeRequest,
    ) -> Result<PurgeReceipt, BrokerError> {
        let seen = self.look_before(queue, request).await?;
        self.delete(seen).await
    }
}

/// Why a compacted topic can't be purged.
pub(super) const COMPACTED: &str = "it is compacted (cleanup.policy=compact), and Kafka deletes no records of such a topic: write a tombstone for a \
     key, or change the policy";

/// A topic as it is about to be purged.
pub(super) struct Seen {
    connection: Arc<Connection>,
    pub(super) topic: Topic,
    pub(super) spans: BTreeMap<i32, Span>,
}

/// What a partition holds.
pub(super) struct Span {
    pub(super) begin: i64,
    pub(super) end: i64,
    held: i64,
}

impl Span {
    fn messages(&self) -> i64 {
        self.end - self.begin
    }
}

impl Kafka {
    /// What is there, where it may be purged.
    ///
    /// # Errors
    /// It may not, or has grown since the operator saw it.
    pub(super) async fn look_before(
        &self,
        queue: &QueueObservation,
        request: &PurgeRequest,
    ) -> Result<Seen, BrokerError> {
        if is_internal(&queue.name) {
            return Err(BrokerError::Refused(internal(&queue.name)));
        }
        let connection = self.dialer.connection().await?;
        let topic = self.topic_now(&connection, &queue.name).await?;
        self.refuse_compacted(&topic.name).await?;
        let spans = spans(&connection, &topic).await?;
        check_depth(spans.values().map(Span::messages).sum(), request.seen_depth)?;
        Ok(Seen { connection, topic, spans })
    }

    /// Deletes what was seen, and nothing that has come since.
    pub(super) async fn delete(&self, seen: Seen) -> Result<PurgeReceipt, BrokerError> {
        let Seen { connection, topic, spans: before } = seen;
        let mut notes = notes(&topic, &before);
        let refused = self.delete_up_to(&topic.name, &before).await?;
        notes.extend(
            refused.iter().map(|(partition, reason)| format!("Partition {partition} stays: {reason}.")),
        );
        if !before.is_empty() && refused.len() == before.len() {
            return Err(BrokerError::Refused(notes.join(" ")));
        }
        let after = spans(&connection, &topic).await?;
        let removed =
            before.iter().filter_map(|(partition, span)| Some(after.get(partition)?.begin - span.begin));
        Ok(PurgeReceipt {
            removed: Some(removed.sum()),
            left: Some(after.values().map(Span::messages).sum()),
            notes,
            ..PurgeReceipt::default()
        })
    }

    async fn refuse_compacted(&self, topic: &str) -> Result<(), BrokerError> {
        let configs = describe(&self.dialer, &[topic.to_owned()], ASK_TIME).await?;
        // Where the account may not read settings, Kafka itself refuses with the same reason.
        let policy = configs.into_iter().next().and_then(|(_, entries)| policy(entries).ok());
        match policy {
            Some(CleanupPolicy { compact: true, delete: false }) => {
                Err(BrokerError::Refused(COMPACTED.to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Deletes up to the ends that were seen; what has come since stays. Gives the partitions that refused.
    async fn delete_up_to(
        &self,
        topic: &str,
        spans: &BTreeMap<i32, Span>,
    ) -> Result<BTreeMap<i32, String>, BrokerError> {
        let mut list = TopicPartitionList::with_capacity(spans.len());
        for (partition, span) in spans {
            list.add_partition_offset(topic, *partition, Offset::Offset(span.end))
                .map_err(|error| BrokerError::failed(Step::Write, error.to_string(), error))?;
        }
        let deleted = with_admin(self.dialer.settings.producer(), move |client, runtime| {
            let options =
                AdminOptions::new().request_timeout(Some(DELETE_TIME)).operation_timeout(Some(DELETE_TIME));
            runtime.block_on(client.delete_records(&list, &options))
        })
        .await?
        .map_err(|error| match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::OperationTimedOut | RDKafkaErrorCode::RequestTimedOut) => {
                BrokerError::Timeout {
                    step: Step::Write,
                    outcome: Outcome::Unknown,
                    detail: "Kafka did not say in time whether the records were deleted".to_owned(),
                }
            }
            Some(code) => BrokerError::failed(Step::Write, code.to_string(), error),
            None => BrokerError::failed(Step::Write, error.to_string(), error),
        })?;
        let refused = deleted.elements().into_iter().filter_map(|element| {
            let reason = element.error().err()?;
            let words = match reason.rdkafka_error_code() {
                Some(code) => missing_right(code, "Delete").unwrap_or_else(|| code.to_string()),
                None => reason.to_string(),
            };
            Some((element.partition(), words))
        });
        Ok(refused.collect())
    }
}

async fn spans(connection: &Connection, topic: &Topic) -> Result<BTreeMap<i32, Span>, BrokerError> {
    let ends = all_ends(connection.admin()?, [topic], ASK_TIME).await;
    let span = |ends: &Ends| {
        let (begin, end) = (ends.begin.clone()?, ends.end.clone()?);
        Ok(Span { begin, end, held: held_by_transactions(ends).unwrap_or(0) })
    };
    let told = |reason: weir_model::Unknown| BrokerError::failed_plainly(Step::Read, reason.detail);
    ends.of.iter().map(|(place, ends)| Ok((place.partition, span(ends).map_err(told)?))).collect()
}

/// The topic may not have grown by more than a tenth since the operator saw it.
fn check_depth(depth: i64, seen: Option<i64>) -> Result<(), BrokerError> {
    let Some(seen) = seen else { return Ok(()) };
    if depth > seen.saturating_add(seen / 10) {
        let words = format!("it holds {depth} messages by now, not {seen}: look again, then purge");
        return Err(BrokerError::Conflict(words));
    }
    Ok(())
}

fn notes(topic: &Topic, spans: &BTreeMap<i32, Span>) -> Vec<String> {
    let mut notes = Vec::new();
    let held: i64 = spans.values().map(|span| span.held).sum();
    if held > 0 {
        notes.push(format!("{held} messages from an open transaction on were deleted with the rest."));
    }
    let offline: Vec<i32> = topic.partitions.iter().filter(|p| p.leader.is_none()).map(|p| p.id).collect();
    if !offline.is_empty() {
        notes.push(format!(
            "Without a leader, and so not touched: {}.",
            super::group_figures::listed(&offline)
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_topic_that_grew_when_purged_then_a_tenth_is_let_pass() {
        assert!(check_depth(110, Some(100)).is_ok());
        assert!(matches!(check_depth(111, Some(100)), Err(BrokerError::Conflict(_))));
        assert!(matches!(check_depth(1, Some(0)), Err(BrokerError::Conflict(_))));
        assert!(check_depth(5, None).is_ok());
    }
}
