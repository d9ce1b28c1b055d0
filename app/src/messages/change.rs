//! Changes to a queue, each done once for its idempotency key: the same for the pages' forms and for REST.

use weir_model::{
    Problem, QueueId,
    message::{MessagePage, PeekRequest, PublishReceipt, PublishRequest, PurgeReceipt, PurgeRequest},
};

use crate::{
    access::Principal,
    idempotency::api::{IdempotencyKey, once},
    services::Services,
};

/// Who wants to change which queue, and the key of the change.
pub struct Change {
    pub services: Services,
    pub who: Principal,
    pub key: Option<IdempotencyKey>,
    pub broker: String,
    pub id: QueueId,
}

impl Change {
    /// # Errors
    /// As [`Messages::publish`](super::api::Messages::publish), and those of [`once`].
    pub async fn publish(self, request: PublishRequest) -> Result<PublishReceipt, Problem> {
        let Self { services, who, key, broker, id } = self;
        let whole = ("publish", broker.clone(), id.clone(), request.clone());
        let Services { messages, keys, .. } = services;
        let change = async move { messages.publish(&who, &broker, &id, &request).await };
        once(keys, key, &whole, change).await
    }

    /// # Errors
    /// As [`Messages::purge`](super::api::Messages::purge), and those of [`once`].
    pub async fn purge(self, request: PurgeRequest) -> Result<PurgeReceipt, Problem> {
        let Self { services, who, key, broker, id } = self;
        let whole = ("purge", broker.clone(), id.clone(), request.clone());
        let Services { messages, keys, .. } = services;
        let change = async move { messages.purge(&who, &broker, &id, &request).await };
        once(keys, key, &whole, change).await
    }

    /// # Errors
    /// As [`Messages::restore`](super::api::Messages::restore), and those of [`once`].
    pub async fn restore(self) -> Result<PurgeReceipt, Problem> {
        let Self { services, who, key, broker, id } = self;
        let whole = ("restore", broker.clone(), id.clone());
        let Services { messages, keys, .. } = services;
        let change = async move { messages.restore(&who, &broker, &id).await };
        once(keys, key, &whole, change).await
    }

    /// Only the peek's id is kept with the key, so that no body comes into the database.
    ///
    /// # Errors
    /// As [`Messages::peek`](super::api::Messages::peek), and those of [`once`]; not found where it was paid and what
    /// was read is no longer kept.
    pub async fn peek(self, request: PeekRequest) -> Result<MessagePage, Problem> {
        let Self { services, who, key, broker, id } = self;
        let whole = ("peek", broker.clone(), id.clone(), request.clone());
        let Services { messages, keys, .. } = services;
        let (kept, queue) = (messages.clone(), (broker.clone(), id.clone()));
        let change = async move {
            let page = messages.peek(&who, &broker, &id, &request).await?;
            Ok(page.peek_id.unwrap_or_default())
        };
        let peek_id = once(keys, key, &whole, change).await?;
        kept.peeked(&queue.0, &queue.1, &peek_id)
    }
}
