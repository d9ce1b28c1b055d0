//! What Weir itself took from queues to show it, which the broker counts among the deliveries.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use weir_model::{QueueId, Timestamp};

/// How long a peek is worth mentioning beside the rates: the longest window of a headline rate, twice.
const MENTIONED_MS: i64 = 10 * 60 * 1000;

/// The peeks of late, by queue. The broker may or may not count them (a channel that lives for less than a
/// statistics interval can lose its counts), so they are mentioned rather than subtracted.
#[derive(Debug, Default)]
pub(super) struct Peeked(Mutex<HashMap<QueueId, (u64, Timestamp)>>);

impl Peeked {
    /// Notes that messages were taken and given back.
    pub(super) fn add(&self, id: &QueueId, messages: usize, now: Timestamp) {
        let mut peeked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        peeked.retain(|_, (_, at)| now.since_ms(*at) < MENTIONED_MS);
        let entry = peeked.entry(id.clone()).or_insert((0, now));
        *entry = (entry.0 + messages as u64, now);
    }

    /// A sentence for the operator, where there was a peek of late.
    pub(super) fn note(&self, id: &QueueId, now: Timestamp) -> Option<String> {
        let peeked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (messages, at) = peeked.get(id)?;
        (now.since_ms(*at) < MENTIONED_MS).then(|| {
            format!(
                "Weir took {messages} messages to show them; delivered counts these takings, and redelivered the \
                 ones that follow"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_peeks_when_asked_then_they_are_summed_and_forgotten_after_a_while() {
        let (peeked, id) = (Peeked::default(), QueueId::from_parts(&["/", "q"]));
        assert_eq!(peeked.note(&id, Timestamp(0)), None);
        peeked.add(&id, 5, Timestamp(0));
        peeked.add(&id, 3, Timestamp(1000));
        assert!(peeked.note(&id, Timestamp(2000)).is_some_and(|note| note.contains("took 8 messages")));
        assert_eq!(peeked.note(&id, Timestamp(1000 + MENTIONED_MS)), None);
    }
}
