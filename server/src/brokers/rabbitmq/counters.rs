//! When the counters of a queue began anew.
//!
//! The broker leaves a counter out until it counts something, and forgets all of them when a node restarts or
//! the queue is declared again. So a counter that was seen and is missing or lower now starts a new epoch, and
//! one that was never seen is zero. So does a queue that the statistics knew and do not know now: a queue that was
//! declared again within an interval may have counted more than the one before.
//!
//! Weir reckons epochs; its next run adopts those of the last one, or a restart of Weir would end them all.

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
    seen: Option<Stats>,
    /// True while the statistics, which knew it, do not know it.
    lost: bool,
    /// When its counters were seen to begin, in epoch milliseconds; 0 = before Weir looked.
    began: i64,
}

impl Epochs {
    /// True until the first observation is complete.
    pub(super) fn are_new(&self) -> bool {
        !self.complete
    }

    /// Goes on with the epoch that an earlier run named.
    pub(super) fn adopt(&mut self, id: &QueueId, began: i64) {
        self.queues.insert(id.clone(), Epoch { seen: None, lost: false, began });
    }

    /// The counters of a queue as they were told last in this run.
    pub(super) fn counters(&self, id: &QueueId) -> Option<Stats> {
        self.queues.get(id)?.seen
    }

    /// Names the epoch of a queue; `now` holds its counters, `None` while the statistics do not know it.
    pub(super) fn note(&mut self, id: &QueueId, now: Option<Stats>, at: Timestamp) -> i64 {
        let began = if self.complete { at.0 } else { 0 };
        let epoch = self.queues.entry(id.clone()).or_insert(Epoch { seen: None, lost: false, began });
        match now {
            Some(now) => {
                if epoch.lost || epoch.seen.is_some_and(|before| began_anew(&before, &now)) {
                    epoch.began = at.0;
                }
                (epoch.seen, epoch.lost) = (Some(now), false);
            }
            None => epoch.lost = epoch.seen.is_some(),
        }
        epoch.began
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

    fn note(epochs: &mut Epochs, now: Stats, at: i64) -> i64 {
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
    fn given_a_queue_declared_again_that_counts_more_than_before_when_it_was_unknown_between_then_a_new_epoch_begins()
     {
        let mut epochs = Epochs::default();
        let id = QueueId::from_parts(&["/", "q"]);
        let first = note(&mut epochs, stats(Some(5), None), 1);
        epochs.finish(|_| true);
        epochs.note(&id, None, Timestamp(2));
        assert_ne!(note(&mut epochs, stats(Some(50), None), 3), first);
    }

    #[test]
    fn given_epochs_of_an_earlier_run_when_adopted_then_they_go_on_until_a_counter_is_lower() {
        let mut epochs = Epochs::default();
        epochs.adopt(&QueueId::from_parts(&["/", "q"]), 77);
        assert_eq!(note(&mut epochs, stats(Some(5), Some(3)), 100), 77);
        assert_eq!(note(&mut epochs, stats(Some(4), Some(3)), 200), 200);
    }

    #[test]
    fn given_a_queue_that_vanished_and_came_back_when_noted_then_a_new_epoch_begins() {
        let mut epochs = Epochs::default();
        let first = note(&mut epochs, stats(Some(5), None), 1);
        epochs.finish(|_| false);
        assert_ne!(note(&mut epochs, stats(Some(50), None), 3), first);
    }
}
