//! Reading streams by XRANGE and XREVRANGE only: reading as a group would change what is pending.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use redis::{Cmd, Value};
use serde_json::{Value as Json, json};
use weir_model::{
    Timestamp,
    message::{BrowseFrom, Header, Message},
};

use super::{
    super::{BrokerError, SHOWN_BODY_LIMIT, bare_message, shown_body},
    browse::{Reader, unreadable},
    connection::Connection,
    entry_id::EntryId,
    key::Place,
    reply,
};

/// Bytes of a field shown among the properties; the body has more of it.
const SHOWN_FIELD_LIMIT: usize = 1024;
/// Before an id: read downwards from there.
const BEFORE: &str = "before:";

/// Walks from an id upwards, or downwards. `None`: past the last id there is.
pub(super) struct StreamReader {
    key: Vec<u8>,
    from: Option<EntryId>,
    downwards: bool,
    /// Bodies and fields in full.
    whole: bool,
}

impl StreamReader {
    /// `id:1-5` reads upwards from 1-5, `id:before:1-5` downwards from the entry before it.
    ///
    /// # Errors
    /// A beginning that streams do not have.
    pub(super) fn new(place: &Place, from: Option<&BrowseFrom>) -> Result<Self, BrokerError> {
        let wrong = |message: String| BrokerError::field("from", message);
        let (from, downwards) = match from {
            None | Some(BrowseFrom::Newest) => (Some(EntryId { ms: u64::MAX, seq: u64::MAX }), true),
            Some(BrowseFrom::Oldest) => (Some(EntryId::default()), false),
            Some(BrowseFrom::Id(text)) => {
                let (id, downwards) =
                    text.strip_prefix(BEFORE).map_or((text.as_str(), false), |id| (id, true));
                let id: EntryId = id.parse().map_err(|e| wrong(format!("{e}")))?;
                (if downwards { id.predecessor() } else { Some(id) }, downwards)
            }
            Some(BrowseFrom::Time(time)) => {
                let ms = u64::try_from(time.0).map_err(|_| wrong("a stream begins after 1970".to_owned()))?;
                (Some(EntryId { ms, seq: 0 }), false)
            }
            Some(BrowseFrom::Left | BrowseFrom::Right | BrowseFrom::Offset(_)) => {
                return Err(wrong("a stream is read from oldest, newest, id:ID or time:TIME".to_owned()));
            }
        };
        Ok(Self { key: place.key.clone(), from, downwards, whole: false })
    }

    /// Bodies and fields in full, for a copy.
    pub(super) fn whole(self) -> Self {
        Self { whole: true, ..self }
    }
}

impl Reader for StreamReader {
    fn command(&self, count: u32) -> Cmd {
        let from = self.from.unwrap_or_default().to_string();
        let (command, end) = if self.downwards { ("XREVRANGE", "-") } else { ("XRANGE", "+") };
        // Past the last id nothing is asked for: a range from the end to itself, excluded by its count.
        let count = if self.from.is_some() { count } else { 0 };
        redis::cmd(command).arg(&self.key).arg(from).arg(end).arg("COUNT").arg(count).take()
    }

    fn messages(&self, answer: Value) -> Vec<(Message, u64)> {
        let now = Timestamp::now();
        reply::items(answer)
            .into_iter()
            .filter_map(Entry::read)
            .map(|entry| entry.message(now, self.whole))
            .collect()
    }

    fn pass(&mut self, message: &Message) {
        let id = message.position.parse::<EntryId>().ok();
        self.from = id.and_then(|id| if self.downwards { id.predecessor() } else { id.successor() });
    }

    fn next(&self) -> Option<String> {
        let from = self.from?;
        match self.downwards {
            false => Some(format!("id:{from}")),
            true => from.successor().map(|id| format!("id:{BEFORE}{id}")),
        }
    }
}

/// The body of the entry with this id.
pub(super) async fn body(
    connection: &mut Connection,
    place: &Place,
    position: &str,
) -> Result<Vec<u8>, BrokerError> {
    let id: EntryId = position.parse().map_err(|e| BrokerError::field("position", format!("{e}")))?;
    let id = id.to_string();
    let command = redis::cmd("XRANGE").arg(&place.key).arg(&id).arg(&id).take();
    let answer = connection.read_one(place.db, command).await?.map_err(|error| unreadable(place, &error))?;
    let entry = reply::items(answer).into_iter().next().and_then(Entry::read);
    entry.map(|entry| entry.body()).ok_or_else(|| BrokerError::NotFound(format!("entry {id} is gone")))
}

/// One entry: names and values, in order, names possibly more than once.
struct Entry {
    id: EntryId,
    fields: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Entry {
    fn read(value: Value) -> Option<Self> {
        let mut parts = reply::items(value).into_iter();
        let id = parts.next().and_then(EntryId::from_value)?;
        let mut texts = reply::items(parts.next()?).into_iter().filter_map(reply::bytes);
        let mut fields = Vec::new();
        while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
            fields.push((name, value));
        }
        Some(Self { id, fields })
    }

