//! Rates: the increase of a counter over the time between two samples of one epoch.
//!
//! rate(window) = increase ÷ time between the first and last sample inside the window, at least two samples, no
//! extrapolation past them (docs/figures.md, "Rates").

use weir_model::{Reading, UnknownCode, unknown::unknown};

use super::window::{Sample, Window};

/// Headline rates cover one minute.
pub const HEADLINE_MS: i64 = 60_000;

/// How much of four refreshes of the broker has to be covered before a rate is claimed: polls jitter.
const ENOUGH: f64 = 0.75;

/// An increase and the seconds it took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Increase {
    pub messages: i64,
    pub seconds: f64,
}

impl Increase {
    #[must_use]
    pub fn per_second(self) -> f64 {
        self.messages as f64 / self.seconds
    }
}

/// The increase of a counter over the last `ms`, within the epoch of the last sample and without a gap in it.
#[must_use]
pub fn increase(window: &Window, ms: i64, counter: impl Fn(&Sample) -> Option<i64>) -> Option<Increase> {
    let last = window.last()?;
    let end = counter(&last)?;
    let first =
        window.recent(ms).rev().take_while(|s| s.epoch == last.epoch && counter(s).is_some()).last()?;
    let seconds = last.t.since_seconds(first.t);
    let messages = end.checked_sub(counter(&first)?)?;
    (seconds > 0.0 && messages >= 0).then_some(Increase { messages, seconds })
}

/// The headline rate of a counter, per second. `refresh_ms` is how often the broker refreshes its counters: a rate
/// covers four of these, else neighbouring polls of a steady flow read nothing and double by turns.
///
/// # Errors
/// The reading of the counter itself where that is unknown, else `not_yet`.
pub fn headline(
    window: &Window,
    refresh_ms: i64,
    reading: Option<&Reading>,
    counter: impl Fn(&Sample) -> Option<i64>,
) -> Reading<f64> {
    match reading {
        None => return unknown(UnknownCode::NotApplicable, "this kind has no such figure"),
        Some(Err(reason)) => return Err(reason.clone()),
        Some(Ok(_)) => {}
    }
    let needed = 4.0 * refresh_ms as f64 / 1000.0 * ENOUGH;
    match increase(window, HEADLINE_MS.max(4 * refresh_ms), counter) {
        Some(increase) if increase.seconds >= needed => Ok(increase.per_second()),
        _ => unknown(UnknownCode::NotYet, "too few observations since it began"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use weir_model::Timestamp;

    use super::*;

    fn window(samples: &[(i64, u32, i64)]) -> Window {
        let mut window = Window::default();
        for &(seconds, epoch, arrived) in samples {
            window.push(Sample {
                t: Timestamp(seconds * 1000),
                epoch,
                arrived: Some(arrived),
                ..Sample::default()
            });
        }
        window
    }

    #[test]
    fn given_a_steady_counter_when_rated_then_it_is_increase_over_time() {
        let rate = headline(
            &window(&[(0, 0, 0), (5, 0, 500), (10, 0, 1000), (20, 0, 2000)]),
            5000,
            Some(&Ok(0)),
            |s| s.arrived,
        );
        assert_eq!(rate, Ok(100.0));
    }

    #[test]
    fn given_a_new_epoch_when_rated_then_the_border_is_not_crossed() {
        let w = window(&[(0, 0, 9_000), (5, 1, 0), (10, 1, 50)]);
        assert_eq!(increase(&w, 60_000, |s| s.arrived), Some(Increase { messages: 50, seconds: 5.0 }));
    }

    #[test]
    fn given_one_sample_when_rated_then_it_is_not_known_yet() {
        let rate = headline(&window(&[(0, 0, 7)]), 0, Some(&Ok(7)), |s| s.arrived);
        assert_eq!(rate.map_err(|u| u.code), Err(UnknownCode::NotYet));
    }

    proptest! {
        #[test]
        fn given_any_counter_with_resets_when_rated_then_it_is_never_negative_nor_above_the_true_flow(
            steps in prop::collection::vec((1i64..30, 0i64..1000, prop::bool::weighted(0.1)), 2..60),
        ) {
            let (mut t, mut value, mut epoch, mut peak) = (0, 0, 0u32, 0.0f64);
            let mut samples = vec![];
            for (seconds, flow, reset) in steps {
                t += seconds;
                if reset { value = 0; epoch += 1; } else {
                    value += flow;
                    peak = peak.max(flow as f64 / seconds as f64);
                }
                samples.push((t, epoch, value));
            }
            if let Some(found) = increase(&window(&samples), 60_000, |s| s.arrived) {
                prop_assert!(found.per_second() >= 0.0);
                prop_assert!(found.per_second() <= peak + 1e-9);
            }
        }
    }
}
