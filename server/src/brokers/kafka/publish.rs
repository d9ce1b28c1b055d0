//! Writing a message, and what Kafka answers.

use std::time::Duration;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::future::join_all;
use rdkafka::{
    error::KafkaError,
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
    types::RDKafkaErrorCode,
};
use weir_model::{
    FieldError, Outcome, QueueObservation, Step,
    message::{BodyEncoding, BodyInput, HeaderInput, MessageShape, Payload, PublishReceipt, PublishRequest},
};

use super::{
    Kafka,
    context::{Context, step_of},
    refused::missing_right,
    topology::{Topic, is_internal},
};
use crate::brokers::{BrokerError, Publish};

/// The most of one request.
const MOST_REPEATS: u32 = 10_000;
/// Longer than librdkafka's own `message.timeout.ms`, so that its reason comes first.
const ANSWER_TIME: Duration = Duration::from_secs(12);

/// A message as it goes over the wire.
struct Outgoing {
    key: Option<Vec<u8>>,
    /// `None`: a tombstone.
    payload: Option<Vec<u8>>,
    headers: OwnedHeaders,
    partition: Option<i32>,
    timestamp: Option<i64>,
    repeat: u32,
}

#[async_trait]
impl Publish for Kafka {
    fn shape(&self, _queue: &QueueObservation) -> MessageShape {
        MessageShape::Record
    }

    async fn publish(
        &self,
        queue: &QueueObservation,
        request: &PublishRequest,
    ) -> Result<PublishReceipt, BrokerError> {
        let outgoing = outgoing(request)?;
        if is_internal(&queue.name) {
            return Err(BrokerError::Refused(internal(&queue.name)));
        }
        let connection = self.dialer.connection().await?;
        // A topic that is not there is not created by being written to: that is asked before anything is sent.
        let topic = self.topic_now(&connection, &queue.name).await?;
        check_partition(&topic, outgoing.partition)?;
        let producer = connection.admin()?.client();
        let sending = (0..outgoing.repeat).map(|_| send(producer, &topic.name, &outgoing));
        let sent = tokio::time::timeout(ANSWER_TIME, join_all(sending)).await.map_err(|_| no_answer())?;
        receipt(&topic.name, sent)
    }
}

/// Why nothing may be written there.
pub(super) fn internal(topic: &str) -> String {
    format!("{topic} is Kafka's own bookkeeping: writing to it or emptying it can break the cluster")
}

fn outgoing(request: &PublishRequest) -> Result<Outgoing, BrokerError> {
    let mut errors = foreign_fields(request);
    let repeat = request.repeat.unwrap_or(1);
    if repeat == 0 || repeat > MOST_REPEATS {
        errors.push(error("repeat", format!("{repeat} is not between 1 and {MOST_REPEATS}")));
    }
    if request.timestamp.is_some_and(|time| time.0 < 0) {
        errors.push(error("timestamp", "Kafka has no times before 1970"));
    }
    if request.partition.is_some_and(|partition| partition < 0) {
        errors.push(error("partition", "partitions are numbered from 0"));
    }
    let payload = payload(&request.body).unwrap_or_else(|wrong| {
        errors.push(wrong);
        None
    });
    let mut headers = OwnedHeaders::new_with_capacity(request.headers.len());
    for (n, input) in request.headers.iter().enumerate() {
        match header_value(n, input) {
            Ok(value) => headers = headers.insert(Header { key: &input.name, value: value.as_deref() }),
            Err(wrong) => errors.push(wrong),
        }
    }
    if !errors.is_empty() {
        return Err(BrokerError::Invalid(errors));
    }
    Ok(Outgoing {
        key: request.key.as_ref().map(|key| key.as_bytes().to_vec()),
        payload,
        headers,
        partition: request.partition,
        timestamp: request.timestamp.map(|time| time.0),
        repeat,
    })
}

