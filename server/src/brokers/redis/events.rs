//! Keyspace events of lists: who pushes and who takes, where the server is set to tell.
//!
//! A lower bound, and never more: an event is a command, and a command may move many elements (docs/figures.md, "Redis
//! keyspace events"). Weir subscribes to the keys of the lists that it lists, by name, on a connection of its own. A
//! poll asks that connection for an answer first: what came before the answer is counted, and where none comes, nothing
//! is claimed. A count begins when the server has confirmed the subscription, and anew after each break, with a poll
//! in between that knows nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::time::Instant;
use weir_model::{Metric, QueueKind, QueueObservation, Reading, Unknown, UnknownCode};

use super::{
    super::BrokerError,
    connection::Connection,
    dial::Dialer,
    event_setting::Setting,
    event_tally::{Count, Tally, channel},
    info::Load,
    key::Place,
};

/// Lists that are listened to at most.
const MOST_LISTS: usize = 1000;
/// Channels of one `SUBSCRIBE`.
const CHANNELS_PER_COMMAND: usize = 200;
/// Events a second from which on listening costs too much: each takes the server a microsecond, and Weir several.
const MOST_EVENTS_PER_SECOND: f64 = 5000.0;
/// Commands a second from which on a server has no time for it.
const TOO_BUSY_OPS: i64 = 50_000;
/// How long a busy server is left alone.
const REST: Duration = Duration::from_secs(60);
/// Time for each answer of the connection that listens.
const ANSWER_TIME: Duration = Duration::from_secs(2);

/// Listens from poll to poll.
#[derive(Default)]
pub(super) struct Events {
    listener: Option<Listener>,
    /// The server is too busy until then.
    rest_until: Option<Instant>,
}

impl Events {
    /// Puts the counts of commands beside each list among the queues, or why there are none.
    pub(super) async fn tell(
        &mut self,
        dialer: &Dialer,
        queues: &mut [QueueObservation],
        setting: &Setting,
        load: Load,
    ) {
        let places = queues.iter().filter_map(|queue| Place::parse(&queue.id));
        let lists: BTreeSet<Place> = places.filter(|place| place.kind == QueueKind::RedisList).collect();
        let wanted: BTreeSet<Place> = lists.into_iter().take(MOST_LISTS).collect();
        let counted = match self.may_listen(setting, load) {
            Ok(()) => self.count(dialer, &wanted).await,
            Err(reason) => Err(reason),
        };
        if counted.is_err() {
            self.listener = None;
        }
        for list in queues.iter_mut().filter(|queue| queue.kind == QueueKind::RedisList) {
            let Some(place) = Place::parse(&list.id) else { continue };
            let count = match &counted {
                Err(reason) => Err(reason.clone()),
                Ok(_) if !wanted.contains(&place) => Err(too_many()),
                Ok(counts) => counts.get(&place).copied().ok_or_else(just_begun),
            };
            let of = |figure: fn(Count) -> i64| -> Reading { count.clone().map(figure) };
            list.figures.insert(Metric::Pushes, of(|count| count.pushes));
            list.figures.insert(Metric::Takes, of(|count| count.takes));
        }
    }

    /// Commands sent and bytes received since this was asked last.
    pub(super) fn spent(&mut self) -> (u32, u64) {
        self.listener.as_mut().map_or((0, 0), Listener::spent)
    }

    fn may_listen(&mut self, setting: &Setting, load: Load) -> Result<(), Unknown> {
        setting.lists_are_told()?;
        let is_busy = load.ops_per_second.is_some_and(|ops| ops >= TOO_BUSY_OPS);
        if is_busy && self.listener.is_none() {
            return Err(self.leave_alone());
        }
        if self.rest_until.is_some_and(|end| Instant::now() < end) { Err(too_busy()) } else { Ok(()) }
    }

    async fn answered(&mut self) -> Result<(), BrokerError> {
        match &mut self.listener {
            Some(listener) => listener.answers().await,
            None => Ok(()),
        }
    }

    fn leave_alone(&mut self) -> Unknown {
        self.rest_until = Some(Instant::now() + REST);
        too_busy()
    }

