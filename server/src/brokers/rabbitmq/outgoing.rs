//! A publish request, checked and turned into what AMQP sends.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lapin::{
    BasicProperties,
    types::{AMQPValue, FieldTable, ShortString},
};
use weir_model::{
    FieldError, QueueKind, QueueObservation, Timestamp,
    message::{BodyEncoding, BodyInput, HeaderInput, Payload, Properties, PublishRequest},
};

use super::values::{from_json, is_type};
use crate::brokers::BrokerError;

/// At most as many copies of one message.
const MAX_REPEAT: u32 = 10_000;

/// AMQP's limit for names, keys and short properties, in bytes.
const SHORT_LIMIT: usize = 255;

/// A message that can be sent.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    /// Empty for the default exchange.
    pub exchange: ShortString,
    pub routing_key: ShortString,
    pub properties: BasicProperties,
    pub body: Vec<u8>,
    pub repeat: u32,
}

impl Outgoing {
    /// Checks a request; the queue gives the defaults.
    ///
    /// # Errors
    /// `Invalid` with every wrong field.
    pub(super) fn new(queue: &QueueObservation, request: &PublishRequest) -> Result<Self, BrokerError> {
        let mut errors = foreign_fields(request);
        let exchange = errors.short("exchange", request.exchange.as_deref().unwrap_or_default());
        let default_key = if exchange.as_str().is_empty() { queue.name.as_str() } else { "" };
        let routing_key = errors.short("routing_key", request.routing_key.as_deref().unwrap_or(default_key));
        let body = errors.body(&request.body);
        let mut properties = errors.properties(request.properties.as_ref());
        let into_stream = queue.kind == QueueKind::RabbitmqStream && exchange.as_str().is_empty();
        if let Some(headers) = errors.headers(&request.headers, into_stream) {
            properties = properties.with_headers(headers);
        }
        let repeat = request.repeat.unwrap_or(1);
        if !(1..=MAX_REPEAT).contains(&repeat) {
            errors.add("repeat", format!("it is 1 to {MAX_REPEAT}"));
        }
        errors.none()?;
        Ok(Self { exchange, routing_key, properties, body, repeat })
    }
}

/// The wrong fields found so far.
#[derive(Default)]
struct Errors(Vec<FieldError>);

fn foreign_fields(request: &PublishRequest) -> Errors {
    let mut errors = Errors::default();
    let foreign = [
        ("key", request.key.is_some(), "RabbitMQ has no keys; use routing_key"),
        ("partition", request.partition.is_some(), "a RabbitMQ queue has no partitions; leave it out"),
        ("timestamp", request.timestamp.is_some(), "that is Kafka's; use properties.timestamp"),
        ("side", request.side.is_some(), "that is for Redis lists; leave it out"),
        ("fields", request.fields.is_some(), "that is for Redis streams; use body"),
    ];
    for (field, _, message) in foreign.into_iter().filter(|(_, given, _)| *given) {
        errors.add(field, message.to_owned());
    }
    errors
}

impl Errors {
    fn add(&mut self, field: impl Into<String>, message: String) {
        self.0.push(FieldError { field: field.into(), message });
    }

    fn none(self) -> Result<(), BrokerError> {
        if self.0.is_empty() { Ok(()) } else { Err(BrokerError::Invalid(self.0)) }
    }

    fn short(&mut self, field: &str, text: &str) -> ShortString {
        ShortString::try_new(text).unwrap_or_else(|_| {
            self.add(field, format!("it has {} bytes, and AMQP takes at most {SHORT_LIMIT}", text.len()));
            ShortString::default()
        })
    }

    fn body(&mut self, body: &Payload) -> Vec<u8> {
        match body {
            Payload::Absent => {
                self.add("body", "it is missing; an empty text is a body too".to_owned());
                Vec::new()
            }
            Payload::Tombstone => {
                self.add("body", "RabbitMQ knows no tombstones; give a body, which may be empty".to_owned());
                Vec::new()
            }
            Payload::Body(BodyInput { encoding: BodyEncoding::Utf8, data }) => data.clone().into_bytes(),
            Payload::Body(BodyInput { encoding: BodyEncoding::Base64, data }) => {
                STANDARD.decode(data).unwrap_or_else(|error| {
                    self.add("body.data", format!("it is not base64: {error}"));
                    Vec::new()
                })
            }
        }
    }

