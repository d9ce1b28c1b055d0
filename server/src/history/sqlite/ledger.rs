//! What the writer knows without asking the disk: names and ids, the last reading of every series, the minute that is
//! being filled. Observations go in, rows to be written come out; nothing here does I/O.

use std::collections::{BTreeMap, HashMap};

use weir_model::{Metric, Observation, QueueId, QueueObservation};

use super::{
    changes::{Changes, GapRow, ObservationRow, QueueRow, SampleRow, SeriesRow},
    minute::{HOUR_MS, Moment, SeriesMemory, hour_of, minute_of},
    readings::{SeriesName, readings},
};

/// Metrics of which a sum over the broker's queues is kept.
pub(super) const SUMMED: [Metric; 4] = [Metric::Depth, Metric::Backlog, Metric::In, Metric::Out];
/// Nothing is taken for a gap that is shorter than this many usual intervals, or than three times this time.
const GAP_INTERVALS: i64 = 3;
const SHORTEST_INTERVAL_MS: i64 = 10_000;
/// The longest interval that can be configured is five minutes: until it is known what is usual, more is a gap.
pub(super) const LONGEST_INTERVAL_MS: i64 = 6 * 60 * 1000;
/// A clock that was set back by at most this takes with it what was stored of the time that is yet to come (see
/// [`rewind`](super::rewind)). By more, it may be the wrong time that it was set to, and nothing is dropped.
const SET_BACK_MOST_MS: i64 = 2 * HOUR_MS;
/// How long roll-ups, and with them the counts of observations, are kept.
pub(super) const KEEP_MINUTES_MS: i64 = 30 * 24 * 3_600_000;

/// All brokers. One writer changes it; readers look in for moments.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub brokers: HashMap<String, BrokerLedger>,
    pub ids: Ids,
}

/// The ids used last. None is used twice, also after a queue was forgotten.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ids {
    pub broker: i64,
    pub queue: i64,
    pub series: i64,
}

#[derive(Debug)]
pub(super) struct BrokerLedger {
    pub id: i64,
    pub queues: HashMap<QueueId, QueueLedger>,
    /// Sums over all queues.
    pub sums: HashMap<SeriesName, SeriesLedger>,
    pub clock: Clock,
    /// Successful observations by the start of their minute, the minute being filled left out.
    pub minutes: BTreeMap<i64, i64>,
}

/// When the broker was observed.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    pub last_ok: Option<i64>,
    /// The last time between two observations: what is usual.
    pub usual_ms: i64,
    /// Where the gap began that lasts now, and why.
    pub open_gap: Option<(i64, String)>,
    /// The minute being filled, and the successful observations in it.
    pub minute: i64,
    pub observations: i64,
    /// The hour in which every known value was written.
    pub keyframe: i64,
    /// The hour in which every series had its roll-up written.
    pub rolled_hour: i64,
}

#[derive(Debug)]
pub(super) struct QueueLedger {
    pub id: i64,
    pub row: QueueRow,
    /// `row.last_seen` differs from the disk.
    pub seen_unwritten: bool,
    pub series: HashMap<SeriesName, SeriesLedger>,
}

#[derive(Debug)]
pub(super) struct SeriesLedger {
    pub id: i64,
    pub memory: SeriesMemory,
    /// The observation it was read in last, by its time.
    pub read_at: i64,
}

impl Ledger {
    /// Takes in an observation.
    pub(super) fn observe(&mut self, broker: &str, seen: &Observation, changes: &mut Changes) {
        let (ledger, ids) = self.broker(broker, changes);
        let t = seen.at.0;
        if ledger.clock.last_ok == Some(t) {
            tracing::debug!(broker.name = broker, "an observation came twice and is left out");
            return;
        }
        ledger.turn(minute_of(t), changes);
        let moment = ledger.moment(t, changes);
        ledger.read_queues(&seen.queues, t, moment, ids, changes);
        ledger.clock.observations += 1;
        ledger.clock.last_ok = Some(t);
        changes.observations.push(ObservationRow {
            broker: ledger.id,
            t,
            ok: true,
            duration_ms: seen.cost.duration_ms,
            requests: seen.cost.requests,
            bytes: seen.cost.bytes,
            reason: None,
        });
    }

    /// The row of the broker whose clock, by this time, was set back by so little that what is stored of later has to go.
    pub(super) fn set_back(&self, broker: &str, t: i64) -> Option<i64> {
        let ledger = self.brokers.get(broker)?;
        let ahead = ledger.clock.last_ok? - t;
        (1..=SET_BACK_MOST_MS).contains(&ahead).then_some(ledger.id)
    }

