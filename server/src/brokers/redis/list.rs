//! Lists: their length, and nothing else, since Redis counts nothing else.

use weir_model::{Metric, QueueObservation};

use super::{
    super::BrokerError,
    connection::Connection,
    key::{Place, by_db},
    reply,
    vanished::{changed_type, list_counters, vanished},
};

/// Measures lists: one `LLEN` each.
pub(super) async fn measure(
    connection: &mut Connection,
    places: &[&Place],
) -> Result<Vec<QueueObservation>, BrokerError> {
    let mut seen = Vec::with_capacity(places.len());
    for (db, places) in by_db(places.iter().copied()) {
        let commands = places.iter().map(|place| redis::cmd("LLEN").arg(&place.key).take()).collect();
        let answers = connection.read(db, commands).await?;
        let mut others = Vec::new();
        for (place, answer) in places.into_iter().zip(answers) {
            match answer {
                Err(error) if reply::is_wrong_type(&error) => others.push(place),
                answer => seen.push(list(place, reply::number(answer, "LLEN"))),
            }
        }
        seen.extend(strangers(connection, db, others).await?);
    }
    Ok(seen)
}

fn list(place: &Place, length: weir_model::Reading) -> QueueObservation {
    match length {
        Ok(0) => vanished(place),
        length => {
            list_counters(place.blank()).with(Metric::Depth, length.clone()).with(Metric::Backlog, length)
        }
    }
}

/// Keys that are no longer what they were: asks what they are.
pub(super) async fn strangers(
    connection: &mut Connection,
    db: u32,
    places: Vec<&Place>,
) -> Result<Vec<QueueObservation>, BrokerError> {
    let commands: Vec<_> = places.iter().map(|place| redis::cmd("TYPE").arg(&place.key).take()).collect();
    if commands.is_empty() {
        return Ok(Vec::new());
    }
    let answers = connection.read(db, commands).await?;
    let word = |answer: reply::Reply| answer.ok().and_then(reply::text);
    Ok(places
        .into_iter()
        .zip(answers)
        .map(|(place, answer)| {
            changed_type(place, word(answer).as_deref().unwrap_or("value of another type"))
        })
        .collect())
}
