//! What is to know about one key or channel beyond its figures.

use std::time::Duration;

use redis::Cmd;
use tokio::time::Instant;
use weir_model::{
    QueueKind, QueueObservation,
    queue::{ConsumerRow, Fact, QueueDescription},
};

use super::{
    super::BrokerError,
    connection::Connection,
    dial::Dialer,
    groups::Group,
    info::Info,
    key::Place,
    reply::{self, Reply},
    stream_info::StreamInfo,
    tap::OwnTaps,
};

const TIME: Duration = Duration::from_secs(5);
/// Consumers listed of one group at most: those with the most pending.
const MOST_CONSUMERS: usize = 1000;

/// Asks about one queue.
pub(super) async fn describe(
    dialer: &Dialer,
    queue: &QueueObservation,
    own: &OwnTaps,
) -> Result<QueueDescription, BrokerError> {
    let place = Place::of(queue)?;
    let mut connection = dialer.dial(Instant::now() + TIME).await?;
    match place.kind {
        QueueKind::RedisChannel => channel(&mut connection, &place, own.on(&place.key)).await,
        kind => {
            let mut description = key(&mut connection, &place).await?;
            if kind == QueueKind::RedisStream {
                stream(&mut connection, &place, &mut description).await?;
            } else {
                let blocked = blocked_clients(&mut connection).await?;
                description.consumers_note =
                    Some(format!("Redis does not tell who takes from a list. {blocked}"));
            }
            Ok(description)
        }
    }
}

/// What any key has: encoding, time to live, memory.
async fn key(connection: &mut Connection, place: &Place) -> Result<QueueDescription, BrokerError> {
    let about = |words: &[&str]| {
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]).arg(&place.key).take()
    };
    // MEMORY USAGE looks at five samples by default, so its cost is bounded and its answer an estimate.
    let commands =
        vec![about(&["TYPE"]), about(&["OBJECT", "ENCODING"]), about(&["PTTL"]), about(&["MEMORY", "USAGE"])];
    let mut answers = connection.read(place.db, commands).await?.into_iter();
    let type_name = answers.next().and_then(Result::ok).and_then(reply::text).unwrap_or_default();
    if type_name == "none" {
        return Err(BrokerError::NotFound(format!(
            "there is no such {} on the server now",
            place.type_word()
        )));
    }
    let mut configuration = vec![fact("database", place.db), fact("type", type_name)];
    configuration.extend(told("encoding", "OBJECT ENCODING", answers.next(), reply::text));
    configuration.extend(told("expires in", "PTTL", answers.next(), |value| match reply::int(&value)? {
        ms if ms < 0 => Some("never".to_owned()),
        ms => Some(format!("{} s", ms / 1000)),
    }));
    configuration.extend(told("memory (estimated)", "MEMORY USAGE", answers.next(), |value| {
        reply::int(&value).map(|bytes| format!("{bytes} bytes"))
    }));
    Ok(QueueDescription { configuration, ..QueueDescription::default() })
}

async fn stream(
    connection: &mut Connection,
    place: &Place,
    description: &mut QueueDescription,
) -> Result<(), BrokerError> {
    let commands = vec![on("STREAM", place), on("GROUPS", place)];
    let mut answers = connection.read(place.db, commands).await?.into_iter();
    if let Some(Ok(info)) = answers.next() {
        description.configuration.extend(stream_facts(StreamInfo::read(info)));
    }
    let groups: Vec<Group> = match answers.next() {
        Some(Ok(groups)) => reply::items(groups).into_iter().map(Group::read).collect(),
        Some(Err(error)) => {
            description.consumers_note =
                Some(format!("Unknown: {}", reply::unknown(&error, "XINFO GROUPS").detail));
            return Ok(());
        }
        None => return Ok(()),
    };
    let ask = |group: &Group| on("CONSUMERS", place).arg(&group.name).take();
    let answers = connection.read(place.db, groups.iter().map(ask).collect()).await?;
    for (group, answer) in groups.iter().zip(answers) {
        let name = String::from_utf8_lossy(&group.name).into_owned();
        description.configuration.push(fact(format!("group {name}: last delivered"), group.last_delivered));
        match answer {
            Ok(consumers) => {
                let mut rows: Vec<ConsumerRow> =
                    reply::items(consumers).into_iter().map(|one| consumer_row(&name, one)).collect();
                rows.sort_by_key(|consumer| std::cmp::Reverse(consumer.pending));
                rows.truncate(MOST_CONSUMERS);
                description.consumers.extend(rows);
            }
            Err(error) => {
                description.consumers_note =
                    Some(format!("Unknown: {}", reply::unknown(&error, "XINFO CONSUMERS").detail));
            }
        }
    }
    if description.consumers_note.is_none() && !groups.is_empty() {
        let note = "A consumer stays listed until it is deleted, also when its program has ended: its idle time tells";
        description.consumers_note = Some(note.to_owned());
    }
    Ok(())
}

