//! What is to know about the broker as a whole, worst first.

use std::collections::HashMap;

use weir_model::{HealthFact, Severity};

use super::wire::{Alarm, Node, Vhost};

/// What one observation found out about the broker, beside the queues.
#[derive(Debug, Default)]
pub(super) struct Findings<'a> {
    pub alarms: &'a [Alarm],
    /// `None`: the account may not list the nodes.
    pub nodes: Option<&'a [Node]>,
    pub vhosts: &'a [Vhost],
    /// Why there are no counters.
    pub statistics_off: Option<&'a str>,
    pub hidden_queues: Option<u64>,
    /// Queues whose state says that they can't serve.
    pub unavailable_queues: usize,
}

/// The reason why publishers are blocked, where an alarm blocks them.
pub(super) fn publishers_blocked(alarms: &[Alarm]) -> Option<String> {
    let mut by_resource: HashMap<&str, Vec<&str>> = HashMap::new();
    for alarm in alarms.iter().filter(|alarm| blocks(alarm)) {
        by_resource.entry(&alarm.resource).or_default().push(&alarm.node);
    }
    let mut reasons: Vec<String> = by_resource
        .into_iter()
        .map(|(resource, nodes)| format!("{resource} alarm on {}", nodes.join(", ")))
        .collect();
    reasons.sort();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// All findings as facts.
pub(super) fn facts(findings: &Findings<'_>) -> Vec<HealthFact> {
    let mut facts: Vec<HealthFact> = findings.alarms.iter().map(alarm).collect();
    for node in findings.nodes.unwrap_or_default() {
        facts.extend(node_facts(node));
    }
    if findings.nodes.is_none() {
        facts.push(fact(
            "nodes_hidden",
            Severity::Info,
            "The nodes can't be seen: the account lacks the tag monitoring".to_owned(),
        ));
    }
    for vhost in findings.vhosts {
        for (node, state) in &vhost.cluster_state {
            if state != "running" {
                let text =
                    format!("Vhost \"{}\" is {} on {node}", vhost.name, state.as_str().unwrap_or("down"));
                facts.push(fact("vhost_down", Severity::Critical, text));
            }
        }
    }
    match findings.unavailable_queues {
        0 => {}
        1 => facts.push(fact("queues_unavailable", Severity::Critical, "One queue can't serve".to_owned())),
        n => facts.push(fact("queues_unavailable", Severity::Critical, format!("{n} queues can't serve"))),
    }
    if let Some(why) = findings.statistics_off {
        facts.push(fact("statistics_off", Severity::Warning, format!("No counters and no rates: {why}")));
    }
    if let Some(hidden) = findings.hidden_queues.filter(|n| *n > 0) {
        let (noun, verb) = if hidden == 1 { ("queue", "is") } else { ("queues", "are") };
        let text = format!("{hidden} {noun} {verb} hidden: the account has no permission on their vhosts");
        facts.push(fact("hidden_queues", Severity::Info, text));
    }
    facts.sort_by_key(|fact| std::cmp::Reverse(fact.severity));
    facts
}

fn blocks(alarm: &Alarm) -> bool {
    alarm.resource == "memory" || is_disk(alarm)
}

/// The management API calls it "disk space".
fn is_disk(alarm: &Alarm) -> bool {
    alarm.resource.starts_with("disk")
}

fn alarm(alarm: &Alarm) -> HealthFact {
    let (code, text) = match alarm.resource.as_str() {
        "memory" => ("memory_alarm", format!("Memory alarm on {}: publishers are blocked", alarm.node)),
        _ if is_disk(alarm) => {
            ("disk_alarm", format!("Disk alarm on {}: publishers are blocked", alarm.node))
        }
        other => ("resource_alarm", format!("Alarm on {}: {}", alarm.node, other.replace('_', " "))),
    };
    fact(code, if blocks(alarm) { Severity::Critical } else { Severity::Warning }, text)
}

fn node_facts(node: &Node) -> Vec<HealthFact> {
    let mut facts = Vec::new();
    if node.running == Some(false) {
        facts.push(fact("node_down", Severity::Critical, format!("Node {} is down", node.name)));
    }
    if !node.partitions.is_empty() {
        let text = format!("Network partition: {} lost sight of {}", node.name, node.partitions.join(", "));
        facts.push(fact("network_partition", Severity::Critical, text));
    }
    if node.being_drained {
        facts.push(fact(
            "node_drained",
            Severity::Warning,
            format!("Node {} is under maintenance", node.name),
        ));
    }
    facts
}

fn fact(code: &str, severity: Severity, text: String) -> HealthFact {
    HealthFact { code: code.to_owned(), severity, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm_on(resource: &str) -> Alarm {
        Alarm { node: "rabbit@a".to_owned(), resource: resource.to_owned() }
    }

    #[test]
    fn given_a_memory_alarm_when_told_then_publishers_are_blocked_and_the_fact_is_critical() {
        let alarms = [alarm_on("file_descriptor_limit"), alarm_on("memory")];
        assert_eq!(publishers_blocked(&alarms).as_deref(), Some("memory alarm on rabbit@a"));
        let facts = facts(&Findings { alarms: &alarms, nodes: Some(&[]), ..Findings::default() });
        assert_eq!((facts[0].code.as_str(), facts[0].severity), ("memory_alarm", Severity::Critical));
        assert_eq!(facts[1].severity, Severity::Warning);
    }

    #[test]
    fn given_a_disk_alarm_in_the_words_of_the_management_api_when_told_then_it_blocks_publishers() {
        for resource in ["disk", "disk space"] {
            let alarms = [alarm_on(resource)];
            assert!(publishers_blocked(&alarms).is_some_and(|reason| reason.contains("disk")));
            let facts = facts(&Findings { alarms: &alarms, nodes: Some(&[]), ..Findings::default() });
            assert_eq!((facts[0].code.as_str(), facts[0].severity), ("disk_alarm", Severity::Critical));
        }
    }

    #[test]
    fn given_a_healthy_broker_when_told_then_there_are_no_facts() {
        let nodes = [Node { name: "rabbit@a".to_owned(), running: Some(true), ..Node::default() }];
        assert_eq!(
            facts(&Findings { nodes: Some(&nodes), hidden_queues: Some(0), ..Findings::default() }),
            []
        );
        assert_eq!(publishers_blocked(&[]), None);
    }

    #[test]
    fn given_a_partition_a_dead_node_and_hidden_queues_when_told_then_each_is_named_worst_first() {
        let nodes = [
            Node { name: "a".to_owned(), partitions: vec!["b".to_owned()], ..Node::default() },
            Node { name: "b".to_owned(), running: Some(false), ..Node::default() },
        ];
        let findings = Findings { nodes: Some(&nodes), hidden_queues: Some(3), ..Findings::default() };
        let codes: Vec<String> = facts(&findings).into_iter().map(|fact| fact.code).collect();
        assert_eq!(codes, ["network_partition", "node_down", "hidden_queues"]);
    }
}
