//! `XINFO STREAM`, and how often it may be asked: it always brings the first and the last entry along, however large.

use std::time::{Duration, Instant};

use redis::Value;

use super::{entry_id::EntryId, groups::View, reply};

/// First and last entry up to this size are brought along at every poll.
const SMALL_PAYLOAD: u64 = 64 * 1024;
/// What larger ones may cost per second.
const BYTES_PER_SECOND: u64 = 16 * 1024;

/// The answer to `XINFO STREAM`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StreamInfo {
    pub(super) view: View,
    pub(super) last_generated: EntryId,
    pub(super) max_deleted: Option<EntryId>,
    /// Bytes of the larger of first and last entry.
    pub(super) entry_bytes: u64,
    /// Bytes of both.
    pub(super) payload: u64,
    /// What else the server tells, as text.
    pub(super) rest: Vec<(String, String)>,
}

impl StreamInfo {
    pub(super) fn read(value: Value) -> Self {
        let mut info = Self::default();
        let (mut first, mut last) = (None, None);
        for (name, value) in reply::pairs(value) {
            match name.as_str() {
                "length" => info.view.length = reply::int(&value).unwrap_or_default(),
                "entries-added" => info.view.added = reply::int(&value),
                "last-generated-id" => info.last_generated = EntryId::from_value(value).unwrap_or_default(),
                "max-deleted-entry-id" => info.max_deleted = EntryId::from_value(value),
                "first-entry" => first = info.entry(value),
                "last-entry" => last = info.entry(value),
                _ => info.rest.extend(reply::text(value).map(|text| (name, text))),
            }
        }
        info.view.edges = first.zip(last);
        info
    }

    /// Weighs an entry and keeps its id only.
    fn entry(&mut self, value: Value) -> Option<EntryId> {
        let bytes = weight(&value);
        self.payload += bytes;
        self.entry_bytes = self.entry_bytes.max(bytes);
        reply::items(value).into_iter().next().and_then(EntryId::from_value)
    }

    /// When to ask again, so that the entries brought along stay cheap.
    pub(super) fn next_look(&self, now: Instant) -> Instant {
        if self.payload <= SMALL_PAYLOAD {
            return now;
        }
        now + Duration::from_millis(self.payload.saturating_mul(1000) / BYTES_PER_SECOND)
    }
}

/// Bytes of all texts in an answer.
fn weight(value: &Value) -> u64 {
    match value {
        Value::BulkString(bytes) => bytes.len() as u64,
        Value::Array(items) | Value::Set(items) => items.iter().map(weight).sum(),
        Value::Map(pairs) => pairs.iter().map(|(name, value)| weight(name) + weight(value)).sum(),
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    fn entry(id: &str, body: &str) -> Value {
        Value::Array(vec![bulk(id), Value::Array(vec![bulk("body"), bulk(body)])])
    }

    fn answer(first: Value, last: Value) -> Value {
        Value::Array(vec![
            bulk("length"),
            Value::Int(3),
            bulk("entries-added"),
            Value::Int(10),
            bulk("first-entry"),
            first,
            bulk("last-entry"),
            last,
        ])
    }

    #[test]
    fn given_an_answer_when_read_then_ids_are_kept_and_bodies_are_only_weighed() {
        let info = StreamInfo::read(answer(entry("8-1", "x"), entry("10-1", "yy")));
        let (first, last) = (EntryId { ms: 8, seq: 1 }, EntryId { ms: 10, seq: 1 });
        let view = View { length: 3, edges: Some((first, last)), added: Some(10), unsettled: false };
        assert_eq!(info.view, view);
        assert_eq!((info.payload, info.entry_bytes), (8 + 10, 10));
    }

    #[test]
    fn given_an_empty_stream_when_read_then_it_has_no_edges() {
        assert_eq!(StreamInfo::read(answer(Value::Nil, Value::Nil)).view.edges, None);
    }

    #[test]
    fn given_large_entries_when_planned_then_the_next_look_is_far() {
        let now = Instant::now();
        let small = StreamInfo { payload: 60_000, ..StreamInfo::default() };
        let large = StreamInfo { payload: 40 * 1024 * 1024, ..StreamInfo::default() };
        assert_eq!(small.next_look(now), now);
        assert_eq!(large.next_look(now), now + Duration::from_secs(2560));
    }
}
