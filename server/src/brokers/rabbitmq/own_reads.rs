//! What Weir itself takes from queues, taken out of the figures of their consumers.
//!
//! The broker counts a peek among the deliveries, and what is given back among the redeliveries once it is handed out
//! again. It does so within a refresh or two, or never: a channel that lives for less than a statistics interval can
//! lose its counts. So each rise of a counter is Weir's own as far as Weir's own is still missing in it.
//!
//! Messages that are purged by way of a copy are acknowledged by Weir, many at a time: until the broker has counted
//! them, what consumers take is unknown, and nothing is reckoned across.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use weir_model::{Metric, QueueId, QueueObservation, Timestamp, UnknownCode, unknown::unknown};

use super::wire::Stats;

/// How long a peek is worth mentioning beside the rates: the longest window of a headline rate, twice.
const MENTIONED_MS: i64 = 10 * 60 * 1000;

/// What the broker has not counted after this long, which is four of its refreshes, it has lost.
const COUNTED_WITHIN_MS: i64 = 20_000;

/// The reads of this run, by queue.
#[derive(Debug, Default)]
pub(super) struct OwnReads(Mutex<HashMap<QueueId, Own>>);

#[derive(Clone, Copy, Debug, Default)]
struct Own {
    /// Messages taken and given back of late, and when that was last.
    peeked: u64,
    peeked_at: Option<Timestamp>,
    /// Of these, the deliveries that the broker may still count.
    uncounted: i64,
    /// Given back and not handed out again.
    given_back: i64,
    /// Taken out of the counters so far.
    delivered: i64,
    redelivered: i64,
    /// Messages are taken for good; until when the broker counts that, once it has ended.
    draining: bool,
    drained_until: Option<Timestamp>,
}

impl OwnReads {
    /// Notes that messages were taken and given back.
    pub(super) fn peeked(&self, id: &QueueId, messages: usize, now: Timestamp) {
        let mut reads = self.lock();
        let own = reads.entry(id.clone()).or_default();
        if own.peeked_at.is_none_or(|at| now.since_ms(at) >= MENTIONED_MS) {
            own.peeked = 0;
        }
        own.peeked += messages as u64;
        own.peeked_at = Some(now);
        own.uncounted += messages as i64;
        own.given_back += messages as i64;
    }

    /// Notes that messages are being taken for good.
    pub(super) fn drains(&self, id: &QueueId) {
        self.lock().entry(id.clone()).or_default().draining = true;
    }

    /// Notes that this has ended, however it did.
    pub(super) fn drained(&self, id: &QueueId, now: Timestamp) {
        let mut reads = self.lock();
        let own = reads.entry(id.clone()).or_default();
        (own.draining, own.drained_until) = (false, Some(now.plus_ms(COUNTED_WITHIN_MS)));
    }

