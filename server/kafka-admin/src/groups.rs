//! Which consumer groups there are.

use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka_sys as sys;
use sys::{rd_kafka_consumer_group_state_t as State, rd_kafka_consumer_group_type_t as Type};

use crate::{
    Admin, AdminError, Failure,
    admin::Request,
    native::{Event, failure_of, pointers, text_of},
};

/// The state of a group. What this librdkafka has no name for (`Assigning`, `Reconciling`) is `Unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupState {
    Unknown,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
    Dead,
    Empty,
}

impl GroupState {
    /// Kafka's own word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "Unknown",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
            Self::Dead => "Dead",
            Self::Empty => "Empty",
        }
    }
}

/// The protocol a group speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupType {
    /// The broker does not tell (before 3.8).
    Unknown,
    /// KIP-848: the broker assigns.
    Consumer,
    /// Members assign among themselves.
    Classic,
}

/// One group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedGroup {
    pub id: String,
    pub state: GroupState,
    pub kind: GroupType,
    /// Offsets are committed under its name, but it never had members.
    pub simple: bool,
}

/// All groups whose coordinators answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupListing {
    pub groups: Vec<ListedGroup>,
    /// One per broker that gave none: its groups are missing above.
    pub failures: Vec<Failure>,
}

impl<C: ClientContext + 'static> Admin<C> {
    /// Every consumer group, asked of all brokers at once.
    ///
    /// # Errors
    /// No broker is known yet, or the request could not be sent.
    pub async fn list_consumer_groups(&self, timeout: Duration) -> Result<GroupListing, AdminError> {
        let operation = sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS;
        self.ask(
            Request::new(operation, timeout),
            |to| {
                // SAFETY: all of `to` is live.
                unsafe { sys::rd_kafka_ListConsumerGroups(to.client, to.options, to.queue) };
            },
            read_listing,
        )
        .await
    }
}

fn read_listing(event: &Event) -> GroupListing {
    let (mut valid, mut failed) = (0, 0);
    // SAFETY: the event is the reply to ListConsumerGroups without an error; what it holds lives as long as it does,
    // and all of it is copied here.
    unsafe {
        let result = sys::rd_kafka_event_ListConsumerGroups_result(event.ptr());
        let groups = sys::rd_kafka_ListConsumerGroups_result_valid(result, &raw mut valid);
        let errors = sys::rd_kafka_ListConsumerGroups_result_errors(result, &raw mut failed);
        GroupListing {
            groups: pointers(groups, valid).iter().map(|group| read_group(*group)).collect(),
            failures: pointers(errors, failed).iter().filter_map(|error| failure_of(*error)).collect(),
        }
    }
}

/// # Safety
/// A live listing.
unsafe fn read_group(group: *const sys::rd_kafka_ConsumerGroupListing_t) -> ListedGroup {
    // SAFETY: by the caller. State and type are values of librdkafka's own, never a broker's number: it reads the
    // broker's word and gives UNKNOWN for one it does not know.
    unsafe {
        ListedGroup {
            id: text_of(sys::rd_kafka_ConsumerGroupListing_group_id(group)),
            state: state_of(sys::rd_kafka_ConsumerGroupListing_state(group)),
            kind: type_of(sys::rd_kafka_ConsumerGroupListing_type(group)),
            simple: sys::rd_kafka_ConsumerGroupListing_is_simple_consumer_group(group) != 0,
        }
    }
}

pub(crate) fn state_of(state: State) -> GroupState {
    match state {
        State::RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE => GroupState::PreparingRebalance,
        State::RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE => GroupState::CompletingRebalance,
        State::RD_KAFKA_CONSUMER_GROUP_STATE_STABLE => GroupState::Stable,
        State::RD_KAFKA_CONSUMER_GROUP_STATE_DEAD => GroupState::Dead,
        State::RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY => GroupState::Empty,
        State::RD_KAFKA_CONSUMER_GROUP_STATE_UNKNOWN | State::RD_KAFKA_CONSUMER_GROUP_STATE__CNT => {
            GroupState::Unknown
        }
    }
}

pub(crate) fn type_of(kind: Type) -> GroupType {
    match kind {
        Type::RD_KAFKA_CONSUMER_GROUP_TYPE_CONSUMER => GroupType::Consumer,
        Type::RD_KAFKA_CONSUMER_GROUP_TYPE_CLASSIC => GroupType::Classic,
        Type::RD_KAFKA_CONSUMER_GROUP_TYPE_UNKNOWN | Type::RD_KAFKA_CONSUMER_GROUP_TYPE__CNT => {
            GroupType::Unknown
        }
    }
}
