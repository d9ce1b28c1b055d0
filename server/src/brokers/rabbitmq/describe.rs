//! What is to know about one queue beyond its figures: configuration, bindings, consumers.

use serde_json::Value;
use weir_model::{
    QueueKind, QueueObservation,
    queue::{Binding, ConsumerRow, Fact, QueueDescription},
};

use super::{
    RabbitMq,
    client::Tally,
    limit::{DeliveryLimit, Rule, has_dead_letter_target, policy_source},
    version::Version,
    wire::{self, Consumer, Queue, StreamConsumer, Table},
};
use crate::brokers::BrokerError;

impl RabbitMq {
    /// Asks for the queue, its bindings and, for a stream, its stream-protocol consumers.
    pub(super) async fn explain(&self, seen: &QueueObservation) -> Result<QueueDescription, BrokerError> {
        let tally = Tally::default();
        let (vhost, name) = (&seen.scope, &seen.name);
        let queue = self.management.queue(vhost, name, &tally).await.map_err(|e| named(e, seen))?;
        let bindings = self.management.bindings_to_queue(vhost, name, &tally).await?;
        let told = queue.consumer_details.is_some();
        let by_amqp =
            queue.consumer_details.iter().flatten().filter(|consumer| !by_stream_protocol(consumer));
        let mut consumers: Vec<ConsumerRow> = by_amqp.map(consumer).collect();
        let mut consumers_note =
            (!told).then(|| "RabbitMQ lists no consumers while its statistics are switched off".to_owned());
        if seen.kind == QueueKind::RabbitmqStream {
            match self.management.stream_consumers(vhost, name, &tally).await {
                Ok(readers) => consumers.extend(readers.iter().map(stream_consumer)),
                Err(_) => {
                    consumers_note = Some(
                        "Only AMQP consumers are listed: those of the stream protocol need the plugin \
                         rabbitmq_stream_management"
                            .to_owned(),
                    );
                }
            }
        }
        Ok(QueueDescription {
            configuration: configuration(&queue, seen.kind, self.version()),
            bindings: bindings.into_iter().map(binding).collect(),
            consumers,
            consumers_note,
        })
    }
}

/// Says which queue is missing, rather than which address.
pub(super) fn named(error: BrokerError, queue: &QueueObservation) -> BrokerError {
    match error {
        BrokerError::NotFound(_) => BrokerError::NotFound(format!(
            "queue \"{}\" is not in vhost \"{}\" any more",
            queue.name, queue.scope
        )),
        other => other,
    }
}

fn configuration(queue: &Queue, kind: QueueKind, version: Version) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new("type", queue.type_name(), None),
        Fact::new("durable", yes_no(queue.durable), None),
        Fact::new("auto-delete", yes_no(queue.auto_delete), None),
        Fact::new("exclusive", yes_no(queue.exclusive), None),
    ];
    facts.extend(settings(&queue.arguments, "argument"));
    for (name, value) in [("policy", &queue.policy), ("operator policy", &queue.operator_policy)] {
        facts.extend(value.iter().filter(|v| !v.is_empty()).map(|v| Fact::new(name, v.as_str(), None)));
    }
    facts.extend(settings(&queue.effective_policy_definition, &policy_source(queue)));
    if kind == QueueKind::RabbitmqQuorum {
        facts.push(delivery_limit(queue, version));
    }
    let leader = queue.leader.as_ref().or(queue.node.as_ref());
    facts.extend(leader.map(|node| Fact::new("node", node.as_str(), Some("broker"))));
    if !queue.members.is_empty() {
        let replicas = format!("{} ({} online)", queue.members.join(", "), queue.online.len());
        facts.push(Fact::new("replicas", replicas, Some("broker")));
    }
    for (name, bytes) in [("message bytes", queue.message_bytes), ("memory", queue.memory)] {
        facts.extend(bytes.map(|n| Fact::new(name, format!("{n} bytes"), Some("broker"))));
    }
    facts
}

/// The limit in force, which argument, policies and version decide together.
fn delivery_limit(queue: &Queue, version: Version) -> Fact {
    let limit = DeliveryLimit::of(queue, version);
    let then = if has_dead_letter_target(queue) { "dead-lettered" } else { "dropped" };
    let value = match limit.rule {
        Rule::Unlimited => "none".to_owned(),
        Rule::AtMost(n) => format!("{n}, then {then}"),
        Rule::DropsAtOnce(n) => format!("{n}: each returned message is {then}"),
    };
    Fact::new("effective delivery limit", value, Some(&limit.source))
}