    /// What was counted of each list that is listened to already; listens to all of them from now on.
    async fn count(
        &mut self,
        dialer: &Dialer,
        wanted: &BTreeSet<Place>,
    ) -> Result<BTreeMap<Place, Count>, Unknown> {
        match self.answered().await {
            Ok(()) => {}
            Err(BrokerError::Timeout { .. }) => return Err(self.leave_alone()),
            Err(_) => self.listener = None,
        }
        let listener = match &mut self.listener {
            Some(listener) => listener,
            None if wanted.is_empty() => return Ok(BTreeMap::new()),
            empty => empty.insert(Listener::new(dialer).await.map_err(|error| deaf(&error))?),
        };
        if listener.events_per_second() > MOST_EVENTS_PER_SECOND {
            return Err(self.leave_alone());
        }
        let counts = listener.counts();
        listener.listen_to(wanted).await.map_err(|error| deaf(&error))?;
        Ok(counts)
    }
}

/// The connection that listens.
struct Listener {
    connection: Connection,
    tally: Arc<Tally>,
    /// Of what the server has confirmed to tell.
    heard: BTreeSet<Place>,
    /// When events were counted last, and how many there had been.
    counted: (Instant, u64),
    /// Commands and bytes that were reported already.
    reported: (u32, u64),
}

impl Listener {
    async fn new(dialer: &Dialer) -> Result<Self, BrokerError> {
        let tally = Arc::new(Tally::default());
        let teller = Arc::clone(&tally);
        let now = Instant::now();
        let connection = dialer.listen(now + ANSWER_TIME, move |push| teller.note(&push)).await?;
        Ok(Self { connection, tally, heard: BTreeSet::new(), counted: (now, 0), reported: (0, 0) })
    }

    /// Waits for an answer: everything that the server told before has arrived then. A refusal is an answer too.
    async fn answers(&mut self) -> Result<(), BrokerError> {
        self.connection.deadline = Instant::now() + ANSWER_TIME;
        self.connection.read_one(0, redis::cmd("PING")).await.map(drop)
    }

    /// Since this was asked last.
    fn events_per_second(&mut self) -> f64 {
        let now = (Instant::now(), self.tally.events());
        let then = std::mem::replace(&mut self.counted, now);
        // A moment is no measure: a poll right after another would make a burst of a few events.
        let seconds = (now.0 - then.0).as_secs_f64().max(1.0);
        (now.1 - then.1) as f64 / seconds
    }

    fn counts(&self) -> BTreeMap<Place, Count> {
        let count = |place: &Place| Some((place.clone(), self.tally.of(place)?));
        self.heard.iter().filter_map(count).collect()
    }

    async fn listen_to(&mut self, wanted: &BTreeSet<Place>) -> Result<(), BrokerError> {
        let gone: Vec<Place> = self.heard.difference(wanted).cloned().collect();
        let new: Vec<Place> = wanted.difference(&self.heard).cloned().collect();
        for some in gone.chunks(CHANNELS_PER_COMMAND) {
            self.connection.deadline = Instant::now() + ANSWER_TIME;
            self.connection.unsubscribe(some.iter().map(channel).collect()).await?;
            for place in some {
                self.tally.end(place);
                self.heard.remove(place);
            }
        }
        for some in new.chunks(CHANNELS_PER_COMMAND) {
            self.connection.deadline = Instant::now() + ANSWER_TIME;
            some.iter().for_each(|place| self.tally.begin(place));
            self.connection.subscribe(some.iter().map(channel).collect()).await?;
            self.heard.extend(some.iter().cloned());
        }
        Ok(())
    }

    fn spent(&mut self) -> (u32, u64) {
        let now = self.connection.spent();
        let then = std::mem::replace(&mut self.reported, now);
        (now.0 - then.0, now.1 - then.1)
    }
}

fn just_begun() -> Unknown {
    Unknown::new(UnknownCode::NotYet, "Weir has just begun to listen to keyspace events of this list")
}

fn too_many() -> Unknown {
    let detail =
        format!("Weir listens to keyspace events of {MOST_LISTS} lists at most: name fewer in include");
    Unknown::new(UnknownCode::Unsupported, detail)
}

fn too_busy() -> Unknown {
    let detail = "the server is too busy for Weir to listen to keyspace events: it looks again in a minute";
    Unknown::new(UnknownCode::Unsupported, detail)
}

/// Why nothing is heard.
fn deaf(error: &BrokerError) -> Unknown {
    let detail = format!("Weir can't listen to keyspace events: {error}");
    let code = match error {
        BrokerError::Refused(_) => UnknownCode::NoPermission,
        _ => UnknownCode::NotYet,
    };
    Unknown::new(code, detail)
}
