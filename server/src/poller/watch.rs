//! The task that observes one broker for as long as Weir runs.

use std::{collections::HashSet, future::Future, sync::Arc, time::Duration};

use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;
use weir_model::{
    BrokerStatus, HealthFact, LiveEvent, Observation, Outcome, Problem, QueueId, RowChange, Severity, Step,
    Timestamp, broker::BrokerFault,
};

use super::{
    events::Events,
    pace::Pace,
    restore,
    station::{ObserveNow, Station},
    totals::totals,
};
use crate::{
    brokers::{BrokerError, KnownQueue, ObserveContext},
    figures::{QueueTracker, row::queue_row},
    history::{History, StoreError, Trouble},
};

/// An observation may take at least this long, however short the interval is.
const SHORTEST_BUDGET: Duration = Duration::from_secs(5);
const LONGEST_BUDGET: Duration = Duration::from_secs(30);
/// How long an observation may wait for the writer of history. The pace of observing and the live figures do not
/// depend on the disk: what finds no place by then is left out of the charts.
const HAND_OVER_WITHIN: Duration = Duration::from_millis(250);

pub(super) struct Watch {
    pub station: Arc<Station>,
    pub history: Arc<dyn History>,
    pub events: Events,
    pub inbox: mpsc::Receiver<ObserveNow>,
    pub shutdown: CancellationToken,
}

impl Watch {
    /// Observes until shutdown. Nothing that a broker does ends this.
    pub(super) async fn run(mut self) {
        tokio::select! {
            () = self.shutdown.cancelled() => return,
            () = self.prepare() => {}
        }
        let mut pace = Pace::new(self.station.config.poll_interval);
        let mut due = Instant::now();
        loop {
            let mut waiting = Vec::new();
            tokio::select! {
                () = self.shutdown.cancelled() => return,
                () = tokio::time::sleep_until(due) => {}
                request = self.inbox.recv() => waiting.extend(request),
            }
            while let Ok(request) = self.inbox.try_recv() {
                waiting.push(request);
            }
            let began = Instant::now();
            let result = tokio::select! {
                () = self.shutdown.cancelled() => return,
                result = self.look(pace.interval()) => result,
            };
            let (wait, answer) = match result {
                Ok(observation) => {
                    let wait = pace.after_success(began.elapsed());
                    let taken = self.take_in(observation, &pace).await;
                    (wait, if waiting.is_empty() { taken } else { self.stored(taken).await })
                }
                Err(error) => {
                    let wait = pace.after_failure();
                    (wait, Err(self.note_failure(error, wait).await))
                }
            };
            due = Instant::now() + wait;
            for request in waiting {
                // Nobody may be waiting any more: that is theirs to decide.
                let _ = request.send(answer.clone());
            }
        }
    }

    /// What is known before the first look.
    async fn prepare(&self) {
        if let Err(error) = self.begin_history().await {
            tracing::warn!(broker.name = %self.station.config.name, %error, "history could not be begun");
        }
        self.restore().await;
    }

    /// History begins with what the broker tells of its past, if it tells anything.
    async fn begin_history(&self) -> Result<(), StoreError> {
        let name = &self.station.config.name;
        if !self.history.queues(name).await?.is_empty() {
            return Ok(());
        }
        for observation in self.station.broker.past(Timestamp::now()) {
            self.history.append(name, &observation).await?;
        }
        self.history.flush().await
    }

    /// Queues of earlier runs are known from the start, and their trackers go on. What history does not give begins
    /// anew.
    async fn restore(&self) {
        let (station, history) = (&self.station, self.history.as_ref());
        let unread = |error: StoreError| {
            tracing::warn!(broker.name = %station.config.name, %error, "earlier queues could not be read from history");
        };
        restore::known_queues(station, history).await.unwrap_or_else(unread);
        // Pages may be opened before the first look has ended: what was known is there, without figures.
        refresh_rows(&mut station.state(), Timestamp::now());
        restore::trackers(station, history).await.unwrap_or_else(unread);
    }

