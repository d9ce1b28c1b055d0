//! Real brokers, each private to the test that starts it: free ports of 127.0.0.1, a folder of its own.
//!
//! A broker that can't be started fails the test with the tail of its log; nothing is skipped.

mod kafka;
mod rabbitmq;
mod redis;

pub use self::{
    kafka::{Kafka, KafkaSetup, Listener},
    rabbitmq::RabbitMq,
    redis::Redis,
};

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};
use async_trait::async_trait;

use crate::{
    process::{Launch, Signal, Supervised},
    scratch::Scratch,
    wait,
};

/// How long a broker may take to answer after a start. RabbitMQ with its plugins takes 13 s on two quiet cores.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// The life of a broker, the same for all kinds, so that a restart test is written once.
#[async_trait]
pub trait BrokerServer: Send + Sync {
    /// The process and its folder.
    fn server(&self) -> &Server;

    /// As it stands in a Weir config.
    fn url(&self) -> String;

    /// Waits until it answers its own clients.
    async fn ready(&self) -> Result<()>;

    /// The `[[brokers]]` entry for this broker.
    fn config(&self, name: &str) -> String {
        format!("[[brokers]]\nname = \"{name}\"\nurl = \"{}\"\n", self.url())
    }

    /// Asks it to stop and waits for its end.
    async fn stop(&mut self) -> Result<()> {
        self.server().end(Signal::Term).await
    }

    /// Ends it as a power cut would.
    async fn kill9(&mut self) -> Result<()> {
        self.server().end(Signal::Kill).await
    }

    /// Starts it again on the same ports and data after [`stop`](Self::stop) or [`kill9`](Self::kill9).
    async fn start_again(&mut self) -> Result<()> {
        self.server().spawn()?;
        let ready = tokio::select! {
            ready = self.ready() => ready,
            died = self.server().died() => Err(died),
        };
        self.server().with_log(ready)
    }

    /// Pauses it: connections stay open and nothing answers.
    fn pause(&mut self) -> Result<()> {
        self.server().signal(Signal::Stop)
    }

    /// Lets it go on after [`pause`](Self::pause).
    fn resume(&mut self) -> Result<()> {
        self.server().signal(Signal::Cont)
    }
}

/// One broker's process and the folder that holds its data.
#[derive(Debug)]
pub struct Server {
    launch: Launch,
    /// Locked for a moment at a time: asking whether it has ended reaps it, which needs exclusive access.
    process: Mutex<Option<Supervised>>,
    folder: Scratch,
}

impl Server {
    fn new(folder: Scratch, launch: Launch) -> Self {
        Self { launch, process: Mutex::new(None), folder }
    }

    /// Where its data, configuration and logs lie.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Number of its process, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process().as_ref().map(Supervised::pid)
    }

    fn process(&self) -> MutexGuard<'_, Option<Supervised>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(&self) -> Result<()> {
        let process = Supervised::spawn(&self.launch)?;
        *self.process() = Some(process);
        Ok(())
    }

    async fn end(&self, signal: Signal) -> Result<()> {
        let mut process = self.process().take().context("it does not run")?;
        process.signal(signal)?;
        let ended = process.ended(Duration::from_secs(60)).await;
        self.with_log(ended).map(drop)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        self.process().as_ref().context("it does not run")?.signal(signal)
    }

    /// Comes back only when the process has ended by itself.
    async fn died(&self) -> anyhow::Error {
        loop {
            if let Some(Ok(Some(code))) = self.process().as_mut().map(Supervised::exit_code) {
                return anyhow!("it ended with exit code {code}");
            }
            tokio::time::sleep(wait::STEP).await;
        }
    }

    fn with_log<T>(&self, result: Result<T>) -> Result<T> {
        result.with_context(|| format!("{} failed{}", self.launch.name, self.launch.log_tail()))
    }
}

/// Starts the instance that all tests of a binary share; a failed start fails each of them at once.
macro_rules! shared {
    ($kind:ty) => {{
        static SHARED: tokio::sync::OnceCell<Result<$kind, String>> = tokio::sync::OnceCell::const_new();
        SHARED
            .get_or_init(|| async { <$kind>::start().await.map_err(|error| format!("{error:#}")) })
            .await
            .as_ref()
            .map_err(|text| anyhow::anyhow!("{text}"))
    }};
}
use shared;
