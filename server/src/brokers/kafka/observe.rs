//! One look at a cluster.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use weir_model::{Cost, Observation, QueueObservation, Timestamp};

use super::{
    Kafka,
    connection::Connection,
    figures::Seen,
    groups::{Groups, all_groups},
    health::health,
    offsets::{AllEnds, all_ends},
    sums::Sums,
    topic_config::Policies,
    topology::{Topic, Topology},
    version,
};
use crate::brokers::BrokerError;

/// Time for a poll where the caller sets none.
const POLL_TIME: Duration = Duration::from_secs(10);

/// What observing remembers from poll to poll.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) policies: Policies,
    /// Held while figures are reckoned, never across an await.
    sums: Mutex<Sums>,
}

/// What the parts of a look may take at most, so that together they stay within the budget: a part that waits for
/// one broker in vain still leaves time for the parts after it.
struct Shares {
    metadata: Duration,
    groups: Duration,
    offsets: Duration,
}

impl Shares {
    fn of(budget: Duration) -> Self {
        Self { metadata: budget.mul_f64(0.4), groups: budget.mul_f64(0.2), offsets: budget.mul_f64(0.2) }
    }
}

impl Kafka {
    pub(super) async fn look(&self, budget: Duration) -> Result<Observation, BrokerError> {
        let began = Instant::now();
        let shares = Shares::of(if budget.is_zero() { POLL_TIME } else { budget });
        let connection = self.dialer.connection().await?;
        let result = self.look_over(&connection, &shares, began).await;
        if result.is_err() {
            // The next look begins with new connections rather than with librdkafka's back-off.
            self.dialer.forget(&connection);
        }
        result
    }

    async fn look_over(
        &self,
        connection: &Connection,
        shares: &Shares,
        began: Instant,
    ) -> Result<Observation, BrokerError> {
        let topology = connection.topology(shares.metadata).await?;
        let admin = connection.admin()?;
        let listed: Vec<&Topic> =
            topology.topics.iter().filter(|t| self.selection.lists(&t.name, t.is_internal())).collect();
        let names: Vec<String> = listed.iter().map(|topic| topic.name.clone()).collect();
        let (groups, cluster, asked, release) = tokio::join!(
            all_groups(admin, shares.groups),
            admin.describe_cluster(shares.groups),
            self.memory.policies.refresh(&self.dialer, &names, shares.groups),
            self.release(connection, shares.groups),
        );
        // After the committed offsets, so that none of them can be ahead of the end.
        let asked_ends_at = Timestamp::now();
        let ends = all_ends(admin, listed.iter().copied(), shares.offsets).await;
        let at = asked_ends_at.plus_ms(Timestamp::now().since_ms(asked_ends_at) / 2);
        let policies = self.memory.policies.known();
        let unread = policies.values().find_map(|policy| policy.as_ref().err());
        let queues = self.reckon(&listed, &topology, &ends, &groups);
        Ok(Observation {
            at,
            cost: Cost {
                duration_ms: began.elapsed().as_millis() as i64,
                requests: 2 + asked + groups.requests + ends.requests,
                bytes: 0,
            },
            version: release,
            health: health(&topology, cluster.ok().as_ref(), groups.unlisted.as_ref(), unread),
            queues,
            ..Observation::default()
        })
    }

    fn reckon(
        &self,
        listed: &[&Topic],
        topology: &Topology,
        ends: &AllEnds,
        groups: &Groups,
    ) -> Vec<QueueObservation> {
        let policies = self.memory.policies.known();
        let seen = Seen { topology, ends, groups, policies: &policies };
        let mut sums = self.memory.sums.lock().unwrap_or_else(PoisonError::into_inner);
        sums.groups.keep(|name| listed.iter().any(|topic| topic.name == *name));
        let queues = listed.iter().map(|topic| seen.topic(topic, &mut sums)).collect();
        if groups.unlisted.is_none() {
            let is_there = |name: &str| groups.groups.binary_search_by(|g| g.id.as_str().cmp(name)).is_ok();
            sums.committed.keep(|(group, _)| is_there(group));
        }
        queues
    }

    /// Asked once per client; empty where it is not told.
    pub(super) async fn release(&self, connection: &Connection, within: Duration) -> String {
        let ask = || async { version::release(&self.dialer.settings, within).await.unwrap_or_default() };
        connection.release.get_or_init(ask).await.clone()
    }
}

/// How a topic is listed that is no longer there.
pub(super) fn vanished(before: &QueueObservation) -> QueueObservation {
    QueueObservation {
        vanished: true,
        notes: vec!["The topic was deleted, or the account may no longer see it.".to_owned()],
        ..QueueObservation::new(before.id.clone(), before.kind, before.name.clone(), before.scope.clone())
    }
}