fn settings<'a>(table: &'a Table, source: &'a str) -> impl Iterator<Item = Fact> + 'a {
    table.iter().map(move |(name, value)| Fact::new(name.as_str(), text(value), Some(source)))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

fn binding(binding: wire::Binding) -> Binding {
    Binding {
        arguments: settings(&binding.arguments, "argument").collect(),
        exchange: binding.source,
        routing_key: binding.routing_key,
    }
}

fn consumer(consumer: &Consumer) -> ConsumerRow {
    let detail = |key: &str| consumer.channel_details.get(key).map(text);
    let mut facts = vec![
        Fact::new("acknowledgement", if consumer.ack_required { "manual" } else { "automatic" }, None),
        Fact::new(
            "prefetch",
            consumer.prefetch_count.filter(|n| *n > 0).map_or("unlimited".to_owned(), |n| n.to_string()),
            None,
        ),
    ];
    facts.extend(detail("name").map(|name| Fact::new("channel", name, None)));
    facts.extend(detail("user").map(|user| Fact::new("user", user, None)));
    if consumer.exclusive {
        facts.push(Fact::new("exclusive", "yes", None));
    }
    facts
        .extend(consumer.activity_status.as_ref().map(|status| Fact::new("activity", status.as_str(), None)));
    facts.extend(settings(&consumer.arguments, "argument"));
    let port = detail("peer_port").map(|port| format!(":{port}")).unwrap_or_default();
    ConsumerRow {
        name: consumer.consumer_tag.clone(),
        group: None,
        host: detail("peer_host").map(|host| format!("{host}{port}")),
        facts,
        ..ConsumerRow::default()
    }
}

/// The stream plugin registers its consumers under such a tag; `/api/stream/consumers` tells more of them.
fn by_stream_protocol(consumer: &Consumer) -> bool {
    consumer.consumer_tag.starts_with("stream.subid-")
}

fn stream_consumer(consumer: &StreamConsumer) -> ConsumerRow {
    let connection = consumer.connection_details.get("name").map(text);
    let name = consumer.properties.get("name").map(text);
    let mut facts = vec![Fact::new("protocol", "stream", None)];
    let figures =
        [("offset", consumer.offset), ("lag", consumer.offset_lag), ("consumed", consumer.consumed)];
    facts.extend(figures.into_iter().filter_map(|(name, n)| Some(Fact::new(name, n?.to_string(), None))));
    ConsumerRow {
        name: name
            .clone()
            .unwrap_or_else(|| format!("subscription {}", consumer.subscription_id.unwrap_or(0))),
        group: name,
        host: connection.map(|text| text.split(" -> ").next().unwrap_or_default().to_owned()),
        facts,
        ..ConsumerRow::default()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn given_a_quorum_queue_when_described_then_the_effective_limit_names_its_source_and_its_end() {
        let queue: Queue = serde_json::from_str(
            r#"{"name":"orders","vhost":"/","type":"quorum","durable":true,"leader":"a","members":["a","b"],
                "online":["a"],"arguments":{"x-dead-letter-exchange":"","x-delivery-limit":5}}"#,
        )
        .unwrap();
        let facts = configuration(&queue, QueueKind::RabbitmqQuorum, Version::parse("3.10.8"));
        let find = |name: &str| facts.iter().find(|fact| fact.name == name).cloned().unwrap();
        assert_eq!(find("effective delivery limit").value, "5, then dead-lettered");
        assert_eq!(find("effective delivery limit").source.as_deref(), Some("argument"));
        assert_eq!(find("replicas").value, "a, b (1 online)");
        assert_eq!(find("durable").value, "yes");
    }

    #[test]
    fn given_a_recorded_consumer_when_described_then_mode_prefetch_and_host_are_there() {
        let wire: Consumer = serde_json::from_str(
            r#"{"ack_required":true,"activity_status":"up","arguments":{},"consumer_tag":"ctag1","exclusive":false,
                "prefetch_count":10,"channel_details":{"name":"127.0.0.1:5 -> 127.0.0.1:6 (1)","number":1,
                "peer_host":"127.0.0.1","peer_port":40000,"user":"guest"}}"#,
        )
        .unwrap();
        let row = consumer(&wire);
        assert_eq!(row.host.as_deref(), Some("127.0.0.1:40000"));
        assert!(row.facts.contains(&Fact::new("acknowledgement", "manual", None)));
        assert!(row.facts.contains(&Fact::new("prefetch", "10", None)));
    }
}
