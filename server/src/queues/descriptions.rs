//! What brokers told of single queues. A page never waits for a broker that has fallen silent: it shows what was told
//! last, and says so.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;
use weir_model::{QueueId, Timestamp, queue::QueueDescription};

use crate::{figures::QueueTracker, poller::Station};

/// How long a page waits for news where something older is known.
const NEWS_WITHIN: Duration = Duration::from_millis(60);
/// How long the broker may take, and a page waits where nothing is known yet.
const TOLD_WITHIN: Duration = Duration::from_secs(3);
/// What was told within this time counts as told just now.
const JUST_NOW_MS: i64 = 30_000;
/// Queues whose descriptions are kept. Those told longest ago go first.
const KEPT: usize = 500;

/// A description, and when the broker gave it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub at: Timestamp,
    pub description: QueueDescription,
}

/// What is known, and why it is not of just now.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub last: Option<Told>,
    pub error: Option<String>,
}

type Key = (String, QueueId);
type Answer = Result<Told, String>;

/// The last description of every queue that was opened. Cheap to share.
#[derive(Clone, Default)]
pub(super) struct Descriptions(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    told: HashMap<Key, Told>,
    /// Questions under way: nobody asks the same a second time.
    asked: HashMap<Key, watch::Receiver<Option<Answer>>>,
}

impl Descriptions {
    /// What the broker tells of a queue, or told before.
    pub(super) async fn of(&self, station: &Arc<Station>, tracker: &QueueTracker) -> Known {
        let key = (station.config.name.clone(), tracker.seen.id.clone());
        let last = self.state().told.get(&key).cloned();
        // A page must not wait in vain for what the last look could not get, nor for what another page could not.
        if let Some(reason) = pointless(station, tracker) {
            return Known { last, error: Some(reason) };
        }
        // Where nothing is known the question itself ends the wait.
        let wait = if last.is_some() { NEWS_WITHIN } else { 2 * TOLD_WITHIN };
        let mut answer = self.ask(key, station, tracker);
        let told = match tokio::time::timeout(wait, answer.wait_for(Option::is_some)).await {
            Ok(Ok(answer)) => (*answer).clone(),
            // The task that asks has died, or there is no answer yet.
            Ok(Err(_)) | Err(_) => None,
        };
        match told {
            Some(Ok(told)) => Known { last: Some(told), error: None },
            Some(Err(reason)) => Known { last, error: Some(reason) },
            None => {
                let now = Timestamp::now();
                let just_now = last.as_ref().is_some_and(|told| now.since_ms(told.at) <= JUST_NOW_MS);
                Known { last, error: (!just_now).then(|| "the broker has not answered yet".to_owned()) }
            }
        }
    }

    /// Asks, unless somebody does already. The answer is kept whether anybody waits for it or not.
    fn ask(
        &self,
        key: Key,
        station: &Arc<Station>,
        tracker: &QueueTracker,
    ) -> watch::Receiver<Option<Answer>> {
        let mut state = self.state();
        if let Some(asked) = state.asked.get(&key).filter(|asked| asked.has_changed().is_ok()) {
            return asked.clone();
        }
        let (sender, receiver) = watch::channel(None);
        state.asked.insert(key.clone(), receiver.clone());
        let (this, station, queue) = (self.clone(), Arc::clone(station), tracker.seen.clone());
        tokio::spawn(async move {
            let answer = match tokio::time::timeout(TOLD_WITHIN, station.broker.describe(&queue)).await {
                Ok(Ok(description)) => Ok(Told { at: Timestamp::now(), description }),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => {
                    station.note_silence();
                    Err(silent())
                }
            };
            this.state().keep(key, &answer);
            // An error says that nobody waits any more.
            let _ = sender.send(Some(answer));
        });
        receiver
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn keep(&mut self, key: Key, answer: &Answer) {
        self.asked.remove(&key);
        let Ok(told) = answer else { return };
        self.told.insert(key, told.clone());
        if self.told.len() > KEPT
            && let Some(oldest) = self.told.iter().min_by_key(|(_, told)| told.at).map(|(key, _)| key.clone())
        {
            self.told.remove(&oldest);
        }
    }
}

/// Why nobody needs to be asked.
fn pointless(station: &Station, tracker: &QueueTracker) -> Option<String> {
    if tracker.seen.vanished {
        return Some("it is not on the broker at the moment".to_owned());
    }
    station.down().or_else(|| station.is_silent().then(silent))
}

fn silent() -> String {
    format!("the broker did not answer within {} s", TOLD_WITHIN.as_secs())
}
