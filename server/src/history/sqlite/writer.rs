//! The one task that writes history: it takes in what is waiting as one batch, one transaction.

use std::{
    sync::{Arc, PoisonError, RwLock, RwLockWriteGuard},
    time::Duration,
};

use sqlx::Connection;
use tokio::{
    sync::{mpsc, oneshot},
    time::MissedTickBehavior,
};
use weir_model::{Observation, QueueId, Timestamp};

use super::{
    changes::Changes,
    database::Database,
    ledger::Ledger,
    packing,
    restore::restore,
    retention,
    rewind::rewind,
    trouble::{Holes, Troubles},
};
use crate::history::StoreError;

/// Observations that may wait for the writer before those who hand them over wait themselves.
pub(super) const QUEUED: usize = 16;
/// Observations of one transaction at most.
const BATCH: usize = 32;
/// Time between two steps of retention and packing.
const TIDY_EVERY: Duration = Duration::from_secs(1);
/// The same while much waits to be packed: after a long stop, or after an update of Weir.
const TIDY_SOON: Duration = Duration::from_millis(100);
/// The reason of a gap in which Weir observed, but could not store.
pub(super) const NOT_WRITTEN: &str = "observed, but history could not be written";

/// What the writer is asked for.
pub(super) enum Command {
    Observation(String, Box<Observation>),
    Failure(String, Timestamp, String),
    Forget(String, QueueId),
    /// Answers once everything handed over before is on disk.
    Flush(oneshot::Sender<Result<(), StoreError>>),
}

pub(super) struct Writer {
    database: Database,
    ledger: Arc<RwLock<Ledger>>,
    troubles: Troubles,
    inbox: mpsc::Receiver<Command>,
    /// Why the last batch was lost, for whoever flushes next.
    failure: Option<StoreError>,
    holes: Holes,
    /// A batch was lost and the ledger could not be read again: it is ahead of the disk.
    ahead: bool,
}

impl Writer {
    pub(super) fn new(
        database: Database,
        ledger: Arc<RwLock<Ledger>>,
        troubles: Troubles,
        inbox: mpsc::Receiver<Command>,
    ) -> Self {
        Self { database, ledger, troubles, inbox, failure: None, holes: Holes::default(), ahead: false }
    }

