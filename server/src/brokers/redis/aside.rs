//! Lists that a purge set aside and did not end with: Weir was killed, or Redis fell silent. They are looked for by
//! name, so that they are found whatever is to be listed.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::Instant;
use weir_model::{HealthFact, Metric, QueueKind, QueueObservation, Severity};

use super::{
    super::BrokerError,
    connection::Connection,
    info::fact,
    key::{Place, by_db},
    reply,
};

/// One cheap command for each list, so rarely that it costs nothing.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// What stands aside.
#[derive(Default)]
pub(super) struct Asides {
    looked: Option<Instant>,
    found: BTreeSet<Place>,
}

impl Asides {
    /// Adds what stands aside of the lists among `places` to them.
    pub(super) async fn add_to(
        &mut self,
        places: &mut BTreeSet<Place>,
        connection: &mut Connection,
    ) -> Result<(), BrokerError> {
        if self.looked.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
            self.found = look(connection, places).await?;
            self.looked = Some(Instant::now());
        }
        places.extend(self.found.iter().cloned());
        Ok(())
    }
}

async fn look(connection: &mut Connection, places: &BTreeSet<Place>) -> Result<BTreeSet<Place>, BrokerError> {
    let lists =
        places.iter().filter(|place| place.kind == QueueKind::RedisList && place.original().is_none());
    let asides: Vec<Place> = lists.map(Place::aside).collect();
    let mut found = BTreeSet::new();
    for (db, asides) in by_db(&asides) {
        // LLEN rather than EXISTS, which would be one right more for an account that only looks.
        let commands = asides.iter().map(|aside| redis::cmd("LLEN").arg(&aside.key).take()).collect();
        let answers = connection.read(db, commands).await?;
        let there = asides
            .into_iter()
            .zip(answers)
            .filter(|(_, answer)| answer.as_ref().is_ok_and(|answer| reply::int(answer) > Some(0)));
        found.extend(there.map(|(aside, _)| aside.clone()));
    }
    Ok(found)
}

/// For the broker's card.
pub(super) fn health(queues: &[QueueObservation]) -> Option<HealthFact> {
    let aside: Vec<String> = queues
        .iter()
        .filter(|queue| Place::parse(&queue.id).is_some_and(|place| place.original().is_some()))
        .filter_map(|queue| Some((&queue.name, queue.value(Metric::Depth).filter(|depth| *depth > 0)?)))
        .map(|(name, depth)| format!("{name} ({depth} messages)"))
        .collect();
    (!aside.is_empty()).then(|| {
        let text = format!(
            "A purge with a copy that did not end left messages aside in {}: give them back or purge them there",
            aside.join(", ")
        );
        fact("set_aside", Severity::Warning, text)
    })
}
