//! The messages of one queue or partition in their order: those that the curve makes up, and between them those that an
//! operator published. Each has an offset.

use std::{ops::Range, sync::Arc};

use super::curve::{Curve, Pace};

/// What an operator publishes stays at least this long in a queue whose consumers are quick, to be found again.
const HOLD_MS: i64 = 60_000;

/// A message that an operator published.
#[derive(Clone, Debug)]
pub(super) struct Extra {
    /// Made-up messages that came before it.
    pub place: u64,
    pub at: i64,
    pub message: Arc<Published>,
}

/// What was published.
#[derive(Debug, Default)]
pub(super) struct Published {
    pub body: Option<Vec<u8>>,
    pub key: Option<String>,
    pub routing_key: Option<String>,
    pub headers: Vec<weir_model::message::Header>,
    pub properties: Vec<weir_model::message::Header>,
}

/// What stands at an offset.
#[derive(Clone, Debug)]
pub(super) enum Entry<'a> {
    /// Message `n` of the curve.
    MadeUp(u64),
    Published(&'a Extra),
}

/// What operators changed on top of a curve.
#[derive(Clone, Debug, Default)]
pub(super) struct Sequence {
    /// In the order they were published, which is that of their places.
    extras: Vec<Extra>,
    /// Offsets that were purged: ranges in order, none overlapping.
    purged: Vec<Range<u64>>,
}

impl Sequence {
    /// Offset of the next message.
    pub(super) fn end(&self, curve: Curve, t: i64) -> u64 {
        curve.count(t) + self.extras.len() as u64
    }

    /// The first offset that is left once `taken` made-up messages are gone.
    pub(super) fn after(&self, taken: u64) -> u64 {
        taken + self.extras.partition_point(|extra| extra.place < taken) as u64
    }

    /// Adds a message at `t`; gives its offset.
    pub(super) fn publish(&mut self, curve: Curve, t: i64, message: Arc<Published>) -> u64 {
        let last = self.extras.last().map_or(0, |extra| extra.place);
        let place = curve.count(t).max(last);
        self.extras.push(Extra { place, at: t, message });
        place + self.extras.len() as u64 - 1
    }

    pub(super) fn published(&self) -> usize {
        self.extras.len()
    }

    /// How many of these offsets an operator published.
    pub(super) fn published_in(&self, offsets: &Range<u64>) -> u64 {
        (self.before(offsets.end) - self.before(offsets.start)) as u64
    }

    pub(super) fn entry(&self, offset: u64) -> Entry<'_> {
        let n = self.before(offset);
        match self.extras.get(n) {
            Some(extra) if extra.place + n as u64 == offset => Entry::Published(extra),
            _ => Entry::MadeUp(offset - n as u64),
        }
    }

    /// When the message at an offset came.
    pub(super) fn time(&self, curve: Curve, offset: u64) -> i64 {
        match self.entry(offset) {
            Entry::MadeUp(n) => curve.time_of(n),
            Entry::Published(extra) => extra.at,
        }
    }

    /// What waits in a queue at `t`, in order: what consumers have not taken, and what is held for the operator.
    pub(super) fn waiting(&self, curve: Curve, pace: Pace, t: i64) -> Vec<Range<u64>> {
        let head = self.after(pace.count(curve, t));
        let held = self.extras.iter().enumerate().filter_map(|(n, extra)| {
            let offset = extra.place + n as u64;
            (offset < head && t - extra.at < HOLD_MS).then_some(offset..offset + 1)
        });
        let rest = std::iter::once(head..self.end(curve, t));
        held.chain(rest).flat_map(|range| self.unpurged(range)).collect()
    }

    /// How many were taken by consumers until `t`: neither waiting nor purged.
    pub(super) fn taken(&self, curve: Curve, pace: Pace, t: i64) -> u64 {
        let waiting: u64 = self.waiting(curve, pace, t).iter().map(length).sum();
        let purged: u64 = self.purged.iter().map(length).sum();
        (self.end(curve, t) - waiting).saturating_sub(purged)
    }

    /// Removes offsets for good.
    pub(super) fn purge(&mut self, ranges: &[Range<u64>]) {
        self.purged.extend(ranges.iter().cloned());
        self.purged.sort_by_key(|range| range.start);
    }

    /// The first offset not purged at or after `from`: where a log begins.
    pub(super) fn begin(&self, from: u64) -> u64 {
        self.purged.iter().fold(from, |from, range| if range.contains(&from) { range.end } else { from })
    }

    /// Extras whose offset is smaller.
    fn before(&self, offset: u64) -> usize {
        let (mut low, mut high) = (0, self.extras.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.extras[middle].place + (middle as u64) < offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        low
    }

    fn unpurged(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let mut left = Vec::new();
        let mut from = range.start;
        for gone in self.purged.iter().filter(|gone| gone.start < range.end && gone.end > range.start) {
            left.push(from..gone.start.max(from));
            from = from.max(gone.end);
        }
        left.push(from..range.end.max(from));
        left.retain(|range| !range.is_empty());
        left
    }
}

