//! Messages that were paid for, kept for a while so that looking again is free.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use weir_model::{Problem, QueueId, message::MessagePage};

use crate::brokers::Peeked;

/// How long a peek can be looked at again.
const KEEP: Duration = Duration::from_secs(15 * 60);
/// What all kept peeks may hold in memory; one alone holds 16 MiB of bodies at most.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The peeks of the last quarter of an hour, oldest first.
#[derive(Debug)]
pub(super) struct Peeks {
    /// Held for moments only: nothing inside waits.
    kept: Mutex<VecDeque<Kept>>,
    most_bytes: usize,
}

impl Default for Peeks {
    fn default() -> Self {
        Self { kept: Mutex::default(), most_bytes: MOST_BYTES }
    }
}

#[derive(Debug)]
struct Kept {
    peek_id: String,
    broker: String,
    queue: QueueId,
    until: Instant,
    bytes: usize,
    page: MessagePage,
    bodies: Vec<Vec<u8>>,
}

impl Peeks {
    /// Keeps a peek, and gives its page with the id to find it by.
    pub(super) fn keep(&self, broker: &str, queue: &QueueId, peeked: Peeked, now: Instant) -> MessagePage {
        let Peeked { mut page, bodies } = peeked;
        let peek_id = uuid::Uuid::new_v4().simple().to_string();
        page.peek_id = Some(peek_id.clone());
        let one = Kept {
            peek_id,
            broker: broker.to_owned(),
            queue: queue.clone(),
            until: now + KEEP,
            bytes: weight(&page, &bodies),
            page: page.clone(),
            bodies,
        };
        let mut kept = self.kept();
        kept.push_back(one);
        while kept.len() > 1 && kept.iter().map(|k| k.bytes).sum::<usize>() > self.most_bytes {
            kept.pop_front();
        }
        page
    }

    /// # Errors
    /// No such peek of this queue is kept (any more).
    pub(super) fn page(
        &self,
        broker: &str,
        queue: &QueueId,
        peek_id: &str,
        now: Instant,
    ) -> Result<MessagePage, Problem> {
        self.find(broker, queue, peek_id, now, |kept| Ok(kept.page.clone()))
    }

    /// # Errors
    /// No such peek of this queue is kept (any more), or it has no such message.
    pub(super) fn body(
        &self,
        broker: &str,
        queue: &QueueId,
        peek_id: &str,
        n: usize,
        now: Instant,
    ) -> Result<Vec<u8>, Problem> {
        self.find(broker, queue, peek_id, now, |kept| {
            let missing =
                || Problem::not_found(format!("the peek holds {} messages, no {n}", kept.bodies.len()));
            kept.bodies.get(n).cloned().ok_or_else(missing)
        })
    }

    fn find<T>(
        &self,
        broker: &str,
        queue: &QueueId,
        peek_id: &str,
        now: Instant,
        take: impl FnOnce(&Kept) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut kept = self.kept();
        while kept.front().is_some_and(|oldest| oldest.until <= now) {
            kept.pop_front();
        }
        let found = kept.iter().find(|k| k.peek_id == peek_id && k.broker == broker && k.queue == *queue);
        found.map_or_else(|| Err(Problem::not_found(GONE)), take)
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const GONE: &str = "this peek is not kept (any more): peeks are kept for 15 minutes; read again";

/// Bytes that a peek holds in memory, about.
fn weight(page: &MessagePage, bodies: &[Vec<u8>]) -> usize {
    let shown = page.items.iter().map(|m| 512 + m.body.as_ref().map_or(0, |body| body.data.len()));
    shown.sum::<usize>() + bodies.iter().map(Vec::len).sum::<usize>()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a page without its id has failed the test")]

    use weir_model::message::StopReason;

    use super::*;

    fn peeked(bytes: usize) -> Peeked {
        let page = MessagePage {
            items: Vec::new(),
            stopped: StopReason::End,
            stopped_detail: None,
            next: None,
            peek_id: None,
            notes: Vec::new(),
        };
        Peeked { page, bodies: vec![vec![7; bytes]] }
    }

    #[test]
    fn given_a_peek_when_looked_at_again_then_it_is_there_for_a_quarter_of_an_hour_and_only_for_its_queue() {
        let (peeks, now) = (Peeks::default(), Instant::now());
        let (queue, other) = (QueueId::from_parts(&["/", "a"]), QueueId::from_parts(&["/", "b"]));
        let page = peeks.keep("orders", &queue, peeked(3), now);
        let id = page.peek_id.clone().unwrap();
        let later = now + KEEP - Duration::from_secs(1);
        assert_eq!(peeks.page("orders", &queue, &id, later), Ok(page));
        assert_eq!(peeks.body("orders", &queue, &id, 0, later), Ok(vec![7; 3]));
        assert!(peeks.body("orders", &queue, &id, 1, later).is_err());
        assert!(peeks.page("orders", &other, &id, later).is_err());
        assert!(peeks.page("elsewhere", &queue, &id, later).is_err());
        assert!(peeks.page("orders", &queue, &id, now + KEEP).is_err());
    }

    #[test]
    fn given_more_than_memory_allows_when_kept_then_the_oldest_go() {
        let (peeks, now) = (Peeks { most_bytes: 100, ..Peeks::default() }, Instant::now());
        let queue = QueueId::from_parts(&["/", "a"]);
        let keep = |bytes| peeks.keep("orders", &queue, peeked(bytes), now).peek_id.unwrap();
        let ids = [keep(60), keep(30), keep(50)];
        let there = ids.map(|id| peeks.page("orders", &queue, &id, now).is_ok());
        assert_eq!(there, [false, true, true]);
    }
}