    fn properties(&mut self, given: Option<&Properties>) -> BasicProperties {
        let mut out = BasicProperties::default();
        let Some(given) = given else { return out };
        if let Some(mode) = given.delivery_mode {
            if !matches!(mode, 1 | 2) {
                self.add("properties.delivery_mode", "it is 1 (transient) or 2 (persistent)".to_owned());
            }
            out = out.with_delivery_mode(mode);
        }
        if let Some(expiration) = &given.expiration {
            if expiration.is_empty()
                || expiration.len() > 10
                || !expiration.bytes().all(|b| b.is_ascii_digit())
            {
                self.add(
                    "properties.expiration",
                    "it is a whole number of milliseconds, such as \"60000\"".to_owned(),
                );
            }
            out = out.with_expiration(self.short("properties.expiration", expiration));
        }
        if let Some(priority) = given.priority {
            out = out.with_priority(priority);
        }
        if let Some(timestamp) = given.timestamp {
            out = out.with_timestamp(self.seconds(timestamp));
        }
        self.texts(given, out)
    }

    fn texts(&mut self, given: &Properties, mut out: BasicProperties) -> BasicProperties {
        type With = fn(BasicProperties, ShortString) -> BasicProperties;
        let texts: [(&str, &Option<String>, With); 7] = [
            ("content_type", &given.content_type, BasicProperties::with_content_type),
            ("content_encoding", &given.content_encoding, BasicProperties::with_content_encoding),
            ("correlation_id", &given.correlation_id, BasicProperties::with_correlation_id),
            ("reply_to", &given.reply_to, BasicProperties::with_reply_to),
            ("message_id", &given.message_id, BasicProperties::with_message_id),
            ("type", &given.kind, BasicProperties::with_type),
            ("app_id", &given.app_id, BasicProperties::with_app_id),
        ];
        for (name, text, with) in texts {
            if let Some(text) = text {
                out = with(out, self.short(&format!("properties.{name}"), text));
            }
        }
        out
    }

    /// AMQP keeps whole seconds; what is finer would be lost without a word.
    fn seconds(&mut self, timestamp: Timestamp) -> u64 {
        if timestamp.0 % 1000 != 0 {
            self.add("properties.timestamp", "AMQP keeps whole seconds: leave out the fraction".to_owned());
        }
        u64::try_from(timestamp.0 / 1000).unwrap_or_else(|_| {
            self.add("properties.timestamp", "AMQP has no time before 1970".to_owned());
            0
        })
    }

