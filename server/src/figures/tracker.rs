//! What is remembered of one queue, or of one group of it, from observation to observation.

use std::collections::{BTreeMap, VecDeque};

use weir_model::{QueueObservation, Reading, Timestamp, Trend};

use super::{
    age::{Age, ArrivalCurve},
    flow::{Uncounted, uncounted},
    growth::{Growth, growth},
    rates::increase,
    window::{Sample, Window},
};

/// Minutes of the small curve in tables.
pub const SPARKLINE_MINUTES: usize = 60;

/// When something began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    pub t: Timestamp,
    /// It was so at the first look already: it began then or before.
    pub at_least: bool,
}

/// The memory of one backlog: its window, its curves, the start of its growth.
#[derive(Clone, Debug, Default)]
pub struct BacklogTracker {
    pub window: Window,
    curve: ArrivalCurve,
    epoch_name: String,
    /// One value a minute, of the last hour: minute number and backlog.
    minutes: VecDeque<(i64, Option<i64>)>,
    growing_since: Option<Since>,
    /// Since when messages wait and nothing is there to take them.
    unread_since: Option<Since>,
    /// The first look.
    began: Option<Timestamp>,
    last_arrival: Option<Timestamp>,
    /// Arrivals counted by the curve: from the counter, and those that no counter saw.
    arrivals: i64,
    /// Depth − in + out when it was settled last: constant while every message is counted.
    residual: Option<i64>,
}

fn residual(sample: &Sample) -> Option<i64> {
    sample.depth?.checked_sub(sample.arrived?)?.checked_add(sample.out?)
}

impl BacklogTracker {
    /// Takes in a sample. `epoch_name` is the identity of the queue and of the source of its counters.
    pub fn push(&mut self, mut sample: Sample, epoch_name: &str, refresh_ms: i64) {
        let last = self.window.last().copied();
        let before = last.filter(|b| b.t < sample.t);
        if before != last {
            self.forget_times(sample.t);
        }
        sample.epoch = last.map_or(0, |b| b.epoch);
        let began_anew = before.is_some_and(|b| self.epoch_name != epoch_name || sample.resets_after(&b));
        if began_anew {
            sample.epoch += 1;
            self.curve.restart();
            self.residual = None;
        }
        epoch_name.clone_into(&mut self.epoch_name);
        self.began.get_or_insert(sample.t);
        self.window.push(sample);
        self.note_minute(sample.t, sample.backlog.or(sample.depth));
        self.note_arrivals(before.filter(|_| !began_anew), sample, refresh_ms);
        self.note_growth();
        self.note_unread(&sample);
    }

    /// The clock was set back to `now`: what is remembered to have been at a time may have been at any other.
    fn forget_times(&mut self, now: Timestamp) {
        self.window = Window::default();
        self.curve.restart();
        self.residual = None;
        (self.growing_since, self.unread_since, self.last_arrival, self.began) = (None, None, None, None);
        self.minutes.retain(|(minute, _)| *minute < now.0.div_euclid(60_000));
    }

    /// Fills the hour's curve from history after a restart; minutes already noted win.
    pub fn seed(&mut self, minutes: impl IntoIterator<Item = (Timestamp, i64)>) {
        for (t, value) in minutes {
            let minute = t.0.div_euclid(60_000);
            if self.minutes.back().is_none_or(|last| last.0 < minute) {
                self.minutes.push_back((minute, Some(value)));
            }
        }
        self.bound_minutes();
    }

    #[must_use]
    pub fn growth(&self) -> Option<Growth> {
        growth(&self.window, |s| s.backlog)
    }

    #[must_use]
    pub fn uncounted(&self, refresh_ms: i64) -> Option<Uncounted> {
        uncounted(&self.window, refresh_ms)
    }

    #[must_use]
    pub fn growing_since(&self) -> Option<Since> {
        self.growing_since
    }

    #[must_use]
    pub fn unread_since(&self) -> Option<Since> {
        self.unread_since
    }

    #[must_use]
    pub fn last_arrival(&self) -> Option<Timestamp> {
        self.last_arrival
    }

