//! One look at the broker: overview, alarms, nodes and one list of all queues.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use tokio::join;
use weir_model::{
    Cost, GroupObservation, Metric, Observation, QueueId, QueueKind, QueueObservation, Step, Timestamp,
    Unknown, UnknownCode,
};

use super::{
    RabbitMq,
    client::{Management, Tally},
    counters::Epochs,
    dead_letters::DeadLetters,
    figures::{self, Scene, queue_id, with_stream_consumers},
    health::{self, Findings},
    lookup::path_in,
    wire::{Node, Overview, Queue, StreamConsumer, Vhost},
};
use crate::brokers::{BrokerError, KnownQueue};

/// RabbitMQ's default `collect_statistics_interval`, in milliseconds.
const REFRESH_MS: i64 = 5000;

/// The states of vhosts change rarely.
const VHOSTS_REFRESH: Duration = Duration::from_secs(60);

/// A start of the broker reckoned from its uptime may be off by this much, in milliseconds.
const START_TOLERANCE_MS: u64 = 60_000;
const MINUTE_MS: i64 = 60_000;

const OVERVIEW: &str = "overview?columns=rabbitmq_version,rates_mode,disable_stats,object_totals";
const NODES: &str = "nodes?columns=name,running,partitions,uptime,being_drained";
const VHOSTS: &str = "vhosts?columns=name,cluster_state";
const QUEUE_COLUMNS: &str = "columns=name,vhost,type,state,exclusive,arguments,effective_policy_definition,members,\
    online,messages,messages_ready,messages_unacknowledged,consumers,head_message_timestamp,message_stats.publish,\
    message_stats.deliver_get,message_stats.deliver_no_ack,message_stats.get_no_ack,message_stats.ack,\
    message_stats.redeliver";

/// What is remembered from one observation to the next.
#[derive(Debug, Default)]
pub(super) struct Memory {
    epochs: Epochs,
    dead_letters: DeadLetters,
    vhosts: Vec<Vhost>,
    vhosts_at: Option<Instant>,
    hidden: Option<u64>,
    /// When the only node started, in epoch milliseconds.
    start: Option<i64>,
}

impl RabbitMq {
    /// Looks at everything the account may see.
    pub(super) async fn look(&self, known: &[KnownQueue]) -> Result<Observation, BrokerError> {
        let (begun, tally) = (Instant::now(), Tally::default());
        let mut memory = self.memory.lock().await;
        let overview: Overview = self.management.get(OVERVIEW, &tally).await?;
        let (nodes, alarms, queues) = join!(
            self.management.get::<Vec<Node>>(NODES, &tally),
            self.management.alarms(&tally),
            self.queues(overview.disable_stats, &tally),
        );
        let (queues, at) = queues?;
        let (nodes, alarms) = (optional(nodes)?, optional(alarms)?.unwrap_or_default());
        let statistics_off = statistics_off(&overview);
        let start = memory.start(nodes.as_deref(), at, known);
        memory.adopt(known, &start);
        memory.look_at_vhosts(&self.management, &tally).await;
        let targets = memory.dead_letters.targets(&queues, &self.management, &tally).await;
        let scene = Scene { at, statistics_off, start: &start };
        let mut seen: Vec<_> =
            queues.iter().map(|queue| self.without_own_reads(queue, &scene, &mut memory.epochs)).collect();
        if seen.iter().any(read_by_streams) {
            let readers = self.stream_readers(&tally).await;
            seen = seen.into_iter().map(|queue| with_readers(queue, &readers)).collect();
        }
        for queue in &mut seen {
            queue.dead_letter_target = targets.contains(&queue.id);
        }
        let hidden_queues = memory.hidden(&overview, queues.len(), self.settings.vhost.is_some());
        memory.finish(&queues);
        self.remember(&overview, queues);
        let findings = Findings {
            alarms: &alarms,
            nodes: nodes.as_deref(),
            vhosts: &memory.vhosts,
            statistics_off,
            hidden_queues,
            unavailable_queues: seen.iter().filter(|queue| queue.unavailable).count(),
        };
        Ok(Observation {
            at,
            cost: cost(begun, &tally),
            version: overview.rabbitmq_version.unwrap_or_default(),
            health: health::facts(&findings),
            publishers_blocked: health::publishers_blocked(&alarms),
            refresh_ms: REFRESH_MS,
            queues: seen,
            hidden_queues,
        })
    }

