//! What is remembered of one queue, or of one group of it, from observation to observation.

use std::collections::{BTreeMap, VecDeque};

use weir_model::{Metric, QueueObservation, Reading, Timestamp, Trend};

use super::{
    age::{Age, ArrivalCurve},
    flow::{Uncounted, uncounted},
    growth::{Growth, growth},
    rates::increase,
    usual::{Arrivals, Burst},
    window::{Sample, Window},
};

/// How far apart readings lie that history keeps: flow that passes in less explains what depth and counters disagree.
const KEPT_APART_MS: i64 = 60_000;

/// What was not looked at for this long may have been anything meanwhile: what began before is not said to go on.
const UNSEEN_MS: i64 = super::window::KEEP_MS;

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
    usual: Arrivals,
    epoch_name: String,
    /// One value a minute, of the last hour: minute number and backlog.
    minutes: VecDeque<(i64, Option<i64>)>,
    trend: Trend,
    /// Kept while the trend is unknown, as in the first minute after a restart.
    growing_since: Option<Since>,
    /// Since when messages wait and nothing is there to take them.
    unread_since: Option<Since>,
    /// The first look since when looks went on: after a long gap, the one that ended it.
    began: Option<Timestamp>,
    /// How many consumers there are was known before.
    consumers_told: bool,
    last_arrival: Option<Timestamp>,
    /// Arrivals counted by the curve: from the counter, and those that no counter saw.
    arrivals: i64,
    /// Depth − in + out when it was settled last: constant while every message is counted.
    residual: Option<i64>,
}

fn residual(sample: &Sample) -> Option<i64> {
    sample.depth?.checked_sub(sample.arrived?)?.checked_add(sample.out?)
}

/// What history kept of one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Past {
    pub sample: Sample,
    /// A counter had begun anew before it.
    pub counters_anew: bool,
    /// The counter of arrivals was among them.
    pub arrivals_anew: bool,
}

impl BacklogTracker {
    /// Takes in a sample. `epoch_name` is the identity of the queue and of the source of its counters.
    pub fn push(&mut self, sample: Sample, epoch_name: &str, refresh_ms: i64) {
        let renamed = !self.window.is_empty() && self.epoch_name != epoch_name;
        epoch_name.clone_into(&mut self.epoch_name);
        self.take_in(Past { sample, counters_anew: renamed, arrivals_anew: renamed }, refresh_ms);
        self.note_minute(sample.t, sample.backlog.or(sample.depth));
    }

    /// Goes on from what history kept of earlier runs, by the rules that hold for what is seen: growth, its start and
    /// the age of the oldest message are as if Weir had not been restarted.
    pub fn resume(&mut self, past: impl IntoIterator<Item = Past>, epoch_name: &str) {
        for moment in past {
            self.take_in(moment, KEPT_APART_MS);
        }
        epoch_name.clone_into(&mut self.epoch_name);
    }

    fn take_in(&mut self, past: Past, refresh_ms: i64) {
        let Past { mut sample, counters_anew, arrivals_anew } = past;
        let last = self.window.last();
        let before = last.filter(|b| b.t < sample.t);
        if before != last {
            self.forget_times(sample.t);
        }
        if before.is_none_or(|b| sample.t.since_ms(b.t) > UNSEEN_MS) {
            self.began = Some(sample.t);
            self.growing_since = None;
        }
        let fell = before.is_some_and(|b| sample.resets_after(&b));
        sample.epoch = last.map_or(0, |b| b.epoch) + u32::from(counters_anew || fell);
        if counters_anew || fell {
            self.residual = None;
        }
        let comparable = before.filter(|b| !arrivals_anew && !sample.arrivals_fell_after(b));
        if before.is_some() && comparable.is_none() {
            self.curve.restart();
            self.usual.restart();
        }
        self.usual.push(sample.t, sample.arrived);
        self.window.push(sample);
        self.note_arrivals(comparable, sample, refresh_ms);
        self.note_growth();
        self.note_unread(&sample);
    }

    /// The clock was set back to `now`: what is remembered to have been at a time may have been at any other.
    fn forget_times(&mut self, now: Timestamp) {
        self.window = Window::default();
        self.curve.restart();
        self.usual.restart();
        self.residual = None;
        (self.growing_since, self.unread_since, self.last_arrival, self.began) = (None, None, None, None);
        self.minutes.retain(|(minute, _)| *minute < now.0.div_euclid(60_000));
    }

