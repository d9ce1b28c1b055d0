//! History in one SQLite file.
//!
//! | module | what it does |
//! |---|---|
//! | `database` | opens the file: one connection writes, a pool reads |
//! | `writer`, `ledger`, `minute`, `readings`, `changes` | observations become rows: one task, one transaction a batch |
//! | `trouble` | what could not be written, and that it is said |
//! | `restore` | the ledger after a restart, however Weir stopped |
//! | `rewind` | the clock was set back |
//! | `retention` | drops what is too old in small steps |
//! | `packing`, `packed`, `rollups` | past hours become one row a series; both forms are read alike |
//! | `reader`, `grid`, `buckets` | rows become the points of a chart |
//! | `recall` | what the rules go on from after a restart |

mod buckets;
mod changes;
mod database;
mod grid;
mod ledger;
mod minute;
mod packed;
mod packing;
mod reader;
mod readings;
mod recall;
mod restore;
mod retention;
mod rewind;
mod rollups;
#[cfg(test)]
mod tests;
mod trouble;
mod writer;

use std::{
    collections::HashSet,
    sync::{Arc, RwLock},
};

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};
use weir_model::{Metric, Observation, QueueId, Timestamp};

pub use database::Database;
use ledger::Ledger;
use reader::{Of, Reader};
use trouble::Troubles;
use writer::{Command, QUEUED, Writer, open_ledger};

use super::{
    Buckets, History, MinutePoint, Recollection, SeriesKey, Span, StoreError, StoredQueue, Trouble,
    UnobservedSpan,
};

/// The history of all brokers in the database. Its writer ends when this is dropped.
#[derive(Debug)]
pub struct SqliteHistory {
    database: Database,
    /// Held for moments, by readers and the writer, never across an await.
    ledger: Arc<RwLock<Ledger>>,
    troubles: Troubles,
    commands: mpsc::Sender<Command>,
}

impl SqliteHistory {
    /// Reads what was known when Weir stopped and starts the writer.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn start(database: Database) -> Result<Self, StoreError> {
        let ledger = Arc::new(RwLock::new(open_ledger(&database).await?));
        let (commands, inbox) = mpsc::channel(QUEUED);
        let troubles = Troubles::default();
        let writer = Writer::new(database.clone(), Arc::clone(&ledger), troubles.clone(), inbox);
        tokio::spawn(writer.run());
        Ok(Self { database, ledger, troubles, commands })
    }

    async fn hand_over(&self, command: Command) -> Result<(), StoreError> {
        self.commands.send(command).await.map_err(|_| StoreError::WriterStopped)
    }

    fn reader(&self) -> Reader<'_> {
        Reader { database: &self.database, ledger: &self.ledger }
    }
}

#[async_trait]
impl History for SqliteHistory {
    async fn append(&self, broker: &str, observation: &Observation) -> Result<(), StoreError> {
        self.hand_over(Command::Observation(broker.to_owned(), Box::new(observation.clone()))).await
    }

    async fn append_failure(&self, broker: &str, at: Timestamp, reason: &str) -> Result<(), StoreError> {
        self.hand_over(Command::Failure(broker.to_owned(), at, reason.to_owned())).await
    }

    async fn flush(&self) -> Result<(), StoreError> {
        let (answer, done) = oneshot::channel();
        self.hand_over(Command::Flush(answer)).await?;
        done.await.map_err(|_| StoreError::WriterStopped)?
    }

    async fn range(&self, key: &SeriesKey, span: Span, refresh_ms: i64) -> Result<Buckets, StoreError> {
        self.reader().range(Of::Queue(key), span, refresh_ms).await
    }

    async fn range_of_broker(
        &self,
        broker: &str,
        metric: Metric,
        span: Span,
        refresh_ms: i64,
    ) -> Result<Buckets, StoreError> {
        self.reader().range(Of::Broker(broker, metric), span, refresh_ms).await
    }

    async fn unobserved(
        &self,
        broker: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<UnobservedSpan>, StoreError> {
        self.reader().unobserved(broker, from, to).await
    }

    async fn minutes(
        &self,
        broker: &str,
        metrics: &[Metric],
        since: Timestamp,
    ) -> Result<Vec<(SeriesKey, Vec<MinutePoint>)>, StoreError> {
        self.reader().minutes(broker, metrics, since).await
    }

    async fn recall(
        &self,
        broker: &str,
        queues: &HashSet<QueueId>,
        since: Timestamp,
    ) -> Result<Recollection, StoreError> {
        self.reader().recall(broker, queues, since).await
    }

    fn trouble(&self) -> Option<Trouble> {
        self.troubles.now()
    }

    async fn queues(&self, broker: &str) -> Result<Vec<StoredQueue>, StoreError> {
        Ok(self.reader().queues(broker))
    }

    async fn forget(&self, broker: &str, queue: &QueueId) -> Result<(), StoreError> {
        self.hand_over(Command::Forget(broker.to_owned(), queue.clone())).await?;
        self.flush().await
    }
}
