//! The buckets of a range: equal, at round times, at most as many as were asked for.

use weir_model::Timestamp;

use super::minute::{HOUR_MS, MINUTE_MS};
use crate::history::Span;

/// Widths that people read easily.
const STEPS_MS: [i64; 22] = [
    1_000,
    2_000,
    5_000,
    10_000,
    15_000,
    20_000,
    30_000,
    MINUTE_MS,
    2 * MINUTE_MS,
    3 * MINUTE_MS,
    5 * MINUTE_MS,
    10 * MINUTE_MS,
    15 * MINUTE_MS,
    20 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    2 * HOUR_MS,
    3 * HOUR_MS,
    4 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    24 * HOUR_MS,
];

/// Buckets side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub start: i64,
    pub step: i64,
    pub count: usize,
}

impl Grid {
    /// The finest grid of round steps of at least `least_ms` that covers the span with as few buckets as it allows.
    /// Buckets begin at multiples of their width, so that they stay the same while the range moves on. Where the span
    /// allows too few buckets for any round step, they divide it as it is.
    pub(super) fn of(span: Span, least_ms: i64) -> Self {
        let (from, to) = (span.from.0, span.to.0.max(span.from.0 + 1));
        let most = i64::from(span.points.max(1));
        for step in STEPS_MS.into_iter().filter(|step| *step >= least_ms) {
            let start = from - from.rem_euclid(step);
            let count = (to - start).div_euclid(step) + i64::from((to - start).rem_euclid(step) > 0);
            if count <= most {
                return Self { start, step, count: usize::try_from(count).unwrap_or(usize::MAX) };
            }
        }
        // Whole minutes, so that no roll-up lies across two buckets.
        let start = from - from.rem_euclid(MINUTE_MS);
        let width = (to - start).div_euclid(most) + 1;
        let step = (width + MINUTE_MS - 1).div_euclid(MINUTE_MS) * MINUTE_MS;
        let count = (to - start).div_euclid(step) + i64::from((to - start).rem_euclid(step) > 0);
        Self { start, step, count: usize::try_from(count).unwrap_or(usize::MAX) }
    }

    /// The end of the last bucket.
    pub(super) fn end(&self) -> i64 {
        self.at(self.count).0
    }

    /// The start of bucket `n`.
    pub(super) fn at(&self, n: usize) -> Timestamp {
        Timestamp(self.start.saturating_add(self.step.saturating_mul(i64::try_from(n).unwrap_or(i64::MAX))))
    }

    /// The bucket that `t` lies in.
    pub(super) fn bucket(&self, t: i64) -> Option<usize> {
        let n = usize::try_from((t - self.start).div_euclid(self.step)).ok()?;
        (n < self.count).then_some(n)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(from: i64, to: i64, points: u32) -> Span {
        Span { from: Timestamp(from), to: Timestamp(to), points }
    }

    #[test]
    fn given_a_quarter_of_an_hour_when_divided_then_the_steps_are_round() {
        let grid = Grid::of(span(1_700_000_003_000, 1_700_000_903_000, 300), 1000);
        assert_eq!((grid.step, grid.start % 5000), (5000, 0));
    }

    proptest! {
        #[test]
        fn given_any_span_when_divided_then_it_is_covered_by_no_more_buckets_than_asked_for(
            from in 1_600_000_000_000i64..1_800_000_000_000,
            length in 1i64..2_700_000_000,
            points in 1u32..2000,
            least in 1i64..60_000,
        ) {
            let grid = Grid::of(span(from, from + length, points), least);
            prop_assert!(grid.count >= 1 && grid.count <= points as usize);
            prop_assert!(grid.start <= from && grid.end() >= from + length);
            prop_assert!(grid.step >= least);
            prop_assert_eq!(grid.bucket(from), Some(((from - grid.start) / grid.step) as usize));
        }
    }
}