    async fn look(&self, interval: Duration) -> Result<Observation, BrokerError> {
        let budget = interval.clamp(SHORTEST_BUDGET, LONGEST_BUDGET);
        let known = {
            let state = self.station.state();
            let known = |t: &QueueTracker| KnownQueue {
                id: t.seen.id.clone(),
                kind: t.seen.kind,
                epoch: t.seen.epoch.clone(),
            };
            state.trackers.values().map(known).collect()
        };
        let cx = ObserveContext { known, budget };
        match tokio::time::timeout(budget + Duration::from_millis(500), self.station.broker.observe(&cx))
            .await
        {
            Ok(result) => result,
            Err(_) => Err(BrokerError::Timeout {
                step: Step::Read,
                outcome: Outcome::NotDone,
                detail: format!("no answer within {} s", budget.as_secs()),
            }),
        }
    }

    /// Stores an observation, reckons the rows anew and tells the pages.
    async fn take_in(&self, mut observation: Observation, pace: &Pace) -> Result<(), Problem> {
        let name = self.station.config.name.clone();
        let forgotten = self.add_vanished(&mut observation);
        let stored = in_time(self.history.append(&name, &observation)).await;
        if let Err(error) = &stored {
            tracing::error!(broker.name = %name, %error, "the observation could not be stored; live figures go on");
        }
        let changed = self.update(observation, pace, &forgotten);
        self.events.send(LiveEvent::Observation(changed));
        self.events.send(LiveEvent::Broker { card: Box::new(self.station.card(Timestamp::now())) });
        for id in &forgotten {
            if let Err(error) = in_time(self.history.forget(&name, id)).await {
                tracing::warn!(broker.name = %name, queue.id = %id, %error, "a vanished queue could not be forgotten");
            }
        }
        stored.map_err(|e| Problem::new(weir_model::ProblemKind::Unavailable, format!("not stored: {e}")))?;
        Ok(())
    }

    /// Somebody waits for the observation to be on disk, not only handed over.
    async fn stored(&self, taken: Result<(), Problem>) -> Result<(), Problem> {
        taken?;
        let unavailable =
            |error| Problem::new(weir_model::ProblemKind::Unavailable, format!("not stored: {error}"));
        self.history.flush().await.map_err(unavailable)
    }

    /// Adds what was seen before and is gone; gives what has been gone for too long.
    fn add_vanished(&self, observation: &mut Observation) -> Vec<QueueId> {
        let forget_ms = i64::try_from(self.station.config.forget_after.as_millis()).unwrap_or(i64::MAX);
        let listed: HashSet<QueueId> = observation.queues.iter().map(|q| q.id.clone()).collect();
        let mut forgotten = Vec::new();
        let mut state = self.station.state();
        for tracker in state.trackers.values_mut() {
            if !listed.contains(&tracker.seen.id) {
                observation.queues.push(self.station.broker.vanished(&tracker.seen));
            }
        }
        observation.queues.retain(|queue| {
            let last_seen = match state.trackers.get_mut(&queue.id) {
                Some(tracker) if queue.vanished => tracker.last_there.min(observation.at),
                Some(tracker) => {
                    tracker.last_there = observation.at;
                    observation.at
                }
                None => observation.at,
            };
            // What was aside and is gone was given back or purged: nobody looks for it any more.
            let aside = self.station.broker.drain().is_some_and(|drain| drain.is_set_aside(queue));
            let gone_too_long = queue.vanished && (aside || observation.at.since_ms(last_seen) > forget_ms);
            if gone_too_long {
                forgotten.push(queue.id.clone());
            }
            !gone_too_long
        });
        forgotten
    }

