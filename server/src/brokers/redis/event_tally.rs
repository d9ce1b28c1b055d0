//! Counts keyspace events as they arrive, by the list that they are of.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use redis::{PushInfo, PushKind, Value};

use super::key::Place;

/// Commands on one list since it is listened to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// Commands that each added one element at least.
    pub(super) pushes: i64,
    /// Commands that each removed one element at least.
    pub(super) takes: i64,
}

/// What was told so far. Written by the connection's own task, read by polls.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// By the channel that tells of a list. Held for moments only.
    counts: Mutex<HashMap<Vec<u8>, Count>>,
    events: AtomicU64,
}

impl Tally {
    /// Takes in what the server pushed.
    pub(super) fn note(&self, push: &PushInfo) {
        let (PushKind::Message, [Value::BulkString(channel), Value::BulkString(event)]) =
            (&push.kind, push.data.as_slice())
        else {
            return;
        };
        self.events.fetch_add(1, Ordering::Relaxed);
        if let Some(count) = self.counts().get_mut(channel) {
            match event.as_slice() {
                b"lpush" | b"rpush" | b"linsert" => count.pushes += 1,
                b"lpop" | b"rpop" | b"lrem" => count.takes += 1,
                // `ltrim` is told also where nothing was trimmed, `lset` changes no number.
                _ => {}
            }
        }
    }

    /// Events so far, of whatever list.
    pub(super) fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// Begins to count for a list.
    pub(super) fn begin(&self, place: &Place) {
        self.counts().insert(channel(place), Count::default());
    }

    /// Counts no more for a list.
    pub(super) fn end(&self, place: &Place) {
        self.counts().remove(&channel(place));
    }

    pub(super) fn of(&self, place: &Place) -> Option<Count> {
        self.counts().get(&channel(place)).copied()
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The channel on which the server tells what is done to a key.
pub(super) fn channel(place: &Place) -> Vec<u8> {
    [format!("__keyspace@{}__:", place.db).as_bytes(), place.key.as_slice()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(tally: &Tally, place: &Place, event: &str) {
        let data = [channel(place), event.as_bytes().to_vec()].map(Value::BulkString).to_vec();
        tally.note(&PushInfo { kind: PushKind::Message, data });
    }

    #[test]
    fn given_events_when_told_then_only_those_that_move_an_element_for_sure_are_counted() {
        let (tally, jobs) = (Tally::default(), Place::list(3, "jobs"));
        tally.begin(&jobs);
        for event in ["lpush", "rpush", "linsert", "lpop", "rpop", "lrem", "ltrim", "lset", "del", "expire"] {
            told(&tally, &jobs, event);
        }
        assert_eq!((tally.of(&jobs), tally.events()), (Some(Count { pushes: 3, takes: 3 }), 10));
    }

    #[test]
    fn given_a_list_that_is_not_listened_to_when_told_of_then_it_has_no_count() {
        let (tally, jobs) = (Tally::default(), Place::list(0, "jobs"));
        told(&tally, &jobs, "lpush");
        assert_eq!(tally.of(&jobs), None);
    }
}
