//! What the management API answers, read leniently: any field may be missing, null or of an older form.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A JSON object that older versions write as `[]` or `null` when it is empty.
pub(super) type Table = Map<String, Value>;

/// `GET /api/overview`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Overview {
    pub rabbitmq_version: Option<String>,
    /// `basic`, `detailed` or `none`.
    pub rates_mode: Option<String>,
    #[serde(deserialize_with = "truth")]
    pub disable_stats: bool,
    pub object_totals: Option<ObjectTotals>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ObjectTotals {
    /// All queues of the cluster, also those that the account may not see.
    #[serde(deserialize_with = "number")]
    pub queues: Option<i64>,
}

/// One of `GET /api/nodes`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Node {
    pub name: String,
    /// Missing where statistics are off.
    pub running: Option<bool>,
    /// Nodes that this one lost sight of.
    #[serde(deserialize_with = "texts")]
    pub partitions: Vec<String>,
    /// Milliseconds since the Erlang machine started.
    #[serde(deserialize_with = "number")]
    pub uptime: Option<i64>,
    #[serde(deserialize_with = "truth")]
    pub being_drained: bool,
}

/// `GET /api/health/checks/alarms`: true at once, while an alarm shows among the nodes only seconds later.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AlarmCheck {
    pub alarms: Vec<Alarm>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Alarm {
    pub node: String,
    /// `memory`, `disk space` or `file descriptors`; `disk` and `file_descriptor_limit` elsewhere.
    pub resource: String,
}

/// One of `GET /api/vhosts`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Vhost {
    pub name: String,
    /// Node to state, `running` or `stopped`.
    #[serde(deserialize_with = "table")]
    pub cluster_state: Table,
}

/// One of `GET /api/queues`, or `GET /api/queues/{vhost}/{name}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Queue {
    pub name: String,
    pub vhost: String,
    /// `classic`, `quorum`, `stream` or another plugin's.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub state: Option<String>,
    #[serde(deserialize_with = "truth")]
    pub durable: bool,
    #[serde(deserialize_with = "truth")]
    pub auto_delete: bool,
    #[serde(deserialize_with = "truth")]
    pub exclusive: bool,
    #[serde(deserialize_with = "table")]
    pub arguments: Table,
    pub policy: Option<String>,
    pub operator_policy: Option<String>,
    /// Policy and operator policy merged by the broker.
    #[serde(deserialize_with = "table")]
    pub effective_policy_definition: Table,
    pub node: Option<String>,
    pub leader: Option<String>,
    #[serde(deserialize_with = "texts")]
    pub members: Vec<String>,
    #[serde(deserialize_with = "texts")]
    pub online: Vec<String>,
    #[serde(deserialize_with = "number")]
    pub messages: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub messages_ready: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub messages_unacknowledged: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub consumers: Option<i64>,
    /// Seconds since 1970, of the `timestamp` property of the first ready message.
    #[serde(deserialize_with = "number")]
    pub head_message_timestamp: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub message_bytes: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub memory: Option<i64>,
    pub message_stats: Stats,
    pub consumer_details: Option<Vec<Consumer>>,
}

/// The counters of a queue. The broker leaves out those that never counted anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Stats {
    #[serde(deserialize_with = "number")]
    pub publish: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub deliver_get: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub deliver_no_ack: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub get_no_ack: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub ack: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub redeliver: Option<i64>,
}

/// A subscription, in the answer about one queue or one of `GET /api/consumers`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Consumer {
    pub consumer_tag: String,
    #[serde(deserialize_with = "truth")]
    pub ack_required: bool,
    #[serde(deserialize_with = "number")]
    pub prefetch_count: Option<i64>,
    #[serde(deserialize_with = "truth")]
    pub exclusive: bool,
    pub activity_status: Option<String>,
    #[serde(deserialize_with = "table")]
    pub channel_details: Table,
    #[serde(deserialize_with = "table")]
    pub arguments: Table,
    pub queue: QueueName,
}

/// One of `GET /api/stream/consumers`: a consumer that speaks the stream protocol.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StreamConsumer {
    #[serde(deserialize_with = "number")]
    pub subscription_id: Option<i64>,
    /// The next offset it will be sent.
    #[serde(deserialize_with = "number")]
    pub offset: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub offset_lag: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub consumed: Option<i64>,
    #[serde(deserialize_with = "table")]
    pub connection_details: Table,
    #[serde(deserialize_with = "table")]
    pub properties: Table,
    pub queue: QueueName,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct QueueName {
    pub name: String,
    pub vhost: String,
}