/// Fields that other kinds have. They are refused rather than ignored.
fn foreign_fields(request: &PublishRequest) -> Vec<FieldError> {
    [
        ("routing_key", request.routing_key.is_some()),
        ("exchange", request.exchange.is_some()),
        ("properties", request.properties.is_some()),
        ("side", request.side.is_some()),
        ("fields", request.fields.is_some()),
    ]
    .into_iter()
    .filter(|(_, given)| *given)
    .map(|(field, _)| {
        error(field, "a Kafka topic has none: use body, key, headers, partition, timestamp and repeat")
    })
    .collect()
}

/// The bytes; `None` is a tombstone, which is only what was asked for in so many words: it deletes its key.
fn payload(body: &Payload) -> Result<Option<Vec<u8>>, FieldError> {
    match body {
        Payload::Absent => Err(error(
            "body",
            "it is missing; an empty text is a body too, and null is a tombstone, which deletes the key",
        )),
        Payload::Tombstone => Ok(None),
        Payload::Body(BodyInput { encoding: BodyEncoding::Utf8, data }) => Ok(Some(data.as_bytes().to_vec())),
        Payload::Body(BodyInput { encoding: BodyEncoding::Base64, data }) => STANDARD
            .decode(data)
            .map(Some)
            .map_err(|wrong| error("body.data", format!("it is not base64: {wrong}"))),
    }
}

/// Kafka's headers are bytes, or nothing at all.
fn header_value(n: usize, input: &HeaderInput) -> Result<Option<Vec<u8>>, FieldError> {
    let wrong = |message: String| error(format!("headers[{n}]"), message);
    if input.name.contains('\0') {
        return Err(wrong("a name can't hold a zero byte".to_owned()));
    }
    match (input.kind.as_str(), &input.value) {
        ("null", _) | (_, serde_json::Value::Null) => Ok(None),
        ("string", serde_json::Value::String(text)) => Ok(Some(text.as_bytes().to_vec())),
        ("string", other) => Ok(Some(other.to_string().into_bytes())),
        ("bytes", serde_json::Value::String(text)) => {
            STANDARD.decode(text).map(Some).map_err(|why| wrong(format!("is not base64: {why}")))
        }
        ("bytes", _) => Err(wrong("bytes are written as base64 text".to_owned())),
        (other, _) => Err(wrong(format!(
            "\"{other}\" is no type of a Kafka header: use string, bytes (base64) or null"
        ))),
    }
}

fn check_partition(topic: &Topic, wanted: Option<i32>) -> Result<(), BrokerError> {
    let Some(wanted) = wanted else { return Ok(()) };
    match topic.partitions.iter().find(|partition| partition.id == wanted) {
        None => {
            let last = topic.partitions.len().saturating_sub(1);
            Err(BrokerError::field("partition", format!("{} has partitions 0 to {last}", topic.name)))
        }
        Some(partition) if partition.leader.is_none() => {
            Err(BrokerError::Refused(format!("partition {wanted} has no leader: nothing was sent")))
        }
        Some(_) => Ok(()),
    }
}

/// Partition and offset, as the broker confirmed them.
async fn send(
    producer: &FutureProducer<Context>,
    topic: &str,
    outgoing: &Outgoing,
) -> Result<(i32, i64), KafkaError> {
    let record = FutureRecord {
        topic,
        partition: outgoing.partition,
        payload: outgoing.payload.as_ref(),
        key: outgoing.key.as_ref(),
        timestamp: outgoing.timestamp,
        headers: Some(outgoing.headers.clone()),
    };
    let delivery = producer.send(record, ANSWER_TIME).await.map_err(|(error, _)| error)?;
    Ok((delivery.partition, delivery.offset))
}

