//! Publishing and purging: kept in memory until Weir stops.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use weir_model::{
    FieldError, QueueKind,
    message::{
        BodyEncoding, BodyInput, Header, Payload, PublishReceipt, PublishRequest, PurgeReceipt, PurgeRequest,
        Side,
    },
};

use super::{
    super::BrokerError,
    describe,
    goods::mixed,
    place::entry_id,
    sequence::{Published, length},
    state::Queue,
};

/// What one queue holds of what was published.
const MOST_BYTES: usize = 64 * 1024 * 1024;
const MOST_MESSAGES: usize = 50_000;

/// # Errors
/// A field of another kind; a target that is not there; more than is kept in memory.
pub(super) fn publish(
    queue: &mut Queue,
    request: &PublishRequest,
    t: i64,
) -> Result<PublishReceipt, BrokerError> {
    let message = draft(queue, request)?;
    let repeat = request.repeat.unwrap_or(1);
    if let Some(returned) = unrouted(queue, request, repeat)? {
        return Ok(returned);
    }
    let mut receipt = PublishReceipt { published: repeat, ..PublishReceipt::default() };
    if queue.is_channel() {
        receipt.receivers = Some(queue.model.consumers);
        receipt.text = format!("{} subscribers received it", queue.model.consumers);
        return Ok(receipt);
    }
    let bytes = message.body.as_ref().map_or(0, Vec::len);
    let kept: usize = queue.sequences.iter().map(|sequence| sequence.published()).sum();
    if queue.held_bytes + bytes > MOST_BYTES || kept + repeat as usize > MOST_MESSAGES {
        let detail = "the demonstration keeps what is published in memory, and has no room for more of it";
        return Err(BrokerError::Refused(detail.to_owned()));
    }
    queue.held_bytes += bytes;
    let partition = partition(queue, request, kept)?;
    let message = Arc::new(message);
    let (flow, mut offset) = (queue.model.flows[partition], 0);
    for _ in 0..repeat {
        offset = queue.sequences[partition].publish(flow, t, Arc::clone(&message));
    }
    told(queue, &mut receipt, partition, offset, t);
    Ok(receipt)
}

/// What the kind's own broker would have answered.
fn told(queue: &Queue, receipt: &mut PublishReceipt, partition: usize, offset: u64, t: i64) {
    let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    match queue.model.kind {
        QueueKind::KafkaTopic => {
            receipt.partition = i32::try_from(partition).ok();
            receipt.offset = Some(signed(offset));
            receipt.text = format!("Written to partition {partition} at offset {offset}");
        }
        QueueKind::RedisStream => {
            let id = entry_id(weir_model::Timestamp(t), offset);
            receipt.text = format!("Added as {id}");
            receipt.entry_id = Some(id);
        }
        QueueKind::RedisList => {
            let length = signed(queue.depth(t));
            receipt.length = Some(length);
            receipt.text = format!("Pushed at the left; the list holds {length} now");
        }
        _ => {
            (receipt.confirmed, receipt.routed) = (Some(true), Some(true));
            receipt.text = "Confirmed by the broker".to_owned();
        }
    }
}

/// The message as it will be kept.
fn draft(queue: &Queue, request: &PublishRequest) -> Result<Published, BrokerError> {
    let mut errors = foreign_fields(queue.model.kind, request);
    let body = match (queue.model.kind, &request.body, &request.fields) {
        (QueueKind::RedisStream, Payload::Absent | Payload::Tombstone, Some(fields)) => {
            let pairs = fields.iter().map(|field| (field.name.clone(), field.value.clone().into()));
            match fields.as_slice() {
                [only] => Some(only.value.clone().into_bytes()),
                _ => Some(serde_json::Value::Object(pairs.collect()).to_string().into_bytes()),
            }
        }
        (QueueKind::KafkaTopic, Payload::Tombstone, _) => None,
        (_, Payload::Body(body), _) => match decoded(body) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                errors.push(error);
                None
            }
        },
        (_, Payload::Absent | Payload::Tombstone, _) => {
            errors.push(wrong("body", "it is missing; null is a tombstone, which only a topic takes"));
            None
        }
    };
    if !errors.is_empty() {
        return Err(BrokerError::Invalid(errors));
    }
    let given = |name: &str, kind: &str, value: serde_json::Value| Header {
        name: name.to_owned(),
        kind: kind.to_owned(),
        value,
    };
    let fields = request.fields.iter().flatten().map(|f| given(&f.name, "string", f.value.clone().into()));
    let headers = request.headers.iter().map(|h| given(&h.name, &h.kind, h.value.clone()));
    let properties = serde_json::to_value(&request.properties).unwrap_or_default();
    let properties = properties.as_object().cloned().unwrap_or_default();
    let properties = properties.into_iter().filter(|(_, value)| !value.is_null());
    Ok(Published {
        body,
        key: request.key.clone(),
        routing_key: queue.model.kind.as_str().starts_with("rabbitmq").then(|| queue.model.name.to_owned()),
        headers: headers.collect(),
        properties: fields.chain(properties.map(|(name, value)| given(&name, "property", value))).collect(),
    })
}

