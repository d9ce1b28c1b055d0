//! What came past every counter, over time (docs/figures.md, "Uncounted flow").

use weir_model::Point;

use crate::{figures::flow::BALANCE_MS, history::Buckets};

/// A rate covers up to four refreshes of the broker, and depth may be one more ahead of it (docs/figures.md, "Rates").
const REFRESHES_APART: f64 = 5.0;

/// Arrivals per second that `arrived` did not count: the change of the depth, less what came in, and what went out. A
/// balance that depth and rates being apart in time can explain is nothing.
pub(super) fn arrivals(depth: &Buckets, arrived: &Buckets, out: &Buckets, refresh_ms: i64) -> Buckets {
    let step = depth.step_ms as f64 / 1000.0;
    let wide = (BALANCE_MS as f64 / 1000.0 / step).ceil().max(1.0) as usize;
    let seconds = wide as f64 * step;
    let rate_until = |n: usize| {
        let first = n.checked_sub(wide)?;
        let change = depth.points.get(n)?.last? - depth.points.get(first)?.last?;
        let (came, went) = (rates(arrived, first + 1, n)?, rates(out, first + 1, n)?);
        let balance = change / seconds - mean(&came) + mean(&went);
        let skew = (peak(&came) + peak(&went)) * REFRESHES_APART * refresh_ms as f64 / 1000.0 / seconds;
        Some(if balance > skew { balance } else { 0.0 })
    };
    let point = |(n, at): (usize, &Point)| {
        let rate = rate_until(n);
        Point { t: at.t, min: rate, avg: rate, max: rate, last: rate }
    };
    Buckets { step_ms: depth.step_ms, points: depth.points.iter().enumerate().map(point).collect() }
}

/// The rates of the buckets `first` to `last`; `None` where one is unknown.
fn rates(of: &Buckets, first: usize, last: usize) -> Option<Vec<f64>> {
    of.points.get(first..=last)?.iter().map(|point| point.avg).collect()
}

fn mean(rates: &[f64]) -> f64 {
    rates.iter().sum::<f64>() / rates.len() as f64
}

fn peak(rates: &[f64]) -> f64 {
    rates.iter().copied().fold(0.0, f64::max)
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
    #[test]
    fn given_rates_smoothed_over_a_burst_when_drawn_then_the_burst_is_not_claimed_as_uncounted() {
        let still = buckets(|_| Some(0.0));
        // Ten messages came at once and were counted; their rate is spread over the four refreshes that follow.
        let burst = buckets(|n| Some(if n >= 4 { 10.0 } else { 0.0 }));
        let smoothed = buckets(|n| Some(if n == 4 || n == 5 { 0.5 } else { 0.0 }));
        let found = arrivals(&burst, &smoothed, &still, 5000);
        assert!(found.points[3..].iter().all(|point| point.last == Some(0.0)), "{:?}", found.points);
    }
}
