//! Reading, publishing, purging.

mod browse_from;

use axum::{
    Extension, Json,
    extract::{RawQuery, State},
    response::Response,
};
use serde::Deserialize;
use weir_app::{
    access::{Act, Object, Principal, authorise},
    messages::change::Change,
};
use weir_model::{
    QueueId,
    message::{
        BrowseRequest, MessagePage, PeekRequest, Price, PublishReceipt, PublishRequest, PurgeReceipt,
        PurgeRequest,
    },
};

use super::download;
use crate::http::{
    App,
    extract::{At, JsonBody, Key, Params, QueuePath},
    problem::{Answer, ProblemBody},
};

/// Messages of a page that names no limit.
const LIMIT: u32 = 100;

/// Messages, where reading them changes nothing: lists, streams, topics.
#[utoipa::path(get, path = "/api/v1/brokers/{broker}/queues/{id}/messages", tag = "messages",
    params(
        ("broker" = String, Path),
        ("id" = String, Path),
        ("from" = Option<String>, Query, description = "`oldest`, `newest`, `left`, `right`, `offset:N`, `id:ID`, `time:RFC3339`"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "messages, default 100"),
        ("partition" = Option<i32>, Query, description = "one partition of a topic"),
        ("read_committed" = Option<bool>, Query, description = "leave out what no committed transaction wrote; default false"),
    ),
    responses(
        (status = 200, body = MessagePage),
        (status = 400, description = "a parameter is wrong", body = ProblemBody),
        (status = 404, description = "no such broker or queue", body = ProblemBody),
        (status = 409, description = "reading has a price, which is named: POST …/peek", body = ProblemBody),
    ))]
pub(crate) async fn browse(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(QueuePath { broker, id }): At<QueuePath>,
    RawQuery(query): RawQuery,
) -> Answer<Json<MessagePage>> {
    authorise(&who, Act::Browse, Object::Queue { broker: &broker, id: id.as_str() })?;
    let params = Params::read(query.as_deref(), &["from", "limit", "partition", "read_committed"])?;
    let request = BrowseRequest {
        from: params.text("from").map(browse_from::read).transpose()?,
        limit: params.number("limit")?.unwrap_or(LIMIT),
        partition: params.number("partition")?,
        read_committed: params.flag("read_committed")?.unwrap_or(false),
    };
    Ok(Json(app.services.messages.browse(&broker, &id, &request).await?))
}

/// The exact bytes of the message at a position of an earlier page.
#[utoipa::path(get, path = "/api/v1/brokers/{broker}/queues/{id}/messages/{position}/body", tag = "messages",
    params(("broker" = String, Path), ("id" = String, Path), ("position" = String, Path)),
    responses(
        (status = 200, description = "a download", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, description = "nothing stands there", body = ProblemBody),
        (status = 409, description = "another message stands there by now", body = ProblemBody),
    ))]
pub(crate) async fn body(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(BodyPath { broker, id, position }): At<BodyPath>,
) -> Answer<Response> {
    authorise(&who, Act::Browse, Object::Queue { broker: &broker, id: id.as_str() })?;
    Ok(download::attachment(app.services.messages.body(&broker, &id, &position).await?))
}

/// What reading this queue does to its messages.
#[utoipa::path(get, path = "/api/v1/brokers/{broker}/queues/{id}/peek", tag = "messages",
    params(("broker" = String, Path), ("id" = String, Path)),
    responses(
        (status = 200, body = Price),
        (status = 404, description = "no such broker or queue", body = ProblemBody),
        (status = 409, description = "reading is free here: GET …/messages", body = ProblemBody),
    ))]
pub(crate) async fn price(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(QueuePath { broker, id }): At<QueuePath>,
) -> Answer<Json<Price>> {
    authorise(&who, Act::View, Object::Queue { broker: &broker, id: id.as_str() })?;
    Ok(Json(app.services.messages.price(&broker, &id).await?))
}

/// Pays the price of reading a classic or quorum queue.
#[utoipa::path(post, path = "/api/v1/brokers/{broker}/queues/{id}/peek", tag = "messages",
    params(
        ("broker" = String, Path),
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "the same key and request are done once"),
    ),
    request_body = PeekRequest,
    responses(
        (status = 200, body = MessagePage),
        (status = 400, description = "a field is wrong", body = ProblemBody),
        (status = 403, description = "the broker is read-only", body = ProblemBody),
        (status = 409, description = "the price is not accepted whole, or reading is free here", body = ProblemBody),
        (status = 422, description = "reading would lose messages", body = ProblemBody),
    ))]
pub(crate) async fn peek(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(QueuePath { broker, id }): At<QueuePath>,
    Key(key): Key,
    JsonBody(request): JsonBody<PeekRequest>,
) -> Answer<Json<MessagePage>> {
    authorise(&who, Act::Peek, Object::Queue { broker: &broker, id: id.as_str() })?;
    let change = Change { services: app.services, who, key, broker, id };
    Ok(Json(change.peek(request).await?))
}

/// A page that was paid for, again and for free.
#[utoipa::path(get, path = "/api/v1/brokers/{broker}/queues/{id}/peeks/{peek_id}", tag = "messages",
    params(("broker" = String, Path), ("id" = String, Path), ("peek_id" = String, Path)),
    responses(
        (status = 200, body = MessagePage),
        (status = 404, description = "it is no longer kept", body = ProblemBody),
    ))]