fn receipt(topic: &str, sent: Vec<Result<(i32, i64), KafkaError>>) -> Result<PublishReceipt, BrokerError> {
    let asked = sent.len();
    let (mut accepted, mut failed) = (Vec::new(), Vec::new());
    for result in sent {
        match result {
            Ok(place) => accepted.push(place),
            Err(error) => failed.push(error),
        }
    }
    let (last, first_failure) = (accepted.last().copied(), failed.into_iter().next());
    let text = match (last, first_failure) {
        (None, None) => "Nothing was sent.".to_owned(),
        (None, Some(error)) => return Err(refusal(topic, error)),
        (Some((partition, offset)), None) if asked == 1 => {
            format!("Written to partition {partition} at offset {offset}.")
        }
        (Some((partition, offset)), None) => {
            format!("{asked} messages written, the last to partition {partition} at offset {offset}.")
        }
        (Some(_), Some(error)) => {
            format!("{} of {asked} messages written; then: {}", accepted.len(), refusal(topic, error))
        }
    };
    Ok(PublishReceipt {
        published: u32::try_from(accepted.len()).unwrap_or(u32::MAX),
        partition: last.map(|(partition, _)| partition),
        offset: last.map(|(_, offset)| offset),
        text,
        ..PublishReceipt::default()
    })
}

fn refusal(topic: &str, error: KafkaError) -> BrokerError {
    use RDKafkaErrorCode as Code;
    match error.rdkafka_error_code() {
        Some(Code::MessageTimedOut | Code::RequestTimedOut | Code::OperationTimedOut) => no_answer(),
        Some(Code::MessageSizeTooLarge) => BrokerError::Refused(format!(
            "the message is larger than {topic} takes (its setting max.message.bytes)"
        )),
        Some(Code::InvalidRecord) => BrokerError::Refused(format!(
            "{topic} refuses the record: a compacted topic takes none without a key, and a topic may refuse times far \
             from now"
        )),
        Some(Code::UnknownTopicOrPartition | Code::UnknownTopic) => {
            BrokerError::NotFound(format!("topic {topic} is not there; Weir creates none"))
        }
        Some(code @ (Code::TopicAuthorizationFailed | Code::ClusterAuthorizationFailed)) => {
            let right = missing_right(code, "Write").unwrap_or_default();
            BrokerError::Refused(format!("nothing was written to {topic}: {right}"))
        }
        Some(
            code @ (Code::NotEnoughReplicas | Code::NotEnoughReplicasAfterAppend | Code::PolicyViolation),
        ) => BrokerError::Refused(code.to_string()),
        Some(code) => {
            let step = match step_of(code, "") {
                Step::Read => Step::Write,
                step => step,
            };
            BrokerError::failed(step, code.to_string(), error)
        }
        None => BrokerError::failed(Step::Write, error.to_string(), error),
    }
}

fn no_answer() -> BrokerError {
    BrokerError::Timeout {
        step: Step::Write,
        outcome: Outcome::Unknown,
        detail: "the broker did not confirm in time: the message may or may not have been written".to_owned(),
    }
}

fn error(field: impl Into<String>, message: impl Into<String>) -> FieldError {
    FieldError { field: field.into(), message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_several_wrong_fields_when_checked_then_all_are_named() {
        let request = PublishRequest {
            exchange: Some("x".to_owned()),
            repeat: Some(0),
            body: BodyInput { encoding: BodyEncoding::Base64, data: "?".to_owned() }.into(),
            headers: vec![HeaderInput { name: "h".to_owned(), kind: "table".to_owned(), value: 1.into() }],
            ..PublishRequest::default()
        };
        let Err(BrokerError::Invalid(errors)) = outgoing(&request) else { panic!("it was taken") };
        let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["exchange", "repeat", "body.data", "headers[0]"]);
    }

    #[test]
    fn given_no_body_when_checked_then_only_null_is_a_tombstone() {
        let keyed = |body| PublishRequest { key: Some("k".to_owned()), body, ..PublishRequest::default() };
        let Err(BrokerError::Invalid(errors)) = outgoing(&keyed(Payload::Absent)) else {
            panic!("a key was deleted unasked")
        };
        assert_eq!(errors.first().map(|e| e.field.as_str()), Some("body"));
        assert!(outgoing(&keyed(Payload::Tombstone)).is_ok_and(|sent| sent.payload.is_none()));
    }
}