/// Offsets in a range.
pub(super) fn length(range: &Range<u64>) -> u64 {
    range.end.saturating_sub(range.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURVE: Curve = Curve::Waves { per_second: 10.0, phase: 0.0 };
    const PROMPT: Pace = Pace::Behind { ms: 5_000 };
    const NOW: i64 = 1_577_836_800_000 + 100_000_000;

    fn published() -> Arc<Published> {
        Arc::new(Published { body: Some(b"mine".to_vec()), ..Published::default() })
    }

    fn depth(sequence: &Sequence, t: i64) -> u64 {
        sequence.waiting(CURVE, PROMPT, t).iter().map(length).sum()
    }

    #[test]
    fn given_published_messages_when_walked_then_each_offset_has_one_message_and_times_never_fall() {
        let mut sequence = Sequence::default();
        let offsets = [NOW, NOW, NOW + 500].map(|t| sequence.publish(CURVE, t, published()));
        let end = sequence.end(CURVE, NOW + 1000);
        let found: Vec<u64> =
            (offsets[0] - 5..end).filter(|o| matches!(sequence.entry(*o), Entry::Published(_))).collect();
        assert_eq!(found, offsets);
        let times: Vec<i64> = (offsets[0] - 5..end).map(|o| sequence.time(CURVE, o)).collect();
        assert!(times.is_sorted(), "{times:?}");
    }

    #[test]
    fn given_quick_consumers_when_published_then_it_waits_a_minute_and_is_counted_out_after() {
        let mut sequence = Sequence::default();
        let before = depth(&sequence, NOW);
        sequence.publish(CURVE, NOW, published());
        assert_eq!(depth(&sequence, NOW), before + 1);
        let (held, gone) = (NOW + 30_000, NOW + 61_000);
        let model = |t| depth(&Sequence::default(), t);
        assert_eq!((depth(&sequence, held), depth(&sequence, gone)), (model(held) + 1, model(gone)));
        let taken = |s: &Sequence, t| s.taken(CURVE, PROMPT, t);
        assert_eq!(taken(&sequence, gone), taken(&Sequence::default(), gone) + 1);
    }

    #[test]
    fn given_a_purge_when_time_goes_on_then_the_purged_are_never_counted_out() {
        let mut sequence = Sequence::default();
        sequence.publish(CURVE, NOW, published());
        let waiting = sequence.waiting(CURVE, PROMPT, NOW);
        let removed: u64 = waiting.iter().map(length).sum();
        let taken = sequence.taken(CURVE, PROMPT, NOW);
        sequence.purge(&waiting);
        assert_eq!((depth(&sequence, NOW), sequence.taken(CURVE, PROMPT, NOW)), (0, taken));
        let later = NOW + 120_000;
        assert_eq!(depth(&sequence, later), depth(&Sequence::default(), later));
        let without = Sequence::default().taken(CURVE, PROMPT, later);
        assert_eq!(sequence.taken(CURVE, PROMPT, later), without + 1 - removed);
    }
}
