//! What the pages about messages ask of the server.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use weir_model::{
    Problem, ProblemKind, QueueId,
    message::{BrowseRequest, PeekRequest, PublishRequest, PurgeRequest},
};
use weir_model::{
    Timestamp,
    message::{Message, MessagePage, Price, PublishReceipt, PurgeReceipt},
};

use super::query::MessagesQuery;
#[cfg(feature = "ssr")]
use crate::access::Principal;
use crate::error::ApiError;

/// What the messages tab shows, true at `now`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessagesView {
    pub now: Timestamp,
    pub content: Content,
    /// The open message, where it is not among those of the page: others may have come before it since.
    pub opened: Option<Message>,
}

/// Messages, or what it costs to see them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Content {
    Page(MessagePage),
    Price(Price),
}

/// The exact bytes of one body, for a download.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawBody {
    pub file_name: String,
    pub bytes: Vec<u8>,
}

/// What a purge wrote before it removed it, for a download.
#[cfg(feature = "ssr")]
#[derive(Debug)]
pub struct SavedCopy {
    pub file_name: String,
    pub file: tokio::fs::File,
}

/// The server's side of the pages about messages.
///
/// Changes and priced reads write their intent before they act and their outcome after, and are refused on a
/// read-only broker.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Messages: Send + Sync {
    /// Free reading; a conflict that names the price where reading has one.
    async fn browse(
        &self,
        broker: &str,
        id: &QueueId,
        request: &BrowseRequest,
    ) -> Result<MessagePage, Problem>;

    /// What a peek would do to the messages.
    async fn price(&self, broker: &str, id: &QueueId) -> Result<Price, Problem>;

    /// Reads and pays; the page is kept for a while.
    async fn peek(
        &self,
        who: &Principal,
        broker: &str,
        id: &QueueId,
        request: &PeekRequest,
    ) -> Result<MessagePage, Problem>;

    /// A page that was paid for.
    fn peeked(&self, broker: &str, id: &QueueId, peek_id: &str) -> Result<MessagePage, Problem>;

    /// The exact bytes of message `n` of a peek.
    fn peeked_body(&self, broker: &str, id: &QueueId, peek_id: &str, n: usize) -> Result<RawBody, Problem>;

    /// The exact bytes at a position, where reading is free.
    async fn body(&self, broker: &str, id: &QueueId, position: &str) -> Result<RawBody, Problem>;

    async fn publish(
        &self,
        who: &Principal,
        broker: &str,
        id: &QueueId,
        request: &PublishRequest,
    ) -> Result<PublishReceipt, Problem>;

    async fn purge(
        &self,
        who: &Principal,
        broker: &str,
        id: &QueueId,
        request: &PurgeRequest,
    ) -> Result<PurgeReceipt, Problem>;

    /// Gives back what an interrupted purge set aside; `removed` is how many.
    async fn restore(&self, who: &Principal, broker: &str, id: &QueueId) -> Result<PurgeReceipt, Problem>;

    /// The copy that a purge kept, by the id of its action.
    async fn copy(&self, action: i64) -> Result<SavedCopy, Problem>;
}

/// The page that the address asks for: read for free, or paid for before; else the price.
#[server(prefix = "/ui", endpoint = "messages", input = server_fn::codec::Json)]
pub async fn read_messages(
    broker: String,
    id: String,
    query: MessagesQuery,
) -> Result<MessagesView, ApiError> {
    use crate::{
        access::{Act, Object},
        queues::api::queue_id,
        services::caller,
    };

    let (services, _) = caller(Act::Browse, Object::Queue { broker: &broker, id: &id })?;
    let (messages, id, now) = (services.messages, queue_id(&id)?, Timestamp::now());
    if let Some(peek) = &query.peek {
        let content = Content::Page(messages.peeked(&broker, &id, peek)?);
        return Ok(MessagesView { now, content, opened: None });
    }
    let content = match messages.browse(&broker, &id, &query.request()?).await {
        Ok(page) => Content::Page(page),
        Err(problem) if problem.kind == ProblemKind::Conflict => {
            Content::Price(messages.price(&broker, &id).await?)
        }
        Err(problem) => return Err(problem.into()),
    };
    let opened = open_message(messages.as_ref(), &broker, &id, &query, &content).await;
    Ok(MessagesView { now, content, opened })
}

