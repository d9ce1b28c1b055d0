//! The file: how it is opened, brought to this version's schema, read and written.

use std::{path::Path, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions, Connection, SqliteConnection, SqlitePool,
    migrate::MigrateError,
    sqlite::{
        SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
    },
};
use tokio::sync::{Mutex, MutexGuard};

use crate::history::StoreError;

/// Readers at a time: the charts of one page take turns. Each keeps a thread, and a cache of its own.
const READERS: u32 = 4;
/// How long a statement waits for another process, such as a backup, to let go of the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Page cache of the writer in KiB; SQLite takes a negative number for KiB. Caches fill in the course of hours and never
/// shrink, so it is small: what falls out of it is in the kernel's. Readers keep SQLite's own 2 MB, since a chart of
/// thirty days reads one, and takes a third longer with a quarter of it.
const WRITER_CACHE: &str = "-8000";

/// One connection that writes, and a pool that reads and never waits for it. Cheap to share.
#[derive(Clone, Debug)]
pub struct Database {
    /// Of the writer.
    options: SqliteConnectOptions,
    writer: Arc<Mutex<SqliteConnection>>,
    readers: SqlitePool,
}

impl Database {
    /// Opens the file, or makes it, and brings it to this version's schema.
    ///
    /// # Errors
    /// The file can't be opened, or is of a newer version of Weir.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options =
            SqliteConnectOptions::new().filename(path).foreign_keys(true).busy_timeout(BUSY_TIMEOUT);
        // What a file is set up with is the writer's to set: it takes a lock, and readers must never wait for one.
        let writer_options = options
            .clone()
            .create_if_missing(true)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .pragma("cache_size", WRITER_CACHE);
        let mut writer = writer_options.connect().await?;
        let migrations = sqlx::migrate!("../migrations");
        migrations.run(&mut writer).await.map_err(|error| match error {
            MigrateError::VersionMissing(found) => {
                let known = migrations.iter().map(|migration| migration.version).max().unwrap_or(0);
                StoreError::Newer { found, known }
            }
            other => StoreError::Migration(other),
        })?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_lazy_with(options.pragma("query_only", "on"));
        Ok(Self { options: writer_options, writer: Arc::new(Mutex::new(writer)), readers })
    }

    /// The one connection that may write; held for one short transaction at a time.
    pub async fn writer(&self) -> MutexGuard<'_, SqliteConnection> {
        self.writer.lock().await
    }

    /// Writes by a new connection from now on. Where the disk was full, SQLite has ended the transaction by itself, and
    /// the old connection still believes to be in it.
    ///
    /// # Errors
    /// The file can't be opened; the old connection stays.
    pub(super) async fn renew_writer(&self) -> Result<(), StoreError> {
        let fresh = self.options.connect().await?;
        *self.writer.lock().await = fresh;
        Ok(())
    }

    /// The connections that read.
    #[must_use]
    pub fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Moves what the write-ahead log holds into the file and closes the readers.
    ///
    /// # Errors
    /// The file can't be written.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.readers.close().await;
        let mut writer = self.writer().await;
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut *writer).await?;
        writer.clear_cached_statements().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that can't open its file has failed")]

    use super::*;

    async fn pragma(db: &Database, name: &'static str) -> String {
        let mut writer = db.writer().await;
        let row = sqlx::query(name).fetch_one(&mut *writer).await.unwrap();
        sqlx::Row::try_get::<i64, _>(&row, 0)
            .map(|n| n.to_string())
            .or_else(|_| sqlx::Row::try_get::<String, _>(&row, 0))
            .unwrap()
    }

    #[tokio::test]
    async fn given_a_new_file_when_opened_then_it_is_set_up_for_a_writer_beside_readers() {
        let folder = tempfile::tempdir().unwrap();
        let db = Database::open(&folder.path().join("weir.db")).await.unwrap();
        assert_eq!(pragma(&db, "pragma journal_mode").await, "wal");
        assert_eq!(pragma(&db, "pragma auto_vacuum").await, "2", "incremental");
        assert_eq!(pragma(&db, "pragma synchronous").await, "1", "normal");
        assert_eq!(pragma(&db, "pragma foreign_keys").await, "1");
    }

    #[tokio::test]
    async fn given_a_file_of_a_newer_version_when_opened_then_it_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weir.db");
        let db = Database::open(&path).await.unwrap();
        sqlx::query(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (900, 'of tomorrow', true, x'00', 1)",
        )
        .execute(&mut *db.writer().await)
        .await
        .unwrap();
        db.close().await.unwrap();
        let error = Database::open(&path).await.unwrap_err();
        assert!(matches!(error, StoreError::Newer { found: 900, known: 2.. }), "{error}");
        assert!(error.to_string().contains("start that version"), "{error}");
    }

    #[tokio::test]
    async fn given_a_file_that_another_holds_when_a_reader_is_opened_then_it_reads_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weir.db");
        let db = Database::open(&path).await.unwrap();
        let mut other = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
        sqlx::query("begin exclusive").execute(&mut other).await.unwrap();
        let read = sqlx::query("select count(*) from brokers").fetch_one(db.readers());
        tokio::time::timeout(Duration::from_secs(1), read).await.expect("it waits").unwrap();
    }

    #[tokio::test]
    async fn given_a_reader_when_it_writes_then_it_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let db = Database::open(&folder.path().join("weir.db")).await.unwrap();
        let written = sqlx::query("insert into brokers (name) values ('x')").execute(db.readers()).await;
        assert!(written.is_err());
    }
}