    fn update(&self, observation: Observation, pace: &Pace, forgotten: &[QueueId]) -> RowChange {
        let mut guard = self.station.state();
        let state = &mut *guard;
        let at = observation.at;
        if state.status != BrokerStatus::Up {
            state.status = BrokerStatus::Up;
            state.status_since = at;
        }
        // The clock may have been set back since.
        state.status_since = state.status_since.min(at);
        state.fault = None;
        state.looked = true;
        state.silent = false;
        state.version = Some(observation.version);
        state.observed_at = Some(at);
        state.cost = Some(observation.cost);
        state.interval_seconds = pace.interval().as_secs_f64();
        state.slowed = pace.slowed();
        state.health = observation.health;
        state.health.extend(self.history.trouble().map(|trouble| not_written(&trouble)));
        state.hidden_queues = observation.hidden_queues;
        state.view.refresh_ms = observation.refresh_ms;
        state.view.publishers_blocked = observation.publishers_blocked;
        state.view.down = None;
        for id in forgotten {
            state.trackers.remove(id);
            state.rows.remove(id);
        }
        for queue in observation.queues {
            let tracker = state
                .trackers
                .entry(queue.id.clone())
                .or_insert_with(|| QueueTracker::new(queue.clone(), at));
            tracker.push(queue, at, observation.refresh_ms);
        }
        let changed = refresh_rows(state, at);
        let rows: Vec<_> = state.rows.values().cloned().collect();
        state.minutes.note(at, totals(&rows, state.hidden_queues).backlog.map(|v| v as f64));
        RowChange {
            broker: self.station.config.name.clone(),
            observed_at: at,
            changed,
            forgotten: forgotten.to_vec(),
        }
    }

    async fn note_failure(&self, error: BrokerError, wait: Duration) -> Problem {
        let (now, step) = (Timestamp::now(), error.step());
        let detail = error.to_string();
        let name = &self.station.config.name;
        let changed = {
            let mut guard = self.station.state();
            let state = &mut *guard;
            if state.status != BrokerStatus::Down {
                tracing::warn!(broker.name = %name, %step, %detail, "the broker can't be observed");
                state.status = BrokerStatus::Down;
                state.status_since = now;
            }
            state.status_since = state.status_since.min(now);
            let since = state.fault.as_ref().map_or(now, |f| f.since.min(now));
            let next_try_at = Some(now.plus_ms(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)));
            state.fault = Some(BrokerFault { step, detail: detail.clone(), since, next_try_at });
            state.looked = true;
            state.silent = false;
            state.view.down = Some(format!("The broker does not answer: {detail}"));
            RowChange {
                broker: name.clone(),
                observed_at: state.observed_at.unwrap_or(now),
                changed: refresh_rows(state, now),
                forgotten: Vec::new(),
            }
        };
        if let Err(error) = in_time(self.history.append_failure(name, now, &detail)).await {
            tracing::error!(broker.name = %name, %error, "a failed observation could not be noted");
        }
        if !changed.changed.is_empty() {
            self.events.send(LiveEvent::Observation(changed));
        }
        self.events.send(LiveEvent::Broker { card: Box::new(self.station.card(now)) });
        error.into()
    }
}

/// Hands something over to history, or gives up before the pace suffers.
async fn in_time(handed: impl Future<Output = Result<(), StoreError>>) -> Result<(), StoreError> {
    tokio::time::timeout(HAND_OVER_WITHIN, handed).await.unwrap_or(Err(StoreError::Behind))
}

/// What the card says while the disk does not take what is observed.
fn not_written(trouble: &Trouble) -> HealthFact {
    HealthFact {
        code: "history_not_written".to_owned(),
        severity: Severity::Warning,
        text: format!(
            "Observations can't be stored since {}: the charts may have a hole there, the figures of now are right. {}",
            trouble.since, trouble.reason
        ),
    }
}

/// Reckons every row anew; gives those that differ beyond the time of the observation.
fn refresh_rows(state: &mut super::station::StationState, now: Timestamp) -> Vec<weir_model::QueueRow> {
    let mut changed = Vec::new();
    for (id, tracker) in &state.trackers {
        let row = queue_row(tracker, &state.view, now);
        let same = state.rows.get(id).is_some_and(|before| {
            let mut before = weir_model::QueueRow::clone(before);
            before.observed_at = row.observed_at;
            before == row
        });
        if !same {
            changed.push(row.clone());
        }
        state.rows.insert(id.clone(), Arc::new(row));
    }
    changed
}
