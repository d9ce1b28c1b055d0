//! One connection to the server: pipelines, each answer with its own error, a deadline over all.

use std::sync::Arc;

use redis::{Cmd, Pipeline, RedisError, ServerError, Value, aio::MultiplexedConnection};
use tokio::time::{Instant, error::Elapsed, timeout_at};
use tokio_util::task::AbortOnDropHandle;
use weir_model::{Outcome, Step};

use super::{
    super::BrokerError,
    meter::Meter,
    reply::{self, Reply},
};

/// Commands sent in one go: enough that a poll is few round trips, little enough that others get their turn.
const PIPELINE_LENGTH: usize = 500;

/// What the server said of itself when greeted; all unknown where it did not.
#[derive(Clone, Debug, Default)]
pub(super) struct Identity {
    /// `redis`, `valkey` …
    pub(super) server: Option<String>,
    pub(super) version: Option<String>,
    pub(super) role: Option<String>,
}

/// A connection that has been greeted. It is used by one task at a time and dropped after the first failure.
pub(super) struct Connection {
    client: MultiplexedConnection,
    meter: Arc<Meter>,
    /// Moves bytes; ends with the connection.
    _driver: AbortOnDropHandle<()>,
    db: u32,
    requests: u32,
    /// Nothing is waited for beyond this.
    pub(super) deadline: Instant,
    pub(super) identity: Identity,
}

impl Connection {
    pub(super) fn new(
        client: MultiplexedConnection,
        meter: Arc<Meter>,
        driver: AbortOnDropHandle<()>,
        deadline: Instant,
    ) -> Self {
        Self { client, meter, _driver: driver, db: 0, requests: 0, deadline, identity: Identity::default() }
    }

    /// Commands sent and bytes received so far.
    pub(super) fn spent(&self) -> (u32, u64) {
        (self.requests, self.meter.received())
    }

    /// How many bytes may still come before the connection is cut; `None` lifts the limit.
    pub(super) fn allow(&self, bytes: Option<u64>) {
        self.meter.allow(bytes);
    }

    /// The first commands on a fresh connection.
    pub(super) async fn greeting(&mut self, commands: Vec<Cmd>) -> Result<Vec<Reply>, BrokerError> {
        self.send(commands, Step::Read).await
    }

    /// Asks in a database, in as few round trips as possible. An error of the server stays with its command.
    ///
    /// # Errors
    /// The connection broke or the deadline passed; it is of no more use then.
    pub(super) async fn read(&mut self, db: u32, commands: Vec<Cmd>) -> Result<Vec<Reply>, BrokerError> {
        if let Err(refused) = self.select(db).await? {
            return Ok(vec![Err(refused); commands.len()]);
        }
        let mut answers = Vec::with_capacity(commands.len());
        let mut commands = commands.into_iter().peekable();
        while commands.peek().is_some() {
            let batch = commands.by_ref().take(PIPELINE_LENGTH).collect();
            answers.extend(self.send(batch, Step::Read).await?);
        }
        Ok(answers)
    }

    /// Asks one thing.
    pub(super) async fn read_one(&mut self, db: u32, command: Cmd) -> Result<Reply, BrokerError> {
        let mut answers = self.read(db, vec![command]).await?;
        answers.pop().ok_or_else(|| BrokerError::failed_plainly(Step::Read, "the server gave no answer"))
    }

    /// Changes something, in one round trip.
    ///
    /// # Errors
    /// `Timeout` with an unknown outcome where the answer did not come.
    pub(super) async fn write(&mut self, db: u32, commands: Vec<Cmd>) -> Result<Vec<Reply>, BrokerError> {
        match self.select(db).await? {
            Ok(()) => self.send(commands, Step::Write).await,
            Err(refused) => Err(reply::refusal(&refused, "SELECT")),
        }
    }

    /// Listens to channels, where the connection was made to; what comes goes to whom it was made for.
    ///
    /// # Errors
    /// `Refused` is the server's no. After another error the connection is of no more use.
    pub(super) async fn subscribe(&mut self, channels: Vec<Vec<u8>>) -> Result<(), BrokerError> {
        self.requests = self.requests.saturating_add(1);
        heard(timeout_at(self.deadline, self.client.subscribe(channels)).await, "SUBSCRIBE")
    }

    /// Listens to them no more.
    ///
    /// # Errors
    /// As [`Connection::subscribe`].
    pub(super) async fn unsubscribe(&mut self, channels: Vec<Vec<u8>>) -> Result<(), BrokerError> {
        self.requests = self.requests.saturating_add(1);
        heard(timeout_at(self.deadline, self.client.unsubscribe(channels)).await, "UNSUBSCRIBE")
    }

    async fn select(&mut self, db: u32) -> Result<Result<(), ServerError>, BrokerError> {
        if self.db == db {
            return Ok(Ok(()));
        }
        let answer = self.send(vec![redis::cmd("SELECT").arg(db).take()], Step::Read).await?.pop();
        if let Some(Err(refused)) = answer {
            return Ok(Err(refused));
        }
        self.db = db;
        Ok(Ok(()))
    }

    async fn send(&mut self, commands: Vec<Cmd>, step: Step) -> Result<Vec<Reply>, BrokerError> {
        let mut pipeline = Pipeline::with_capacity(commands.len());
        pipeline.ignore_errors();
        let expected = commands.len();
        for command in commands {
            pipeline.add_command(command);
        }
        self.requests = self.requests.saturating_add(u32::try_from(expected).unwrap_or(u32::MAX));
        let answers: Vec<Value> = timeout_at(self.deadline, pipeline.query_async(&mut self.client))
            .await
            .map_err(|_| no_answer(step))?
            .map_err(|error| broken(error, step))?;
        if answers.len() != expected {
            return Err(BrokerError::failed_plainly(step, "the server left commands unanswered"));
        }
        Ok(answers.into_iter().map(to_reply).collect())
    }
}

/// What came of a subscription.
fn heard(answer: Result<redis::RedisResult<()>, Elapsed>, command: &str) -> Result<(), BrokerError> {
    let error = match answer {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error,
        Err(_) => return Err(no_answer(Step::Read)),
    };
    match (error.code(), error.detail()) {
        (Some("NOPERM"), words) => Err(BrokerError::Refused(reply::not_allowed(words, command))),
        (Some(code), detail) => Err(BrokerError::Refused(format!(
            "Redis refused {command}: {code} {}",
            detail.unwrap_or_default()
        ))),
        (None, _) => Err(broken(error, Step::Read)),
    }
}

fn to_reply(value: Value) -> Reply {
    match value {
        Value::ServerError(error) => Err(error),
        value => Ok(value),
    }
}

fn no_answer(step: Step) -> BrokerError {
    let (outcome, detail) = match step {
        Step::Write => (Outcome::Unknown, "Redis did not answer in time: whether it was done is unknown"),
        _ => (Outcome::NotDone, "Redis did not answer in time"),
    };
    BrokerError::Timeout { step, outcome, detail: detail.to_owned() }
}

fn broken(error: RedisError, step: Step) -> BrokerError {
    match step {
        // Sent but not answered is neither done nor not done.
        Step::Write => BrokerError::Timeout {
            step,
            outcome: Outcome::Unknown,
            detail: format!("the connection broke before the answer came: {error}"),
        },
        _ => BrokerError::failed(step, format!("the connection broke: {error}"), error),
    }
}
