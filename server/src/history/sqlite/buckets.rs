//! From what was observed to the points of a chart. Pure: what the disk gave goes in, points come out.

use weir_model::Point;

use super::{grid::Grid, minute::Minute};

/// How much of four refreshes of the broker has to be covered before a rate is claimed: polls jitter.
const ENOUGH: f64 = 0.75;

/// What one observation, or one minute of observations, says of a series. Its time is the observation's, or the
/// minute's start.
pub(super) type Seen = Minute;

/// One observation at `t`. `since_ms`: milliseconds since the observation before, where that is known and no gap or
/// new epoch lies between.
pub(super) fn seen_once(t: i64, value: Option<i64>, increase: Option<(i64, i64)>) -> Seen {
    let (increase, covered_ms) = increase.unwrap_or((0, 0));
    Seen {
        t,
        min: value,
        max: value,
        sum: value,
        count: i64::from(value.is_some()),
        last: value,
        increase,
        covered_ms,
    }
}

/// Points of a gauge: the average is over observations. A bucket in which nothing was known is a gap.
pub(super) fn gauge_points(grid: Grid, seen: &[Seen]) -> Vec<Point> {
    let mut points = gaps(grid);
    let mut sums = vec![(0.0, 0i64); grid.count];
    for one in seen {
        let (Some(n), Some(min), Some(max), Some(sum)) = (grid.bucket(one.t), one.min, one.max, one.sum)
        else {
            continue;
        };
        let (point, total) = (&mut points[n], &mut sums[n]);
        point.min = Some(point.min.map_or(min as f64, |m| m.min(min as f64)));
        point.max = Some(point.max.map_or(max as f64, |m| m.max(max as f64)));
        point.last = one.last.map(|last| last as f64).or(point.last);
        *total = (total.0 + sum as f64, total.1 + one.count);
    }
    for (point, (sum, count)) in points.iter_mut().zip(sums) {
        // Rounding must not carry the average past its bounds.
        point.avg = point.min.zip(point.max).map(|(min, max)| (sum / count as f64).clamp(min, max));
    }
    points
}

/// Points of a counter, per second: increase ÷ time between the observations of a window as long as a bucket or as four
/// refreshes of the broker, whichever is longer (docs/figures.md, "Rates"). Least and greatest are of windows that end
/// in the bucket; the average is of the bucket itself where that is long enough to tell.
pub(super) fn rate_points(grid: Grid, refresh_ms: i64, seen: &[Seen]) -> Vec<Point> {
    let enough = (4.0 * refresh_ms as f64 * ENOUGH) as i64;
    let window = grid.step.max(4 * refresh_ms);
    let mut points = gaps(grid);
    let mut totals = vec![Flow::default(); grid.count];
    let mut windows = vec![(0.0, 0u32); grid.count];
    let mut first = 0;
    let mut flow = Flow::default();
    for one in seen {
        flow.add(one);
        while seen[first].t <= one.t - window {
            flow.remove(&seen[first]);
            first += 1;
        }
        let Some(n) = grid.bucket(one.t) else { continue };
        totals[n].add(one);
        if one.count == 0 {
            continue;
        }
        if let Some(rate) = flow.rate(enough.max(1)) {
            let point = &mut points[n];
            point.min = Some(point.min.map_or(rate, |m| m.min(rate)));
            point.max = Some(point.max.map_or(rate, |m| m.max(rate)));
            point.last = Some(rate);
            windows[n] = (windows[n].0 + rate, windows[n].1 + 1);
        }
    }
    for ((point, total), (sum, count)) in points.iter_mut().zip(totals).zip(windows) {
        let (Some(min), Some(max)) = (point.min, point.max) else { continue };
        let own = total.rate((window * 3 / 4).max(1));
        let avg = own.unwrap_or(sum / f64::from(count));
        (point.min, point.avg, point.max) = (Some(min.min(avg)), Some(avg), Some(max.max(avg)));
    }
    points
}

/// An increase and the time in which it came.
#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    increase: i64,
    covered_ms: i64,
}

impl Flow {
    fn add(&mut self, seen: &Seen) {
        self.increase = self.increase.saturating_add(seen.increase);
        self.covered_ms += seen.covered_ms;
    }

    fn remove(&mut self, seen: &Seen) {
        self.increase = self.increase.saturating_sub(seen.increase);
        self.covered_ms -= seen.covered_ms;
    }

    /// Per second, where at least `enough_ms` is covered.
    fn rate(self, enough_ms: i64) -> Option<f64> {
        (self.covered_ms >= enough_ms).then(|| self.increase as f64 * 1000.0 / self.covered_ms as f64)
    }
}

fn gaps(grid: Grid) -> Vec<Point> {
    (0..grid.count).map(|n| Point::gap(grid.at(n))).collect()
}
