//! How much to read at a time, so that a page stays within its bytes whatever the size of the messages.

use super::super::BYTE_BUDGET;

/// The greatest growth from one batch to the next.
const GROWTH: u32 = 4;

/// Plans the batches of one page: one message first, then growing ones, each as large as the messages seen so far
/// let expect to fit.
#[derive(Debug)]
pub(super) struct Batches {
    /// Messages still wanted.
    wanted: u32,
    /// Bytes still allowed.
    bytes: u64,
    largest: u64,
    last: u32,
    one_by_one: bool,
}

impl Batches {
    pub(super) fn new(limit: u32) -> Self {
        Self { wanted: limit, bytes: BYTE_BUDGET, largest: 1, last: 0, one_by_one: false }
    }

    /// Size of the next batch; `None` when the page is full.
    pub(super) fn next(&mut self) -> Option<u32> {
        if self.bytes == 0 {
            return None;
        }
        let fitting = u32::try_from(self.bytes / self.largest).unwrap_or(u32::MAX);
        let grown = if self.one_by_one { 1 } else { self.last.saturating_mul(GROWTH).max(1) };
        self.last = self.wanted.min(fitting).min(grown);
        (self.last > 0).then_some(self.last)
    }

    /// Takes a message in; false where it does not fit any more. The first always fits.
    pub(super) fn take(&mut self, bytes: u64) -> bool {
        if bytes > self.bytes && self.bytes < BYTE_BUDGET {
            self.bytes = 0;
            return false;
        }
        self.bytes = self.bytes.saturating_sub(bytes.max(1));
        self.largest = self.largest.max(bytes);
        self.wanted = self.wanted.saturating_sub(1);
        true
    }

    /// From now on single messages only: a batch turned out far larger than expected.
    pub(super) fn go_slowly(&mut self) {
        self.one_by_one = true;
    }

    /// True once as many messages as wanted were taken.
    pub(super) fn is_complete(&self) -> bool {
        self.wanted == 0
    }

    /// What a batch may bring along before the connection is cut; a single message may be of any size.
    pub(super) fn ceiling(&self) -> Option<u64> {
        (self.last > 1).then_some(2 * BYTE_BUDGET)
    }

    /// True once the bytes are used up, or a message did not fit.
    pub(super) fn is_overfull(&self) -> bool {
        self.bytes == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn given_small_messages_when_planned_then_batches_grow_up_to_the_limit() {
        let mut batches = Batches::new(100);
        let mut sizes = Vec::new();
        while let Some(size) = batches.next() {
            sizes.push(size);
            (0..size).for_each(|_| assert!(batches.take(10)));
        }
        assert_eq!(sizes, [1, 4, 16, 64, 15]);
        assert!(batches.is_complete());
    }

    #[test]
    fn given_a_first_message_beyond_the_budget_when_taken_then_it_comes_and_is_the_only_one() {
        let mut batches = Batches::new(100);
        assert_eq!(batches.next(), Some(1));
        assert!(batches.take(20 * MIB));
        assert_eq!(batches.next(), None);
        assert!(!batches.is_complete());
    }

    #[test]
    fn given_messages_of_five_mib_when_planned_then_three_come() {
        let mut batches = Batches::new(100);
        let mut taken = 0;
        while let Some(size) = batches.next() {
            for _ in 0..size {
                taken += u32::from(batches.take(5 * MIB));
            }
        }
        assert_eq!(taken, 3);
    }

    #[test]
    fn given_a_large_message_after_small_ones_when_taken_then_the_page_ends_before_it() {
        let mut batches = Batches::new(100);
        assert!(batches.take(10));
        assert!(!batches.take(20 * MIB));
        assert_eq!(batches.next(), None);
    }
}