fn foreign_fields(kind: QueueKind, request: &PublishRequest) -> Vec<FieldError> {
    let (rabbitmq, topic) = (kind.as_str().starts_with("rabbitmq"), kind == QueueKind::KafkaTopic);
    let given = [
        ("headers", !request.headers.is_empty() && !rabbitmq && !topic),
        ("key", request.key.is_some() && !topic),
        ("partition", request.partition.is_some() && !topic),
        ("timestamp", request.timestamp.is_some()),
        ("routing_key", request.routing_key.is_some() && !rabbitmq),
        ("exchange", request.exchange.is_some() && !rabbitmq),
        ("properties", request.properties.is_some() && !rabbitmq),
        (
            "side",
            request.side == Some(Side::Right) || (request.side.is_some() && kind != QueueKind::RedisList),
        ),
        ("fields", request.fields.is_some() && kind != QueueKind::RedisStream),
    ];
    let message = format!("the demonstration's {} takes no such field: leave it out", kind.title());
    given.into_iter().filter(|(_, given)| *given).map(|(field, _)| wrong(field, &message)).collect()
}

fn decoded(body: &BodyInput) -> Result<Vec<u8>, FieldError> {
    match body.encoding {
        BodyEncoding::Utf8 => Ok(body.data.clone().into_bytes()),
        BodyEncoding::Base64 => STANDARD
            .decode(&body.data)
            .map_err(|error| wrong("body.data", &format!("it is not base64: {error}"))),
    }
}

fn wrong(field: &str, message: &str) -> FieldError {
    FieldError { field: field.to_owned(), message: message.to_owned() }
}

/// A queue is reached through the default exchange by its own name; anything else comes back, or is not there.
fn unrouted(
    queue: &Queue,
    request: &PublishRequest,
    repeat: u32,
) -> Result<Option<PublishReceipt>, BrokerError> {
    if let Some(exchange) = request.exchange.as_deref().filter(|exchange| !exchange.is_empty()) {
        return Err(BrokerError::Refused(format!("the demonstration has no exchange \"{exchange}\"")));
    }
    Ok(request.routing_key.as_deref().filter(|key| *key != queue.model.name).map(|key| PublishReceipt {
        published: repeat,
        confirmed: Some(true),
        routed: Some(false),
        return_reason: Some("NO_ROUTE".to_owned()),
        text: format!("Returned: no queue is called \"{key}\""),
        ..PublishReceipt::default()
    }))
}

/// The partition asked for, that of the key, or the next one.
fn partition(queue: &Queue, request: &PublishRequest, published: usize) -> Result<usize, BrokerError> {
    let count = queue.sequences.len();
    match (request.partition, &request.key) {
        (Some(asked), _) => usize::try_from(asked).ok().filter(|n| *n < count).ok_or_else(|| {
            BrokerError::field("partition", format!("there are {count}, from 0 on: {asked} is none of them"))
        }),
        (None, Some(key)) => {
            let hash = key.bytes().fold(0, |hash, byte| mixed(hash ^ u64::from(byte)));
            Ok((hash % count as u64) as usize)
        }
        (None, None) => Ok(published % count),
    }
}

/// # Errors
/// A kind that can't; a queue that has grown since it was looked at.
pub(super) fn purge(queue: &mut Queue, request: &PurgeRequest, t: i64) -> Result<PurgeReceipt, BrokerError> {
    let ability = describe::abilities(queue.model.kind).purge;
    if !ability.allowed {
        return Err(BrokerError::Refused(ability.reason.unwrap_or_default()));
    }
    let depth = i64::try_from(queue.depth(t)).unwrap_or(i64::MAX);
    if request.seen_depth.is_some_and(|seen| depth > seen.saturating_add(seen / 10)) {
        return Err(BrokerError::Conflict(format!(
            "it holds {depth} messages now, more than a tenth above the {} you saw: look again",
            request.seen_depth.unwrap_or(0)
        )));
    }
    let held = if queue.is_log() { 0 } else { queue.unacknowledged(t) };
    for partition in 0..queue.sequences.len() {
        let mut skip = held;
        let mut gone = queue.readable(partition, t);
        for range in &mut gone {
            let kept = length(range).min(skip);
            range.start += kept;
            skip -= kept;
        }
        gone.retain(|range| !range.is_empty());
        queue.sequences[partition].purge(&gone);
    }
    let left = i64::try_from(queue.depth(t)).unwrap_or(i64::MAX);
    let notes = (held > 0).then(|| format!("{held} unacknowledged messages stay"));
    Ok(PurgeReceipt {
        removed: Some(depth - left),
        left: Some(left),
        notes: notes.into_iter().collect(),
        ..PurgeReceipt::default()
    })
}
