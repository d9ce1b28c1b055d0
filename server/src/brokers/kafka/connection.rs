//! The client that a broker is watched with: made when first asked for, and anew after a fault or an hour.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rdkafka::{
    error::KafkaError,
    producer::{FutureProducer, Producer as _},
    types::RDKafkaErrorCode,
};
use weir_kafka_admin::Admin;
use weir_model::{Outcome, Step};

use super::{
    context::{Context, Faults, step_of},
    settings::{Settings, config_error},
    topology::Topology,
};
use crate::brokers::BrokerError;

/// librdkafka frees the handles of topics only with its client, so a client does not live for ever.
const RECYCLED_AFTER: Duration = Duration::from_secs(3600);

/// Makes clients and keeps the current one.
pub(super) struct Dialer {
    pub(super) settings: Settings,
    name: Arc<str>,
    /// Held for a moment only, never across an await.
    current: Mutex<Option<Arc<Connection>>>,
}

impl Dialer {
    pub(super) fn new(name: &str, settings: Settings) -> Self {
        Self { settings, name: name.into(), current: Mutex::default() }
    }

    /// The current client, or a new one.
    ///
    /// # Errors
    /// librdkafka refuses its settings (a certificate that can't be read).
    pub(super) async fn connection(&self) -> Result<Arc<Connection>, BrokerError> {
        let kept = self.lock().clone().filter(|kept| kept.born.elapsed() < RECYCLED_AFTER);
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let fresh = Arc::new(self.dial().await?);
        *self.lock() = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    /// A client of one's own.
    ///
    /// # Errors
    /// As [`Dialer::connection`].
    pub(super) async fn dial(&self) -> Result<Connection, BrokerError> {
        let faults = Faults::default();
        let context = Context::new(Arc::clone(&self.name), faults.clone());
        let settings = self.settings.clone();
        let config = settings.producer();
        // Reads certificates from disk and starts threads.
        off_thread(move || {
            let producer: FutureProducer<Context> =
                config.create_with_context(context).map_err(config_error)?;
            let admin = Admin::new(producer).map_err(|error| {
                BrokerError::failed(Step::Connect, "no thread left for a Kafka client", error)
            })?;
            Ok(Connection {
                admin: Some(Arc::new(admin)),
                settings,
                faults,
                release: tokio::sync::OnceCell::new(),
                born: Instant::now(),
            })
        })
        .await?
    }

    /// What a reader's librdkafka says goes to the same log.
    pub(super) fn reader_context(&self) -> (Context, Faults) {
        let faults = Faults::default();
        (Context::new(Arc::clone(&self.name), faults.clone()), faults)
    }

    /// The next to ask gets a new client, if this one is still the current one.
    pub(super) fn forget(&self, broken: &Arc<Connection>) {
        let mut current = self.lock();
        if current.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, broken)) {
            *current = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Connection>>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One client of librdkafka.
pub(super) struct Connection {
    /// `None` only while it is dropped.
    admin: Option<Arc<Admin<Context>>>,
    settings: Settings,
    pub(super) faults: Faults,
    /// The broker's release, once asked for.
    pub(super) release: tokio::sync::OnceCell<String>,
    born: Instant,
}

impl Connection {
    /// # Errors
    /// Never in practice: the client is there as long as the connection is.
    pub(super) fn admin(&self) -> Result<&Arc<Admin<Context>>, BrokerError> {
        self.admin.as_ref().ok_or_else(|| BrokerError::failed_plainly(Step::Connect, "the client was closed"))
    }

    /// Every topic with its partitions, and every live broker.
    ///
    /// # Errors
    /// The step that failed, from what librdkafka said about its connections.
    pub(super) async fn topology(&self, timeout: Duration) -> Result<Topology, BrokerError> {
        let admin = Arc::clone(self.admin()?);
        let fetched = off_thread(move || {
            let client = admin.client().client();
            let metadata = client.fetch_metadata(None, timeout)?;
            // Known from the metadata: asks nobody, and waits for nothing.
            let cluster_id = client.fetch_cluster_id(Duration::ZERO).unwrap_or_default();
            Ok(Topology::read(&metadata, cluster_id))
        });
        match fetched.await? {
            Ok(topology) => {
                self.faults.clear();
                Ok(topology)
            }
            Err(error) => Err(self.settings.explained(self.failure(error, timeout)).await),
        }
    }

    /// What to tell of an error that may have been caused by a connection.
    fn failure(&self, error: KafkaError, timeout: Duration) -> BrokerError {
        if let Some(fault) = self.faults.newest() {
            return BrokerError::failed(fault.step, fault.text, error);
        }
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::OperationTimedOut) => BrokerError::Timeout {
                step: Step::Connect,
                outcome: Outcome::NotDone,
                detail: format!("no answer within {} s", timeout.as_secs_f64().ceil()),
            },
            Some(code) => BrokerError::failed(step_of(code, ""), code.to_string(), error),
            None => BrokerError::failed(Step::Read, error.to_string(), error),
        }
    }
}

impl Drop for Connection {
    /// Ending a client waits for its threads: not here, where an async thread may be at work.
    fn drop(&mut self) {
        let admin = self.admin.take();
        std::thread::spawn(move || drop(admin));
    }
}

/// Runs what blocks where blocking is allowed.
///
/// # Errors
/// Weir is stopping, or the work panicked.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, BrokerError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| BrokerError::failed(Step::Read, "the work was cut short", error))
}
