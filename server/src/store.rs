//! The data folder's database, opened once and handed to the features that keep something in it.

use std::{path::Path, sync::Arc};

use crate::{
    audit::ActionLog,
    history::{
        History, StoreError,
        sqlite::{Database, SqliteHistory},
    },
    idempotency::KeyStore,
    views::ViewStore,
};

/// Everything that lasts.
#[derive(Clone)]
pub struct Store {
    database: Database,
    pub history: Arc<dyn History>,
    pub actions: ActionLog,
    pub keys: KeyStore,
    pub views: ViewStore,
}

impl Store {
    /// Opens the database file, or makes it, and brings it to this version's schema. The caller holds the lock of the
    /// data folder.
    ///
    /// # Errors
    /// The file can't be opened, read or brought up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::open(path).await?;
        let history: Arc<dyn History> = Arc::new(SqliteHistory::start(database.clone()).await?);
        let actions = ActionLog::open(database.clone()).await?;
        let keys = KeyStore::open(database.clone()).await?;
        let views = ViewStore::new(database.clone());
        Ok(Self { database, history, actions, keys, views })
    }

    /// Writes what is waiting and leaves one tidy file. Nothing is appended after this.
    ///
    /// # Errors
    /// The file can't be written.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.history.flush().await?;
        self.database.close().await
    }
}
