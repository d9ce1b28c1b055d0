//! One poll: the server's own facts, a piece of the search, then every list, stream and channel by name.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::time::Instant;
use weir_model::{Cost, HealthFact, Observation, QueueKind, QueueObservation, Reading, Severity, Timestamp};

use super::{
    super::{BrokerError, KnownQueue},
    aside::{self, Asides},
    channel,
    connection::Connection,
    dial::Dialer,
    discovery::Discovery,
    event_setting::Setting,
    events::Events,
    info::{Info, fact},
    key::Place,
    list,
    pattern::{Name, Pattern},
    reply,
    stream::{Server, Streams},
    tap::OwnTaps,
};

/// What is looked at where.
pub(super) struct Scope {
    pub(super) databases: Vec<u32>,
    pub(super) patterns: Vec<Pattern>,
}

/// What lives from poll to poll.
pub(super) struct Poll {
    /// The one connection for polling, kept open.
    connection: Option<Connection>,
    discovery: Discovery,
    streams: Streams,
    asides: Asides,
    events: Events,
    /// Weir's own subscriptions, which are no consumers.
    taps: Arc<OwnTaps>,
}

/// What the server tells in the first round trip.
struct Overview {
    info: Info,
    /// Pattern subscriptions.
    patterns: Reading,
    channels: BTreeSet<Vec<u8>>,
    /// Whether it tells of commands on lists.
    setting: Setting,
    /// Commands the account may not use.
    denied: Vec<&'static str>,
}

impl Poll {
    pub(super) fn new(scope: &Scope, taps: &Arc<OwnTaps>) -> Self {
        Self {
            connection: None,
            discovery: Discovery::new(&scope.databases, &scope.patterns),
            streams: Streams::default(),
            asides: Asides::default(),
            events: Events::default(),
            taps: Arc::clone(taps),
        }
    }

    /// Looks at everything once. After a failure the next poll begins with a new connection.
    pub(super) async fn observe(
        &mut self,
        dialer: &Dialer,
        scope: &Scope,
        known: &[KnownQueue],
        deadline: Instant,
    ) -> Result<Observation, BrokerError> {
        let (start, began) = (Instant::now(), Timestamp::now());
        let (mut connection, overview, before) = self.open(dialer, scope, deadline).await?;
        let slice = deadline.saturating_duration_since(start) / 4;
        self.discovery.advance(&mut connection, overview.info.load(), slice).await?;
        let mut places = self.places(&mut connection, scope, known, &overview).await?;
        self.asides.add_to(&mut places, &mut connection).await?;
        let half = start + deadline.saturating_duration_since(start) / 2;
        let server = Server {
            run_id: overview.info.run_id(),
            clock: overview.info.clock(),
            look_until: half.into_std(),
        };
        let mut queues = self.measure(&mut connection, &places, &overview, &server).await?;
        self.forget_gone(&mut queues, scope, known);
        self.events.tell(dialer, &mut queues, &overview.setting, overview.info.load()).await;
        let (heard, (requests, bytes)) = (self.events.spent(), connection.spent());
        let (requests, bytes) = (requests - before.0 + heard.0, bytes - before.1 + heard.1);
        let mut health = overview.info.health(&connection.identity);
        health.extend(self.discovery.health());
        health.extend(denials(&overview.denied));
        health.extend(aside::health(&queues));
        health.sort_by_key(|fact| std::cmp::Reverse(fact.severity));
        let took = start.elapsed();
        let observation = Observation {
            at: began.plus_ms(millis(took / 2)),
            cost: Cost { duration_ms: millis(took), requests, bytes },
            version: overview.info.version(&connection.identity),
            health,
            publishers_blocked: overview.info.publishers_blocked(),
            refresh_ms: 0,
            queues,
            hidden_queues: None,
        };
        self.connection = Some(connection);
        Ok(observation)
    }

    /// A connection that answers: the kept one, or, where the server has been restarted since, a new one. With what
    /// it had cost before this poll.
    async fn open(
        &mut self,
        dialer: &Dialer,
        scope: &Scope,
        deadline: Instant,
    ) -> Result<(Connection, Overview, (u32, u64)), BrokerError> {
        if let Some(mut connection) = self.connection.take() {
            connection.deadline = deadline;
            let before = connection.spent();
            match Overview::ask(&mut connection, scope).await {
                Ok(overview) => return Ok((connection, overview, before)),
                Err(timeout @ BrokerError::Timeout { .. }) => return Err(timeout),
                Err(_) => {}
            }
        }
        let mut connection = dialer.dial(deadline).await?;
        self.discovery.restart();
        let overview = Overview::ask(&mut connection, scope).await?;
        Ok((connection, overview, (0, 0)))
    }

    /// Everything to be asked for by name.
    async fn places(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        known: &[KnownQueue],
        overview: &Overview,
    ) -> Result<BTreeSet<Place>, BrokerError> {
        let mut places: BTreeSet<Place> = known.iter().filter_map(|queue| Place::parse(&queue.id)).collect();
        places.extend(self.discovery.found.iter().cloned());
        places.extend(named(scope));
        places.extend(overview.channels.iter().cloned().map(Place::channel));
        for &db in &scope.databases {
            let names: Vec<&[u8]> = scope.patterns.iter().filter_map(any_kind).collect();
            let commands = names.iter().map(|name| redis::cmd("TYPE").arg(*name).take()).collect();
            let answers = connection.read(db, commands).await?;
            for (name, answer) in names.into_iter().zip(answers) {
                let type_name = answer.ok().and_then(reply::text).unwrap_or_default();
                places.extend(Place::of_type(db, name, &type_name));
            }
        }
        Ok(places)
    }