    /// Takes Weir's own reads out of the figures of a queue. `before` are its counters as the broker told them last,
    /// `None` at the first look of a run: what an earlier run took out is not known, so nothing is reckoned across.
    pub(super) fn take_out(&self, seen: &mut QueueObservation, before: Option<Stats>, at: Timestamp) {
        let Some(before) = before else {
            border(seen, &[Metric::Delivered, Metric::Redelivered], "counted from the next look on");
            return;
        };
        let mut reads = self.lock();
        let Some(own) = reads.get_mut(&seen.id) else { return };
        if let (Some(delivered), Some(redelivered)) =
            (seen.value(Metric::Delivered), seen.value(Metric::Redelivered))
        {
            own.settle((delivered, redelivered), &before, at);
            seen.figures.insert(Metric::Delivered, Ok(delivered - own.delivered));
            seen.figures.insert(Metric::Redelivered, Ok(redelivered - own.redelivered));
        }
        if own.draining || own.drained_until.is_some_and(|until| at < until) {
            let metrics = [Metric::Out, Metric::Ack, Metric::Delivered, Metric::Redelivered];
            border(seen, &metrics, "Weir takes messages for a copy, which the broker counts as a consumer's");
        }
        seen.notes.extend(own.note(at));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<QueueId, Own>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Own {
    /// Tells what rose since the last look apart.
    fn settle(&mut self, (delivered, redelivered): (i64, i64), before: &Stats, at: Timestamp) {
        let rose = delivered.saturating_sub(before.deliver_get.unwrap_or(0));
        let rose_again = redelivered.saturating_sub(before.redeliver.unwrap_or(0));
        if rose < 0 || rose_again < 0 {
            // The counters began anew, and with them what was taken out.
            *self = Self { peeked: self.peeked, peeked_at: self.peeked_at, ..Self::default() };
            return;
        }
        let counted = rose.min(self.uncounted);
        self.delivered += counted;
        self.uncounted -= counted;
        let again = rose_again.min(self.given_back);
        self.redelivered += again;
        self.given_back -= again;
        if self.peeked_at.is_none_or(|peeked| at.since_ms(peeked) >= COUNTED_WITHIN_MS) {
            self.uncounted = 0;
        }
    }

    /// A sentence for the operator, where there was a peek of late.
    fn note(&self, now: Timestamp) -> Option<String> {
        let lately = self.peeked_at.is_some_and(|at| now.since_ms(at) < MENTIONED_MS);
        lately.then(|| {
            format!(
                "Weir took {} messages to show them; they are left out of delivered, and as they come again, out of \
                 redelivered",
                self.peeked
            )
        })
    }
}

/// Makes counters unknown for this look: nothing is reckoned across it.
fn border(seen: &mut QueueObservation, metrics: &[Metric], why: &str) {
    for metric in metrics {
        if seen.value(*metric).is_some() {
            seen.figures.insert(*metric, unknown(UnknownCode::NotYet, why));
        }
    }
}

#[cfg(test)]
mod tests {
    use weir_model::QueueKind;

    use super::*;

    fn id() -> QueueId {
        QueueId::from_parts(&["/", "q"])
    }

    fn stats(delivered: i64, redelivered: i64) -> Stats {
        Stats { deliver_get: Some(delivered), redeliver: Some(redelivered), ..Stats::default() }
    }

    /// What is left of `(delivered, redelivered)` at the second `at`, after the look before said `before`.
    fn left(reads: &OwnReads, before: Stats, now: (i64, i64), at: i64) -> [Option<i64>; 2] {
        let mut seen = QueueObservation::new(id(), QueueKind::RabbitmqClassic, "q", "/")
            .with(Metric::Delivered, Ok(now.0))
            .with(Metric::Redelivered, Ok(now.1))
            .with(Metric::Out, Ok(0));
        reads.take_out(&mut seen, Some(before), Timestamp(at * 1000));
        [seen.value(Metric::Delivered), seen.value(Metric::Redelivered)]
    }

    #[test]
    fn given_a_peek_when_the_broker_counts_it_piece_by_piece_then_only_consumers_are_left() {
        let reads = OwnReads::default();
        reads.peeked(&id(), 50, Timestamp(0));
        assert_eq!(left(&reads, stats(100, 0), (130, 0), 5), [Some(100), Some(0)]);
        assert_eq!(left(&reads, stats(130, 0), (170, 0), 10), [Some(120), Some(0)]);
        // A consumer takes all fifty again, and one that came back by itself.
        assert_eq!(left(&reads, stats(170, 0), (221, 51), 60), [Some(171), Some(1)]);
    }

    #[test]
    fn given_a_peek_that_the_broker_lost_when_consumers_go_on_then_theirs_are_not_taken_out() {
        let reads = OwnReads::default();
        reads.peeked(&id(), 50, Timestamp(0));
        assert_eq!(left(&reads, stats(100, 0), (100, 0), 20), [Some(100), Some(0)]);
        assert_eq!(left(&reads, stats(100, 0), (140, 0), 25), [Some(140), Some(0)]);
    }

    #[test]
    fn given_counters_that_began_anew_when_told_then_nothing_is_taken_out_of_the_new_ones() {
        let reads = OwnReads::default();
        reads.peeked(&id(), 50, Timestamp(0));
        left(&reads, stats(0, 0), (50, 0), 5);
        assert_eq!(left(&reads, stats(50, 0), (3, 0), 10), [Some(3), Some(0)]);
    }

    #[test]
    fn given_a_purge_with_a_copy_when_it_runs_and_for_a_while_after_then_what_consumers_take_is_unknown() {
        let reads = OwnReads::default();
        reads.drains(&id());
        assert_eq!(left(&reads, stats(0, 0), (9, 0), 5), [None, None]);
        reads.drained(&id(), Timestamp(6000));
        assert_eq!(left(&reads, stats(9, 0), (9, 0), 10), [None, None]);
        assert_eq!(left(&reads, stats(9, 0), (9, 0), 26), [Some(9), Some(0)]);
    }

    #[test]
    fn given_peeks_when_noted_then_they_are_summed_and_forgotten_after_a_while() {
        let reads = OwnReads::default();
        reads.peeked(&id(), 5, Timestamp(0));
        reads.peeked(&id(), 3, Timestamp(1000));
        let note = |ms| reads.lock().get(&id()).and_then(|own| own.note(Timestamp(ms)));
        assert!(note(2000).is_some_and(|note| note.contains("took 8 messages")));
        assert_eq!(note(1000 + MENTIONED_MS), None);
    }
}
