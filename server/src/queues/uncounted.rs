//! What came past every counter, over time (docs/figures.md, "Uncounted flow").

use weir_model::Point;

use crate::history::Buckets;

/// A balance is read over at least this long.
const BALANCE_SECONDS: f64 = 30.0;

/// Arrivals per second that `arrived` did not count: the change of the depth, less what came in, and what went out. A
/// balance that one refresh of the broker explains is nothing.
pub(super) fn arrivals(depth: &Buckets, arrived: &Buckets, out: &Buckets, refresh_ms: i64) -> Buckets {
    let step = depth.step_ms as f64 / 1000.0;
    let wide = (BALANCE_SECONDS / step).ceil().max(1.0) as usize;
    let seconds = wide as f64 * step;
    let rate_until = |n: usize| {
        let first = n.checked_sub(wide)?;
        let change = depth.points.get(n)?.last? - depth.points.get(first)?.last?;
        let (arrived, out) = (mean(arrived, first + 1, n)?, mean(out, first + 1, n)?);
        let balance = change / seconds - arrived + out;
        let skew = (arrived + out) * refresh_ms as f64 / 1000.0 / seconds;
        Some(if balance > skew { balance } else { 0.0 })
    };
    let point = |(n, at): (usize, &Point)| {
        let rate = rate_until(n);
        Point { t: at.t, min: rate, avg: rate, max: rate, last: rate }
    };
    Buckets { step_ms: depth.step_ms, points: depth.points.iter().enumerate().map(point).collect() }
}

/// The mean rate of the buckets `first` to `last`; `None` where one is unknown.
fn mean(rates: &Buckets, first: usize, last: usize) -> Option<f64> {
    let rates: Option<Vec<f64>> = rates.points.get(first..=last)?.iter().map(|p| p.avg).collect();
    rates.map(|rates| rates.iter().sum::<f64>() / rates.len() as f64)
}

#[cfg(test)]
mod tests {
    use weir_model::Timestamp;

    use super::*;

    fn buckets(value: impl Fn(i64) -> Option<f64>) -> Buckets {
        let point = |n: i64| {
            let value = value(n);
            Point { t: Timestamp(n * 10_000), min: value, avg: value, max: value, last: value }
        };
        Buckets { step_ms: 10_000, points: (0..10).map(point).collect() }
    }

    #[test]
    fn given_a_dead_letter_queue_that_fills_without_a_counter_when_drawn_then_its_arrivals_are_seen() {
        let still = buckets(|_| Some(0.0));
        let found = arrivals(&buckets(|n| Some(n as f64 * 3.0)), &still, &still, 5000);
        assert_eq!((found.points[2].last, found.points[3].last), (None, Some(0.3)));
    }

    #[test]
    fn given_counted_arrivals_or_a_gap_when_drawn_then_nothing_is_claimed() {
        let (still, counted) = (buckets(|_| Some(0.0)), buckets(|_| Some(0.3)));
        let grows = buckets(|n| Some(n as f64 * 3.0));
        assert_eq!(arrivals(&grows, &counted, &still, 5000).points[5].last, Some(0.0));
        let gap = buckets(|n| (n != 4).then_some(0.0));
        assert_eq!(arrivals(&grows, &gap, &still, 5000).points[5].last, None);
    }
}
