//! Publishing and purging: what is asked, what the broker said.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{QueueId, Timestamp};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BodyEncoding {
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "base64")]
    Base64,
}

/// A body to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BodyInput {
    #[serde(default)]
    pub encoding: BodyEncoding,
    pub data: String,
}

/// What a message consists of. Left out and `null` are two things: the latter deletes a key of a compacted topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Payload {
    /// The field was left out.
    #[default]
    Absent,
    /// `null`: a message without a body (Kafka only).
    Tombstone,
    Body(BodyInput),
}

impl Payload {
    /// The body, where there is one.
    #[must_use]
    pub fn body(&self) -> Option<&BodyInput> {
        match self {
            Self::Body(body) => Some(body),
            Self::Absent | Self::Tombstone => None,
        }
    }

    #[must_use]
    pub fn is_absent(&self) -> bool {
        *self == Self::Absent
    }
}

impl From<BodyInput> for Payload {
    fn from(body: BodyInput) -> Self {
        Self::Body(body)
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.body().serialize(serializer)
    }
}

/// Of the field where it is there; where it is not, the default stands.
impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Tombstone, Self::Body))
    }
}

/// A header to be sent; `type` is `string` unless said otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeaderInput {
    pub name: String,
    #[serde(rename = "type", default = "string_type")]
    pub kind: String,
    pub value: serde_json::Value,
}

fn string_type() -> String {
    "string".to_owned()
}

/// AMQP message properties.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Properties {
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    /// 1 transient, 2 persistent.
    pub delivery_mode: Option<u8>,
    pub priority: Option<u8>,
    pub correlation_id: Option<String>,
    pub reply_to: Option<String>,
    /// Milliseconds, as AMQP wants it: a text.
    pub expiration: Option<String>,
    pub message_id: Option<String>,
    pub timestamp: Option<Timestamp>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub app_id: Option<String>,
}

/// Which end of a Redis list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Side {
    Left,
    Right,
}

/// A field of a Redis stream entry; order is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Field {
    pub name: String,
    pub value: String,
}

/// A message to be published. A field that the queue's kind has not is refused, never ignored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishRequest {
    /// Needed, except where a Redis stream takes `fields`. `null`, written out, is a tombstone (Kafka only).
    #[serde(skip_serializing_if = "Payload::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BodyInput>))]
    pub body: Payload,
    pub headers: Vec<HeaderInput>,
    /// Kafka.
    pub key: Option<String>,
    /// Kafka.
    pub partition: Option<i32>,
    /// Kafka.
    pub timestamp: Option<Timestamp>,
    /// RabbitMQ; default: the queue's name.
    pub routing_key: Option<String>,
    /// RabbitMQ; default: the default exchange `""`.
    pub exchange: Option<String>,
    /// RabbitMQ.
    pub properties: Option<Properties>,
    /// Redis list.
    pub side: Option<Side>,
    /// Redis stream, instead of `body`.
    pub fields: Option<Vec<Field>>,
    /// 1 to 10,000 times; default 1.
    pub repeat: Option<u32>,
}

/// What the broker said to a publish; only the fields of the kind are set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishReceipt {
    /// Messages accepted by the broker.
    pub published: u32,
    /// RabbitMQ: every message got its publisher confirm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<bool>,
    /// RabbitMQ: every message reached a queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_reason: Option<String>,
    /// Kafka, of the last message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// Redis stream, of the last message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_id: Option<String>,
    /// Redis list: its length after the push.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<i64>,
    /// Redis channel: who received the last message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receivers: Option<i64>,
    /// The outcome in one sentence.
    pub text: String,
}

/// Purge, confirmed by the queue's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PurgeRequest {
    /// The queue's name (its id where the name is not printable UTF-8).
    pub confirm: String,
    /// The depth the operator saw; refused where the queue has grown by more than a tenth since.
    pub seen_depth: Option<i64>,
    #[serde(default)]
    pub reason: Option<String>,
    /// Write what is removed to a file of the data folder first.
    #[serde(default)]
    pub copy: bool,
}

impl PurgeRequest {
    /// What `confirm` has to be, letter for letter: the queue's name, or its id where the name can't be typed (it is
    /// not UTF-8, or holds control characters).
    #[must_use]
    pub fn confirmation<'a>(name: &'a str, id: &'a QueueId) -> &'a str {
        let typeable = !name.chars().any(|c| crate::is_hidden(c) || c == char::REPLACEMENT_CHARACTER);
        if typeable && !name.is_empty() { name } else { id.as_str() }
    }
}

/// What a purge did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PurgeReceipt {
    pub removed: Option<i64>,
    pub left: Option<i64>,
    /// What stays and why ("17 unacknowledged messages stay").
    pub notes: Vec<String>,
    /// Where what was removed is written.
    #[serde(default)]
    pub copy: Option<CopyFile>,
}

/// A file of what a purge removed: JSON Lines, the first of which is a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CopyFile {
    /// Its name in the folder `copies` of the data folder.
    pub file: String,
    pub messages: u64,
    /// Its size, header included.
    pub bytes: u64,
}

impl fmt::Display for CopyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "copies/{} ({} messages, {} bytes)", self.file, self.messages, self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_body_that_is_left_out_or_null_when_read_then_they_are_told_apart() {
        let read = |json: &str| serde_json::from_str::<PublishRequest>(json).map(|r| r.body).ok();
        assert_eq!(read("{}"), Some(Payload::Absent));
        assert_eq!(read(r#"{"body": null}"#), Some(Payload::Tombstone));
        let empty = BodyInput { encoding: BodyEncoding::Utf8, data: String::new() };
        assert_eq!(read(r#"{"body": {"data": ""}}"#), Some(Payload::Body(empty)));
        for body in [Payload::Absent, Payload::Tombstone] {
            let written = serde_json::to_string(&PublishRequest { body: body.clone(), ..Default::default() });
            assert_eq!(written.ok().and_then(|text| read(&text)), Some(body));
        }
    }
}
