//! What consumer groups have committed.

use std::{ffi::CString, time::Duration};

use futures::StreamExt as _;
use rdkafka::ClientContext;
use rdkafka_sys as sys;

use crate::{
    Admin, AdminError, Failure, PartitionOffset,
    admin::{Request, Target},
    native::{Event, failure_of, partition_failure, partitions, pointers, text_of},
};

/// The offsets of one group, over all topics, or why there are none.
#[derive(Clone, Debug)]
pub struct GroupOffsets {
    pub group: String,
    /// Partitions that were committed. A group that committed nothing has none.
    pub offsets: Result<Vec<PartitionOffset>, AdminError>,
}

impl<C: ClientContext + 'static> Admin<C> {
    /// The committed offsets of many groups, in no order. Kafka's request is one per group; `in_flight` of them are
    /// under way together, each with this time-out.
    pub async fn list_consumer_group_offsets(
        &self,
        groups: &[String],
        in_flight: usize,
        timeout: Duration,
    ) -> Vec<GroupOffsets> {
        let asked = |group: String| async move {
            let offsets = self.committed_by(&group, timeout).await;
            GroupOffsets { group, offsets }
        };
        futures::stream::iter(groups.to_vec()).map(asked).buffer_unordered(in_flight.max(1)).collect().await
    }

    async fn committed_by(&self, group: &str, timeout: Duration) -> Result<Vec<PartitionOffset>, AdminError> {
        let name = CString::new(group)?;
        let operation = sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS;
        let read = self.ask(Request::new(operation, timeout), move |to| send(&name, &to), read_group);
        Ok(read.await??)
    }
}

fn send(group: &CString, to: &Target) {
    // SAFETY: the name is zero-terminated and copied; no list of partitions means all of them.
    let mut request = unsafe { sys::rd_kafka_ListConsumerGroupOffsets_new(group.as_ptr(), std::ptr::null()) };
    // SAFETY: all of `to` is live; the array is one long, as librdkafka wants, and it copies the request, which is
    // ours to destroy once.
    unsafe {
        sys::rd_kafka_ListConsumerGroupOffsets(to.client, &raw mut request, 1, to.options, to.queue);
        sys::rd_kafka_ListConsumerGroupOffsets_destroy(request);
    }
}

fn read_group(event: &Event) -> Result<Vec<PartitionOffset>, Failure> {
    let mut count = 0;
    // SAFETY: the event is the reply to ListConsumerGroupOffsets without an error; what it holds lives as long as
    // it does, and all of it is copied here.
    unsafe {
        let result = sys::rd_kafka_event_ListConsumerGroupOffsets_result(event.ptr());
        let groups = sys::rd_kafka_ListConsumerGroupOffsets_result_groups(result, &raw mut count);
        let Some(group) = pointers(groups, count).first() else {
            return Ok(Vec::new());
        };
        if let Some(failure) = failure_of(sys::rd_kafka_group_result_error(*group)) {
            return Err(failure);
        }
        let list = sys::rd_kafka_group_result_partitions(*group);
        Ok(partitions(list).filter_map(|p| read_partition(p)).collect())
    }
}

/// `None` where the group never committed in that partition.
///
/// # Safety
/// A live partition.
unsafe fn read_partition(partition: *const sys::rd_kafka_topic_partition_t) -> Option<PartitionOffset> {
    // SAFETY: by the caller; the fields are read through the pointer, without a reference.
    let (topic, number, offset, failure) = unsafe {
        let (topic, number, offset) = ((*partition).topic, (*partition).partition, (*partition).offset);
        (text_of(topic), number, offset, partition_failure(partition))
    };
    if failure.is_none() && offset < 0 {
        return None;
    }
    Some(PartitionOffset { topic, partition: number, offset: failure.map_or(Ok(offset), Err) })
}
