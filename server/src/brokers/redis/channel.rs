//! Channels: who listens. Nothing is stored, so there is no depth.

use std::collections::BTreeSet;

use redis::Value;
use weir_model::{Metric, QueueObservation, Reading};

use super::{
    super::BrokerError,
    connection::Connection,
    key::Place,
    reply,
    tap::OwnTaps,
    vanished::{channel_counters, vanished},
};

/// Measures channels: one `PUBSUB NUMSUB` for a few hundred of them.
///
/// `patterns` is the server's number of pattern subscriptions, which receive without being counted here; `own` are
/// Weir's subscriptions, which are left out.
pub(super) async fn measure(
    connection: &mut Connection,
    places: &[&Place],
    patterns: &Reading,
    own: &OwnTaps,
) -> Result<Vec<QueueObservation>, BrokerError> {
    const CHANNELS_PER_COMMAND: usize = 200;
    let chunks: Vec<_> = places.chunks(CHANNELS_PER_COMMAND).collect();
    let command = |chunk: &&[&Place]| {
        let mut command = redis::cmd("PUBSUB");
        command.arg("NUMSUB");
        for place in *chunk {
            command.arg(&place.key);
        }
        command
    };
    let answers = connection.read(0, chunks.iter().map(command).collect()).await?;
    let mut seen = Vec::with_capacity(places.len());
    for (chunk, answer) in chunks.into_iter().zip(answers) {
        match answer {
            Ok(value) => {
                let others = |place: &Place, n: i64| (n - own.on(&place.key)).max(0);
                let counts = chunk.iter().zip(subscribers(value));
                seen.extend(counts.map(|(place, n)| channel(place, Ok(others(place, n)), patterns)));
            }
            Err(error) => {
                let reason = reply::unknown(&error, "PUBSUB NUMSUB");
                seen.extend(chunk.iter().map(|place| channel(place, Err(reason.clone()), patterns)));
            }
        }
    }
    Ok(seen)
}

/// The counts, in the order of the question.
fn subscribers(value: Value) -> Vec<i64> {
    match value {
        Value::Map(pairs) => pairs.iter().map(|(_, n)| reply::int(n).unwrap_or(0)).collect(),
        other => reply::items(other).iter().skip(1).step_by(2).map(|n| reply::int(n).unwrap_or(0)).collect(),
    }
}

fn channel(place: &Place, subscribers: Reading, patterns: &Reading) -> QueueObservation {
    let mut seen = match subscribers {
        Ok(0) => vanished(place),
        subscribers => channel_counters(place.blank()).with(Metric::Consumers, subscribers),
    };
    match patterns {
        Ok(0) => {}
        Ok(1) => seen.notes.push("1 subscription by pattern on this server may receive too".to_owned()),
        Ok(n) => seen.notes.push(format!("{n} subscriptions by pattern on this server may receive too")),
        Err(_) => seen.notes.push("Subscribers by pattern are not counted".to_owned()),
    }
    seen
}

/// Channels of Redis itself, not of an application: keyspace events, Sentinel's talk, client-side caching.
pub(super) fn is_internal(name: &[u8]) -> bool {
    name.starts_with(b"__")
}

/// Names of channels with subscribers, from the answer to `PUBSUB CHANNELS`.
pub(super) fn names(value: Value) -> BTreeSet<Vec<u8>> {
    reply::items(value).into_iter().filter_map(reply::bytes).collect()
}
