//! The one task that writes history: it takes in what is waiting as one batch, one transaction.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use sqlx::Connection;
use tokio::{
    sync::{mpsc, oneshot},
    time::MissedTickBehavior,
};
use weir_model::{Observation, QueueId, Timestamp};

use super::{changes::Changes, database::Database, ledger::Ledger, packing, restore::restore, retention};
use crate::history::StoreError;

/// Observations that may wait for the writer before those who hand them over wait themselves.
pub(super) const QUEUED: usize = 16;
/// Observations of one transaction at most.
const BATCH: usize = 32;
/// Time between two steps of retention and packing.
const TIDY_EVERY: Duration = Duration::from_secs(1);
/// The same while much waits to be packed: after a long stop, or after an update of Weir.
const TIDY_SOON: Duration = Duration::from_millis(100);

/// What the writer is asked for.
pub(super) enum Command {
    Observation(String, Box<Observation>),
    Failure(String, Timestamp, String),
    Forget(String, QueueId),
    /// Answers once everything handed over before is on disk.
    Flush(oneshot::Sender<Result<(), StoreError>>),
}

pub(super) struct Writer {
    pub database: Database,
    pub ledger: Arc<RwLock<Ledger>>,
    pub inbox: mpsc::Receiver<Command>,
    /// Why the last batch was lost, for whoever flushes next.
    pub failure: Option<StoreError>,
}

impl Writer {
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
        let mut changes = Changes::default();
        let mut waiting = None;
        let mut next = Some(first);
        let mut taken = 0;
        while let Some(command) = next.take() {
            taken += 1;
            // A forgotten queue may come back: its rows have to be gone before.
            let ends_batch = matches!(command, Command::Forget(..) | Command::Flush(_)) || taken == BATCH;
            match command {
                Command::Flush(answer) => waiting = Some(answer),
                other => self.take_in(other, &mut changes),
            }
            if !ends_batch {
                next = self.inbox.try_recv().ok();
            }
        }
        if let Err(error) = self.commit(&changes).await {
            tracing::error!(%error, "history could not be written: the observations of this batch are lost");
            self.failure = Some(error);
            self.reload().await;
        }
        if let Some(answer) = waiting {
            // Nobody may be waiting any more: that is theirs to decide.
            let _ = answer.send(self.failure.take().map_or(Ok(()), Err));
        }
    }

    fn take_in(&self, command: Command, changes: &mut Changes) {
        let mut ledger = self.ledger.write().unwrap_or_else(PoisonError::into_inner);
        match command {
            Command::Observation(broker, seen) => ledger.observe(&broker, &seen, changes),
            Command::Failure(broker, at, reason) => ledger.fail(&broker, at.0, &reason, changes),
            Command::Forget(broker, queue) => ledger.forget(&broker, &queue, changes),
            Command::Flush(_) => {}
        }
    }

    async fn commit(&self, changes: &Changes) -> Result<(), StoreError> {
        let mut writer = self.database.writer().await;
        let mut transaction = writer.begin_with("begin immediate").await?;
        changes.write(&mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// After a lost batch the ledger is ahead of the disk.
    async fn reload(&mut self) {
        match open_ledger(&self.database).await {
            Ok(fresh) => *self.ledger.write().unwrap_or_else(PoisonError::into_inner) = fresh,
            Err(error) => tracing::error!(%error, "history could not be read again"),
        }
    }

    /// Drops what is too old and packs what is past; true where there is more to pack.
    async fn tidy(&self) -> bool {
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
