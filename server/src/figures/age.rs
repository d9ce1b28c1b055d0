//! Waiting time by two curves.
//!
//! For a first-in-first-out queue with arrivals P(t) and backlog D: the oldest message now was arrival number
//! P(now) − D(now), so it came at the t where P(t) had that value, interpolated between samples
//! (docs/figures.md, "Waiting time by two curves").

use std::collections::VecDeque;

use weir_model::Timestamp;

/// Points at most: a day of minutes. Older messages read "more than".
const KEEP_POINTS: usize = 1440;

/// Points lie at least this far apart once they are older than [`DENSE_MS`].
const THIN_MS: i64 = 60_000;
const DENSE_MS: i64 = 10 * 60_000;

/// How long the oldest message has waited.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Age {
    pub seconds: f64,
    /// It came before the curve begins: it is at least this old.
    pub at_least: bool,
}

/// The curve of arrivals since the queue was last empty, or since it is observed.
#[derive(Clone, Debug, Default)]
pub struct ArrivalCurve {
    /// Time and the number of arrivals until then, both rising.
    points: VecDeque<(Timestamp, i64)>,
}

impl ArrivalCurve {
    /// Notes that `arrivals` messages have come until `t`, and `backlog` of them wait.
    pub fn push(&mut self, t: Timestamp, arrivals: i64, backlog: i64) {
        if self.points.back().is_some_and(|&(last, count)| t <= last || arrivals < count) {
            self.points.clear();
        }
        if backlog <= 0 {
            self.points.clear();
        }
        self.points.push_back((t, arrivals));
        self.thin();
    }

    /// A counter began anew: what came before can't be compared.
    pub fn restart(&mut self) {
        self.points.clear();
    }

    /// The age of the oldest of `backlog` waiting messages; `None` where nothing waits or nothing is known.
    #[must_use]
    pub fn age(&self, now: Timestamp, backlog: i64) -> Option<Age> {
        let (&(first_t, first), &(_, arrivals)) = (self.points.front()?, self.points.back()?);
        if backlog <= 0 {
            return None;
        }
        let oldest = arrivals.checked_sub(backlog)?;
        if oldest < first {
            return Some(Age { seconds: now.since_seconds(first_t).max(0.0), at_least: true });
        }
        // The first arrival after number `oldest` is the oldest that waits: find the segment in which it came.
        let after = self.points.partition_point(|&(_, count)| count <= oldest);
        let (t0, p0) = self.points[after.saturating_sub(1)];
        let (t1, p1) = *self.points.get(after)?;
        let part = oldest.saturating_sub(p0) as f64 / p1.saturating_sub(p0) as f64;
        let came = t0.plus_ms((t1.since_ms(t0) as f64 * part) as i64);
        Some(Age { seconds: now.since_seconds(came).max(0.0), at_least: false })
    }

    /// Keeps the last ten minutes as they are and one point a minute before.
    fn thin(&mut self) {
        let now = self.points.back().map_or(Timestamp(0), |p| p.0);
        let dense_from = self.points.partition_point(|p| now.since_ms(p.0) > DENSE_MS);
        if dense_from >= 2 {
            let (before, here) = (self.points[dense_from - 2].0, self.points[dense_from - 1].0);
            if here.since_ms(before) < THIN_MS && dense_from >= 3 {
                self.points.remove(dense_from - 2);
            }
        }
        while self.points.len() > KEEP_POINTS {
            self.points.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(s: i64) -> Timestamp {
        Timestamp(s * 1000)
    }

    #[test]
    fn given_a_steady_queue_when_aged_then_it_is_backlog_over_rate() {
        let mut curve = ArrivalCurve::default();
        for s in (0..=100).step_by(5) {
            curve.push(seconds(s), s * 10, if s == 0 { 0 } else { 200.min(s * 10) });
        }
        assert_eq!(curve.age(seconds(100), 200), Some(Age { seconds: 20.0, at_least: false }));
    }

    #[test]
    fn given_a_backlog_from_before_the_first_look_when_aged_then_it_is_at_least_that() {
        let mut curve = ArrivalCurve::default();
        curve.push(seconds(0), 500, 500);
        curve.push(seconds(60), 560, 550);
        assert_eq!(curve.age(seconds(60), 550), Some(Age { seconds: 60.0, at_least: true }));
    }

    proptest! {
        /// Ground truth by a queue of arrival times.
        #[test]
        fn given_any_fifo_queue_when_aged_then_the_estimate_is_within_one_interval(
            steps in prop::collection::vec((0i64..40, 0i64..40), 1..100),
        ) {
            let mut curve = ArrivalCurve::default();
            let (mut waiting, mut arrivals) = (VecDeque::new(), 0i64);
            curve.push(seconds(0), 0, 0);
            for (n, (come, go)) in steps.into_iter().enumerate() {
                let now = seconds((n as i64 + 1) * 5);
                for _ in 0..come { waiting.push_back(now); }
                arrivals += come;
                for _ in 0..go.min(waiting.len() as i64) { waiting.pop_front(); }
                curve.push(now, arrivals, waiting.len() as i64);
                let estimate = curve.age(now, waiting.len() as i64);
                match waiting.front() {
                    None => prop_assert_eq!(estimate, None),
                    Some(&came) => {
                        let found = estimate.expect("something waits");
                        let truth = now.since_seconds(came);
                        prop_assert!((found.seconds - truth).abs() <= 5.0 + 1e-6, "{} for {}", found.seconds, truth);
                    }
                }
            }
        }
    }
}
