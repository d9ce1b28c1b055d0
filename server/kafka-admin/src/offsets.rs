//! Offsets of many partitions at once.

use std::time::Duration;

use rdkafka::{ClientContext, Offset, TopicPartitionList, types::RDKafkaErrorCode};
use rdkafka_sys as sys;

use crate::{
    Admin, AdminError, Failure,
    admin::Request,
    native::{Event, partition_failure, pointers, text_of},
};

/// One partition of one topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicPartition {
    pub topic: String,
    pub partition: i32,
}

/// Which offset is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetQuery {
    /// The first that is still there.
    Earliest,
    /// One past the last: the high watermark, or the last stable offset with [`Isolation::ReadCommitted`].
    Latest,
    /// The first whose timestamp is at or after this one, in milliseconds since 1970; -1 where there is none.
    AtTime(i64),
}

/// Whether messages of transactions that are still open count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    ReadUncommitted,
    ReadCommitted,
}

/// An offset, or why that partition gave none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionOffset {
    pub topic: String,
    pub partition: i32,
    pub offset: Result<i64, Failure>,
}

impl<C: ClientContext + 'static> Admin<C> {
    /// One offset of each partition. librdkafka sends one request to each leader; one leader that does not answer
    /// makes the whole call wait, so ask for the partitions of each leader apart where that matters.
    ///
    /// # Errors
    /// The leaders were not found in time, a topic's name was refused, or a partition stood in the list twice.
    pub async fn list_offsets(
        &self,
        partitions: &[TopicPartition],
        query: OffsetQuery,
        isolation: Isolation,
        timeout: Duration,
    ) -> Result<Vec<PartitionOffset>, AdminError> {
        let list = request_list(partitions, query)?;
        let operation = sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTOFFSETS;
        let request = Request { isolation: Some(isolation), ..Request::new(operation, timeout) };
        self.ask(
            request,
            // The list moves in, so that it is not held across an await; librdkafka copies it.
            move |to| {
                // SAFETY: all of `to` is live, and the list too while this runs.
                unsafe { sys::rd_kafka_ListOffsets(to.client, list.ptr(), to.options, to.queue) };
            },
            read_offsets,
        )
        .await
    }
}

fn request_list(partitions: &[TopicPartition], query: OffsetQuery) -> Result<TopicPartitionList, AdminError> {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for TopicPartition { topic, partition } in partitions {
        // rdkafka panics on a zero byte; this says it instead.
        std::ffi::CString::new(topic.as_str())?;
        list.add_partition(topic, *partition);
    }
    // Beginning and End are -2 and -1, as EARLIEST and LATEST are; a time stands in the same field.
    let spec = match query {
        OffsetQuery::Earliest => Offset::Beginning,
        OffsetQuery::Latest => Offset::End,
        OffsetQuery::AtTime(millis) => Offset::Offset(millis.max(0)),
    };
    // A failure leaves the offset "invalid", which librdkafka refuses by name.
    let _ = list.set_all_offsets(spec);
    Ok(list)
}

fn read_offsets(event: &Event) -> Vec<PartitionOffset> {
    let mut count = 0;
    // SAFETY: the event is the reply to ListOffsets without an error; what it holds lives as long as it does.
    let infos = unsafe {
        let result = sys::rd_kafka_event_ListOffsets_result(event.ptr());
        pointers(sys::rd_kafka_ListOffsets_result_infos(result, &raw mut count), count)
    };
    let read = |info: &*const sys::rd_kafka_ListOffsetsResultInfo_t| {
        // SAFETY: as above; everything is copied, and no reference to the partition is made.
        unsafe {
            let found = sys::rd_kafka_ListOffsetsResultInfo_topic_partition(*info);
            PartitionOffset {
                topic: text_of((*found).topic),
                partition: (*found).partition,
                offset: told((*found).offset, partition_failure(found)),
            }
        }
    };
    infos.iter().map(read).collect()
}

/// librdkafka 2.12 leaves partitions whose leader did not answer in time without an error: only the offset that it
/// began with, "invalid", tells them from the others. -1 is an answer: nothing is as new as the time asked for.
fn told(offset: i64, failure: Option<Failure>) -> Result<i64, Failure> {
    match failure {
        Some(failure) => Err(failure),
        None if offset < -1 => Err(Failure {
            code: RDKafkaErrorCode::OperationTimedOut,
            message: "the partition's leader did not answer in time".to_owned(),
        }),
        None => Ok(offset),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_an_offset_that_nobody_told_when_read_then_it_is_a_failure() {
        assert_eq!(told(0, None), Ok(0));
        assert_eq!(told(-1, None), Ok(-1));
        let silent = told(i64::from(sys::RD_KAFKA_OFFSET_INVALID), None);
        assert_eq!(silent.map_err(|failure| failure.code), Err(RDKafkaErrorCode::OperationTimedOut));
    }
}
