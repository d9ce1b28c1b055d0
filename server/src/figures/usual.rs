//! What usually comes in, to tell a burst of producers from consumers that are slow.

use std::collections::VecDeque;

use weir_model::Timestamp;

/// What is usual is reckoned over an hour at most…
const KEEP_MS: i64 = 60 * 60_000;
/// …and from ten minutes on.
const ENOUGH_MS: i64 = 10 * 60_000;
/// Points lie at least this far apart.
const APART_MS: i64 = 60_000;

/// In is a burst where it is above this many times its usual.
const BURST: f64 = 2.0;

/// The counter of arrivals over the last hour, once a minute.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    points: VecDeque<(Timestamp, i64)>,
}

/// Producers send more than they usually do; messages per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burst {
    pub now: f64,
    pub usual: f64,
}

impl Arrivals {
    /// Notes the counter at `t`; an unknown one, or one that began anew, ends what was known.
    pub fn push(&mut self, t: Timestamp, counter: Option<i64>) {
        let Some(counter) = counter else { return self.points.clear() };
        if self.points.back().is_some_and(|last| counter < last.1) {
            self.points.clear();
        }
        if self.points.back().is_none_or(|last| t.since_ms(last.0) >= APART_MS) {
            self.points.push_back((t, counter));
        }
        while self.points.front().is_some_and(|first| t.since_ms(first.0) > KEEP_MS) {
            self.points.pop_front();
        }
    }

    /// A counter began anew: what came before can't be compared.
    pub fn restart(&mut self) {
        self.points.clear();
    }

    /// Whether what came in since `start`, with the counter at `counter` now, is a burst beside what came before.
    #[must_use]
    pub fn burst_since(&self, start: Timestamp, now: Timestamp, counter: i64) -> Option<Burst> {
        let first = self.points.front()?;
        let at_start = self.points.iter().rev().find(|point| point.0 <= start)?;
        let (before_ms, since_ms) = (at_start.0.since_ms(first.0), now.since_ms(at_start.0));
        if before_ms < ENOUGH_MS || since_ms < APART_MS {
            return None;
        }
        let per_second = |messages: i64, ms: i64| messages as f64 * 1000.0 / ms as f64;
        let usual = per_second(at_start.1.saturating_sub(first.1), before_ms);
        let rate = per_second(counter.saturating_sub(at_start.1), since_ms);
        (rate > BURST * usual && rate > 0.0).then_some(Burst { now: rate, usual })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half an hour of a message a second, then five minutes of `rate`.
    fn burst(rate: i64) -> Option<Burst> {
        let (mut arrivals, mut counter) = (Arrivals::default(), 0);
        for second in (0..2100).step_by(10) {
            arrivals.push(Timestamp(second * 1000), Some(counter));
            counter += 10 * if second < 1800 { 1 } else { rate };
        }
        arrivals.burst_since(Timestamp(1_800_000), Timestamp(2_100_000), counter)
    }

    #[test]
    fn given_producers_that_send_more_than_twice_their_usual_when_asked_then_it_is_a_burst() {
        assert_eq!(burst(5), Some(Burst { now: 5.0, usual: 1.0 }));
        assert_eq!(burst(2), None, "consumers are slow instead");
    }

    #[test]
    fn given_less_than_ten_minutes_before_or_a_counter_that_began_anew_when_asked_then_nothing_is_usual() {
        let mut arrivals = Arrivals::default();
        for minute in 0..9 {
            arrivals.push(Timestamp(minute * 60_000), Some(minute));
        }
        assert_eq!(arrivals.burst_since(Timestamp(480_000), Timestamp(600_000), 900), None);
        arrivals.push(Timestamp(540_000), Some(0));
        assert_eq!(arrivals.burst_since(Timestamp(540_000), Timestamp(600_000), 900), None);
    }
}