    /// Takes in that an observation failed: a gap begins, or lasts.
    pub(super) fn fail(&mut self, broker: &str, t: i64, reason: &str, changes: &mut Changes) {
        let (ledger, _) = self.broker(broker, changes);
        if minute_of(t) > ledger.clock.minute {
            ledger.turn(minute_of(t), changes);
        }
        if ledger.clock.open_gap.is_none() {
            let from = ledger.clock.last_ok.filter(|last| *last < t).unwrap_or(t);
            changes.gaps.push(GapRow { broker: ledger.id, from, to: None, reason: reason.to_owned() });
            ledger.clock.open_gap = Some((from, reason.to_owned()));
        }
        let reason = Some(reason.to_owned());
        let (duration_ms, requests, bytes) = (0, 0, 0);
        let broker = ledger.id;
        changes.observations.push(ObservationRow {
            broker,
            t,
            ok: false,
            duration_ms,
            requests,
            bytes,
            reason,
        });
    }

    /// Drops a queue.
    pub(super) fn forget(&mut self, broker: &str, queue: &QueueId, changes: &mut Changes) {
        let dropped = self.brokers.get_mut(broker).and_then(|ledger| ledger.queues.remove(queue));
        changes.forgotten.extend(dropped.map(|queue| queue.id));
    }

    fn broker(&mut self, name: &str, changes: &mut Changes) -> (&mut BrokerLedger, &mut Ids) {
        let ids = &mut self.ids;
        let ledger = self.brokers.entry(name.to_owned()).or_insert_with(|| {
            ids.broker += 1;
            changes.brokers.push((ids.broker, name.to_owned()));
            BrokerLedger::new(ids.broker)
        });
        (ledger, ids)
    }
}

impl BrokerLedger {
    pub(super) fn new(id: i64) -> Self {
        let (queues, sums) = (HashMap::new(), HashMap::new());
        Self { id, queues, sums, clock: Clock::default(), minutes: BTreeMap::new() }
    }

    /// Takes in an observation that is on disk already, after a restart: what was written of it, by series.
    pub(super) fn reread(
        &mut self,
        t: i64,
        written: &HashMap<i64, (Option<i64>, bool)>,
        changes: &mut Changes,
    ) {
        self.turn(minute_of(t), changes);
        let moment = self.moment(t, &mut Changes::default());
        let of_queues = self.queues.values_mut().flat_map(|queue| queue.series.values_mut());
        for series in of_queues.chain(self.sums.values_mut()) {
            let (value, starts) = written.get(&series.id).copied().unwrap_or((series.memory.last(), false));
            series.memory.note(value, starts, moment);
        }
        self.clock.observations += 1;
        self.clock.last_ok = Some(t);
    }

    /// Ends the minute that was being filled, if `minute` is another.
    fn turn(&mut self, minute: i64, changes: &mut Changes) {
        let ended = self.clock.minute;
        if ended == minute {
            return;
        }
        let observations = self.clock.observations;
        let keyframe = observations > 0 && self.clock.rolled_hour != hour_of(ended);
        let of_queues = self.queues.values_mut().flat_map(|queue| queue.series.values_mut());
        for series in of_queues.chain(self.sums.values_mut()) {
            let rollup = series.memory.finish(minute, observations, keyframe);
            changes.rollups.extend(rollup.map(|rollup| (series.id, rollup)));
        }
        if observations > 0 {
            self.clock.rolled_hour = hour_of(ended);
            self.minutes.insert(ended, observations);
            self.minutes = self.minutes.split_off(&(ended - KEEP_MINUTES_MS));
            changes.observed_minutes.push((self.id, ended, observations));
        }
        for queue in self.queues.values_mut().filter(|queue| queue.seen_unwritten) {
            queue.seen_unwritten = false;
            changes.queues.insert(queue.id, queue.row.clone());
        }
        changes.rolled_until.insert(self.id, minute);
        self.clock.minute = minute;
        self.clock.observations = 0;
    }

    /// What this observation is to the one before; closes or notes a gap.
    fn moment(&mut self, t: i64, changes: &mut Changes) -> Moment {
        let clock = &mut self.clock;
        let keyframe = clock.keyframe != hour_of(t);
        clock.keyframe = hour_of(t);
        let since_ms = clock.last_ok.map(|last| t - last);
        let longest = match clock.usual_ms {
            0 => LONGEST_INTERVAL_MS,
            usual => GAP_INTERVALS * usual.max(SHORTEST_INTERVAL_MS),
        };
        let gap = match (clock.open_gap.take(), since_ms) {
            (Some(open), _) => Some(open),
            (None, Some(ms)) => {
                clock.usual_ms = ms.clamp(0, LONGEST_INTERVAL_MS);
                (ms < 0 || ms > longest).then(|| (t - ms.max(0), String::new()))
            }
            (None, None) => None,
        };
        let Some((from, reason)) = gap else { return Moment { since_ms, keyframe } };
        changes.gaps.push(GapRow { broker: self.id, from, to: Some(t), reason });
        Moment { since_ms: None, keyframe }
    }

