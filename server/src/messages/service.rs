//! The messages contract over the fleet and the list of actions.

use std::{path::Path, sync::Arc, time::Instant};

use async_trait::async_trait;
use weir_app::{
    access::{Act, Object, Principal, authorise},
    messages::api::{Messages, RawBody, SavedCopy},
};
use weir_model::{
    ActionOutcome, ActionVerb, Outcome, Problem, ProblemKind, QueueId, Step, Timestamp,
    message::{
        BrowseRequest, MessagePage, PeekRequest, Price, PublishReceipt, PublishRequest, PurgeReceipt,
        PurgeRequest,
    },
    queue::Ability,
};

use super::{
    Resolver, check,
    copies::Copies,
    download,
    limits::{self, within},
    peeks::Peeks,
};
use crate::{
    audit::{ActionLog, Ending, Intent},
    poller::Target,
};

/// Reads, publishes and purges, and notes what changes something.
pub struct MessagesService {
    queues: Arc<dyn Resolver>,
    actions: ActionLog,
    peeks: Arc<Peeks>,
    copies: Copies,
}

/// The step and the fate of a read that was not answered.
pub(super) const READING: (Step, Outcome) = (Step::Read, Outcome::NotDone);
/// The same of a change.
const CHANGING: (Step, Outcome) = (Step::Write, Outcome::Unknown);

impl MessagesService {
    /// Copies go into a folder of the data folder.
    #[must_use]
    pub fn new(queues: Arc<dyn Resolver>, actions: ActionLog, data_folder: &Path) -> Self {
        Self { queues, actions, peeks: Arc::default(), copies: Copies::new(data_folder) }
    }

    /// A queue that somebody wants to change.
    fn permitted(&self, who: &Principal, act: Act, broker: &str, id: &QueueId) -> Result<Target, Problem> {
        authorise(who, act, Object::Queue { broker, id: id.as_str() })?;
        self.queues.resolve(broker, id)
    }
}

#[async_trait]
impl Messages for MessagesService {
    async fn browse(
        &self,
        broker: &str,
        id: &QueueId,
        request: &BrowseRequest,
    ) -> Result<MessagePage, Problem> {
        check::browse(request)?;
        let target = self.queues.resolve(broker, id)?;
        let ability = target.broker.abilities(&target.queue).browse;
        let Some(browse) = target.broker.browse().filter(|_| ability.allowed) else {
            return Err(not_free(&target, ability).await);
        };
        within(limits::READ, READING, browse.browse(&target.queue, request)).await
    }

    async fn price(&self, broker: &str, id: &QueueId) -> Result<Price, Problem> {
        price_of(&self.queues.resolve(broker, id)?).await
    }

    async fn peek(
        &self,
        who: &Principal,
        broker: &str,
        id: &QueueId,
        request: &PeekRequest,
    ) -> Result<MessagePage, Problem> {
        let target = self.permitted(who, Act::Peek, broker, id)?;
        check::peek(request)?;
        writable(&target, target.broker.abilities(&target.queue).peek)?;
        check::accepted(request, &price_of(&target).await?)?;
        let text = format!("read {} by taking them and giving them back", up_to(request.limit));
        let intent = intent(who, ActionVerb::Peek, broker, &target, text, None);
        let (peeks, request) = (Arc::clone(&self.peeks), request.clone());
        let broker = broker.to_owned();
        let act = async move {
            let peek = target.broker.peek().ok_or_else(no_capability)?;
            let reading = (Step::Read, Outcome::Unknown);
            let peeked = within(limits::READ, reading, peek.peek(&target.queue, &request)).await?;
            Ok(peeks.keep(&broker, &target.queue.id, peeked, Instant::now()))
        };
        let ended = |page: &MessagePage| Ending::done(format!("read {}", messages(page.items.len())));
        self.actions.perform(intent, act, ended).await
    }

    fn peeked(&self, broker: &str, id: &QueueId, peek_id: &str) -> Result<MessagePage, Problem> {
        self.peeks.page(broker, id, peek_id, Instant::now())
    }

    fn peeked_body(&self, broker: &str, id: &QueueId, peek_id: &str, n: usize) -> Result<RawBody, Problem> {
        let bytes = self.peeks.body(broker, id, peek_id, n, Instant::now())?;
        let name = id.part_text(id.parts().len() - 1).unwrap_or_default();
        Ok(download::raw_body(&name, &n.to_string(), bytes))
    }

