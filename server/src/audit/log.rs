//! The table of actions, and the one way to act: noted before, noted after.

use std::future::Future;

use sqlx::FromRow;
use weir_app::audit::api::ActionQuery;
use weir_model::{Action, ActionOutcome, ActionVerb, Outcome, Problem, ProblemKind, QueueId, Timestamp};

use crate::history::{StoreError, sqlite::Database};

/// What is said of an act that Weir did not see the end of.
const LOST: &str = "Weir stopped before the outcome was known";

/// Who means to do what.
#[derive(Clone, Debug)]
pub struct Intent {
    pub actor: String,
    pub verb: ActionVerb,
    pub broker: String,
    /// Id and name; `None` for an act on the broker as a whole.
    pub queue: Option<(QueueId, String)>,
    /// A sentence that says what will be done. Never holds a body.
    pub text: String,
    /// The operator's own words.
    pub reason: Option<String>,
    /// The name of the file that what is removed is written to first.
    pub copy: Option<String>,
}

/// How an act ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    pub outcome: ActionOutcome,
    /// What the broker said, as a sentence.
    pub detail: String,
}

impl Ending {
    /// It was done as it was meant.
    #[must_use]
    pub fn done(detail: String) -> Self {
        Self { outcome: ActionOutcome::Done, detail }
    }
}

/// The list of actions. Cheap to share.
#[derive(Clone, Debug)]
pub struct ActionLog {
    database: Database,
}

impl ActionLog {
    /// Opens the list; what was running when Weir stopped is now of unknown outcome.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn open(database: Database) -> Result<Self, StoreError> {
        let mut writer = database.writer().await;
        sqlx::query("update actions set outcome = 'unknown', detail = ? where outcome = 'running'")
            .bind(LOST)
            .execute(&mut *writer)
            .await?;
        drop(writer);
        Ok(Self { database })
    }

    /// Notes the intent, acts, and notes the outcome. The act goes on to its end also where the caller goes away: a
    /// browser that is closed must not leave an act half done, nor its row without an outcome.
    ///
    /// # Errors
    /// The act's own problem; or the intent could not be noted, and nothing was done.
    pub async fn perform<T: Send + 'static>(
        &self,
        intent: Intent,
        act: impl Future<Output = Result<T, Problem>> + Send + 'static,
        ended: fn(&T) -> Ending,
    ) -> Result<T, Problem> {
        let log = self.clone();
        // From its first line a task of its own: a row that was just written would else never learn its outcome.
        tokio::spawn(async move { log.noted(intent, act, ended).await }).await.unwrap_or_else(|error| {
            tracing::error!(%error, "an act was cut short");
            Err(broken_off())
        })
    }

    async fn noted<T: Send + 'static>(
        &self,
        intent: Intent,
        act: impl Future<Output = Result<T, Problem>> + Send + 'static,
        ended: fn(&T) -> Ending,
    ) -> Result<T, Problem> {
        let id = self.begin(&intent).await.map_err(|error| {
            tracing::error!(%error, "an intent could not be noted");
            Problem::new(
                ProblemKind::Unavailable,
                "the act could not be noted, so nothing was done; try again",
            )
        })?;
        // Apart, so that its panic is noted too.
        let result = tokio::spawn(act).await.unwrap_or_else(|error| {
            tracing::error!(action.id = id, %error, "an act ended badly");
            Err(broken_off())
        });
        if let Err(error) = self.finish(id, ending(&result, ended)).await {
            tracing::error!(action.id = id, %error, "an outcome could not be noted");
        }
        result
    }

    /// Writes an intent; its id is for [`ActionLog::finish`].
    ///
    /// # Errors
    /// The database can't be written: the act must not happen.
    pub async fn begin(&self, intent: &Intent) -> Result<i64, StoreError> {
        let (queue, name) = intent.queue.as_ref().map(|(id, name)| (id.as_str(), name.as_str())).unzip();
        let mut writer = self.database.writer().await;
        let id = sqlx::query_scalar(include_str!("queries/begin.sql"))
            .bind(Timestamp::now().0)
            .bind(&intent.actor)
            .bind(intent.verb.as_str())
            .bind(&intent.broker)
            .bind(queue)
            .bind(name)
            .bind(&intent.text)
            .bind(&intent.reason)
            .bind(&intent.copy)
            .fetch_one(&mut *writer)
            .await?;
        Ok(id)
    }

    /// Writes how it ended.
    ///
    /// # Errors
    /// The database can't be written: the row reads "unknown" from the next start on.
    pub async fn finish(&self, id: i64, ending: Ending) -> Result<(), StoreError> {
        let mut writer = self.database.writer().await;
        sqlx::query("update actions set finished_at = ?, outcome = ?, detail = ? where id = ?")
            .bind(Timestamp::now().0)
            .bind(ending.outcome.as_str())
            .bind(ending.detail)
            .bind(id)
            .execute(&mut *writer)
            .await?;
        Ok(())
    }

    /// The name of the copy that an action wrote; `None` where there is no such action or it wrote none.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn copy_of(&self, action: i64) -> Result<Option<String>, StoreError> {
        let found = sqlx::query_scalar("select copy from actions where id = ?").bind(action);
        Ok(found.fetch_optional(self.database.readers()).await?.flatten())
    }

    /// Actions, newest first, one more than `limit` where there are more.
    pub(super) async fn list(&self, query: &ActionQuery, limit: u32) -> Result<Vec<Action>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(include_str!("queries/list.sql"))
            .bind(&query.broker)
            .bind(&query.queue)
            .bind(query.before)
            .bind(i64::from(limit) + 1)
            .bind(query.from.map(|at| at.0))
            .bind(query.to.map(|at| at.0))
            .fetch_all(self.database.readers())
            .await?;
        Ok(rows.into_iter().filter_map(Row::action).collect())
    }

    /// Actions that match, over all pages.
    pub(super) async fn count(&self, query: &ActionQuery) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(include_str!("queries/count.sql"))
            .bind(&query.broker)
            .bind(&query.queue)
            .bind(query.from.map(|at| at.0))
            .bind(query.to.map(|at| at.0))
            .fetch_one(self.database.readers())
            .await?;
        Ok(count.unsigned_abs())
    }
}