/// One of the bindings of a queue or of an exchange.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Binding {
    pub vhost: String,
    /// The exchange; empty for the default one.
    pub source: String,
    pub destination: String,
    /// `queue` or `exchange`.
    pub destination_type: String,
    pub routing_key: String,
    #[serde(deserialize_with = "table")]
    pub arguments: Table,
}

/// `GET /api/exchanges/{vhost}/{name}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Exchange {
    pub name: String,
    pub vhost: String,
    /// `direct`, `fanout`, `topic`, `headers` or a plugin's.
    #[serde(rename = "type")]
    pub kind: String,
}

/// `GET /api/whoami`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WhoAmI {
    pub name: String,
    /// A list since 3.9, a text with commas before.
    pub tags: Value,
}

/// The body of an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Failure {
    pub reason: Option<Value>,
}

impl Queue {
    /// The value of `key` among the arguments (`x-key`), else in the policies.
    pub(super) fn setting(&self, key: &str) -> Option<&Value> {
        self.arguments.get(&format!("x-{key}")).or_else(|| self.effective_policy_definition.get(key))
    }

    /// The type, also where a queue is too new for the statistics to tell.
    pub(super) fn type_name(&self) -> &str {
        let argument = || self.arguments.get("x-queue-type").and_then(Value::as_str);
        self.kind.as_deref().or_else(argument).unwrap_or("classic")
    }
}

fn table<'de, D: Deserializer<'de>>(d: D) -> Result<Table, D::Error> {
    Ok(match Value::deserialize(d)? {
        Value::Object(table) => table,
        _ => Table::new(),
    })
}

fn number<'de, D: Deserializer<'de>>(d: D) -> Result<Option<i64>, D::Error> {
    Ok(Value::deserialize(d)?.as_i64())
}

fn truth<'de, D: Deserializer<'de>>(d: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(d)?.as_bool().unwrap_or(false))
}

fn texts<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    Ok(match Value::deserialize(d)? {
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn given_a_recorded_quorum_queue_when_read_then_its_figures_and_settings_are_there() {
        let queue: Queue = serde_json::from_str(
            r#"{"arguments":{"x-delivery-limit":5,"x-queue-type":"quorum"},"consumers":0,
                "effective_policy_definition":{"dead-letter-exchange":"dlx"},"exclusive":false,
                "members":["main@localhost"],"online":["main@localhost"],"message_stats":{"publish":10},
                "messages":10,"messages_ready":10,"messages_unacknowledged":0,"name":"orders",
                "operator_policy":null,"policy":null,"state":"running","type":"quorum","vhost":"/"}"#,
        )
        .unwrap();
        assert_eq!(queue.type_name(), "quorum");
        assert_eq!(queue.message_stats.publish, Some(10));
        assert_eq!(queue.message_stats.ack, None);
        assert_eq!(queue.setting("delivery-limit"), Some(&Value::from(5)));
        assert_eq!(queue.setting("dead-letter-exchange"), Some(&Value::from("dlx")));
    }

    #[test]
    fn given_the_forms_of_a_new_or_stopped_queue_when_read_then_nothing_is_made_up() {
        let queue: Queue = serde_json::from_str(
            r#"{"name":"q","vhost":"/","arguments":[],"effective_policy_definition":null,"state":"down",
                "messages":"undefined","head_message_timestamp":null,"members":null}"#,
        )
        .unwrap();
        assert_eq!((queue.messages, queue.consumers, queue.head_message_timestamp), (None, None, None));
        assert_eq!(queue.type_name(), "classic");
        assert!(queue.arguments.is_empty());
    }

    #[test]
    fn given_a_recorded_stream_consumer_when_read_then_offset_lag_and_count_are_there() {
        let consumer: StreamConsumer = serde_json::from_str(
            r#"{"connection_details":{"name":"127.0.0.1:52556 -> 127.0.0.1:25603","user":"guest"},"consumed":10,
                "credits":10,"offset":9,"offset_lag":0,"properties":{},"subscription_id":0,
                "queue":{"name":"events","vhost":"/"}}"#,
        )
        .unwrap();
        assert_eq!((consumer.offset, consumer.offset_lag, consumer.consumed), (Some(9), Some(0), Some(10)));
        assert_eq!(consumer.queue.name, "events");
    }
}
