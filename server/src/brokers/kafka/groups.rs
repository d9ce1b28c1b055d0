//! Consumer groups of a cluster: who is in them, and what they have committed.

use std::{collections::BTreeMap, time::Duration};

use rdkafka::types::RDKafkaErrorCode;
use weir_kafka_admin::{
    Admin, AdminError, Failure, GroupDescription, GroupListing, GroupOffsets, GroupState, GroupType,
    ListedGroup, Member, TopicPartition,
};
use weir_model::{Reading, Unknown, UnknownCode};

use super::{context::Context, refused::missing_right};

/// Requests for committed offsets that are under way together: Kafka wants one per group.
const IN_FLIGHT: usize = 50;

/// All groups of a cluster.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    pub(super) groups: Vec<Group>,
    /// Brokers that did not list theirs, or why nobody did: groups may be missing.
    pub(super) unlisted: Option<Unknown>,
    pub(super) requests: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) state: GroupState,
    pub(super) kind: GroupType,
    /// It was committed for, but never had members.
    pub(super) simple: bool,
    pub(super) members: Reading<Vec<Member>>,
    /// By partition; one that is not in it was never committed.
    pub(super) committed: Reading<BTreeMap<TopicPartition, Reading>>,
}

/// Lists all groups, then asks for members and committed offsets together. What fails stays beside its group.
pub(super) async fn all_groups(admin: &Admin<Context>, timeout: Duration) -> Groups {
    let listing = match admin.list_consumer_groups(timeout).await {
        Ok(listing) => listing,
        Err(error) => return Groups { unlisted: Some(why(&error)), requests: 1, ..Groups::default() },
    };
    let unlisted = unlisted(&listing);
    let names: Vec<String> = listing.groups.iter().map(|group| group.id.clone()).collect();
    let populated: Vec<String> =
        listing.groups.iter().filter(|group| may_have_members(group)).map(|group| group.id.clone()).collect();
    let (described, committed) = tokio::join!(
        admin.describe_consumer_groups(&populated, timeout),
        admin.list_consumer_group_offsets(&names, IN_FLIGHT, timeout),
    );
    let requests = u32::try_from(1 + names.len() + populated.len()).unwrap_or(u32::MAX);
    Groups { groups: join(listing, described, committed), unlisted, requests }
}

/// An empty group has no members to ask for. Brokers before 2.6 don't list the state.
fn may_have_members(group: &ListedGroup) -> bool {
    !matches!(group.state, GroupState::Empty | GroupState::Dead)
}

fn unlisted(listing: &GroupListing) -> Option<Unknown> {
    let first = listing.failures.first()?;
    let code = code_of(first.code);
    Some(Unknown::new(code, format!("not every broker listed its groups: {first}")))
}

type Described = Result<Vec<(String, Result<GroupDescription, Failure>)>, AdminError>;

fn join(listing: GroupListing, described: Described, committed: Vec<GroupOffsets>) -> Vec<Group> {
    let not_described = described.as_ref().err().map(why);
    let mut described: BTreeMap<String, Result<GroupDescription, Failure>> =
        described.unwrap_or_default().into_iter().collect();
    let mut committed: BTreeMap<String, GroupOffsets> =
        committed.into_iter().map(|offsets| (offsets.group.clone(), offsets)).collect();
    let group = |listed: ListedGroup| {
        let description = described.remove(&listed.id);
        let state = match &description {
            Some(Ok(description)) => description.state,
            _ => listed.state,
        };
        let members = match (description, &not_described) {
            (Some(Ok(description)), _) => Ok(description.members),
            (Some(Err(failure)), _) => Err(why_not(&failure)),
            (None, Some(reason)) if may_have_members(&listed) => Err(reason.clone()),
            (None, _) => Ok(Vec::new()),
        };
        let committed = committed.remove(&listed.id).map_or_else(|| Ok(BTreeMap::new()), offsets_of);
        let ListedGroup { id, kind, simple, .. } = listed;
        Group { id, state, kind, simple, members, committed }
    };
    let mut groups: Vec<Group> = listing.groups.into_iter().map(group).collect();
    groups.sort_by(|a, b| a.id.cmp(&b.id));
    groups
}

fn offsets_of(group: GroupOffsets) -> Reading<BTreeMap<TopicPartition, Reading>> {
    let offsets = group.offsets.map_err(|error| {
        let reason = why(&error);
        Unknown::new(reason.code, format!("committed offsets of group {}: {}", group.group, reason.detail))
    })?;
    let place = |p: weir_kafka_admin::PartitionOffset| {
        let reading = p.offset.map_err(|failure| why_not(&failure));
        (TopicPartition { topic: p.topic, partition: p.partition }, reading)
    };
    Ok(offsets.into_iter().map(place).collect())
}

fn why(error: &AdminError) -> Unknown {
    match error {
        AdminError::Failed(failure) => why_not(failure),
        other => Unknown::new(UnknownCode::BrokerDown, other.to_string()),
    }
}

fn why_not(failure: &Failure) -> Unknown {
    let right = missing_right(failure.code, "Describe");
    Unknown::new(code_of(failure.code), right.unwrap_or_else(|| failure.message.clone()))
}

fn code_of(code: RDKafkaErrorCode) -> UnknownCode {
    use RDKafkaErrorCode as Code;
    match code {
        Code::GroupAuthorizationFailed
        | Code::TopicAuthorizationFailed
        | Code::ClusterAuthorizationFailed => UnknownCode::NoPermission,
        Code::UnsupportedVersion | Code::UnsupportedFeature => UnknownCode::Unsupported,
        _ => UnknownCode::BrokerDown,
    }
}
