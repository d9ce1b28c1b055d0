//! Purging.

use anyhow::{Context as _, Result, ensure};
use weir::brokers::BrokerError;
use weir_model::message::PurgeRequest;
use weir_tests::{unique, wait};

use crate::subject::{SEEN_WITHIN, Subject, adapter, bodies, seen_with_depth};

pub async fn given_messages_when_purged_then_the_count_is_exact_or_the_reason_is_told<S: Subject>(
    s: &S,
) -> Result<()> {
    let broker = adapter(&s.config())?;
    for &kind in s.kinds() {
        let name = unique("purged");
        let id = s.make(kind, &name, &bodies(9)).await?;
        let queue = seen_with_depth(&*broker, &id, kind, 9).await?;
        let request = PurgeRequest { confirm: name.clone(), seen_depth: Some(9), reason: None };
        let purge = broker.purge().context("every kind answers")?;
        let ability = broker.abilities(&queue).purge;
        let answer = purge.purge(&queue, &request).await;
        if ability.allowed {
            let receipt = answer?;
            ensure!(receipt.removed == Some(9), "{kind}: {receipt:?}");
            wait::until_eq("the broker's own count", SEEN_WITHIN, 0, || s.held(kind, &name)).await?;
        } else {
            ensure!(ability.reason.is_some_and(|r| !r.is_empty()), "{kind} gives no reason");
            ensure!(matches!(answer, Err(BrokerError::Refused(_))), "{kind}: {answer:?}");
            ensure!(s.held(kind, &name).await? == 9, "{kind} was purged all the same");
        }
    }
    Ok(())
}

pub async fn given_a_stale_depth_when_purged_then_nothing_is_lost<S: Subject>(s: &S) -> Result<()> {
    let broker = adapter(&s.config())?;
    for &kind in s.kinds() {
        let name = unique("stale");
        let id = s.make(kind, &name, &bodies(20)).await?;
        let queue = seen_with_depth(&*broker, &id, kind, 20).await?;
        if !broker.abilities(&queue).purge.allowed {
            continue;
        }
        let request = PurgeRequest { confirm: name.clone(), seen_depth: Some(10), reason: None };
        let answer =
            broker.purge().context("an ability without its capability")?.purge(&queue, &request).await;
        ensure!(matches!(answer, Err(BrokerError::Conflict(_))), "{kind}: {answer:?}");
        ensure!(s.held(kind, &name).await? == 20, "{kind} lost messages");
    }
    Ok(())
}