    /// Writes until nobody can hand over anything any more.
    pub(super) async fn run(mut self) {
        let mut tidy = tokio::time::interval(TIDY_EVERY);
        tidy.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                biased;
                first = self.inbox.recv() => match first {
                    Some(first) => self.write(first).await,
                    None => return,
                },
                _ = tidy.tick() => {
                    if self.tidy().await {
                        tidy.reset_after(TIDY_SOON);
                    }
                }
            }
        }
    }

    async fn write(&mut self, first: Command) {
        let (batch, waiting) = self.batch(first);
        let mut at_stake = Holes::default();
        for command in &batch {
            match command {
                Command::Observation(broker, seen) => at_stake.note(broker, seen.at.0),
                Command::Failure(broker, at, _) => at_stake.note(broker, at.0),
                Command::Forget(..) | Command::Flush(_) => {}
            }
        }
        match self.troubles.clone().watch(self.store(batch)).await {
            Ok(()) => self.holes = Holes::default(),
            Err(error) => {
                tracing::error!(%error, "history could not be written: the observations of this batch are lost");
                self.failure = Some(error);
                self.holes.add(at_stake);
            }
        }
        if let Some(answer) = waiting {
            // Nobody may be waiting any more: that is theirs to decide.
            let _ = answer.send(self.failure.take().map_or(Ok(()), Err));
        }
    }

    /// What is waiting, as far as it goes into one transaction, and who waits for it.
    fn batch(&mut self, first: Command) -> (Vec<Command>, Option<oneshot::Sender<Result<(), StoreError>>>) {
        let mut batch = Vec::new();
        let mut next = Some(first);
        while let Some(command) = next.take() {
            if let Command::Flush(answer) = command {
                return (batch, Some(answer));
            }
            // A forgotten queue may come back: its rows have to be gone before.
            let ends = matches!(command, Command::Forget(..)) || batch.len() + 1 == BATCH;
            batch.push(command);
            if !ends {
                next = self.inbox.try_recv().ok();
            }
        }
        (batch, None)
    }

    /// Writes a batch. What was lost before leaves a gap, from the first observation that is missing on.
    async fn store(&mut self, batch: Vec<Command>) -> Result<(), StoreError> {
        if self.ahead {
            self.reload().await?;
        }
        let mut changes = Changes::default();
        for (broker, t) in self.holes.iter() {
            self.ledger().fail(broker, t, NOT_WRITTEN, &mut changes);
        }
        for command in batch {
            self.follow_clock(&command, &mut changes).await?;
            let mut ledger = self.ledger();
            match command {
                Command::Observation(broker, seen) => ledger.observe(&broker, &seen, &mut changes),
                Command::Failure(broker, at, reason) => ledger.fail(&broker, at.0, &reason, &mut changes),
                Command::Forget(broker, queue) => ledger.forget(&broker, &queue, &mut changes),
                Command::Flush(_) => {}
            }
        }
        self.commit_or_reload(&changes).await
    }

    /// What was stored goes back as far as the clock was set back, before what comes next is taken in.
    async fn follow_clock(&mut self, next: &Command, changes: &mut Changes) -> Result<(), StoreError> {
        let (broker, t) = match next {
            Command::Observation(broker, seen) => (broker, seen.at.0),
            Command::Failure(broker, at, _) => (broker, at.0),
            Command::Forget(..) | Command::Flush(_) => return Ok(()),
        };
        let Some(id) = self.ledger().set_back(broker, t) else { return Ok(()) };
        tracing::warn!(broker.name = %broker, now = %Timestamp(t), "the clock was set back: what history has of later is dropped");
        self.commit_or_reload(&std::mem::take(changes)).await?;
        {
            let mut writer = self.database.writer().await;
            let mut transaction = writer.begin_with("begin immediate").await?;
            rewind(&mut transaction, id, t).await?;
            transaction.commit().await?;
        }
        self.reload().await
    }

    fn ledger(&self) -> RwLockWriteGuard<'_, Ledger> {
        self.ledger.write().unwrap_or_else(PoisonError::into_inner)
    }

    async fn commit_or_reload(&mut self, changes: &Changes) -> Result<(), StoreError> {
        let committed = self.commit(changes).await;
        if committed.is_err() {
            self.ahead = true;
            if let Err(error) = self.reload().await {
                tracing::error!(%error, "history could not be read again");
            }
        }
        committed
    }

    async fn commit(&self, changes: &Changes) -> Result<(), StoreError> {
        let mut writer = self.database.writer().await;
        let mut transaction = writer.begin_with("begin immediate").await?;
        changes.write(&mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// After a lost batch the ledger is ahead of the disk.
    async fn reload(&mut self) -> Result<(), StoreError> {
        self.database.renew_writer().await?;
        let fresh = open_ledger(&self.database).await?;
        *self.ledger() = fresh;
        self.ahead = false;
        Ok(())
    }

    /// Drops what is too old and packs what is past; true where there is more to pack.
    async fn tidy(&self) -> bool {
        // What waits to be written goes first.
        if self.troubles.now().is_some() {
            return false;
        }
        let (mut writer, now) = (self.database.writer().await, Timestamp::now().0);
        if let Err(error) = retention::step(&mut writer, now).await {
            tracing::warn!(%error, "old history could not be dropped");
        }
        packing::step(&mut writer, now).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "past history could not be packed; it is read as it is");
            false
        })
    }
}

/// Reads the ledger and writes the roll-ups that were still owed.
pub(super) async fn open_ledger(database: &Database) -> Result<Ledger, StoreError> {
    let mut writer = database.writer().await;
    let mut transaction = writer.begin_with("begin immediate").await?;
    let mut owed = Changes::default();
    let ledger = restore(&mut transaction, &mut owed).await?;
    owed.write(&mut transaction).await?;
    transaction.commit().await?;
    Ok(ledger)
}
