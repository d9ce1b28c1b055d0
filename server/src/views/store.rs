//! The table of views.

use sqlx::FromRow;
use weir_model::{SavedView, Timestamp, ViewQuery};

use crate::history::{StoreError, sqlite::Database};

/// Views in the database. Cheap to share.
#[derive(Clone, Debug)]
pub struct ViewStore {
    database: Database,
}

impl ViewStore {
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// All of them, by name.
    pub(super) async fn all(&self) -> Result<Vec<SavedView>, StoreError> {
        let rows: Vec<Row> =
            sqlx::query_as("select * from views order by name").fetch_all(self.database.readers()).await?;
        Ok(rows.into_iter().map(Row::view).collect())
    }

    /// Keeps a view; `false` where the name is taken and may not be overwritten.
    pub(super) async fn put(&self, view: &SavedView, overwrite: bool) -> Result<bool, StoreError> {
        let mut writer = self.database.writer().await;
        let SavedView { name, query, saved_at, saved_by } = view;
        let done = sqlx::query(include_str!("queries/put.sql"))
            .bind(name)
            .bind(&query.broker)
            .bind(&query.kind)
            .bind(&query.q)
            .bind(&query.sort)
            .bind(&query.order)
            .bind(&query.columns)
            .bind(saved_at.0)
            .bind(saved_by)
            .bind(overwrite)
            .execute(&mut *writer)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes a view away; `false` where there is none.
    pub(super) async fn remove(&self, name: &str) -> Result<bool, StoreError> {
        let mut writer = self.database.writer().await;
        let done = sqlx::query("delete from views where name = ?").bind(name).execute(&mut *writer).await?;
        Ok(done.rows_affected() > 0)
    }
}

/// One row of the table.
#[derive(FromRow)]
struct Row {
    name: String,
    broker: Option<String>,
    kind: Option<String>,
    q: Option<String>,
    sort: Option<String>,
    sort_order: Option<String>,
    columns: Option<String>,
    saved_at: i64,
    saved_by: String,
}

impl Row {
    fn view(self) -> SavedView {
        let Self { name, broker, kind, q, sort, sort_order, columns, saved_at, saved_by } = self;
        let query = ViewQuery { broker, kind, q, sort, order: sort_order, columns };
        SavedView { name, query, saved_at: Timestamp(saved_at), saved_by }
    }
}
