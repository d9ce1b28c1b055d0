//! Growth of a backlog: the slope of a straight line through five minutes of samples, against its standard error, and
//! whether it goes on: one publish, or a batch, is a step and no growth, however straight the line is.

use weir_model::Trend;

use super::window::{Sample, Window};

/// Growth is taken over five minutes.
pub const GROWTH_MS: i64 = 5 * 60_000;

/// Less than this and no trend is claimed.
const ENOUGH_MS: i64 = 60_000;

/// A trend takes this many steps in its direction, or as many as there can be between fewer samples.
const STEPS: usize = 3;

/// Growth takes longer than this from its first step to its last: a batch is published within less.
const LASTS_MS: i64 = 60_000;

/// Growth whose last step is longer ago than this is over.
const OVER_MS: i64 = 2 * 60_000;

/// A slope in messages per second and its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    pub per_second: f64,
    pub error: f64,
    /// Time the samples cover.
    pub seconds: f64,
    /// It goes up, or down, in steps that make a trend.
    pub goes_on: bool,
}

impl Growth {
    /// Growing or draining where the slope is above twice its standard error, moves a whole message, and goes on.
    #[must_use]
    pub fn trend(self) -> Trend {
        let moves_nothing = self.per_second.abs() * self.seconds < 1.0;
        if moves_nothing || !self.goes_on || self.per_second.abs() <= 2.0 * self.error {
            Trend::Steady
        } else if self.per_second > 0.0 {
            Trend::Growing
        } else {
            Trend::Draining
        }
    }

    /// Seconds until a backlog is gone at this slope; `None` while it does not drain.
    #[must_use]
    pub fn drain_seconds(self, backlog: i64) -> Option<f64> {
        (self.trend() == Trend::Draining && backlog > 0).then(|| backlog as f64 / -self.per_second)
    }
}

/// The growth of a gauge; `None` with less than a minute of samples, or where a sample in between is unknown.
#[must_use]
pub fn growth(window: &Window, gauge: impl Fn(&Sample) -> Option<i64>) -> Option<Growth> {
    let last = window.last()?.t;
    let points: Vec<(f64, f64)> = window
        .recent(GROWTH_MS)
        .rev()
        .map_while(|s| gauge(&s).map(|value| (s.t.since_seconds(last), value as f64)))
        .collect();
    let seconds = -points.last()?.0;
    if points.len() < 3 || seconds * 1000.0 < ENOUGH_MS as f64 {
        return None;
    }
    let (slope, error) = line(&points)?;
    Some(Growth { per_second: slope, error, seconds, goes_on: goes_on(&points, slope > 0.0) })
}

/// Whether the steps in the direction of the slope are a trend. `points` are the newest first, at seconds before it.
fn goes_on(points: &[(f64, f64)], up: bool) -> bool {
    let step = |pair: &[(f64, f64)]| {
        let (now, before) = (pair[0], pair[1]);
        let taken = if up { now.1 > before.1 } else { now.1 < before.1 };
        taken.then_some(-now.0 * 1000.0)
    };
    let ages_ms: Vec<f64> = points.windows(2).filter_map(step).collect();
    let (Some(last), Some(first)) = (ages_ms.first(), ages_ms.last()) else { return false };
    let enough = ages_ms.len() >= STEPS.min(points.len() - 1);
    enough && (!up || (first - last >= LASTS_MS as f64 && *last <= OVER_MS as f64))
}

