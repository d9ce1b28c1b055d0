//! Purging.

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use weir::brokers::{BrokerError, CopySink};
use weir_model::message::{Message, PurgeRequest};
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
        let request = PurgeRequest { confirm: name.clone(), seen_depth: Some(9), ..PurgeRequest::default() };
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
        let request = PurgeRequest { confirm: name.clone(), seen_depth: Some(10), ..PurgeRequest::default() };
        let answer =
            broker.purge().context("an ability without its capability")?.purge(&queue, &request).await;
        ensure!(matches!(answer, Err(BrokerError::Conflict(_))), "{kind}: {answer:?}");
        ensure!(s.held(kind, &name).await? == 20, "{kind} lost messages");
    }
    Ok(())
}

/// A copy in memory, which fails where it is told to.
#[derive(Default)]
struct Memory {
    written: Vec<Message>,
    synced: bool,
    /// Messages that it has room for.
    room: Option<usize>,
    fails_to_sync: bool,
}

#[async_trait]
impl CopySink for Memory {
    async fn write(&mut self, message: &Message) -> Result<(), BrokerError> {
        if self.room.is_some_and(|room| self.written.len() >= room) {
            return Err(BrokerError::NotKept("no space left on device".to_owned()));
        }
        self.written.push(message.clone());
        Ok(())
    }

    async fn sync(&mut self) -> Result<(), BrokerError> {
        if self.fails_to_sync {
            return Err(BrokerError::NotKept("input/output error".to_owned()));
        }
        self.synced = true;
        Ok(())
    }
}

pub async fn given_messages_when_drained_then_exactly_what_was_copied_is_removed<S: Subject>(
    s: &S,
) -> Result<()> {
    let broker = adapter(&s.config())?;
    let drain = broker.drain().context("every kind of broker answers")?;
    for &kind in s.kinds() {
        let name = unique("drained");
        let sent = bodies(50);
        let id = s.make(kind, &name, &sent).await?;
        let queue = seen_with_depth(&*broker, &id, kind, 50).await?;
        let request = PurgeRequest { confirm: name.clone(), seen_depth: Some(50), ..PurgeRequest::default() };
        let mut copy = Memory::default();
        if !drain.drainable(&queue).allowed {
            ensure!(!broker.abilities(&queue).purge.allowed, "{kind} can be purged and not drained");
            ensure!(drain.drain(&queue, &request, &mut copy).await.is_err());
            continue;
        }
        let receipt = drain.drain(&queue, &request, &mut copy).await?;
        ensure!(copy.synced && receipt.removed == Some(50), "{kind}: {receipt:?}");
        let mut copied: Vec<Vec<u8>> =
            copy.written.iter().filter_map(|m| Some(m.body.as_ref()?.data.clone().into_bytes())).collect();
        let mut sent = sent;
        sent.sort();
        copied.sort();
        ensure!(copied == sent, "{kind}: other bodies were copied");
        wait::until_eq("the broker's own count", SEEN_WITHIN, 0, || s.held(kind, &name)).await?;
    }
    Ok(())
}

pub async fn given_a_copy_that_fails_when_drained_then_nothing_is_removed<S: Subject>(s: &S) -> Result<()> {
    let broker = adapter(&s.config())?;
    let drain = broker.drain().context("every kind of broker answers")?;
    for &kind in s.kinds() {
        let name = unique("kept");
        let id = s.make(kind, &name, &bodies(30)).await?;
        let queue = seen_with_depth(&*broker, &id, kind, 30).await?;
        if !drain.drainable(&queue).allowed {
            continue;
        }
        let request = |seen| PurgeRequest { seen_depth: Some(seen), ..PurgeRequest::default() };
        for mut copy in [
            Memory { room: Some(20), ..Memory::default() },
            Memory { fails_to_sync: true, ..Memory::default() },
        ] {
            let answer = drain.drain(&queue, &request(30), &mut copy).await;
            ensure!(matches!(answer, Err(BrokerError::NotKept(_))), "{kind}: {answer:?}");
            wait::until_eq("all of it is back", SEEN_WITHIN, 30, || s.held(kind, &name)).await?;
        }
        let grown = drain.drain(&queue, &request(10), &mut Memory::default()).await;
        ensure!(matches!(grown, Err(BrokerError::Conflict(_))), "{kind}: {grown:?}");
        ensure!(s.held(kind, &name).await? == 30, "{kind} lost messages");
    }
    Ok(())
}
