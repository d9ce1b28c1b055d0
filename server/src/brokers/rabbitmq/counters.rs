//! When the counters of a queue began anew.
//!
//! The broker leaves a counter out until it counts something, and forgets all of them when a node restarts or
//! the queue is declared again. So a counter that was seen and is missing or lower now starts a new epoch, and
//! one that was never seen is zero.

use std::collections::HashMap;

use weir_model::{QueueId, Timestamp};

use super::wire::Stats;

/// The epochs of all queues of a broker.
#[derive(Debug, Default)]
pub(super) struct Epochs {
    queues: HashMap<QueueId, Epoch>,
    /// False until the first observation is complete: what is found later is new or was declared again.
    complete: bool,
}

#[derive(Debug)]
struct Epoch {
    /// The counters of the last observation that had any.
    seen: Stats,
    /// When they were seen to begin; `None` = before Weir looked.
    began: Option<Timestamp>,
}

impl Epochs {
    /// Names the epoch of a queue; `now` holds its counters, `None` while they can't be seen.
    pub(super) fn note(&mut self, id: &QueueId, now: Option<Stats>, at: Timestamp) -> String {
        let began = self.complete.then_some(at);
        let epoch = self.queues.entry(id.clone()).or_insert_with(|| Epoch { seen: Stats::default(), began });
        if let Some(now) = now {
            if began_anew(&epoch.seen, &now) {
                epoch.began = Some(at);
            }
            epoch.seen = now;
        }
        epoch.began.map_or_else(|| "0".to_owned(), |began| began.0.to_string())
    }

    /// Ends an observation: forgets the queues that it did not find.
    pub(super) fn finish(&mut self, present: impl Fn(&QueueId) -> bool) {
        self.queues.retain(|id, _| present(id));
        self.complete = true;
    }
}

/// True where a counter that was seen is missing or lower now.
fn began_anew(before: &Stats, now: &Stats) -> bool {
    let pairs = [
        (before.publish, now.publish),
        (before.deliver_get, now.deliver_get),
        (before.deliver_no_ack, now.deliver_no_ack),
        (before.get_no_ack, now.get_no_ack),
        (before.ack, now.ack),
        (before.redeliver, now.redeliver),
    ];
    pairs.iter().any(|(before, now)| now.unwrap_or(0) < before.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(publish: Option<i64>, ack: Option<i64>) -> Stats {
        Stats { publish, ack, ..Stats::default() }
    }

    fn note(epochs: &mut Epochs, now: Stats, at: i64) -> String {
        epochs.note(&QueueId::from_parts(&["/", "q"]), Some(now), Timestamp(at))
    }

    #[test]
    fn given_counters_that_appear_and_grow_when_noted_then_the_epoch_stays() {
        let mut epochs = Epochs::default();
        let first = note(&mut epochs, stats(None, None), 1);
        assert_eq!(note(&mut epochs, stats(Some(5), None), 2), first);
        assert_eq!(note(&mut epochs, stats(Some(5), Some(3)), 3), first);
    }

    #[test]
    fn given_a_counter_that_is_missing_or_lower_when_noted_then_a_new_epoch_begins() {
        let mut epochs = Epochs::default();
        let first = note(&mut epochs, stats(Some(5), Some(3)), 1);
        let second = note(&mut epochs, stats(Some(9), None), 2);
        assert_ne!(second, first);
        assert_eq!(note(&mut epochs, stats(Some(9), Some(1)), 3), second);
        assert_ne!(note(&mut epochs, stats(Some(8), Some(2)), 4), second);
    }

    #[test]
    fn given_a_restart_during_which_counters_are_unseen_when_they_return_then_a_new_epoch_begins() {
        let mut epochs = Epochs::default();
        let id = QueueId::from_parts(&["/", "q"]);
        let first = note(&mut epochs, stats(Some(5), None), 1);
        assert_eq!(epochs.note(&id, None, Timestamp(2)), first);
        assert_ne!(note(&mut epochs, stats(None, None), 3), first);
    }

    #[test]
    fn given_a_queue_that_vanished_and_came_back_when_noted_then_a_new_epoch_begins() {
        let mut epochs = Epochs::default();
        let first = note(&mut epochs, stats(Some(5), None), 1);
        epochs.finish(|_| false);
        assert_ne!(note(&mut epochs, stats(Some(50), None), 3), first);
    }
}