fn stream_facts(info: StreamInfo) -> Vec<Fact> {
    let mut facts = vec![fact("length", info.view.length)];
    facts.extend(info.view.added.map(|added| fact("entries added", added)));
    facts.push(fact("last generated id", info.last_generated));
    facts.extend(info.view.edges.map(|(first, _)| fact("first id", first)));
    facts.extend(info.max_deleted.map(|id| fact("greatest deleted id", id)));
    let others = info
        .rest
        .into_iter()
        .filter(|(name, _)| !matches!(name.as_str(), "groups" | "recorded-first-entry-id"));
    facts.extend(others.map(|(name, value)| fact(name, value)));
    facts
}

fn consumer_row(group: &str, value: redis::Value) -> ConsumerRow {
    let mut row = ConsumerRow { group: Some(group.to_owned()), ..ConsumerRow::default() };
    for (name, value) in reply::pairs(value) {
        match (name.as_str(), reply::int(&value)) {
            ("name", _) => row.name = reply::text(value).unwrap_or_default(),
            ("pending", count) => row.pending = count,
            ("idle", ms) => row.idle_seconds = ms.map(|ms| ms as f64 / 1000.0),
            ("inactive", Some(ms)) if ms < 0 => row.facts.push(fact("last success", "never")),
            ("inactive", Some(ms)) => row.facts.push(fact("last success", format!("{} ago", seconds(ms)))),
            (_, Some(number)) => row.facts.push(fact(name, number)),
            _ => {}
        }
    }
    row
}

/// `own`: subscriptions of Weir's own.
async fn channel(
    connection: &mut Connection,
    place: &Place,
    own: i64,
) -> Result<QueueDescription, BrokerError> {
    let pubsub = |word: &str| redis::cmd("PUBSUB").arg(word).take();
    let commands = vec![pubsub("NUMSUB").arg(&place.key).take(), pubsub("NUMPAT")];
    let mut answers = connection.read(0, commands).await?.into_iter();
    let others = |value| reply::items(value).get(1).and_then(reply::int).map(|n| (n - own).max(0));
    let subscribers = told("subscribers", "PUBSUB NUMSUB", answers.next(), others);
    let patterns =
        told("subscriptions by pattern on this server", "PUBSUB NUMPAT", answers.next(), |value| {
            reply::int(&value)
        });
    Ok(QueueDescription {
        configuration: [subscribers, patterns].into_iter().flatten().collect(),
        consumers_note: Some(
            "Redis tells how many subscribe to a channel, not who. Subscribers by pattern are not counted in it".to_owned(),
        ),
        ..QueueDescription::default()
    })
}

async fn blocked_clients(connection: &mut Connection) -> Result<String, BrokerError> {
    let answer = connection.read_one(0, redis::cmd("INFO").arg("clients").take()).await?;
    let info = answer.ok().and_then(reply::text).map(|text| Info::parse(&text)).unwrap_or_default();
    Ok(match info.number("blocked_clients") {
        Some(1) => "1 client of the server waits in a blocking command, as idle consumers do".to_owned(),
        Some(n) => format!("{n} clients of the server wait in blocking commands, as idle consumers do"),
        None => "How many clients of the server wait is unknown to this account".to_owned(),
    })
}

fn on(word: &str, place: &Place) -> Cmd {
    redis::cmd("XINFO").arg(word).arg(&place.key).take()
}

fn fact(name: impl Into<String>, value: impl ToString) -> Fact {
    Fact::new(name, value.to_string(), None)
}

/// A fact, if the server tells it; what is refused to the account is said to be unknown.
fn told<T: ToString>(
    name: &str,
    command: &str,
    answer: Option<Reply>,
    read: impl Fn(redis::Value) -> Option<T>,
) -> Option<Fact> {
    match answer? {
        Ok(value) => read(value).map(|value| fact(name, value)),
        Err(error) => Some(fact(name, format!("unknown: {}", reply::unknown(&error, command).detail))),
    }
}

fn seconds(ms: i64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}