    fn without_own_reads(&self, queue: &Queue, scene: &Scene<'_>, epochs: &mut Epochs) -> QueueObservation {
        let before = epochs.counters(&queue_id(&queue.vhost, &queue.name));
        let mut seen = figures::observe(queue, scene, epochs);
        self.own_reads.take_out(&mut seen, before, scene.at);
        seen
    }

    /// All queues in one list, and the middle of the request. Where statistics are off, the broker still tells
    /// depths when asked for totals.
    async fn queues(&self, totals_only: bool, tally: &Tally) -> Result<(Vec<Queue>, Timestamp), BrokerError> {
        let vhost = self.settings.vhost.as_deref();
        let path = vhost.map_or_else(|| "queues".to_owned(), |vhost| path_in("queues", vhost));
        let totals = if totals_only { "&disable_stats=true&enable_queue_totals=true" } else { "" };
        let asked = Timestamp::now();
        let mut queues: Vec<Queue> =
            self.management.get(&format!("{path}?{QUEUE_COLUMNS}{totals}"), tally).await?;
        queues.retain(|queue| vhost.is_none_or(|vhost| queue.vhost == vhost));
        Ok((queues, asked.plus_ms(Timestamp::now().since_ms(asked) / 2)))
    }

    /// Consumers that speak the stream protocol, by stream. Empty where the plugin that lists them is off.
    async fn stream_readers(&self, tally: &Tally) -> HashMap<QueueId, Vec<GroupObservation>> {
        let consumers: Vec<StreamConsumer> =
            self.management.get("stream/consumers", tally).await.unwrap_or_default();
        let mut readers: HashMap<QueueId, Vec<GroupObservation>> = HashMap::new();
        for consumer in consumers {
            let id = queue_id(&consumer.queue.vhost, &consumer.queue.name);
            join_group(readers.entry(id).or_default(), reader(&consumer));
        }
        readers
    }
}

impl Memory {
    /// Tells starts of a single node apart; in a cluster counters outlive the restart of one node. In whole minutes, so
    /// that the next run of Weir, which is told of `known`, reckons the same.
    fn start(&mut self, nodes: Option<&[Node]>, at: Timestamp, known: &[KnownQueue]) -> String {
        if let Some([Node { uptime: Some(uptime), .. }]) = nodes {
            let start = at.0.saturating_sub(*uptime);
            let is_it = |known: i64| known.abs_diff(start) <= START_TOLERANCE_MS;
            if self.start.is_none() {
                let told = known
                    .iter()
                    .filter_map(|queue| named_start(&queue.epoch))
                    .map(|n| n.saturating_mul(MINUTE_MS));
                self.start = told.max().filter(|told| is_it(*told));
            }
            if !self.start.is_some_and(is_it) {
                self.start = Some(start);
            }
        }
        let minutes = self.start.map(|start| start.saturating_add(MINUTE_MS / 2) / MINUTE_MS);
        minutes.unwrap_or(0).to_string()
    }

    /// Goes on with the epochs that an earlier run named since that start of the broker.
    fn adopt(&mut self, known: &[KnownQueue], start: &str) {
        if !self.epochs.are_new() {
            return;
        }
        for queue in known {
            let mut parts = queue.epoch.split(' ').skip(1);
            if let (Some(of), Some(Ok(began))) = (parts.next(), parts.next().map(str::parse))
                && of == start
            {
                self.epochs.adopt(&queue.id, began);
            }
        }
    }

    async fn look_at_vhosts(&mut self, management: &Management, tally: &Tally) {
        if self.vhosts_at.is_none_or(|when| when.elapsed() >= VHOSTS_REFRESH) {
            // An account that may not list them never could; after a mishap they are as they were.
            if let Ok(vhosts) = management.get(VHOSTS, tally).await {
                self.vhosts = vhosts;
            }
            self.vhosts_at = Some(Instant::now());
        }
    }