/// An act that ended by a fault of Weir's own.
fn broken_off() -> Problem {
    let detail = "Weir failed while acting; whether it was done is unknown";
    Problem { outcome: Some(Outcome::Unknown), ..Problem::new(ProblemKind::Internal, detail) }
}

fn ending<T>(result: &Result<T, Problem>, ended: fn(&T) -> Ending) -> Ending {
    match result {
        Ok(answer) => ended(answer),
        Err(problem) => Ending { outcome: outcome_of(problem), detail: problem.detail.clone() },
    }
}

fn outcome_of(problem: &Problem) -> ActionOutcome {
    match (problem.outcome, problem.kind) {
        (Some(Outcome::Unknown), _) => ActionOutcome::Unknown,
        (
            _,
            ProblemKind::BrokerFailed
            | ProblemKind::BrokerTimeout
            | ProblemKind::Unavailable
            | ProblemKind::Internal,
        ) => ActionOutcome::Failed,
        _ => ActionOutcome::Refused,
    }
}

/// One row of the table.
#[derive(FromRow)]
struct Row {
    id: i64,
    at: i64,
    finished_at: Option<i64>,
    actor: String,
    verb: String,
    broker: String,
    queue: Option<String>,
    queue_name: Option<String>,
    intent: String,
    reason: Option<String>,
    outcome: String,
    detail: Option<String>,
    copy: Option<String>,
}

impl Row {
    /// `None` for a row that this version has no words for.
    fn action(self) -> Option<Action> {
        Some(Action {
            id: self.id,
            at: Timestamp(self.at),
            finished_at: self.finished_at.map(Timestamp),
            actor: self.actor,
            verb: ActionVerb::ALL.into_iter().find(|verb| verb.as_str() == self.verb)?,
            broker: self.broker,
            queue: self.queue,
            queue_name: self.queue_name,
            intent: self.intent,
            reason: self.reason,
            outcome: ActionOutcome::ALL.into_iter().find(|outcome| outcome.as_str() == self.outcome)?,
            detail: self.detail,
            copy: self.copy,
        })
    }
}
