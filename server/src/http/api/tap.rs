//! Listening to a channel.

use std::convert::Infallible;

use axum::{
    Extension,
    extract::{RawQuery, State},
    response::sse::{Event, Sse},
};
use futures::{Stream, StreamExt as _};
use tokio_stream::wrappers::ReceiverStream;
use weir_app::access::{Act, Object, Principal, authorise};
use weir_model::message::TapEvent;

use crate::http::{
    App,
    extract::{At, Params, QueuePath},
    problem::{Answer, ProblemBody},
};

/// Messages as they pass, where the broker keeps none; ends when the caller goes away.
#[utoipa::path(get, path = "/api/v1/brokers/{broker}/queues/{id}/tap", tag = "messages",
    params(("broker" = String, Path), ("id" = String, Path)),
    responses(
        (status = 200, description = "server-sent events `passed`, twice a second, and `ended`", content_type = "text/event-stream", body = TapEvent),
        (status = 403, description = "the broker is read-only", body = ProblemBody),
        (status = 404, description = "no such broker or queue", body = ProblemBody),
        (status = 409, description = "as many taps as there may be run already", body = ProblemBody),
        (status = 422, description = "this kind keeps its messages: read them", body = ProblemBody),
        (status = 502, description = "the broker could not be reached", body = ProblemBody),
    ))]
pub(crate) async fn tap(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    At(QueuePath { broker, id }): At<QueuePath>,
    RawQuery(query): RawQuery,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    authorise(&who, Act::Peek, Object::Queue { broker: &broker, id: id.as_str() })?;
    Params::read(query.as_deref(), &[])?;
    let heard = ReceiverStream::new(app.services.taps.tap(&who, &broker, &id).await?);
    let events = heard.filter_map(|event| futures::future::ready(as_sse(&event).map(Ok)));
    Ok(Sse::new(events.take_until(app.shutdown.cancelled_owned())))
}

fn as_sse(event: &TapEvent) -> Option<Event> {
    let name = match event {
        TapEvent::Passed(_) => "passed",
        TapEvent::Ended { .. } => "ended",
    };
    Event::default().event(name).json_data(event).ok()
}