    async fn body(&self, broker: &str, id: &QueueId, position: &str) -> Result<RawBody, Problem> {
        let target = self.queues.resolve(broker, id)?;
        let ability = target.broker.abilities(&target.queue).browse;
        let Some(browse) = target.broker.browse().filter(|_| ability.allowed) else {
            return Err(not_free(&target, ability).await);
        };
        let bytes = within(limits::READ, READING, browse.body(&target.queue, position)).await?;
        Ok(download::raw_body(&target.queue.name, position, bytes))
    }

    async fn publish(
        &self,
        who: &Principal,
        broker: &str,
        id: &QueueId,
        request: &PublishRequest,
    ) -> Result<PublishReceipt, Problem> {
        let target = self.permitted(who, Act::Publish, broker, id)?;
        check::publish(request)?;
        writable(&target, target.broker.abilities(&target.queue).publish)?;
        let repeat = request.repeat.unwrap_or(1);
        let text = format!("publish {}", messages(repeat as usize));
        let intent = intent(who, ActionVerb::Publish, broker, &target, text, None);
        let request = request.clone();
        let act = async move {
            let publish = target.broker.publish().ok_or_else(no_capability)?;
            within(limits::publish(repeat), CHANGING, publish.publish(&target.queue, &request)).await
        };
        self.actions.perform(intent, act, published).await
    }

    async fn purge(
        &self,
        who: &Principal,
        broker: &str,
        id: &QueueId,
        request: &PurgeRequest,
    ) -> Result<PurgeReceipt, Problem> {
        let target = self.permitted(who, Act::Purge, broker, id)?;
        check::purge(&target.queue, request)?;
        writable(&target, target.broker.abilities(&target.queue).purge)?;
        let copy = request.copy.then(|| Copies::file_name(broker, &target.queue, Timestamp::now()));
        if copy.is_some() {
            drainable(&target)?;
        }
        let text = purging(request);
        let intent = Intent {
            copy: copy.clone(),
            ..intent(who, ActionVerb::Purge, broker, &target, text, request.reason.clone())
        };
        let (copies, broker, request) = (self.copies.clone(), broker.to_owned(), request.clone());
        let act = async move {
            if let Some(file) = copy {
                return purge_with_copy(&copies, &file, &broker, &target, &request).await;
            }
            let purge = target.broker.purge().ok_or_else(no_capability)?;
            within(limits::PURGE, CHANGING, purge.purge(&target.queue, &request)).await
        };
        self.actions.perform(intent, act, purged).await
    }

    async fn restore(&self, who: &Principal, broker: &str, id: &QueueId) -> Result<PurgeReceipt, Problem> {
        let target = self.permitted(who, Act::Purge, broker, id)?;
        drainable(&target)?;
        writable(&target, Ability::yes())?;
        let text = "give back what an interrupted purge set aside".to_owned();
        let intent = intent(who, ActionVerb::Restore, broker, &target, text, None);
        let act = async move {
            let drain = target.broker.drain().ok_or_else(no_capability)?;
            within(limits::DRAIN, CHANGING, drain.restore(&target.queue)).await
        };
        let said = |receipt: &PurgeReceipt| Ending::done(format!("gave back {}", counted(receipt.removed)));
        self.actions.perform(intent, act, said).await
    }

    async fn copy(&self, action: i64) -> Result<SavedCopy, Problem> {
        let unread =
            |_| Problem::new(ProblemKind::Unavailable, "the list of actions can't be read now; try again");
        let none = || Problem::not_found(format!("action {action} has no copy"));
        let file_name = self.actions.copy_of(action).await.map_err(unread)?.ok_or_else(none)?;
        let gone =
            |error: std::io::Error| Problem::not_found(format!("copies/{file_name} can't be read: {error}"));
        let file = self.copies.open(&file_name).await.map_err(gone)?;
        Ok(SavedCopy { file_name, file })
    }
}