    async fn measure(
        &mut self,
        connection: &mut Connection,
        places: &BTreeSet<Place>,
        overview: &Overview,
        server: &Server<'_>,
    ) -> Result<Vec<QueueObservation>, BrokerError> {
        let of = |kind: QueueKind| places.iter().filter(|place| place.kind == kind).collect::<Vec<_>>();
        let mut queues = list::measure(connection, &of(QueueKind::RedisList)).await?;
        queues.extend(self.streams.measure(connection, &of(QueueKind::RedisStream), server).await?);
        let channels = of(QueueKind::RedisChannel);
        queues.extend(channel::measure(connection, &channels, &overview.patterns, &self.taps).await?);
        Ok(queues)
    }

    /// Something found and gone is listed on only where the poller knows it or the operator named it.
    fn forget_gone(&mut self, queues: &mut Vec<QueueObservation>, scope: &Scope, known: &[KnownQueue]) {
        let gone: BTreeSet<Place> = queues
            .iter()
            .filter(|queue| queue.vanished)
            .filter_map(|queue| Place::parse(&queue.id))
            .collect();
        self.discovery.found.retain(|place| !gone.contains(place));
        let known: BTreeSet<_> = known.iter().map(|queue| queue.id.clone()).collect();
        let named: BTreeSet<_> = named(scope).map(|place| place.id()).collect();
        queues.retain(|queue| !queue.vanished || known.contains(&queue.id) || named.contains(&queue.id));
    }
}

impl Overview {
    async fn ask(connection: &mut Connection, scope: &Scope) -> Result<Self, BrokerError> {
        let mut commands =
            vec![redis::cmd("INFO"), redis::cmd("PUBSUB").arg("NUMPAT").take(), Setting::question()];
        let globs: Vec<&[u8]> = channel_globs(scope).collect();
        commands.extend(globs.iter().map(|glob| redis::cmd("PUBSUB").arg("CHANNELS").arg(*glob).take()));
        let mut answers = connection.read(0, commands).await?.into_iter();
        let mut denied = Vec::new();
        let mut note = |answer: &Option<reply::Reply>, command| {
            if matches!(answer, Some(Err(error)) if reply::is_denied(error)) && !denied.contains(&command) {
                denied.push(command);
            }
        };
        let info = answers.next();
        note(&info, "INFO");
        let patterns = answers.next();
        note(&patterns, "PUBSUB NUMPAT");
        let setting = Setting::read(answers.next());
        let mut channels = BTreeSet::new();
        for glob in globs {
            let answer = answers.next();
            note(&answer, "PUBSUB CHANNELS");
            let names = answer.and_then(Result::ok).map(channel::names).unwrap_or_default();
            // Redis' own channels are listed only where the operator asks for names that begin so.
            channels.extend(
                names.into_iter().filter(|name| glob.starts_with(b"_") || !channel::is_internal(name)),
            );
        }
        // Names without a kind may be channels; with a subscriber they are.
        channels.extend(plain_channels(connection, scope).await?);
        Ok(Self {
            info: info
                .and_then(Result::ok)
                .and_then(reply::text)
                .map(|t| Info::parse(&t))
                .unwrap_or_default(),
            patterns: reply::number(patterns.unwrap_or(Ok(redis::Value::Nil)), "PUBSUB NUMPAT"),
            channels,
            setting,
            denied,
        })
    }
}

/// Of the names that may be anything, those that are channels now.
async fn plain_channels(
    connection: &mut Connection,
    scope: &Scope,
) -> Result<BTreeSet<Vec<u8>>, BrokerError> {
    let names: Vec<&[u8]> = scope.patterns.iter().filter_map(any_kind).collect();
    if names.is_empty() {
        return Ok(BTreeSet::new());
    }
    let places: Vec<Place> = names.into_iter().map(Place::channel).collect();
    let (places, no_taps): (Vec<_>, _) = (places.iter().collect(), OwnTaps::default());
    let seen = channel::measure(connection, &places, &Ok(0), &no_taps).await?;
    let there = seen.iter().filter(|queue| queue.value(weir_model::Metric::Consumers).is_some_and(|n| n > 0));
    Ok(there.filter_map(|queue| Place::parse(&queue.id)).map(|place| place.key).collect())
}

/// What `include` names outright, kind and all.
fn named(scope: &Scope) -> impl Iterator<Item = Place> {
    scope.patterns.iter().flat_map(|pattern| match (&pattern.name, pattern.kind) {
        (Name::Exact(key), Some(QueueKind::RedisChannel)) => vec![Place::channel(key.clone())],
        (Name::Exact(key), Some(kind)) => {
            scope.databases.iter().map(|&db| Place { db, kind, key: key.clone() }).collect()
        }
        _ => Vec::new(),
    })
}

fn any_kind(pattern: &Pattern) -> Option<&[u8]> {
    match (&pattern.name, pattern.kind) {
        (Name::Exact(name), None) => Some(name),
        _ => None,
    }
}

fn channel_globs(scope: &Scope) -> impl Iterator<Item = &[u8]> {
    scope.patterns.iter().filter(|pattern| pattern.covers(QueueKind::RedisChannel)).filter_map(|pattern| {
        match &pattern.name {
            Name::Glob(glob) => Some(glob.as_slice()),
            Name::Exact(_) => None,
        }
    })
}

fn denials(denied: &[&str]) -> Option<HealthFact> {
    (!denied.is_empty()).then(|| {
        let text = format!("The account may not use {}: what they tell is unknown", denied.join(", "));
        fact("no_permission", Severity::Info, text)
    })
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