    fn read_queues(
        &mut self,
        queues: &[QueueObservation],
        t: i64,
        moment: Moment,
        ids: &mut Ids,
        changes: &mut Changes,
    ) {
        let mut sums: HashMap<Metric, i64> = HashMap::new();
        for seen in queues {
            let minute = self.clock.minute;
            let (queue, new_epoch) = self.queue(seen, t, ids, changes);
            for (name, value) in readings(seen) {
                let metric = name.metric;
                let of_queue = name.group.is_none();
                let owner = (queue.row.broker, Some(queue.id));
                let Some(series) = series_of(&mut queue.series, name, value, owner, minute, ids, changes)
                else {
                    continue;
                };
                let increase = series.read(t, value, new_epoch, moment, changes);
                if of_queue && SUMMED.contains(&metric) && value.is_some() {
                    let part = if metric.is_counter() { increase } else { value };
                    *sums.entry(metric).or_default() += part.unwrap_or(0);
                }
            }
        }
        for series in self.queues.values_mut().flat_map(|queue| queue.series.values_mut()) {
            if series.read_at != t {
                series.read(t, None, false, moment, changes);
            }
        }
        self.read_sums(&sums, t, moment, ids, changes);
    }

    /// The sum of a counter goes on by what its queues are known to have gained: no epoch ever begins in it.
    fn read_sums(
        &mut self,
        sums: &HashMap<Metric, i64>,
        t: i64,
        moment: Moment,
        ids: &mut Ids,
        changes: &mut Changes,
    ) {
        for metric in SUMMED {
            let name = SeriesName::of_queue(metric);
            let before = self.sums.get(&name).and_then(|sum| sum.memory.known());
            let value = sums.get(&metric).map(|sum| match before {
                Some(before) if metric.is_counter() => before.saturating_add(*sum),
                _ => *sum,
            });
            let (owner, minute) = ((self.id, None), self.clock.minute);
            if let Some(series) = series_of(&mut self.sums, name, value, owner, minute, ids, changes) {
                series.read(t, value, false, moment, changes);
            }
        }
    }

    /// The queue's entry, made or brought up to date, and whether its counters began anew.
    fn queue(
        &mut self,
        seen: &QueueObservation,
        t: i64,
        ids: &mut Ids,
        changes: &mut Changes,
    ) -> (&mut QueueLedger, bool) {
        let broker = self.id;
        let mut is_new = false;
        let queue = self.queues.entry(seen.id.clone()).or_insert_with(|| {
            ids.queue += 1;
            is_new = true;
            QueueLedger::new(ids.queue, row_of(broker, seen, t))
        });
        let new_epoch = queue.row.epoch != seen.epoch;
        let last_seen = if seen.vanished { queue.row.last_seen } else { t };
        let renamed = queue.row.name != seen.name || queue.row.scope != seen.scope;
        if is_new || new_epoch || renamed || queue.row.kind != seen.kind.as_str() {
            queue.row = row_of(broker, seen, last_seen);
            changes.queues.insert(queue.id, queue.row.clone());
        } else if queue.row.last_seen != last_seen {
            queue.row.last_seen = last_seen;
            queue.seen_unwritten = true;
        }
        (queue, new_epoch)
    }
}

impl QueueLedger {
    pub(super) fn new(id: i64, row: QueueRow) -> Self {
        Self { id, row, seen_unwritten: false, series: HashMap::new() }
    }
}

impl SeriesLedger {
    /// Takes in a reading; gives what a counter gained.
    fn read(
        &mut self,
        t: i64,
        value: Option<i64>,
        new_epoch: bool,
        moment: Moment,
        changes: &mut Changes,
    ) -> Option<i64> {
        self.read_at = t;
        let noted = self.memory.note(value, new_epoch, moment);
        if noted.write {
            changes.samples.push(SampleRow { series: self.id, t, value, starts: noted.starts });
        }
        noted.increase
    }
}

fn row_of(broker: i64, seen: &QueueObservation, last_seen: i64) -> QueueRow {
    QueueRow {
        broker,
        key: seen.id.to_string(),
        kind: seen.kind.as_str(),
        name: seen.name.clone(),
        scope: seen.scope.clone(),
        epoch: seen.epoch.clone(),
        last_seen,
    }
}

/// The series of that name; made when a value is known for the first time.
fn series_of<'a>(
    all: &'a mut HashMap<SeriesName, SeriesLedger>,
    name: SeriesName,
    value: Option<i64>,
    (broker, queue): (i64, Option<i64>),
    minute: i64,
    ids: &mut Ids,
    changes: &mut Changes,
) -> Option<&'a mut SeriesLedger> {
    if value.is_some() && !all.contains_key(&name) {
        ids.series += 1;
        let memory = SeriesMemory::new(name.metric.is_counter(), minute);
        changes.series.push(SeriesRow { id: ids.series, broker, queue, name: name.clone() });
        all.insert(name.clone(), SeriesLedger { id: ids.series, memory, read_at: 0 });
    }
    all.get_mut(&name)
}