    /// Lets go of what only rules for a queue that is there look at. The hour's curve stays, and since when it is known.
    fn rest(&mut self) {
        *self = Self {
            minutes: std::mem::take(&mut self.minutes),
            epoch_name: std::mem::take(&mut self.epoch_name),
            began: self.began,
            consumers_told: self.consumers_told,
            ..Self::default()
        };
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

    /// The backlog, or the depth, of the last minute in which it was known.
    #[must_use]
    pub fn last_minute(&self) -> Option<i64> {
        self.minutes.back().and_then(|minute| minute.1)
    }

    #[must_use]
    pub fn growth(&self) -> Option<Growth> {
        growth(&self.window, |s| s.backlog)
    }

    #[must_use]
    pub fn uncounted(&self, refresh_ms: i64) -> Option<Uncounted> {
        uncounted(&self.window, refresh_ms)
    }

    /// Since when the backlog grows; `None` where it does not, or that is not known at the moment.
    #[must_use]
    pub fn growing_since(&self) -> Option<Since> {
        self.growing_since.filter(|_| self.trend == Trend::Growing)
    }

    /// Whether the backlog grows since producers send more than they usually do.
    #[must_use]
    pub fn burst(&self) -> Option<Burst> {
        let (last, since) = (self.window.last()?, self.growing_since()?);
        self.usual.burst_since(since.t, last.t, last.arrived?)
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

    fn note_growth(&mut self) {
        self.trend = self.growth().map_or(Trend::Unknown, Growth::trend);
        match self.trend {
            Trend::Growing => self.growing_since = self.growing_since.or_else(|| self.start_of_growth()),
            Trend::Steady | Trend::Draining => self.growing_since = None,
            Trend::Unknown => {}
        }
    }

    /// Growth began when the backlog was within noise of its floor for the last time.
    fn start_of_growth(&self) -> Option<Since> {
        let known: Vec<(Timestamp, i64)> =
            self.window.recent(i64::MAX).filter_map(|s| s.backlog.map(|b| (s.t, b))).collect();
        let floor = known.iter().map(|p| p.1).min().unwrap_or(0);
        let top = known.iter().map(|p| p.1).max().unwrap_or(0);
        let noise = top.saturating_sub(floor) / 20;
        let start = known.iter().rev().find(|p| p.1 <= floor.saturating_add(noise)).map(|p| p.0);
        start.map(|t| self.since(t))
    }

    fn note_unread(&mut self, sample: &Sample) {
        let unread = sample.backlog.is_some_and(|b| b > 0) && sample.consumers == Some(0);
        let begins = || Since { at_least: !self.consumers_told, ..self.since(sample.t) };
        self.unread_since = unread.then(|| self.unread_since.unwrap_or_else(begins));
        self.consumers_told |= sample.consumers.is_some();
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
        if seen.vanished && self.is_over(&seen, t) {
            self.queue.rest();
        }
        self.queue.push(Sample::of(&seen, t), &seen.epoch, refresh_ms);
        self.groups.retain(|name, _| seen.groups.iter().any(|g| g.name == *name));
        for group in &seen.groups {
            let value = |metric| group.figures.get(&metric).and_then(|r: &Reading| r.as_ref().ok()).copied();
            let sample = Sample {
                t,
                backlog: value(Metric::Lag),
                arrived: seen.value(Metric::In),
                out: value(Metric::Out),
                consumers: group.members.as_ref().ok().copied(),
                ..Sample::default()
            };
            self.groups.entry(group.name.clone()).or_default().push(sample, &seen.epoch, refresh_ms);
        }
        self.seen = seen;
        self.at = t;
    }

    /// Of a queue that is gone nothing is reckoned any more, once the rules have seen how it ended. Queues come and go
    /// by the thousand: what is remembered of each has to be small.
    fn is_over(&self, seen: &QueueObservation, t: Timestamp) -> bool {
        seen.value(Metric::Depth).is_none() || t.since_ms(self.last_there) > UNSEEN_MS
    }
}

#[cfg(test)]
#[path = "tracker_tests.rs"]
mod tests;
