//! Flow that no counter counts: arrivals by dead-lettering; departures by expiry, overflow, dead-lettering, purge.
//!
//! balance = Δdepth − in + out over at least 30 s (docs/figures.md, "Uncounted flow"). Depth and counters of one
//! answer may be apart by one refresh of the broker, so a balance that such a shift explains is taken for nothing.

use super::{rates::increase, window::Window};

/// A balance is read over at least this long.
pub(crate) const BALANCE_MS: i64 = 30_000;

/// Messages per second that passed uncounted; both are zero or more.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Uncounted {
    pub arrivals: f64,
    pub departures: f64,
}

/// What was uncounted over the last half minute or more; `None` where depth or a counter is unknown.
#[must_use]
pub fn uncounted(window: &Window, refresh_ms: i64) -> Option<Uncounted> {
    let last = window.last()?;
    let complete = |s: &super::window::Sample| {
        s.epoch == last.epoch && s.depth.is_some() && s.arrived.is_some() && s.out.is_some()
    };
    let first = window.recent(2 * BALANCE_MS).rev().take_while(complete).last()?;
    let ms = last.t.since_ms(first.t);
    if ms < BALANCE_MS {
        return None;
    }
    let arrived = increase(window, ms, |s| s.arrived)?;
    let out = increase(window, ms, |s| s.out)?;
    let change = last.depth?.saturating_sub(first.depth?);
    let balance = change.saturating_sub(arrived.messages).saturating_add(out.messages) as f64;
    let lately = |counter: fn(&super::window::Sample) -> Option<i64>| {
        increase(window, 2 * refresh_ms, counter).map_or(0.0, |i| i.messages as f64)
    };
    let average = (arrived.per_second() + out.per_second()) * refresh_ms as f64 / 1000.0;
    let skew = average.max(lately(|s| s.arrived) + lately(|s| s.out));
    if balance.abs() <= skew {
        return Some(Uncounted::default());
    }
    let rate = balance / (ms as f64 / 1000.0);
    Some(Uncounted { arrivals: rate.max(0.0), departures: (-rate).max(0.0) })
}

#[cfg(test)]
mod tests {
    use weir_model::Timestamp;

    use super::*;
    use crate::figures::window::Sample;

    fn window(rows: &[(i64, i64, i64, i64)]) -> Window {
        let mut window = Window::default();
        for &(seconds, depth, arrived, out) in rows {
            window.push(Sample {
                t: Timestamp(seconds * 1000),
                depth: Some(depth),
                arrived: Some(arrived),
                out: Some(out),
                ..Sample::default()
            });
        }
        window
    }

    #[test]
    fn given_a_dead_letter_queue_that_fills_without_a_counter_when_balanced_then_its_arrivals_are_seen() {
        let w = window(&[(0, 0, 0, 0), (20, 10, 0, 0), (40, 20, 0, 0)]);
        assert_eq!(uncounted(&w, 5000), Some(Uncounted { arrivals: 0.5, departures: 0.0 }));
    }

    #[test]
    fn given_a_purge_when_balanced_then_the_departures_are_seen() {
        let w = window(&[(0, 300, 0, 0), (30, 0, 0, 0)]);
        assert_eq!(uncounted(&w, 5000), Some(Uncounted { arrivals: 0.0, departures: 10.0 }));
    }

    #[test]
    fn given_a_burst_that_the_depth_does_not_show_yet_when_balanced_then_nothing_is_claimed() {
        let w = window(&[(0, 0, 0, 0), (30, 0, 0, 0), (55, 0, 0, 0), (60, 0, 1000, 0)]);
        assert_eq!(uncounted(&w, 5000), Some(Uncounted::default()));
    }

    #[test]
    fn given_depth_that_lags_its_counters_by_a_refresh_when_balanced_then_nothing_is_claimed() {
        let w = window(&[(0, 0, 0, 0), (30, 2500, 3000, 0)]);
        assert_eq!(uncounted(&w, 5000), Some(Uncounted::default()));
    }
}