pub(crate) async fn peeked(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(PeekPath { broker, id, peek_id }): At<PeekPath>,
) -> Answer<Json<MessagePage>> {
    authorise(&who, Act::Peek, Object::Queue { broker: &broker, id: id.as_str() })?;
    Ok(Json(app.services.messages.peeked(&broker, &id, &peek_id)?))
}

/// The exact bytes of message `n` of a peek, counted from 0.
#[utoipa::path(get, path = "/api/v1/brokers/{broker}/queues/{id}/peeks/{peek_id}/{n}/body", tag = "messages",
    params(("broker" = String, Path), ("id" = String, Path), ("peek_id" = String, Path), ("n" = u32, Path)),
    responses(
        (status = 200, description = "a download", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, description = "it is no longer kept, or has no such message", body = ProblemBody),
    ))]
pub(crate) async fn peeked_body(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(path): At<PeekBodyPath>,
) -> Answer<Response> {
    authorise(&who, Act::Peek, Object::Queue { broker: &path.broker, id: path.id.as_str() })?;
    let messages = app.services.messages;
    let body = messages.peeked_body(&path.broker, &path.id, &path.peek_id, path.n as usize)?;
    Ok(download::attachment(body))
}

/// Publishes; the answer is what the broker said. Never creates a queue or topic.
#[utoipa::path(post, path = "/api/v1/brokers/{broker}/queues/{id}/messages", tag = "messages",
    params(
        ("broker" = String, Path),
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "the same key and request are done once"),
    ),
    request_body = PublishRequest,
    responses(
        (status = 200, body = PublishReceipt),
        (status = 400, description = "a field is wrong, or of another kind of queue", body = ProblemBody),
        (status = 403, description = "the broker is read-only", body = ProblemBody),
        (status = 413, description = "the body is too large", body = ProblemBody),
        (status = 415, description = "the body is not JSON", body = ProblemBody),
        (status = 422, description = "the broker refused", body = ProblemBody),
        (status = 504, description = "the broker did not answer; `outcome` tells what became of it", body = ProblemBody),
    ))]
pub(crate) async fn publish(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(QueuePath { broker, id }): At<QueuePath>,
    Key(key): Key,
    JsonBody(request): JsonBody<PublishRequest>,
) -> Answer<Json<PublishReceipt>> {
    authorise(&who, Act::Publish, Object::Queue { broker: &broker, id: id.as_str() })?;
    let change = Change { services: app.services, who, key, broker, id };
    Ok(Json(change.publish(request).await?))
}

/// Removes what waits in a queue, confirmed by its name.
#[utoipa::path(post, path = "/api/v1/brokers/{broker}/queues/{id}/purge", tag = "messages",
    params(
        ("broker" = String, Path),
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "the same key and request are done once"),
    ),
    request_body = PurgeRequest,
    responses(
        (status = 200, body = PurgeReceipt),
        (status = 400, description = "a field is wrong", body = ProblemBody),
        (status = 403, description = "the broker is read-only", body = ProblemBody),
        (status = 409, description = "`confirm` is not its name, or it has grown since it was seen", body = ProblemBody),
        (status = 422, description = "this kind can't be purged", body = ProblemBody),
    ))]
pub(crate) async fn purge(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(QueuePath { broker, id }): At<QueuePath>,
    Key(key): Key,
    JsonBody(request): JsonBody<PurgeRequest>,
) -> Answer<Json<PurgeReceipt>> {
    authorise(&who, Act::Purge, Object::Queue { broker: &broker, id: id.as_str() })?;
    let change = Change { services: app.services, who, key, broker, id };
    Ok(Json(change.purge(request).await?))
}

/// Gives back what an interrupted purge set aside.
#[utoipa::path(post, path = "/api/v1/brokers/{broker}/queues/{id}/restore", tag = "messages",
    params(
        ("broker" = String, Path),
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "the same key and request are done once"),
    ),
    responses(
        (status = 200, description = "`removed` is how many were given back", body = PurgeReceipt),
        (status = 403, description = "the broker is read-only", body = ProblemBody),
        (status = 409, description = "nothing is set aside", body = ProblemBody),
        (status = 422, description = "this kind sets nothing aside", body = ProblemBody),
    ))]
pub(crate) async fn restore(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(QueuePath { broker, id }): At<QueuePath>,
    Key(key): Key,
) -> Answer<Json<PurgeReceipt>> {
    authorise(&who, Act::Purge, Object::Queue { broker: &broker, id: id.as_str() })?;
    let change = Change { services: app.services, who, key, broker, id };
    Ok(Json(change.restore().await?))
}

/// `{broker}`, `{id}` and `{position}`
#[derive(Deserialize)]
pub(crate) struct BodyPath {
    broker: String,
    id: QueueId,
    position: String,
}

/// `{broker}`, `{id}` and `{peek_id}`
#[derive(Deserialize)]
pub(crate) struct PeekPath {
    broker: String,
    id: QueueId,
    peek_id: String,
}

/// The same and `{n}`
#[derive(Deserialize)]
pub(crate) struct PeekBodyPath {
    broker: String,
    id: QueueId,
    peek_id: String,
    n: u32,
}