    /// Queues that exist but are not listed. The smaller of two looks, since queues come and go between requests.
    fn hidden(&mut self, overview: &Overview, listed: usize, one_vhost: bool) -> Option<u64> {
        let total = overview.object_totals.as_ref()?.queues?;
        if one_vhost {
            return None;
        }
        let now = u64::try_from(total).unwrap_or(0).saturating_sub(listed as u64);
        let before = self.hidden.replace(now).unwrap_or(now);
        Some(now.min(before))
    }

    fn finish(&mut self, queues: &[Queue]) {
        let present: HashSet<QueueId> =
            queues.iter().map(|queue| queue_id(&queue.vhost, &queue.name)).collect();
        self.epochs.finish(|id| present.contains(id));
    }
}

/// The start of the broker in the name of an epoch, in minutes: `classic 29917733 0`.
fn named_start(epoch: &str) -> Option<i64> {
    epoch.split(' ').nth(1)?.parse().ok().filter(|minutes| *minutes > 0)
}

/// Why there are no counters.
pub(super) fn statistics_off(overview: &Overview) -> Option<&'static str> {
    if overview.disable_stats {
        return Some(
            "statistics are switched off in RabbitMQ's configuration (management.disable_stats or \
             management_agent.disable_metrics_collector)",
        );
    }
    let none = overview.rates_mode.as_deref() == Some("none");
    none.then_some("management.rates_mode is none in RabbitMQ's configuration")
}