    /// Age of the oldest waiting message by the curves.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Option<Age> {
        let last = self.window.last()?;
        last.arrived?;
        self.curve.age(now, last.backlog?)
    }

    /// The last hour, one value a minute, oldest first, ending at `now`.
    #[must_use]
    pub fn sparkline(&self, now: Timestamp) -> Vec<Option<f64>> {
        let last = now.0.div_euclid(60_000);
        let known: BTreeMap<i64, Option<i64>> = self.minutes.iter().copied().collect();
        let first_known = known.keys().next().copied().unwrap_or(last);
        (last - SPARKLINE_MINUTES as i64 + 1..=last)
            .skip_while(|minute| *minute < first_known)
            .map(|minute| known.get(&minute).copied().flatten().map(|v| v as f64))
            .collect()
    }

    fn note_minute(&mut self, t: Timestamp, value: Option<i64>) {
        let minute = t.0.div_euclid(60_000);
        match self.minutes.back_mut() {
            Some(last) if last.0 == minute => last.1 = value.or(last.1),
            _ => self.minutes.push_back((minute, value)),
        }
        self.bound_minutes();
    }

    fn bound_minutes(&mut self) {
        while self.minutes.len() > SPARKLINE_MINUTES {
            self.minutes.pop_front();
        }
    }

    /// Arrivals are what the counter says and, every half minute, what came past it.
    fn note_arrivals(&mut self, before: Option<Sample>, sample: Sample, refresh_ms: i64) {
        let Some(backlog) = sample.backlog else {
            self.curve.restart();
            return;
        };
        let counted = match (before.and_then(|b| b.arrived), sample.arrived) {
            (Some(then), Some(now)) => now.saturating_sub(then),
            _ => 0,
        };
        let rose =
            matches!((before.and_then(|b| b.backlog), sample.backlog), (Some(then), Some(now)) if now > then);
        if counted > 0 || rose {
            self.last_arrival = Some(sample.t);
        }
        let Some(_) = sample.arrived else {
            self.curve.restart();
            return;
        };
        if self.curve_is_new(before) {
            self.arrivals = backlog;
            self.residual = residual(&sample);
        } else {
            let uncounted = self.uncounted_arrivals(&sample, refresh_ms);
            self.arrivals = self.arrivals.saturating_add(counted).saturating_add(uncounted);
        }
        self.curve.push(sample.t, self.arrivals, backlog);
    }

    fn curve_is_new(&self, before: Option<Sample>) -> bool {
        before.is_none_or(|b| b.arrived.is_none() || b.backlog.is_none())
    }

    /// What came past the counter since the residual was settled last. Depth and counters may be apart by a refresh
    /// of the broker: a change that so much flow explains is left for later.
    fn uncounted_arrivals(&mut self, sample: &Sample, refresh_ms: i64) -> i64 {
        let (Some(settled), Some(now)) = (self.residual, residual(sample)) else {
            self.residual = residual(sample);
            return 0;
        };
        let lately = (2 * refresh_ms).max(10_000);
        let flow = |counter: fn(&Sample) -> Option<i64>| {
            increase(&self.window, lately, counter).map_or(0, |i| i.messages)
        };
        let change = now.saturating_sub(settled);
        if change.saturating_abs() <= flow(|s| s.arrived).saturating_add(flow(|s| s.out)) {
            return 0;
        }
        self.residual = Some(now);
        change.max(0)
    }

    /// Growth began when the backlog was within noise of its floor for the last time.
    fn note_growth(&mut self) {
        let trend = self.growth().map_or(Trend::Unknown, Growth::trend);
        if trend != Trend::Growing {
            self.growing_since = None;
            return;
        }
        if self.growing_since.is_some() {
            return;
        }
        let known: Vec<(Timestamp, i64)> =
            self.window.recent(i64::MAX).filter_map(|s| s.backlog.map(|b| (s.t, b))).collect();
        let floor = known.iter().map(|p| p.1).min().unwrap_or(0);
        let top = known.iter().map(|p| p.1).max().unwrap_or(0);
        let noise = top.saturating_sub(floor) / 20;
        let start = known.iter().rev().find(|p| p.1 <= floor.saturating_add(noise)).map(|p| p.0);
        self.growing_since = start.map(|t| self.since(t));
    }

    fn note_unread(&mut self, sample: &Sample) {
        let unread = sample.backlog.is_some_and(|b| b > 0) && sample.consumers == Some(0);
        self.unread_since = unread.then(|| self.unread_since.unwrap_or_else(|| self.since(sample.t)));
    }

    fn since(&self, t: Timestamp) -> Since {
        Since { t, at_least: self.began.is_none_or(|began| t <= began) }
    }
}

/// The memory of one queue with its groups.
#[derive(Clone, Debug)]
pub struct QueueTracker {
    pub seen: QueueObservation,
    pub at: Timestamp,
    /// When it was on the broker last; kept by the poller, which forgets what is gone for too long.
    pub last_there: Timestamp,
    pub queue: BacklogTracker,
    pub groups: BTreeMap<String, BacklogTracker>,
}

impl QueueTracker {
    /// A queue seen for the first time at `t`.
    #[must_use]
    pub fn new(seen: QueueObservation, t: Timestamp) -> Self {
        Self { seen, at: t, last_there: t, queue: BacklogTracker::default(), groups: BTreeMap::new() }
    }

