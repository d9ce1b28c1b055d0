//! One series while it is written: what was read last, and the roll-up of the minute that is being filled.

/// Milliseconds of a minute and of an hour: the widths of the clusters on disk.
pub(super) const MINUTE_MS: i64 = 60_000;
pub(super) const HOUR_MS: i64 = 3_600_000;

/// The start of the minute that `t` lies in.
pub(super) fn minute_of(t: i64) -> i64 {
    t - t.rem_euclid(MINUTE_MS)
}

/// The start of the hour that `t` lies in.
pub(super) fn hour_of(t: i64) -> i64 {
    t - t.rem_euclid(HOUR_MS)
}

/// A one-minute roll-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Minute {
    /// Start of the minute.
    pub t: i64,
    /// Of a gauge; `None` for counters and where nothing was known.
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub sum: Option<i64>,
    /// Observations with a known value.
    pub count: i64,
    /// The last reading; `None` where it was unknown.
    pub last: Option<i64>,
    /// Of a counter: the increase that is known, and the milliseconds in which it came.
    pub increase: i64,
    pub covered_ms: i64,
}

impl Minute {
    fn starting(t: i64, last: Option<i64>) -> Self {
        Self { t, last, ..Self::default() }
    }
}

/// The circumstances of an observation that every series of it shares.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// Time since the observation before; `None` where a gap lies between.
    pub since_ms: Option<i64>,
    /// Every known value is written, changed or not.
    pub keyframe: bool,
}

/// What has to be written of a reading, and what it adds to a sum over counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Noted {
    pub write: bool,
    /// A counter began anew: the increase since the reading before is unknown.
    pub starts: bool,
    pub increase: Option<i64>,
}

/// What the writer remembers of one series.
#[derive(Clone, Debug)]
pub(super) struct SeriesMemory {
    counter: bool,
    /// The reading of the last observation.
    last: Option<i64>,
    /// The last known value: a counter that fell across an unknown stretch began anew too.
    known: Option<i64>,
    /// `last` when the minute began.
    carried: Option<i64>,
    current: Minute,
    /// The minute before, which may not be on disk yet.
    finished: Option<Minute>,
}

impl SeriesMemory {
    pub(super) fn new(counter: bool, minute: i64) -> Self {
        Self::restored(counter, minute, None)
    }

    /// A series whose last reading before `minute` was `last`.
    pub(super) fn restored(counter: bool, minute: i64, last: Option<i64>) -> Self {
        let current = Minute::starting(minute, last);
        Self { counter, last, known: last, carried: last, current, finished: None }
    }

    /// Takes in a reading; `None` is an unknown one.
    pub(super) fn note(&mut self, value: Option<i64>, new_epoch: bool, moment: Moment) -> Noted {
        let fell = matches!((self.known, value), (Some(then), Some(now)) if now < then);
        let starts = self.counter && value.is_some() && self.known.is_some() && (new_epoch || fell);
        let increase = match (self.last, value, moment.since_ms) {
            (Some(then), Some(now), Some(_)) if self.counter && !starts => Some(now.saturating_sub(then)),
            _ => None,
        };
        self.fold(value, increase, moment.since_ms.unwrap_or(0));
        let write = value != self.last || starts || (moment.keyframe && value.is_some());
        self.last = value;
        self.known = value.or(self.known);
        Noted { write, starts, increase }
    }

    /// Ends the minute after `observations` looks and begins the next one; gives the roll-up where it has to be written:
    /// where something changed in it, or where it is the first of an hour.
    pub(super) fn finish(&mut self, next: i64, observations: i64, keyframe: bool) -> Option<Minute> {
        let minute = self.current;
        let unknown = minute.count == 0 && minute.last.is_none() && self.carried.is_none();
        let unchanged = minute.count == observations
            && minute.last == self.carried
            && minute.min == minute.max
            && minute.increase == 0;
        let write = observations > 0 && !unknown && (keyframe || !unchanged);
        self.finished = write.then_some(minute);
        self.carried = self.last;
        self.current = Minute::starting(next, self.last);
        self.finished
    }

    /// The minutes that are not sure to be on disk: the one before and the one that is being filled.
    pub(super) fn unwritten(&self) -> impl Iterator<Item = Minute> {
        let touched = self.current.count > 0 || self.current.last != self.carried;
        self.finished.into_iter().chain(touched.then_some(self.current))
    }

    /// The last known value.
    pub(super) fn known(&self) -> Option<i64> {
        self.known
    }

    /// The reading of the last observation.
    pub(super) fn last(&self) -> Option<i64> {
        self.last
    }

    fn fold(&mut self, value: Option<i64>, increase: Option<i64>, since_ms: i64) {
        let minute = &mut self.current;
        minute.last = value;
        let Some(value) = value else { return };
        minute.count += 1;
        if let Some(increase) = increase {
            minute.increase = minute.increase.saturating_add(increase);
            minute.covered_ms += since_ms;
        }
        if !self.counter {
            minute.min = Some(minute.min.map_or(value, |min| min.min(value)));
            minute.max = Some(minute.max.map_or(value, |max| max.max(value)));
            minute.sum = Some(minute.sum.unwrap_or(0).saturating_add(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEADY: Moment = Moment { since_ms: Some(5000), keyframe: false };

    #[test]
    fn given_an_unchanged_value_when_noted_then_it_is_written_once_and_again_at_a_keyframe() {
        let mut series = SeriesMemory::new(false, 0);
        assert!(series.note(Some(7), false, STEADY).write);
        assert!(!series.note(Some(7), false, STEADY).write);
        assert!(series.note(Some(7), false, Moment { keyframe: true, ..STEADY }).write);
    }

    #[test]
    fn given_a_known_value_when_it_becomes_unknown_then_that_is_written() {
        let mut series = SeriesMemory::new(false, 0);
        series.note(Some(7), false, STEADY);
        assert!(series.note(None, false, STEADY).write);
        assert!(!series.note(None, false, STEADY).write);
    }

    #[test]
    fn given_a_counter_that_falls_or_gets_another_identity_when_noted_then_the_increase_is_unknown() {
        let mut series = SeriesMemory::new(true, 0);
        series.note(Some(100), false, STEADY);
        assert_eq!(series.note(Some(40), false, STEADY), Noted { write: true, starts: true, increase: None });
        assert_eq!(series.note(Some(60), true, STEADY), Noted { write: true, starts: true, increase: None });
        assert_eq!(series.note(Some(65), false, STEADY).increase, Some(5));
    }

    #[test]
    fn given_a_gap_when_a_counter_goes_on_then_the_increase_across_it_is_in_no_minute() {
        let mut series = SeriesMemory::new(true, 0);
        series.note(Some(100), false, STEADY);
        series.note(Some(900), false, Moment { since_ms: None, keyframe: false });
        series.note(Some(910), false, STEADY);
        let minute = series.finish(MINUTE_MS, 3, false).expect("something changed");
        assert_eq!((minute.increase, minute.covered_ms, minute.last), (10, 5000, Some(910)));
    }

    #[test]
    fn given_a_minute_like_the_one_before_when_finished_then_it_is_left_out() {
        let mut series = SeriesMemory::new(false, 0);
        series.note(Some(7), false, STEADY);
        assert!(series.finish(MINUTE_MS, 1, false).is_some());
        series.note(Some(7), false, STEADY);
        assert_eq!(series.finish(2 * MINUTE_MS, 1, false), None);
        series.note(Some(7), false, STEADY);
        assert!(series.finish(3 * MINUTE_MS, 1, true).is_some());
    }
}
