//! When the next observation is due: interval, slowing down where observations are dear, back-off after failures.

use std::time::Duration;

use rand::Rng as _;

/// An interval slows down by itself to at most this.
const SLOWEST: Duration = Duration::from_secs(30);
/// An observation that takes longer than this part of the interval is too dear.
const DEAR: u32 = 10;
/// After so many quick ones the interval is halved again.
const QUICK_ONES: u32 = 3;
/// The first wait after a failure.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// The pace of one broker's observations.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    configured: Duration,
    current: Duration,
    quick: u32,
    failures: u32,
    /// The next look has to connect first, which tells nothing of what looking costs.
    connects: bool,
}

impl Pace {
    pub(super) fn new(configured: Duration) -> Self {
        Self { configured, current: configured, quick: 0, failures: 0, connects: true }
    }

    pub(super) fn interval(&self) -> Duration {
        self.current
    }

    pub(super) fn slowed(&self) -> bool {
        self.current > self.configured
    }

    /// Notes a success that took `duration`; gives the time until the next observation begins.
    pub(super) fn after_success(&mut self, duration: Duration) -> Duration {
        self.failures = 0;
        let connected = std::mem::replace(&mut self.connects, false);
        if connected && duration <= self.current {
            self.quick = 0;
        } else if duration > self.current / DEAR {
            self.quick = 0;
            self.current = (self.current * 2).min(SLOWEST.max(self.configured));
        } else if self.slowed() && duration <= self.current / 2 / DEAR {
            self.quick += 1;
            if self.quick >= QUICK_ONES {
                self.quick = 0;
                self.current = (self.current / 2).max(self.configured);
            }
        }
        jittered(self.current.saturating_sub(duration).max(self.current / 2))
    }

    /// Notes a failure; the wait doubles from one second, never beyond one interval.
    pub(super) fn after_failure(&mut self) -> Duration {
        let wait = FIRST_RETRY * 2u32.saturating_pow(self.failures.min(16));
        self.failures += 1;
        self.connects = true;
        jittered(wait.min(self.current))
    }
}

/// Up to a twentieth less, so that brokers configured alike are not asked all at once.
fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(rand::rng().random_range(0.95..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn given_dear_observations_when_paced_then_the_interval_doubles_to_thirty_seconds_and_comes_back() {
        let mut pace = Pace::new(5 * SECOND);
        pace.after_success(SECOND / 100);
        for _ in 0..5 {
            pace.after_success(4 * SECOND);
        }
        assert_eq!(pace.interval(), 30 * SECOND);
        for _ in 0..12 {
            pace.after_success(SECOND / 100);
        }
        assert_eq!(pace.interval(), 5 * SECOND);
    }

    #[test]
    fn given_failures_when_paced_then_the_wait_never_exceeds_one_interval() {
        let mut pace = Pace::new(5 * SECOND);
        let waits: Vec<Duration> = (0..8).map(|_| pace.after_failure()).collect();
        assert!(waits[0] <= SECOND);
        assert!(waits.iter().all(|w| *w <= 5 * SECOND));
    }

    #[test]
    fn given_a_look_that_had_to_connect_when_it_took_long_then_the_interval_stays() {
        let mut pace = Pace::new(5 * SECOND);
        pace.after_success(SECOND);
        pace.after_failure();
        pace.after_success(SECOND);
        assert_eq!(pace.interval(), 5 * SECOND);
        pace.after_success(SECOND);
        assert_eq!(pace.interval(), 10 * SECOND);
    }

    #[test]
    fn given_an_interval_above_thirty_seconds_when_dear_then_it_is_kept() {
        let mut pace = Pace::new(60 * SECOND);
        pace.after_success(SECOND);
        pace.after_success(30 * SECOND);
        assert_eq!(pace.interval(), 60 * SECOND);
    }
}
