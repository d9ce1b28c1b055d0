//! Observing and describing.

use std::collections::HashSet;

use anyhow::{Result, ensure};
use weir_model::{Metric, QueueObservation, Timestamp};
use weir_tests::unique;

use crate::subject::{SEEN_WITHIN, Subject, adapter, bodies, observe, seen_with_depth};

pub async fn given_messages_when_observed_then_depth_and_identity_are_right<S: Subject>(s: &S) -> Result<()> {
    let broker = adapter(&s.config())?;
    for &kind in s.kinds() {
        let name = unique("seen");
        let id = s.make(kind, &name, &bodies(7)).await?;
        let seen = seen_with_depth(&*broker, &id, kind, 7).await?;
        ensure!(seen.kind == kind && seen.name == name && !seen.vanished, "{seen:?}");
        if !kind.is_log() {
            ensure!(seen.value(Metric::Backlog) == Some(7), "what waits in {kind} is its depth: {seen:?}");
        }
    }
    Ok(())
}

pub async fn given_odd_names_when_observed_then_they_come_back<S: Subject>(s: &S) -> Result<()> {
    let broker = adapter(&s.config())?;
    let mut made = Vec::new();
    for &kind in s.kinds() {
        let end = unique(".");
        let longest = "n".repeat(s.longest_name(kind) - end.len());
        for odd in s.odd_names().iter().copied().chain([longest.as_str()]) {
            let name = format!("{odd}{end}");
            made.push((s.make(kind, &name, &bodies(1)).await?, kind, name));
        }
    }
    for (id, kind, name) in made {
        let seen = seen_with_depth(&*broker, &id, kind, 1).await?;
        ensure!(seen.name == name, "{} is not {name}", seen.name);
        ensure!(id.as_str().parse().as_ref() == Ok(&id), "{id} is not canonical");
    }
    Ok(())
}

pub async fn given_every_figure_when_observed_then_unknown_has_a_reason<S: Subject>(s: &S) -> Result<()> {
    let broker = adapter(&s.config())?;
    for &kind in s.kinds() {
        s.make(kind, &unique("figures"), &bodies(1)).await?;
    }
    let before = Timestamp::now();
    let seen = observe(&*broker, &[]).await?;
    ensure!(before <= seen.at && seen.at <= Timestamp::now(), "{} is not within the look", seen.at);
    ensure!(!seen.version.is_empty() && seen.cost.requests > 0, "version and cost: {seen:?}");
    let ids: HashSet<_> = seen.queues.iter().map(|q| &q.id).collect();
    ensure!(ids.len() == seen.queues.len(), "an id stands for two queues");
    for queue in &seen.queues {
        reasons_are_given(queue)?;
    }
    Ok(())
}

fn reasons_are_given(queue: &QueueObservation) -> Result<()> {
    for (metric, reading) in &queue.figures {
        match reading {
            Ok(value) => ensure!(*value >= 0, "{metric:?} of {} is {value}", queue.name),
            Err(reason) => {
                ensure!(!reason.detail.is_empty(), "{metric:?} of {} is unknown without a reason", queue.name)
            }
        }
    }
    Ok(())
}

pub async fn given_a_queue_when_described_then_its_configuration_is_told<S: Subject>(s: &S) -> Result<()> {
    let broker = adapter(&s.config())?;
    for &kind in s.kinds() {
        let id = s.make(kind, &unique("told"), &bodies(1)).await?;
        let seen = weir_tests::wait::until("the queue is listed", SEEN_WITHIN, || async {
            observe(&*broker, &[]).await.ok()?.queues.into_iter().find(|q| q.id == id)
        })
        .await?;
        let told = broker.describe(&seen).await?;
        ensure!(!told.configuration.is_empty(), "{kind} tells nothing of itself");
    }
    Ok(())
}

pub async fn given_a_queue_that_is_not_there_when_described_then_it_is_not_found<S: Subject>(
    s: &S,
) -> Result<()> {
    let broker = adapter(&s.config())?;
    for &kind in s.kinds() {
        let name = unique("gone");
        let here = s.make(kind, &unique("here"), &bodies(1)).await?;
        let mut parts = here.parts();
        if let Some(last) = parts.last_mut() {
            *last = name.clone().into_bytes();
        }
        let gone = QueueObservation::new(weir_model::QueueId::from_parts(&parts), kind, &name, "/");
        let answer = broker.describe(&gone).await;
        ensure!(matches!(&answer, Err(weir::brokers::BrokerError::NotFound(_))), "{kind}: {answer:?}");
    }
    Ok(())
}