/// Writes what waits to a file, and removes it once it is on the disk.
async fn purge_with_copy(
    copies: &Copies,
    file: &str,
    broker: &str,
    target: &Target,
    request: &PurgeRequest,
) -> Result<PurgeReceipt, Problem> {
    let drain = target.broker.drain().ok_or_else(no_capability)?;
    let mut copy = copies.begin(file, broker, &target.queue).await?;
    let drained = within(limits::DRAIN, CHANGING, drain.drain(&target.queue, request, &mut copy)).await;
    copy.conclude(drained).await
}

pub(super) fn intent(
    who: &Principal,
    verb: ActionVerb,
    broker: &str,
    target: &Target,
    text: String,
    reason: Option<String>,
) -> Intent {
    Intent {
        actor: who.name.clone(),
        verb,
        broker: broker.to_owned(),
        queue: Some((target.queue.id.clone(), target.queue.name.clone())),
        text,
        reason,
        copy: None,
    }
}

/// The broker may be changed, and the queue's kind can do it.
pub(super) fn writable(target: &Target, ability: Ability) -> Result<(), Problem> {
    if let Some(reason) = &target.read_only {
        return Err(Problem::forbidden(reason.clone()));
    }
    if ability.allowed { Ok(()) } else { Err(cannot(ability)) }
}

/// What waits can be copied before it is removed.
fn drainable(target: &Target) -> Result<(), Problem> {
    let Some(drain) = target.broker.drain() else {
        return Err(Problem::refused("this kind of broker can't keep a copy of what it purges"));
    };
    let ability = drain.drainable(&target.queue);
    if ability.allowed { Ok(()) } else { Err(cannot(ability)) }
}

fn cannot(ability: Ability) -> Problem {
    Problem::refused(ability.reason.unwrap_or_else(|| "this kind of queue can't do that".to_owned()))
}

pub(super) fn no_capability() -> Problem {
    Problem::refused("this kind of queue can't do that")
}

async fn price_of(target: &Target) -> Result<Price, Problem> {
    let ability = target.broker.abilities(&target.queue).peek;
    let Some(peek) = target.broker.peek().filter(|_| ability.allowed) else {
        return Err(cannot(ability));
    };
    within(limits::PRICE, READING, peek.price(&target.queue)).await
}

/// Why a queue can't be read for free: the price, where there is one.
async fn not_free(target: &Target, ability: Ability) -> Problem {
    if target.broker.peek().is_none() || !target.broker.abilities(&target.queue).peek.allowed {
        return cannot(ability);
    }
    match price_of(target).await {
        Ok(Price { refused: Some(reason), .. }) => Problem::refused(reason),
        Ok(price) => {
            Problem::conflict(format!("reading has a price: {}peek to pay it", sentences(&price.text)))
        }
        Err(problem) => problem,
    }
}

/// Each with its full stop, and room for the next.
fn sentences(texts: &[String]) -> String {
    texts.iter().map(|text| format!("{}. ", text.trim_end_matches('.'))).collect()
}

fn messages(n: usize) -> String {
    if n == 1 { "1 message".to_owned() } else { format!("{n} messages") }
}

fn up_to(limit: u32) -> String {
    if limit == 1 { "1 message".to_owned() } else { format!("up to {limit} messages") }
}

/// What nobody got was not done, though the broker took it.
fn published(receipt: &PublishReceipt) -> Ending {
    let unroutable = receipt.routed == Some(false) && receipt.published == 0;
    let outcome =
        if unroutable || receipt.receivers == Some(0) { ActionOutcome::Dropped } else { ActionOutcome::Done };
    Ending { outcome, detail: receipt.text.clone() }
}

fn purging(request: &PurgeRequest) -> String {
    let copy = if request.copy { ", keeping a copy" } else { "" };
    let seen = request.seen_depth.map(|seen| format!(", {seen} messages when it was looked at"));
    format!("purge what waits{copy}{}", seen.unwrap_or_default())
}

fn counted(removed: Option<i64>) -> String {
    removed.map_or_else(|| "an unknown number".to_owned(), |n| n.to_string())
}

fn purged(receipt: &PurgeReceipt) -> Ending {
    let left = receipt.left.map_or_else(String::new, |left| format!(", {left} left"));
    let removed = format!("removed {}{left}", counted(receipt.removed));
    let copy = receipt.copy.as_ref().map(|copy| format!("copied to {copy}"));
    Ending::done([vec![removed], copy.into_iter().collect(), receipt.notes.clone()].concat().join("; "))
}