/// Ordinary least squares: slope and its standard error.
fn line(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let n = points.len() as f64;
    let (sum_x, sum_y) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0, y + p.1));
    let (mean_x, mean_y) = (sum_x / n, sum_y / n);
    let (mut sxx, mut sxy) = (0.0, 0.0);
    for &(x, y) in points {
        sxx += (x - mean_x).powi(2);
        sxy += (x - mean_x) * (y - mean_y);
    }
    if sxx <= 0.0 {
        return None;
    }
    let slope = sxy / sxx;
    let residual: f64 = points.iter().map(|&(x, y)| (y - mean_y - slope * (x - mean_x)).powi(2)).sum();
    Some((slope, (residual / (n - 2.0) / sxx).sqrt()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use weir_model::Timestamp;

    use super::*;

    fn window(values: &[i64]) -> Window {
        let mut window = Window::default();
        for (n, &backlog) in values.iter().enumerate() {
            window.push(Sample {
                t: Timestamp(n as i64 * 10_000),
                backlog: Some(backlog),
                ..Sample::default()
            });
        }
        window
    }

    #[test]
    fn given_a_backlog_that_falls_steadily_when_judged_then_it_drains_in_backlog_over_slope() {
        let found = growth(&window(&[700, 600, 500, 400, 300, 200, 100]), |s| s.backlog).expect("a slope");
        assert_eq!((found.trend(), found.per_second.round()), (Trend::Draining, -10.0));
        assert_eq!(found.drain_seconds(100).map(f64::round), Some(10.0));
    }

    #[test]
    fn given_noise_around_a_level_when_judged_then_it_is_steady_and_does_not_drain() {
        let found = growth(&window(&[100, 110, 95, 105, 99, 108, 97, 103]), |s| s.backlog).expect("a slope");
        assert_eq!((found.trend(), found.drain_seconds(103)), (Trend::Steady, None));
    }

    #[test]
    fn given_one_publish_or_a_batch_when_judged_then_it_is_a_step_and_no_growth() {
        let trend = |values: &[i64]| growth(&window(values), |s| s.backlog).expect("a slope").trend();
        assert_eq!(trend(&[0, 0, 0, 1, 1, 1, 1, 1]), Trend::Steady);
        assert_eq!(trend(&[0, 0, 0, 0, 100, 200, 300, 400, 400, 400]), Trend::Steady);
        assert_eq!(trend(&[0, 10, 20, 30, 40, 50, 60, 70, 80]), Trend::Growing);
    }

    #[test]
    fn given_growth_that_ended_two_minutes_ago_when_judged_then_it_is_over() {
        let grew: Vec<i64> = (0..29).map(|n| 10 * n.min(16)).collect();
        assert_eq!(growth(&window(&grew), |s| s.backlog).map(Growth::trend), Some(Trend::Growing));
        let over: Vec<i64> = (0..30).map(|n| 10 * n.min(16)).collect();
        assert_eq!(growth(&window(&over), |s| s.backlog).map(Growth::trend), Some(Trend::Steady));
    }

    proptest! {
        /// Six standard errors: by chance alone this fails once in a hundred million.
        #[test]
        fn given_any_slope_with_noise_when_fitted_then_the_truth_lies_within_its_error_and_drain_is_backlog_over_it(
            slope in -50i64..50, noise in prop::collection::vec(-40i64..40, 31),
        ) {
            let values: Vec<i64> =
                noise.iter().enumerate().map(|(n, noise)| 100_000 + 10 * slope * n as i64 + noise).collect();
            let found = growth(&window(&values), |s| s.backlog).expect("five minutes of samples");
            prop_assert!((found.per_second - slope as f64).abs() <= 6.0 * found.error + 1e-9, "{found:?}");
            match found.drain_seconds(90_000) {
                Some(seconds) => {
                    prop_assert_eq!(found.trend(), Trend::Draining);
                    prop_assert!((seconds - 90_000.0 / -found.per_second).abs() < 1e-6);
                }
                None => prop_assert_ne!(found.trend(), Trend::Draining),
            }
            // Noise alone is at most 79 messages; a clear slope is never called steady.
            if slope.abs() >= 10 {
                let expected = if slope > 0 { Trend::Growing } else { Trend::Draining };
                prop_assert_eq!(found.trend(), expected);
            }
        }
    }

    #[test]
    fn given_less_than_a_minute_when_judged_then_nothing_is_claimed() {
        assert_eq!(growth(&window(&[1, 2, 3, 4]), |s| s.backlog), None);
    }
}
