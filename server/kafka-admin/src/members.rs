//! Who reads in a consumer group, and what.

use std::{collections::BTreeSet, ffi::CString, time::Duration};

use rdkafka::ClientContext;
use rdkafka_sys as sys;

use crate::{
    Admin, AdminError, Failure, GroupState, GroupType, TopicPartition,
    admin::Request,
    groups::{state_of, type_of},
    native::{Event, failure_of, partitions, pointers, text_of},
};

/// A group with its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDescription {
    pub id: String,
    pub state: GroupState,
    pub kind: GroupType,
    /// `range`, `roundrobin` …; empty while nobody reads.
    pub assignor: String,
    pub members: Vec<Member>,
}

/// A reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The id the broker gave it.
    pub id: String,
    /// The name its program gives itself.
    pub client_id: String,
    /// Where it connects from.
    pub host: String,
    /// `group.instance.id`, for static membership.
    pub instance_id: Option<String>,
    pub assigned: Vec<TopicPartition>,
}

impl<C: ClientContext + 'static> Admin<C> {
    /// The groups with their members, by name, each once and with its own error. A group nobody knows reads as
    /// `Dead` without members.
    ///
    /// # Errors
    /// The request could not be sent.
    pub async fn describe_consumer_groups(
        &self,
        groups: &[String],
        timeout: Duration,
    ) -> Result<Vec<(String, Result<GroupDescription, Failure>)>, AdminError> {
        // librdkafka refuses a request for nothing, and one that names a group twice.
        let groups: BTreeSet<&str> = groups.iter().map(String::as_str).collect();
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<CString> = groups.into_iter().map(CString::new).collect::<Result<_, _>>()?;
        let operation = sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS;
        self.ask(
            Request::new(operation, timeout),
            move |to| {
                let mut ids: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
                // SAFETY: all of `to` is live; the names are zero-terminated, and librdkafka copies them.
                unsafe {
                    sys::rd_kafka_DescribeConsumerGroups(
                        to.client,
                        ids.as_mut_ptr(),
                        ids.len(),
                        to.options,
                        to.queue,
                    );
                }
            },
            read_descriptions,
        )
        .await
    }
}

fn read_descriptions(event: &Event) -> Vec<(String, Result<GroupDescription, Failure>)> {
    let mut count = 0;
    // SAFETY: the event is the reply to DescribeConsumerGroups without an error; what it holds lives as long as it
    // does, and all of it is copied here.
    unsafe {
        let result = sys::rd_kafka_event_DescribeConsumerGroups_result(event.ptr());
        let groups = sys::rd_kafka_DescribeConsumerGroups_result_groups(result, &raw mut count);
        pointers(groups, count).iter().map(|group| read_description(*group)).collect()
    }
}

/// # Safety
/// A live description.
unsafe fn read_description(
    group: *const sys::rd_kafka_ConsumerGroupDescription_t,
) -> (String, Result<GroupDescription, Failure>) {
    // SAFETY: by the caller; members are counted by librdkafka itself, and state and type are its own values.
    unsafe {
        let id = text_of(sys::rd_kafka_ConsumerGroupDescription_group_id(group));
        if let Some(failure) = failure_of(sys::rd_kafka_ConsumerGroupDescription_error(group)) {
            return (id, Err(failure));
        }
        let count = sys::rd_kafka_ConsumerGroupDescription_member_count(group);
        let member = |n| read_member(sys::rd_kafka_ConsumerGroupDescription_member(group, n));
        let description = GroupDescription {
            id: id.clone(),
            state: state_of(sys::rd_kafka_ConsumerGroupDescription_state(group)),
            kind: type_of(sys::rd_kafka_ConsumerGroupDescription_type(group)),
            assignor: text_of(sys::rd_kafka_ConsumerGroupDescription_partition_assignor(group)),
            members: (0..count).map(member).collect(),
        };
        (id, Ok(description))
    }
}

/// # Safety
/// A live member.
unsafe fn read_member(member: *const sys::rd_kafka_MemberDescription_t) -> Member {
    // SAFETY: by the caller; a member without an assignment has a null one, which is not followed.
    unsafe {
        let instance = sys::rd_kafka_MemberDescription_group_instance_id(member);
        let assignment = sys::rd_kafka_MemberDescription_assignment(member);
        let list = if assignment.is_null() {
            std::ptr::null()
        } else {
            sys::rd_kafka_MemberAssignment_partitions(assignment)
        };
        let read = |p: *const sys::rd_kafka_topic_partition_t| TopicPartition {
            topic: text_of((*p).topic),
            partition: (*p).partition,
        };
        Member {
            id: text_of(sys::rd_kafka_MemberDescription_consumer_id(member)),
            client_id: text_of(sys::rd_kafka_MemberDescription_client_id(member)),
            host: text_of(sys::rd_kafka_MemberDescription_host(member)),
            instance_id: (!instance.is_null()).then(|| text_of(instance)),
            assigned: partitions(list).map(read).collect(),
        }
    }
}
