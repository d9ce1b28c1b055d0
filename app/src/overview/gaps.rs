//! Where the overview's charts hatch: nobody observed then.

use std::collections::BTreeSet;

use weir_model::{Series, Timestamp};

use super::texts;
use crate::charts::Hatch;

/// The stretches, of two buckets at least, in which none of the series has a value: before history begins, while Weir
/// was stopped, and since a broker fell silent.
pub(super) fn unobserved<'a>(series: impl Iterator<Item = &'a Series> + Clone, to: Timestamp) -> Vec<Hatch> {
    let Some(grid) = series.clone().max_by_key(|one| one.points.len()) else { return Vec::new() };
    let known: BTreeSet<Timestamp> =
        series.flat_map(|one| &one.points).filter(|p| p.last.is_some()).map(|p| p.t).collect();
    let ends = grid.points.iter().skip(1).map(|p| p.t).chain([to]);
    let mut hatches: Vec<Hatch> = Vec::new();
    for (begin, end) in grid.points.iter().map(|p| p.t).zip(ends).filter(|(t, _)| !known.contains(t)) {
        match hatches.last_mut().filter(|hatch| hatch.to == begin) {
            Some(hatch) => hatch.to = end,
            None => {
                hatches.push(Hatch { from: begin, to: end, reason: texts::NO_OBSERVATION.to_owned() });
            }
        }
    }
    hatches.retain(|hatch| hatch.to.since_seconds(hatch.from) >= 2.0 * grid.step_seconds);
    hatches
}

#[cfg(test)]
mod tests {
    use weir_model::{Point, SeriesMetric};

    use super::*;

    /// A bucket a second; `.` is one without a value.
    fn series(buckets: &str) -> Series {
        let point = |(n, c): (usize, char)| {
            let t = Timestamp(n as i64 * 1000);
            if c == '.' {
                Point::gap(t)
            } else {
                Point { t, min: None, avg: None, max: None, last: Some(1.0) }
            }
        };
        Series {
            metric: SeriesMetric::InRate,
            unit: "messages/s".to_owned(),
            step_seconds: 1.0,
            group: None,
            partition: None,
            points: buckets.chars().enumerate().map(point).collect(),
        }
    }

    fn hatched(of: &[&str]) -> Vec<(i64, i64)> {
        let series: Vec<Series> = of.iter().map(|buckets| series(buckets)).collect();
        let to = Timestamp(of.iter().map(|b| b.len()).max().unwrap_or(0) as i64 * 1000);
        unobserved(series.iter(), to).iter().map(|h| (h.from.0 / 1000, h.to.0 / 1000)).collect()
    }

    #[test]
    fn given_buckets_without_a_value_when_drawn_then_two_and_more_in_a_row_are_hatched() {
        assert_eq!(hatched(&["..xx.x...x.."]), [(0, 2), (6, 9), (10, 12)]);
        assert_eq!(hatched(&["xxxx"]), []);
        assert_eq!(hatched(&["...."]), [(0, 4)]);
        assert_eq!(hatched(&[]), []);
    }

    #[test]
    fn given_several_brokers_when_one_was_observed_then_nothing_is_hatched() {
        assert_eq!(hatched(&["..xx....", "....xx.."]), [(0, 2), (6, 8)]);
        assert_eq!(hatched(&["", "xx.."]), [(2, 4)]);
    }
}