    /// The headers; a stream keeps those of simple types only.
    fn headers(&mut self, headers: &[HeaderInput], into_stream: bool) -> Option<FieldTable> {
        let mut table = FieldTable::default();
        for (n, header) in headers.iter().enumerate() {
            let name = self.short(&format!("headers[{n}].name"), &header.name);
            if header.name.is_empty() {
                self.add(format!("headers[{n}].name"), "it is empty".to_owned());
            } else if table.contains_key(&header.name) {
                self.add(format!("headers[{n}].name"), format!("\"{}\" stands there twice", header.name));
            }
            match from_json(&header.kind, &header.value) {
                Ok(AMQPValue::FieldArray(_) | AMQPValue::FieldTable(_)) if into_stream => self.add(
                    format!("headers[{n}].type"),
                    format!("a stream loses headers of type {}; write it as a string", header.kind),
                ),
                Ok(value) => {
                    table.insert(name, value);
                }
                Err(why) => {
                    let wrong = if is_type(&header.kind) { "value" } else { "type" };
                    self.add(format!("headers[{n}].{wrong}"), why);
                }
            }
        }
        (!headers.is_empty()).then_some(table)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use serde_json::json;
    use weir_model::{QueueId, message::Side};

    use super::*;

    fn queue(kind: QueueKind) -> QueueObservation {
        QueueObservation::new(QueueId::from_parts(&["/", "hello"]), kind, "hello", "/")
    }

    fn request(json: serde_json::Value) -> PublishRequest {
        serde_json::from_value(json).unwrap()
    }

    fn outgoing(json: serde_json::Value) -> Outgoing {
        Outgoing::new(&queue(QueueKind::RabbitmqClassic), &request(json)).unwrap()
    }

    fn fields(kind: QueueKind, request: &PublishRequest) -> Vec<String> {
        match Outgoing::new(&queue(kind), request) {
            Err(BrokerError::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn given_only_a_body_when_checked_then_it_goes_to_the_queue_itself() {
        let out = outgoing(json!({"body": {"data": "hi"}}));
        assert_eq!((out.exchange.as_str(), out.routing_key.as_str(), out.repeat), ("", "hello", 1));
        assert_eq!(out.body, b"hi");
        let elsewhere = outgoing(json!({"body": {"data": ""}, "exchange": "logs"}));
        assert_eq!((elsewhere.exchange.as_str(), elsewhere.routing_key.as_str()), ("logs", ""));
    }

    #[test]
    fn given_properties_and_headers_when_checked_then_all_are_set() {
        let out = outgoing(json!({
            "body": {"encoding": "base64", "data": "AP8="},
            "headers": [{"name": "n", "type": "int", "value": 5}, {"name": "s", "value": "x"}],
            "properties": {"content_type": "a/b", "delivery_mode": 2, "priority": 9, "expiration": "60000",
                "correlation_id": "c", "message_id": "m", "type": "t", "timestamp": "2026-11-23T10:00:00Z"}}));
        assert_eq!(out.body, [0, 255]);
        assert_eq!(out.properties.delivery_mode(), &Some(2));
        assert_eq!(out.properties.kind().as_ref().map(ShortString::as_str), Some("t"));
        assert_eq!(out.properties.timestamp(), &Some(1_795_428_000));
        let headers = out.properties.headers().clone().unwrap();
        assert_eq!(headers.inner().get("n"), Some(&AMQPValue::LongInt(5)));
    }

    #[test]
    fn given_fields_of_other_kinds_when_checked_then_each_is_named() {
        let request = PublishRequest {
            key: Some("k".to_owned()),
            partition: Some(1),
            timestamp: Some(Timestamp(0)),
            side: Some(Side::Left),
            fields: Some(Vec::new()),
            ..PublishRequest::default()
        };
        let named = fields(QueueKind::RabbitmqClassic, &request);
        assert_eq!(named, ["key", "partition", "timestamp", "side", "fields", "body"]);
    }

    #[test]
    fn given_values_that_amqp_can_not_carry_when_checked_then_each_is_named() {
        let request = request(json!({
            "body": {"encoding": "base64", "data": "%"}, "routing_key": "k".repeat(256), "repeat": 10_001,
            "headers": [{"name": "n", "type": "int", "value": "x"}, {"name": "", "value": ""}],
            "properties": {"delivery_mode": 3, "expiration": "soon", "timestamp": "2026-11-23T10:00:00.5Z"}}));
        assert_eq!(
            fields(QueueKind::RabbitmqClassic, &request),
            [
                "routing_key",
                "body.data",
                "properties.delivery_mode",
                "properties.expiration",
                "properties.timestamp",
                "headers[0].value",
                "headers[1].name",
                "repeat"
            ]
        );
    }

    #[test]
    fn given_a_header_of_no_type_when_checked_then_its_type_is_named() {
        let headers = json!([{"name": "h", "type": "strng", "value": "x"}]);
        let request = request(json!({"body": {"data": ""}, "headers": headers}));
        assert_eq!(fields(QueueKind::RabbitmqClassic, &request), ["headers[0].type"]);
    }

    #[test]
    fn given_a_table_for_a_stream_when_checked_then_it_is_refused_rather_than_lost() {
        let request =
            request(json!({"body": {"data": ""}, "headers": [{"name": "t", "type": "table", "value": {}}]}));
        assert_eq!(fields(QueueKind::RabbitmqStream, &request), ["headers[0].type"]);
    }
}