    fn message(&self, now: Timestamp, whole: bool) -> (Message, u64) {
        let (field_limit, body_limit) =
            if whole { (usize::MAX, usize::MAX) } else { (SHOWN_FIELD_LIMIT, SHOWN_BODY_LIMIT) };
        let bytes = self.fields.iter().map(|(name, value)| (name.len() + value.len()) as u64).sum();
        let body = self.body();
        let mut message = bare_message(self.id.to_string());
        message.timestamp = self.id.time(now);
        message.properties =
            self.fields.iter().map(|(name, value)| property(name, value, field_limit)).collect();
        message.size = body.len() as u64;
        message.body = Some(shown_body(&body, body_limit));
        (message, bytes)
    }

    /// The field `body` or `data`, or the only one; else all of them as JSON.
    fn body(&self) -> Vec<u8> {
        let named = |wanted: &[u8]| self.fields.iter().find(|(name, _)| name == wanted);
        let only = || self.fields.first().filter(|_| self.fields.len() == 1);
        match named(b"body").or_else(|| named(b"data")).or_else(only) {
            Some((_, value)) => value.clone(),
            None => self.json().to_string().into_bytes(),
        }
    }

    /// An object; a list of pairs where a name stands twice or is no text.
    fn json(&self) -> Json {
        let mut object = serde_json::Map::new();
        for (name, value) in &self.fields {
            let fresh =
                std::str::from_utf8(name).ok().map(|name| object.insert(name.to_owned(), json_text(value)));
            if fresh != Some(None) {
                return self
                    .fields
                    .iter()
                    .map(|(name, value)| json!([json_text(name), json_text(value)]))
                    .collect();
            }
        }
        Json::Object(object)
    }
}

/// A text, or its bytes as `{"base64": …}`.
fn json_text(bytes: &[u8]) -> Json {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!(text),
        Err(_) => json!({ "base64": STANDARD.encode(bytes) }),
    }
}

fn property(name: &[u8], value: &[u8], limit: usize) -> Header {
    let shown = shown_body(value, limit);
    let mut kind = if std::str::from_utf8(value).is_ok() { "string" } else { "bytes" }.to_owned();
    if shown.truncated {
        kind = format!("{kind}, the first {limit} of {} bytes", value.len());
    }
    Header { name: String::from_utf8_lossy(name).into_owned(), kind, value: json!(shown.data) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn entry(fields: &[(&[u8], &[u8])]) -> Entry {
        let fields = fields.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
        Entry { id: EntryId { ms: 5, seq: 1 }, fields }
    }

    fn body(fields: &[(&[u8], &[u8])]) -> String {
        String::from_utf8(entry(fields).body()).unwrap()
    }

    fn reader(from: Option<&BrowseFrom>) -> StreamReader {
        StreamReader::new(&Place::stream(0, "k"), from).unwrap()
    }

    fn command(reader: &StreamReader) -> String {
        let packed = reader.command(3).get_packed_command();
        String::from_utf8(packed)
            .unwrap()
            .split("\r\n")
            .filter(|s| !s.starts_with(['*', '$']))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn given_an_entry_when_shown_then_its_body_is_the_field_that_says_so_or_all_of_them() {
        assert_eq!(body(&[(b"job", b"1")]), "1");
        assert_eq!(body(&[(b"trace", b"t"), (b"data", b"2")]), "2");
        assert_eq!(body(&[(b"data", b"2"), (b"body", b"3")]), "3");
        assert_eq!(body(&[(b"a", b"1"), (b"b", b"2")]), r#"{"a":"1","b":"2"}"#);
        assert_eq!(body(&[(b"a", b"1"), (b"a", b"\xff")]), r#"[["a","1"],["a",{"base64":"/w=="}]]"#);
    }

    #[test]
    fn given_pages_from_the_newest_when_walked_then_the_next_begins_below_the_last() {
        let mut newest = reader(None);
        assert_eq!(command(&newest), "XREVRANGE k 18446744073709551615-18446744073709551615 - COUNT 3 ");
        newest.pass(&bare_message("5-0"));
        let next = newest.next().unwrap();
        assert_eq!(next, "id:before:5-0");
        let again = reader(Some(&BrowseFrom::Id("before:5-0".to_owned())));
        assert_eq!(command(&again), "XREVRANGE k 4-18446744073709551615 - COUNT 3 ");
    }

    #[test]
    fn given_pages_from_the_oldest_when_walked_then_the_next_begins_above_the_last() {
        let mut reader = reader(Some(&BrowseFrom::Oldest));
        assert_eq!(command(&reader), "XRANGE k 0-0 + COUNT 3 ");
        reader.pass(&bare_message("5-0"));
        assert_eq!(reader.next().as_deref(), Some("id:5-1"));
    }

    #[test]
    fn given_a_beginning_that_streams_have_not_when_asked_for_then_it_is_refused() {
        for from in [BrowseFrom::Left, BrowseFrom::Offset(3), BrowseFrom::Id("x".to_owned())] {
            assert!(StreamReader::new(&Place::stream(0, "k"), Some(&from)).is_err(), "{from:?}");
        }
    }
}
