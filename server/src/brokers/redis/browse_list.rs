//! Reading lists from either end. Which end is the oldest is the application's secret.

use redis::{Cmd, Value};
use sha2::{Digest, Sha256};
use weir_model::message::{BrowseFrom, Message};

use super::{
    super::{BrokerError, SHOWN_BODY_LIMIT, bare_message, shown_body},
    browse::{Reader, unreadable},
    connection::Connection,
    key::Place,
    reply,
};

/// Walks from an index to the right, or from a negative one (-1 is the right end) to the left.
pub(super) struct ListReader {
    key: Vec<u8>,
    index: i64,
    /// Bytes of a body that are shown at most.
    shown: usize,
}

impl ListReader {
    /// `offset:3` reads to the right from index 3, `id:-3` to the left from the third element from the right.
    ///
    /// # Errors
    /// A beginning that lists do not have.
    pub(super) fn new(place: &Place, from: Option<&BrowseFrom>) -> Result<Self, BrokerError> {
        let index = match from {
            None | Some(BrowseFrom::Left) => 0,
            Some(BrowseFrom::Right) => -1,
            Some(BrowseFrom::Offset(index)) => *index,
            Some(BrowseFrom::Id(index)) => index.parse().map_err(|_| {
                BrokerError::field(
                    "from",
                    "an element of a list is found by its index: write id:-3 or offset:17",
                )
            })?,
            Some(BrowseFrom::Oldest | BrowseFrom::Newest) => {
                return Err(BrokerError::field(
                    "from",
                    "Redis does not tell at which end of a list the oldest element stands: write left or right",
                ));
            }
            Some(BrowseFrom::Time(_)) => {
                return Err(BrokerError::field(
                    "from",
                    "a list knows no times: write left, right or offset:N",
                ));
            }
        };
        Ok(Self { key: place.key.clone(), index, shown: SHOWN_BODY_LIMIT })
    }

    /// Whole bodies, for a copy.
    pub(super) fn whole(self) -> Self {
        Self { shown: usize::MAX, ..self }
    }

    fn is_leftwards(&self) -> bool {
        self.index < 0
    }

    fn step(&self) -> i64 {
        if self.is_leftwards() { -1 } else { 1 }
    }
}

impl Reader for ListReader {
    fn command(&self, count: u32) -> Cmd {
        let far = self.index.saturating_add(self.step() * (i64::from(count) - 1));
        let (start, stop) = if self.is_leftwards() { (far, self.index) } else { (self.index, far) };
        redis::cmd("LRANGE").arg(&self.key).arg(start).arg(stop).take()
    }

    fn messages(&self, answer: Value) -> Vec<(Message, u64)> {
        let mut elements: Vec<Vec<u8>> = reply::items(answer).into_iter().filter_map(reply::bytes).collect();
        if self.is_leftwards() {
            elements.reverse();
        }
        let message = |(n, element): (usize, &Vec<u8>)| {
            let index = self.index + self.step() * n as i64;
            let mut message = bare_message(format!("{index}~{}", hash(element)));
            message.size = element.len() as u64;
            message.body = Some(shown_body(element, self.shown));
            (message, element.len() as u64)
        };
        elements.iter().enumerate().map(message).collect()
    }

    fn pass(&mut self, _: &Message) {
        self.index = self.index.saturating_add(self.step());
    }

    fn next(&self) -> Option<String> {
        Some(if self.is_leftwards() {
            format!("id:{}", self.index)
        } else {
            format!("offset:{}", self.index)
        })
    }
}

/// The element at a position, if it is still the one that was shown.
pub(super) async fn body(
    connection: &mut Connection,
    place: &Place,
    position: &str,
) -> Result<Vec<u8>, BrokerError> {
    let parsed = position.split_once('~').and_then(|(index, hash)| Some((index.parse::<i64>().ok()?, hash)));
    let Some((index, shown)) = parsed else {
        return Err(BrokerError::field(
            "position",
            "a list's position is an index and a hash, as in 17~9f3a2b10c4d5e6f7",
        ));
    };
    let command = redis::cmd("LINDEX").arg(&place.key).arg(index).take();
    let answer = connection.read_one(place.db, command).await?.map_err(|error| unreadable(place, &error))?;
    match reply::bytes(answer) {
        Some(element) if hash(&element) == shown => Ok(element),
        _ => Err(BrokerError::Conflict(format!(
            "another element stands at index {index} now, or none: the list has moved on. Read it again"
        ))),
    }
}

/// Eight bytes of SHA-256: enough to tell elements of one list apart.
fn hash(element: &[u8]) -> String {
    Sha256::digest(element).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn reader(from: &BrowseFrom) -> ListReader {
        ListReader::new(&Place::list(0, "k"), Some(from)).unwrap()
    }

    fn range(reader: &ListReader, count: u32) -> String {
        String::from_utf8(reader.command(count).get_packed_command()).unwrap().replace("\r\n", " ")
    }

    fn elements(texts: &[&str]) -> Value {
        Value::Array(texts.iter().map(|text| Value::BulkString(text.as_bytes().to_vec())).collect())
    }

    fn walk(reader: &mut ListReader, answer: Value) -> Vec<String> {
        let messages = reader.messages(answer);
        messages.iter().for_each(|(message, _)| reader.pass(message));
        messages
            .into_iter()
            .map(|(message, _)| message.position.split('~').next().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn given_the_left_end_when_walked_then_indexes_grow() {
        let mut reader = reader(&BrowseFrom::Left);
        assert_eq!(range(&reader, 2), "*4 $6 LRANGE $1 k $1 0 $1 1 ");
        assert_eq!(walk(&mut reader, elements(&["a", "b"])), ["0", "1"]);
        assert_eq!(range(&reader, 4), "*4 $6 LRANGE $1 k $1 2 $1 5 ");
        assert_eq!(reader.next().as_deref(), Some("offset:2"));
    }

    #[test]
    fn given_the_right_end_when_walked_then_the_order_is_turned_round() {
        let mut reader = reader(&BrowseFrom::Right);
        assert_eq!(range(&reader, 2), "*4 $6 LRANGE $1 k $2 -2 $2 -1 ");
        let (first, _) = reader.messages(elements(&["y", "z"])).remove(0);
        assert_eq!(first.body.unwrap().data, "z");
        assert_eq!(walk(&mut reader, elements(&["y", "z"])), ["-1", "-2"]);
        assert_eq!(reader.next().as_deref(), Some("id:-3"));
    }

    #[test]
    fn given_a_beginning_that_lists_have_not_when_asked_for_then_it_is_refused() {
        for from in [BrowseFrom::Oldest, BrowseFrom::Newest, BrowseFrom::Id("1-1".to_owned())] {
            assert!(ListReader::new(&Place::list(0, "k"), Some(&from)).is_err(), "{from:?}");
        }
    }
}
