//! What keeps history from being written: told to whoever asks while it lasts, and a gap in the charts afterwards.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use weir_model::Timestamp;

use crate::history::{StoreError, Trouble};

/// A write that takes longer than this is worth a word.
const SLOW: Duration = Duration::from_secs(2);
const SLOW_WORDS: &str = "the database takes no writes: another process holds it, or the disk is slow";

/// The trouble of now. Cheap to share.
#[derive(Clone, Debug, Default)]
pub(super) struct Troubles(Arc<Mutex<Option<Trouble>>>);

impl Troubles {
    pub(super) fn now(&self) -> Option<Trouble> {
        self.lock().clone()
    }

    /// Awaits a write; says so where it takes long, fails, or succeeds.
    pub(super) async fn watch<T>(
        &self,
        write: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut write = pin!(write);
        let written = match tokio::time::timeout(SLOW, &mut write).await {
            Ok(written) => written,
            Err(_) => {
                self.begin(SLOW_WORDS);
                write.await
            }
        };
        match &written {
            Ok(_) => *self.lock() = None,
            Err(error) => self.begin(&error.to_string()),
        }
        written
    }

    fn begin(&self, reason: &str) {
        let mut now = self.lock();
        let since = now.as_ref().map_or_else(Timestamp::now, |trouble| trouble.since);
        *now = Some(Trouble { since, reason: reason.to_owned() });
    }

    fn lock(&self) -> MutexGuard<'_, Option<Trouble>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Since when which broker's observations were lost, until a gap has been written for them.
#[derive(Debug, Default)]
pub(super) struct Holes(BTreeMap<String, i64>);

impl Holes {
    /// An observation at `t` may be lost; the first one counts.
    pub(super) fn note(&mut self, broker: &str, t: i64) {
        self.0.entry(broker.to_owned()).or_insert(t);
    }

    /// Adds those of a batch that was lost.
    pub(super) fn add(&mut self, lost: Self) {
        for (broker, t) in lost.0 {
            self.note(&broker, t);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, i64)> {
        self.0.iter().map(|(broker, t)| (broker.as_str(), *t))
    }
}
