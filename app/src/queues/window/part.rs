//! Which part of a list is drawn and which is fetched: numbers of rows, from 0.

use std::ops::Range;

/// A list up to this length is fetched and drawn as a whole: so the browser's own search finds all of it.
const WHOLE: u64 = 200;
/// Rows that are drawn above and below those in sight, so that a step of scrolling shows no gap.
const MARGIN: u64 = 12;
/// What is drawn begins and ends at a multiple of this, so that not every row scrolled past changes it.
const STEP: u64 = 8;
/// Rows that are fetched above and below those drawn.
#[cfg(any(feature = "hydrate", test))]
const AHEAD: u64 = 64;
/// More are fetched once fewer than this are left to be drawn.
#[cfg(any(feature = "hydrate", test))]
const RESERVE: u64 = 24;

/// The rows that are drawn, of those that were fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// Positions among the fetched rows.
    pub shown: Range<usize>,
    /// Rows of the list above those shown, and below.
    pub above: u64,
    pub below: u64,
}

impl Part {
    /// All that was fetched, as a page of its own.
    pub(super) fn all(have: &Range<u64>) -> Self {
        Self { shown: 0..(have.end - have.start) as usize, above: 0, below: 0 }
    }

    /// What is to be drawn for the rows in sight.
    pub(super) fn of(sight: &Range<u64>, have: &Range<u64>, total: u64) -> Self {
        let wanted = drawn(sight, total);
        let start = wanted.start.clamp(have.start, have.end);
        let end = wanted.end.clamp(start, have.end);
        Self {
            shown: (start - have.start) as usize..(end - have.start) as usize,
            above: start,
            below: total.saturating_sub(end),
        }
    }
}

/// The rows in a region of `height` pixels that is scrolled to `top`.
#[cfg(any(feature = "hydrate", test))]
pub(super) fn in_sight(top: f64, height: f64, row_height: f64) -> Range<u64> {
    let first = (top.max(0.0) / row_height).floor() as u64;
    first..first + (height / row_height).ceil() as u64
}

/// The rows to fetch, where those there are do not reach.
#[cfg(any(feature = "hydrate", test))]
pub(super) fn to_fetch(sight: &Range<u64>, have: &Range<u64>, total: u64) -> Option<Range<u64>> {
    let around = |rows: u64| {
        let drawn = drawn(sight, total);
        drawn.start.saturating_sub(rows)..(drawn.end + rows).min(total)
    };
    let wanted = if total <= WHOLE { 0..total } else { around(RESERVE) };
    let missing = wanted.start < have.start || wanted.end > have.end;
    (missing && total > 0).then(|| if total <= WHOLE { wanted } else { around(AHEAD) })
}

fn drawn(sight: &Range<u64>, total: u64) -> Range<u64> {
    if total <= WHOLE {
        return 0..total;
    }
    let end = (sight.end + MARGIN).next_multiple_of(STEP).min(total);
    let start = sight.start.saturating_sub(MARGIN) / STEP * STEP;
    start.min(end)..end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn given_a_short_list_when_any_part_is_in_sight_then_all_of_it_is_fetched_and_drawn() {
        assert_eq!(to_fetch(&(0..20), &(0..32), 150), Some(0..150));
        assert_eq!(to_fetch(&(0..20), &(0..150), 150), None);
        assert_eq!(Part::of(&(90..110), &(0..150), 150), Part { shown: 0..150, above: 0, below: 0 });
    }

    #[test]
    fn given_a_region_when_scrolled_then_the_rows_in_it_are_counted_in_part_too() {
        assert_eq!(in_sight(0.0, 700.0, 32.0), 0..22);
        assert_eq!(in_sight(32_016.0, 640.0, 32.0), 1000..1020);
    }

    #[test]
    fn given_a_long_list_when_a_part_is_in_sight_then_that_and_a_margin_is_drawn() {
        let part = Part::of(&(500..520), &(400..640), 10_000);
        assert_eq!(part, Part { shown: 88..136, above: 488, below: 10_000 - 536 });
    }

    #[test]
    fn given_a_jump_when_nothing_of_it_is_fetched_then_spacers_stand_for_all() {
        let part = Part::of(&(9000..9020), &(0..100), 10_000);
        assert_eq!((part.shown.len(), part.above + part.below), (0, 10_000));
        assert_eq!(to_fetch(&(9000..9020), &(0..100), 10_000), Some(8920..9096));
    }

    proptest! {
        #[test]
        fn given_any_sight_when_what_it_asks_for_has_come_then_nothing_more_is_asked(
            start in 0_u64..12_000, len in 1_u64..80, total in 1_u64..10_000, have in 0_u64..10_000,
        ) {
            let sight = start..start + len;
            let have = have.min(total)..(have + 100).min(total);
            let have = to_fetch(&sight, &have, total).unwrap_or(have);
            prop_assert_eq!(to_fetch(&sight, &have, total), None);
            let part = Part::of(&sight, &have, total);
            prop_assert_eq!(part.above + part.shown.len() as u64 + part.below, total);
            let drawn = part.above..part.above + part.shown.len() as u64;
            let seen = sight.start.min(total)..sight.end.min(total);
            prop_assert!(seen.is_empty() || (drawn.start <= seen.start && seen.end <= drawn.end));
        }
    }
}
