//! What to know about the cluster beside its topics.

use weir_kafka_admin::Cluster;
use weir_model::{HealthFact, Unknown, broker::Severity};

use super::topology::{Partition, Topic, Topology};

/// Partitions that a text names before it counts the rest.
const NAMED: usize = 5;

/// All facts, worst first. A cluster that did not describe itself is not said to have no controller.
pub(super) fn health(
    topology: &Topology,
    cluster: Option<&Cluster>,
    unlisted: Option<&Unknown>,
    unread: Option<&Unknown>,
) -> Vec<HealthFact> {
    let mut facts = Vec::new();
    let mut add = |code: &str, severity, text: String| {
        facts.push(HealthFact { code: code.to_owned(), severity, text });
    };
    let offline = named(topology, |p| p.leader.is_none());
    if let Some(names) = offline {
        add("offline_partitions", Severity::Critical, format!("Without a leader: {names}"));
    }
    if cluster.is_some_and(|cluster| cluster.controller.is_none()) {
        add("no_controller", Severity::Critical, "The cluster has no controller".to_owned());
    }
    let behind = named(topology, |p| p.leader.is_some() && p.in_sync.len() < p.replicas.len());
    if let Some(names) = behind {
        add(
            "under_replicated_partitions",
            Severity::Warning,
            format!("Replicas are behind or missing: {names}"),
        );
    }
    let missing: Vec<String> = topology.missing_brokers().iter().map(ToString::to_string).collect();
    if !missing.is_empty() {
        let text = format!("Brokers that hold replicas are not there: {}", missing.join(", "));
        add("missing_brokers", Severity::Warning, text);
    }
    if let Some(reason) = unlisted {
        let text = format!("Consumer groups may be missing: {}", reason.detail);
        add("groups_unlisted", Severity::Warning, text);
    }
    if let Some(reason) = unread {
        let text = format!("Which topics are compacted is not told: {}", reason.detail);
        add("settings_unread", Severity::Info, text);
    }
    add("brokers", Severity::Info, brokers(topology));
    facts
}

fn brokers(topology: &Topology) -> String {
    match topology.brokers.len() {
        1 => "1 broker".to_owned(),
        n => format!("{n} brokers"),
    }
}

/// The partitions that hold, by name, the first few; `None` where there are none.
fn named(topology: &Topology, holds: impl Fn(&Partition) -> bool) -> Option<String> {
    let found: Vec<(&Topic, &Partition)> = topology
        .topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(move |partition| (topic, partition)))
        .filter(|(_, partition)| holds(partition))
        .collect();
    let names: Vec<String> = found
        .iter()
        .take(NAMED)
        .map(|(topic, partition)| format!("{}-{}", topic.name, partition.id))
        .collect();
    let more = found.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!found.is_empty()).then(|| format!("{}{rest}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_dead_broker_when_judged_then_partitions_and_broker_are_named_worst_first() {
        let alone = Partition { id: 0, leader: None, replicas: vec![2], in_sync: vec![] };
        let pair = Partition { id: 1, leader: Some(1), replicas: vec![1, 2], in_sync: vec![1] };
        let topic = Topic { name: "orders".to_owned(), partitions: vec![alone, pair] };
        let topology = Topology { brokers: [1].into(), topics: vec![topic], ..Topology::default() };
        let facts = health(&topology, None, None, None);
        let codes: Vec<&str> = facts.iter().map(|fact| fact.code.as_str()).collect();
        assert_eq!(
            codes,
            ["offline_partitions", "under_replicated_partitions", "missing_brokers", "brokers"]
        );
        assert!(facts[0].text.ends_with("orders-0"), "{}", facts[0].text);
    }
}
