//! How a list, stream or channel is addressed. Keys are bytes, never assumed to be text.

use std::collections::BTreeMap;

use weir_model::{QueueId, QueueKind, QueueObservation};

use super::super::BrokerError;

/// How keys begin under which lists are set aside.
const ASIDE: &[u8] = b"weir:aside:";

/// Where something stands: database, kind, key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Place {
    /// Always 0 for channels, since Pub/Sub knows no databases.
    pub(super) db: u32,
    pub(super) kind: QueueKind,
    pub(super) key: Vec<u8>,
}

impl Place {
    pub(super) fn list(db: u32, key: impl Into<Vec<u8>>) -> Self {
        Self { db, kind: QueueKind::RedisList, key: key.into() }
    }

    pub(super) fn stream(db: u32, key: impl Into<Vec<u8>>) -> Self {
        Self { db, kind: QueueKind::RedisStream, key: key.into() }
    }

    pub(super) fn channel(key: impl Into<Vec<u8>>) -> Self {
        Self { db: 0, kind: QueueKind::RedisChannel, key: key.into() }
    }

    /// Where a purge sets a list aside while it copies it.
    pub(super) fn aside(&self) -> Self {
        Self { key: [ASIDE, self.key.as_slice()].concat(), ..self.clone() }
    }

    /// The list that was set aside here; `None` where this is no such place.
    pub(super) fn original(&self) -> Option<Self> {
        let key = self.key.strip_prefix(ASIDE).filter(|key| !key.is_empty())?;
        (self.kind == QueueKind::RedisList).then(|| Self { key: key.to_vec(), ..self.clone() })
    }

    /// What a key of this `TYPE` is to us; `None` for hashes, sets and the like.
    pub(super) fn of_type(db: u32, key: impl Into<Vec<u8>>, type_name: &str) -> Option<Self> {
        match type_name {
            "list" => Some(Self::list(db, key)),
            "stream" => Some(Self::stream(db, key)),
            _ => None,
        }
    }

    /// Reads an id back; `None` where it is not one of Redis.
    pub(super) fn parse(id: &QueueId) -> Option<Self> {
        let [db, word, key] = <[Vec<u8>; 3]>::try_from(id.parts()).ok()?;
        let db = std::str::from_utf8(&db).ok()?.parse().ok()?;
        match word.as_slice() {
            b"list" => Some(Self::list(db, key)),
            b"stream" => Some(Self::stream(db, key)),
            b"channel" => Some(Self::channel(key)),
            _ => None,
        }
    }

    /// The place of a queue an operator acts on.
    ///
    /// # Errors
    /// `NotFound`: the id is none of Redis.
    pub(super) fn of(queue: &QueueObservation) -> Result<Self, BrokerError> {
        Self::parse(&queue.id)
            .ok_or_else(|| BrokerError::NotFound(format!("\"{}\" is no queue of a Redis broker", queue.id)))
    }

    pub(super) fn id(&self) -> QueueId {
        QueueId::from_parts(&[self.db.to_string().as_bytes(), self.type_word().as_bytes(), &self.key])
    }

    /// The name for the screen, lossy where the key is not UTF-8.
    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(&self.key).into_owned()
    }

    /// The word in the id, which is the `TYPE` of lists and streams.
    pub(super) fn type_word(&self) -> &'static str {
        match self.kind {
            QueueKind::RedisStream => "stream",
            QueueKind::RedisChannel => "channel",
            _ => "list",
        }
    }

    /// An observation that holds no figures yet.
    pub(super) fn blank(&self) -> QueueObservation {
        let scope = match self.kind {
            QueueKind::RedisChannel => String::new(),
            _ => format!("db {}", self.db),
        };
        QueueObservation::new(self.id(), self.kind, self.name(), scope)
    }
}

/// Places by database, so that each is selected once a round.
pub(super) fn by_db<'a>(places: impl IntoIterator<Item = &'a Place>) -> BTreeMap<u32, Vec<&'a Place>> {
    let mut sorted: BTreeMap<u32, Vec<&Place>> = BTreeMap::new();
    for place in places {
        sorted.entry(place.db).or_default().push(place);
    }
    sorted
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn given_a_binary_key_when_made_an_id_and_read_back_then_it_is_the_same() {
        let place = Place::list(3, vec![0, 255, b':', b'~', b'a']);
        assert_eq!(place.id().as_str(), "3:list:~00~ff~3a~7ea");
        assert_eq!(Place::parse(&place.id()), Some(place));
    }

    #[test]
    fn given_a_channel_when_made_an_id_then_it_stands_under_database_0() {
        assert_eq!(Place::channel("news").id().as_str(), "0:channel:news");
    }

    #[test]
    fn given_the_id_of_another_kind_when_read_then_it_is_no_place() {
        for foreign in ["~2f:hello", "topic", "x:list:a", "0:hash:a"] {
            assert_eq!(Place::parse(&foreign.parse().unwrap()), None, "{foreign}");
        }
    }
}