    /// Takes in what was seen at `t`.
    pub fn push(&mut self, seen: QueueObservation, t: Timestamp, refresh_ms: i64) {
        self.queue.push(Sample::of(&seen, t), &seen.epoch, refresh_ms);
        self.groups.retain(|name, _| seen.groups.iter().any(|g| g.name == *name));
        for group in &seen.groups {
            let value = |metric| group.figures.get(&metric).and_then(|r: &Reading| r.as_ref().ok()).copied();
            let sample = Sample {
                t,
                backlog: value(weir_model::Metric::Lag),
                arrived: seen.value(weir_model::Metric::In),
                out: value(weir_model::Metric::Out),
                consumers: group.members.as_ref().ok().copied(),
                ..Sample::default()
            };
            self.groups.entry(group.name.clone()).or_default().push(sample, &seen.epoch, refresh_ms);
        }
        self.seen = seen;
        self.at = t;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(seconds: i64, arrived: i64, out: i64, backlog: i64) -> Sample {
        Sample {
            t: Timestamp(seconds * 1000),
            arrived: Some(arrived),
            out: Some(out),
            backlog: Some(backlog),
            depth: Some(backlog),
            ..Sample::default()
        }
    }

    #[test]
    fn given_a_counter_that_fell_when_pushed_then_a_new_epoch_begins() {
        let mut tracker = BacklogTracker::default();
        tracker.push(sample(0, 100, 90, 10), "a", 0);
        tracker.push(sample(5, 0, 0, 0), "a", 0);
        assert_eq!(tracker.window.last().map(|s| s.epoch), Some(1));
        tracker.push(sample(10, 5, 5, 0), "b", 0);
        assert_eq!(tracker.window.last().map(|s| s.epoch), Some(2));
    }

    /// `XSETID` sets a stream's counter to any number.
    #[test]
    fn given_numbers_at_the_end_of_their_range_when_pushed_then_nothing_breaks() {
        let ends = [0, i64::MAX, i64::MIN, i64::MAX - 1, 1, i64::MIN + 1];
        let mut tracker = BacklogTracker::default();
        for n in 0..200_usize {
            let at = |step: usize| ends[(n * step + n / 7) % ends.len()];
            tracker.push(sample(n as i64 * 5, at(1), at(2), at(3)), "a", 5000);
            let now = Timestamp(n as i64 * 5000);
            drop((tracker.growth(), tracker.age(now), tracker.uncounted(5000), tracker.sparkline(now)));
        }
        assert!(tracker.window.last().is_some());
    }

    #[test]
    fn given_a_clock_that_was_set_back_when_pushed_then_rates_begin_anew_and_nothing_lies_in_the_future() {
        let mut tracker = BacklogTracker::default();
        for n in 0..100 {
            tracker.push(sample(10_000 + n * 5, n * 50, 0, n * 50), "a", 0);
        }
        for n in 0..20 {
            tracker.push(sample(9_000 + n * 5, 5_000 + n * 10, 0, 5_000 + n * 10), "a", 0);
            let now = Timestamp(9_000_000 + n * 5_000);
            let rate =
                increase(&tracker.window, 60_000, |s| s.arrived).map(|i| i.messages as f64 / i.seconds);
            assert!(rate.is_none_or(|rate| (rate - 2.0).abs() < 0.01), "{rate:?}");
            assert!(tracker.growing_since().is_none_or(|since| since.t <= now));
            assert!(tracker.last_arrival().is_none_or(|t| t <= now));
            assert!(tracker.age(now).is_none_or(|age| age.seconds >= 0.0));
            assert!(tracker.sparkline(now).len() <= 3);
        }
        assert_eq!(tracker.window.recent(i64::MAX).count(), 20);
    }

    #[test]
    fn given_growth_after_calm_when_it_is_noticed_then_its_start_is_the_end_of_the_calm() {
        let mut tracker = BacklogTracker::default();
        for n in 0..30 {
            let backlog = if n < 12 { 0 } else { (n - 11) * 50 };
            tracker.push(sample(n * 10, n * 100, n * 100 - backlog, backlog), "a", 0);
        }
        assert_eq!(tracker.growing_since(), Some(Since { t: Timestamp(110_000), at_least: false }));
    }

    #[test]
    fn given_messages_without_a_consumer_when_noted_then_it_is_known_since_when() {
        let unread = |seconds| Sample { consumers: Some(0), ..sample(seconds, 1, 0, 1) };
        let mut tracker = BacklogTracker::default();
        tracker.push(unread(5), "a", 0);
        tracker.push(unread(10), "a", 0);
        assert_eq!(tracker.unread_since(), Some(Since { t: Timestamp(5_000), at_least: true }));
        tracker.push(Sample { consumers: Some(1), ..sample(15, 1, 0, 1) }, "a", 0);
        assert_eq!(tracker.unread_since(), None);
        tracker.push(unread(20), "a", 0);
        assert_eq!(tracker.unread_since(), Some(Since { t: Timestamp(20_000), at_least: false }));
    }

    #[test]
    fn given_a_dead_letter_queue_without_counters_when_it_fills_then_its_age_is_known() {
        let mut tracker = BacklogTracker::default();
        for n in 0..=20 {
            tracker.push(sample(n * 5, 0, 0, n), "a", 5000);
        }
        let age = tracker.age(Timestamp(100_000)).expect("something waits");
        assert!((age.seconds - 95.0).abs() <= 10.0, "{age:?}");
    }
}
