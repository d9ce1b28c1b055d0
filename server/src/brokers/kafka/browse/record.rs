//! A message as librdkafka hands it over, and as it is shown.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rdkafka::{
    Message as _, Timestamp as KafkaTimestamp,
    message::{BorrowedMessage, Headers as _},
};
use serde_json::{Value, json};
use weir_model::{
    Timestamp,
    message::{Header, Message},
};

use crate::brokers::{SHOWN_BODY_LIMIT, bare_message, shown_body};

/// One message, copied out of librdkafka.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) partition: i32,
    pub(super) offset: i64,
    /// Milliseconds since 1970; `None` before Kafka 0.10.
    pub(super) timestamp: Option<i64>,
    /// The broker stamped it, not the producer.
    pub(super) stamped_by_broker: bool,
    pub(super) key: Option<Vec<u8>>,
    pub(super) headers: Vec<(String, Option<Vec<u8>>)>,
    /// `None`: a tombstone.
    pub(super) payload: Option<Vec<u8>>,
}

impl Record {
    pub(super) fn copy(message: &BorrowedMessage<'_>) -> Self {
        let (timestamp, stamped_by_broker) = match message.timestamp() {
            KafkaTimestamp::NotAvailable => (None, false),
            KafkaTimestamp::CreateTime(millis) => (Some(millis), false),
            KafkaTimestamp::LogAppendTime(millis) => (Some(millis), true),
        };
        let headers = message.headers().map_or_else(Vec::new, |headers| {
            headers.iter().map(|h| (h.key.to_owned(), h.value.map(<[u8]>::to_vec))).collect()
        });
        Self {
            partition: message.partition(),
            offset: message.offset(),
            timestamp: timestamp.filter(|millis| *millis >= 0),
            stamped_by_broker,
            key: message.key().map(<[u8]>::to_vec),
            headers,
            payload: message.payload().map(<[u8]>::to_vec),
        }
    }

    /// What it costs of the byte budget.
    pub(super) fn bytes(&self) -> u64 {
        let headers: usize =
            self.headers.iter().map(|(name, value)| name.len() + value.as_ref().map_or(0, Vec::len)).sum();
        let body = self.payload.as_ref().map_or(0, Vec::len);
        (headers + body + self.key.as_ref().map_or(0, Vec::len)) as u64
    }

    /// For the screen.
    pub(super) fn shown(&self) -> Message {
        self.message(SHOWN_BODY_LIMIT)
    }

    /// With all of its body, for a copy.
    pub(super) fn whole(&self) -> Message {
        self.message(usize::MAX)
    }

    fn message(&self, body_limit: usize) -> Message {
        let mut properties = vec![
            property("partition", "int", json!(self.partition)),
            property("offset", "long", json!(self.offset)),
        ];
        if self.timestamp.is_some() {
            let kind = if self.stamped_by_broker { "LogAppendTime" } else { "CreateTime" };
            properties.push(property("timestamp type", "string", json!(kind)));
        }
        // A key that is not text is shown here exactly, since the key's own place holds text alone.
        if let Some(key) = self.key.as_ref().filter(|key| std::str::from_utf8(key).is_err()) {
            properties.push(property("key (base64)", "bytes", json!(STANDARD.encode(key))));
        }
        let headers = self.headers.iter().map(|(name, value)| header(name, value.as_deref())).collect();
        Message {
            timestamp: self.timestamp.map(Timestamp),
            key: self.key.as_ref().map(|key| String::from_utf8_lossy(key).into_owned()),
            headers,
            properties,
            size: self.payload.as_ref().map_or(0, Vec::len) as u64,
            body: self.payload.as_ref().map(|bytes| shown_body(bytes, body_limit)),
            ..bare_message(format!("{}:{}", self.partition, self.offset))
        }
    }
}

fn property(name: &str, kind: &str, value: Value) -> Header {
    Header { name: name.to_owned(), kind: kind.to_owned(), value }
}

/// Kafka's headers are bytes: text where all of it is UTF-8, else base64.
fn header(name: &str, value: Option<&[u8]>) -> Header {
    match value.map(|bytes| (bytes, std::str::from_utf8(bytes))) {
        None => property(name, "null", Value::Null),
        Some((_, Ok(text))) => property(name, "string", json!(text)),
        Some((bytes, Err(_))) => property(name, "bytes", json!(STANDARD.encode(bytes))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_bytes_and_nulls_when_shown_then_nothing_is_made_up() {
        let record = Record {
            partition: 2,
            offset: 7,
            key: Some(vec![0xff]),
            headers: vec![("a".to_owned(), None), ("b".to_owned(), Some(vec![0xfe]))],
            ..Record::default()
        };
        let shown = record.shown();
        assert_eq!((shown.position.as_str(), shown.body, shown.timestamp), ("2:7", None, None));
        assert_eq!(shown.headers[0].value, Value::Null);
        assert_eq!((shown.headers[1].kind.as_str(), &shown.headers[1].value), ("bytes", &json!("/g==")));
        assert!(shown.properties.iter().any(|p| p.name == "key (base64)" && p.value == json!("/w==")));
    }
}
