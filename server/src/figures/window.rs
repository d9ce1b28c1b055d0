//! A bounded window of samples of one queue or group.

use std::collections::VecDeque;

use weir_model::{Metric, QueueObservation, Timestamp};

/// How far back rules look at every sample.
pub(super) const KEEP_MS: i64 = 11 * 60 * 1000;

/// Samples at most, whatever the interval: eleven minutes at the shortest interval of two seconds.
const KEEP_SAMPLES: usize = 330;

/// The figures of one moment that rules need; `None` where unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    pub t: Timestamp,
    /// Counts epochs: counters of two epochs can't be compared.
    pub epoch: u32,
    pub depth: Option<i64>,
    pub backlog: Option<i64>,
    pub arrived: Option<i64>,
    pub delivered: Option<i64>,
    pub out: Option<i64>,
    pub acked: Option<i64>,
    pub redelivered: Option<i64>,
    /// Commands on a list. They begin anew after each break, with an unknown sample in between.
    pub pushes: Option<i64>,
    pub takes: Option<i64>,
    pub consumers: Option<i64>,
}

impl Sample {
    /// What a queue's observation says; the epoch is set by the tracker.
    #[must_use]
    pub fn of(queue: &QueueObservation, t: Timestamp) -> Self {
        Self {
            t,
            epoch: 0,
            depth: queue.value(Metric::Depth),
            backlog: queue.value(Metric::Backlog),
            arrived: queue.value(Metric::In),
            delivered: queue.value(Metric::Delivered),
            out: queue.value(Metric::Out),
            acked: queue.value(Metric::Ack),
            redelivered: queue.value(Metric::Redelivered),
            pushes: queue.value(Metric::Pushes),
            takes: queue.value(Metric::Takes),
            consumers: queue.value(Metric::Consumers),
        }
    }

    /// True where the counter of arrivals stands lower than before.
    #[must_use]
    pub fn arrivals_fell_after(&self, before: &Self) -> bool {
        matches!((self.arrived, before.arrived), (Some(now), Some(then)) if now < then)
    }

    /// True where a counter stands lower than before: it began anew.
    #[must_use]
    pub fn resets_after(&self, before: &Self) -> bool {
        let fell = |now: Option<i64>, then: Option<i64>| matches!((now, then), (Some(n), Some(t)) if n < t);
        fell(self.arrived, before.arrived)
            || fell(self.delivered, before.delivered)
            || fell(self.out, before.out)
            || fell(self.acked, before.acked)
            || fell(self.redelivered, before.redelivered)
    }
}

/// Samples of the last eleven minutes, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Window {
    samples: VecDeque<Packed>,
}

/// A sample in half the space: of all that Weir remembers of a queue, samples are the most.
#[derive(Clone, Copy, Debug)]
struct Packed {
    t: Timestamp,
    epoch: u32,
    /// In the order of [`Sample`]'s fields.
    figures: [i64; 10],
}

/// No count of messages is as low.
const UNKNOWN: i64 = i64::MIN;

impl From<Sample> for Packed {
    fn from(sample: Sample) -> Self {
        let Sample {
            t,
            epoch,
            depth,
            backlog,
            arrived,
            delivered,
            out,
            acked,
            redelivered,
            pushes,
            takes,
            consumers,
        } = sample;
        let known = [depth, backlog, arrived, delivered, out, acked, redelivered, pushes, takes, consumers];
        Self { t, epoch, figures: known.map(|figure| figure.unwrap_or(UNKNOWN)) }
    }
}

impl From<Packed> for Sample {
    fn from(packed: Packed) -> Self {
        let known = packed.figures.map(|figure| (figure != UNKNOWN).then_some(figure));
        let [depth, backlog, arrived, delivered, out, acked, redelivered, pushes, takes, consumers] = known;
        Self {
            t: packed.t,
            epoch: packed.epoch,
            depth,
            backlog,
            arrived,
            delivered,
            out,
            acked,
            redelivered,
            pushes,
            takes,
            consumers,
        }
    }
}

impl Window {
    /// Adds a sample, and drops what is too old. A sample that is older than the last one says that the clock was set
    /// back: how long ago the others were is not known any more, and they go.
    pub fn push(&mut self, sample: Sample) {
        if self.samples.back().is_some_and(|last| last.t >= sample.t) {
            self.samples.clear();
        }
        self.samples.push_back(sample.into());
        while self.samples.len() > KEEP_SAMPLES
            || self.samples.front().is_some_and(|first| sample.t.since_ms(first.t) > KEEP_MS)
        {
            self.samples.pop_front();
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    #[must_use]
    pub fn last(&self) -> Option<Sample> {
        self.samples.back().copied().map(Sample::from)
    }

    /// Samples not older than `ms` before the last one, oldest first.
    pub fn recent(&self, ms: i64) -> impl DoubleEndedIterator<Item = Sample> + Clone {
        let from = self.samples.back().map_or(0, |last| last.t.0.saturating_sub(ms));
        self.samples.range(self.samples.partition_point(|s| s.t.0 < from)..).copied().map(Sample::from)
    }

    /// For how many milliseconds messages have waited and none has gone out, as far as is known.
    #[must_use]
    pub fn standstill_ms(&self) -> i64 {
        let Some(last) = self.last() else { return 0 };
        let still = |s: &Sample| {
            s.epoch == last.epoch
                && s.out.is_some()
                && s.out == last.out
                && s.backlog.is_some_and(|backlog| backlog > 0)
        };
        let first = self.recent(i64::MAX).rev().take_while(still).last();
        first.map_or(0, |first| last.t.since_ms(first.t))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> impl Strategy<Value = Sample> {
        let figure = || prop::option::of(0..i64::MAX);
        let half = || (figure(), figure(), figure(), figure(), figure());
        (half(), half(), any::<u32>()).prop_map(|(a, b, epoch)| Sample {
            t: Timestamp(1),
            epoch,
            depth: a.0,
            backlog: a.1,
            arrived: a.2,
            delivered: a.3,
            out: a.4,
            acked: b.0,
            redelivered: b.1,
            pushes: b.2,
            takes: b.3,
            consumers: b.4,
        })
    }

    proptest! {
        #[test]
        fn given_any_sample_when_kept_then_it_comes_back_as_it_was(sample in sample()) {
            let mut window = Window::default();
            window.push(sample);
            prop_assert_eq!(window.last(), Some(sample));
        }
    }
}