/// `None` for what the account may not see or this version has not; other errors stay errors.
fn optional<T>(answer: Result<T, BrokerError>) -> Result<Option<T>, BrokerError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(BrokerError::NotFound(_) | BrokerError::Failed { step: Step::Permission, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_by_streams(queue: &QueueObservation) -> bool {
    queue.kind == QueueKind::RabbitmqStream && queue.value(Metric::Consumers) != Some(0)
}

fn with_readers(
    queue: QueueObservation,
    readers: &HashMap<QueueId, Vec<GroupObservation>>,
) -> QueueObservation {
    match readers.get(&queue.id) {
        Some(groups) if queue.kind == QueueKind::RabbitmqStream => {
            with_stream_consumers(queue, groups.clone())
        }
        _ => queue,
    }
}

/// A stream-protocol consumer as a group of one.
fn reader(consumer: &StreamConsumer) -> GroupObservation {
    let connection =
        consumer.connection_details.get("name").and_then(serde_json::Value::as_str).unwrap_or("?");
    let own_name = consumer.properties.get("name").and_then(serde_json::Value::as_str);
    let name = own_name
        .map_or_else(|| format!("{connection} #{}", consumer.subscription_id.unwrap_or(0)), str::to_owned);
    let not_told = || Unknown::new(UnknownCode::NotYet, "the broker has not told this consumer's offset yet");
    GroupObservation {
        name,
        state: None,
        members: Ok(1),
        figures: [
            (Metric::Lag, consumer.offset_lag.ok_or_else(not_told)),
            (Metric::Out, consumer.consumed.ok_or_else(not_told)),
        ]
        .into(),
        partitions: Vec::new(),
        notes: Vec::new(),
    }
}

/// Consumers of one name share their offset: they are one group, whose lag is that of the last of them.
fn join_group(groups: &mut Vec<GroupObservation>, newcomer: GroupObservation) {
    let Some(group) = groups.iter_mut().find(|group| group.name == newcomer.name) else {
        groups.push(newcomer);
        return;
    };
    group.members = group.members.clone().map(|n| n + 1);
    for (metric, reading) in newcomer.figures {
        let both = match (group.figures.remove(&metric), reading) {
            (Some(Ok(a)), Ok(b)) if metric == Metric::Lag => Ok(a.max(b)),
            (Some(Ok(a)), Ok(b)) => Ok(a.saturating_add(b)),
            (Some(Err(why)), _) | (_, Err(why)) => Err(why),
            (None, reading) => reading,
        };
        group.figures.insert(metric, both);
    }
}

fn cost(begun: Instant, tally: &Tally) -> Cost {
    Cost {
        duration_ms: i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX),
        requests: tally.requests(),
        bytes: tally.bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brokers::rabbitmq::wire::ObjectTotals;

    fn node(uptime: i64) -> [Node; 1] {
        [Node { uptime: Some(uptime), ..Node::default() }]
    }

    #[test]
    fn given_a_node_that_runs_on_when_its_uptime_is_read_then_the_start_stays() {
        let mut memory = Memory::default();
        let first = memory.start(Some(&node(100_000)), Timestamp(1_000_000), &[]);
        assert_eq!(memory.start(Some(&node(105_100)), Timestamp(1_005_000), &[]), first);
        assert_eq!(memory.start(None, Timestamp(1_010_000), &[]), first);
        assert_ne!(memory.start(Some(&node(1_000)), Timestamp(1_100_000), &[]), first);
    }

    /// Wherever in its minute the broker started, and however the clocks of the two runs differ by a little.
    #[test]
    fn given_epochs_of_an_earlier_run_when_the_broker_has_run_on_then_they_are_named_alike() {
        for offset in (0..60_000).step_by(5_000) {
            let (mut before, mut after) = (Memory::default(), Memory::default());
            let at = Timestamp(90_000_000 + offset);
            let id = QueueId::from_parts(&["/", "q"]);
            let start = before.start(Some(&node(60_000)), at, &[]);
            let known = [KnownQueue {
                id: id.clone(),
                kind: QueueKind::RabbitmqClassic,
                epoch: format!("classic {start} 77"),
            }];
            assert_eq!(after.start(Some(&node(160_000)), at.plus_ms(101_000), &known), start, "{offset}");
            after.adopt(&known, &start);
            assert_eq!(after.epochs.note(&id, None, at), 77);
            let restarted = Memory::default().start(Some(&node(1_000)), at.plus_ms(101_000), &known);
            assert_ne!(restarted, start, "{offset}");
        }
    }

    #[test]
    fn given_a_queue_declared_between_two_requests_when_counted_then_none_is_called_hidden() {
        let mut memory = Memory::default();
        let overview = |queues| Overview {
            object_totals: Some(ObjectTotals { queues: Some(queues) }),
            ..Overview::default()
        };
        assert_eq!(memory.hidden(&overview(7), 7, false), Some(0));
        assert_eq!(memory.hidden(&overview(8), 7, false), Some(0));
        assert_eq!(memory.hidden(&overview(9), 7, false), Some(1));
        assert_eq!(memory.hidden(&overview(9), 7, true), None);
    }

    #[test]
    fn given_an_uptime_at_the_edge_of_its_range_when_read_then_there_is_a_start() {
        for uptime in [i64::MIN, -1, i64::MAX] {
            let start = Memory::default().start(Some(&node(uptime)), Timestamp(1_000_000), &[]);
            assert!(start.parse::<i64>().is_ok(), "{uptime}: {start}");
        }
    }

    #[test]
    fn given_two_consumers_of_one_name_when_joined_then_they_are_one_group_with_the_larger_lag() {
        let consumer = |lag: i64, consumed: i64| StreamConsumer {
            offset_lag: Some(lag),
            consumed: Some(consumed),
            properties: [("name".to_owned(), "billing".into())].into_iter().collect(),
            ..StreamConsumer::default()
        };
        let mut groups = Vec::new();
        join_group(&mut groups, reader(&consumer(5, 10)));
        join_group(&mut groups, reader(&consumer(9, 20)));
        assert_eq!(groups.len(), 1);
        assert_eq!((&groups[0].members, groups[0].name.as_str()), (&Ok(2), "billing"));
        assert_eq!(groups[0].figures, [(Metric::Lag, Ok(9)), (Metric::Out, Ok(30))].into());
        join_group(&mut groups, reader(&consumer(9, i64::MAX)));
        assert_eq!(groups[0].figures[&Metric::Out], Ok(i64::MAX));
    }

    #[test]
    fn given_each_switch_when_read_then_the_reason_names_it() {
        let off = |disable_stats, rates_mode: &str| {
            statistics_off(&Overview {
                disable_stats,
                rates_mode: Some(rates_mode.to_owned()),
                ..Overview::default()
            })
        };
        assert_eq!(off(false, "basic"), None);
        assert!(off(false, "none").is_some_and(|why| why.contains("rates_mode")));
        assert!(off(true, "basic").is_some_and(|why| why.contains("disable_stats")));
    }
}