/// The message at the open position, where the page does not hold it and it can be read by its position.
#[cfg(feature = "ssr")]
async fn open_message(
    messages: &dyn Messages,
    broker: &str,
    id: &QueueId,
    query: &MessagesQuery,
    content: &Content,
) -> Option<Message> {
    let position = query.open.as_deref()?;
    let Content::Page(page) = content else { return None };
    if page.items.iter().any(|message| message.position == position) {
        return None;
    }
    let request = super::query::at_position(position)?;
    // It may be gone by now: then the page says so.
    let found = messages.browse(broker, id, &request).await.ok()?.items;
    found.into_iter().find(|message| message.position == position)
}

/// Pays for a look at messages, as the form with the price says.
#[server(prefix = "/ui", endpoint = "peek", input = server_fn::codec::Json)]
pub async fn peek(broker: String, id: String, form: String) -> Result<MessagePage, ApiError> {
    use super::{change::Change, forms::peek_request};
    use crate::{
        access::{Act, Object},
        idempotency::api::IdempotencyKey,
        queues::api::queue_id,
        services::caller,
    };

    let (services, who) = caller(Act::Peek, Object::Queue { broker: &broker, id: &id })?;
    let (id, request) = (queue_id(&id)?, peek_request(&form)?);
    let key = IdempotencyKey::of_form(&who, &form)?;
    Ok(Change { services, who, key, broker, id }.peek(request).await?)
}

/// Publishes what the form says.
#[server(prefix = "/ui", endpoint = "publish", input = server_fn::codec::Json)]
pub async fn publish(broker: String, id: String, form: String) -> Result<PublishReceipt, ApiError> {
    use super::{change::Change, publish::form::publish_request};
    use crate::{
        access::{Act, Object},
        idempotency::api::IdempotencyKey,
        queues::api::queue_id,
        services::caller,
    };

    let (services, who) = caller(Act::Publish, Object::Queue { broker: &broker, id: &id })?;
    let id = queue_id(&id)?;
    let none = || Problem::new(ProblemKind::Conflict, "nothing can be published here");
    let shape = services.queues.forms(&broker, &id)?.shape.ok_or_else(none)?;
    let request = publish_request(shape, &form)?;
    let key = IdempotencyKey::of_form(&who, &form)?;
    Ok(Change { services, who, key, broker, id }.publish(request).await?)
}

/// Purges, as the form says.
#[server(prefix = "/ui", endpoint = "purge", input = server_fn::codec::Json)]
pub async fn purge(broker: String, id: String, form: String) -> Result<PurgeReceipt, ApiError> {
    use super::{change::Change, forms::purge_request};
    use crate::{
        access::{Act, Object},
        idempotency::api::IdempotencyKey,
        queues::api::queue_id,
        services::caller,
    };

    let (services, who) = caller(Act::Purge, Object::Queue { broker: &broker, id: &id })?;
    let (id, request) = (queue_id(&id)?, purge_request(&form)?);
    let key = IdempotencyKey::of_form(&who, &form)?;
    Ok(Change { services, who, key, broker, id }.purge(request).await?)
}

/// Gives back what an interrupted purge set aside.
#[server(prefix = "/ui", endpoint = "restore")]
pub async fn restore_messages(
    broker: String,
    id: String,
    #[server(default)] idempotency_key: Option<String>,
) -> Result<PurgeReceipt, ApiError> {
    use super::change::Change;
    use crate::{
        access::{Act, Object},
        idempotency::api::IdempotencyKey,
        queues::api::queue_id,
        services::caller,
    };

    let (services, who) = caller(Act::Purge, Object::Queue { broker: &broker, id: &id })?;
    let id = queue_id(&id)?;
    let key = idempotency_key.map(|text| IdempotencyKey::of_field(&who, &text)).transpose()?;
    Ok(Change { services, who, key, broker, id }.restore().await?)
}
