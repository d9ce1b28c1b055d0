//! How many messages have come until a moment: a pure function of time, so that the past needs no memory.

use std::f64::consts::TAU;

/// Where counting begins: 2020-01-01T00:00:00Z. Nothing came before.
const ORIGIN_MS: i64 = 1_577_836_800_000;
/// Swings of the flow: share of the mean, and period in seconds. Together less than one, so that it never stops.
const SWINGS: [(f64, f64); 4] = [(0.35, 86_400.0), (0.2, 3_677.0), (0.15, 433.0), (0.1, 47.0)];
/// The part of a cycle in which a burst comes, and the part of its messages that come then.
const BURST: (f64, f64) = (0.05, 0.9);

/// Messages that come in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Curve {
    /// A flow that swings by the hour of the day and in shorter waves. `phase` sets queues apart.
    Waves { per_second: f64, phase: f64 },
    /// Most of a cycle's messages at once, at its beginning.
    Bursts { cycle_ms: i64, messages: u64 },
}

impl Curve {
    /// Messages until `t`. Never falls.
    pub(super) fn count(self, t: i64) -> u64 {
        let t = (t - ORIGIN_MS).max(0);
        match self {
            Self::Waves { per_second, phase } => {
                let seconds = t as f64 / 1000.0;
                let swings: f64 =
                    SWINGS.iter().map(|&(share, period)| swing(share, period, phase, seconds)).sum();
                (per_second * (seconds + swings)).max(0.0) as u64
            }
            Self::Bursts { cycle_ms, messages } => {
                let (part, share) = BURST;
                let x = (t % cycle_ms) as f64 / cycle_ms as f64;
                let come = if x < part {
                    share * x / part
                } else {
                    share + (1.0 - share) * (x - part) / (1.0 - part)
                };
                (t / cycle_ms) as u64 * messages + (messages as f64 * come) as u64
            }
        }
    }

    /// The moment at which message `n` (from 0) came: the inverse of [`Curve::count`].
    pub(super) fn time_of(self, n: u64) -> i64 {
        let (mut before, mut after) = (ORIGIN_MS, ORIGIN_MS + 1000);
        while self.count(after) <= n {
            after = ORIGIN_MS + (after - ORIGIN_MS) * 2;
        }
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if self.count(middle) > n { after = middle } else { before = middle }
        }
        after
    }
}

/// What a swing adds to the time that has flowed: the integral of `share * sin`.
fn swing(share: f64, period: f64, phase: f64, seconds: f64) -> f64 {
    let angle = |s: f64| TAU * s / period + phase;
    share * period / TAU * (angle(0.0).cos() - angle(seconds).cos())
}

/// How consumers follow a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pace {
    /// Each message is taken this long after it came.
    Behind { ms: i64 },
    /// A burst is worked off evenly until the next one.
    Evenly { cycle_ms: i64, messages: u64 },
    /// A share of what comes is taken; the rest is caught up with at the end of each cycle.
    Slowly { cycle_ms: i64, share: f64 },
    /// Nobody takes anything; what waits is thrown away once in a cycle.
    Never { cycle_ms: i64 },
}

/// The last part of a slow consumer's cycle, in which it catches up.
const CATCHING_UP: f64 = 0.1;

impl Pace {
    /// Messages of `curve` that were taken until `t`. Never falls, never more than came.
    pub(super) fn count(self, curve: Curve, t: i64) -> u64 {
        let since = (t - ORIGIN_MS).max(0);
        match self {
            Self::Behind { ms } => curve.count(t - ms),
            Self::Evenly { cycle_ms, messages } => {
                let x = (since % cycle_ms) as f64 / cycle_ms as f64;
                let taken = (since / cycle_ms) as u64 * messages + (messages as f64 * x) as u64;
                taken.min(curve.count(t))
            }
            Self::Slowly { cycle_ms, share } => {
                let x = (since % cycle_ms) as f64 / cycle_ms as f64;
                let late = ((x - (1.0 - CATCHING_UP)) / CATCHING_UP).max(0.0);
                let began = curve.count(t - since % cycle_ms);
                let come = curve.count(t) - began;
                began + (come as f64 * (share + (1.0 - share) * late)) as u64
            }
            Self::Never { cycle_ms } => curve.count(t - since % cycle_ms),
        }
    }

    /// True where somebody consumes.
    pub(super) fn consumes(self) -> bool {
        !matches!(self, Self::Never { .. })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CYCLE: i64 = 7_200_000;

    fn curves() -> [Curve; 2] {
        [Curve::Waves { per_second: 3.0, phase: 1.3 }, Curve::Bursts { cycle_ms: CYCLE, messages: 20_000 }]
    }

    proptest! {
        #[test]
        fn given_any_two_moments_when_counted_then_nothing_falls_and_no_more_is_taken_than_came(
            t in ORIGIN_MS - 1000..ORIGIN_MS + 40 * 86_400_000,
            later in 0i64..CYCLE,
        ) {
            for curve in curves() {
                prop_assert!(curve.count(t) <= curve.count(t + later));
                for pace in [
                    Pace::Behind { ms: 12_000 },
                    Pace::Evenly { cycle_ms: CYCLE, messages: 20_000 },
                    Pace::Slowly { cycle_ms: CYCLE, share: 0.6 },
                    Pace::Never { cycle_ms: CYCLE },
                ] {
                    if matches!((pace, curve), (Pace::Evenly { .. }, Curve::Waves { .. })) {
                        continue;
                    }
                    prop_assert!(pace.count(curve, t) <= curve.count(t), "{pace:?}");
                    prop_assert!(pace.count(curve, t) <= pace.count(curve, t + later), "{pace:?}");
                }
            }
        }

        #[test]
        fn given_any_message_when_its_time_is_asked_for_then_it_came_just_then(n in 0u64..3_000_000) {
            for curve in curves() {
                let t = curve.time_of(n);
                prop_assert!(curve.count(t) > n && curve.count(t - 1) <= n);
            }
        }
    }
}
