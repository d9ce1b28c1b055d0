//! `GET /api/v1/live`: what changed, as server-sent events.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{RawQuery, State},
    response::sse::{Event, KeepAlive, Sse},
};
use futures::{Stream, StreamExt as _, stream};
use tokio_stream::wrappers::BroadcastStream;
use weir_app::access::{Act, Object, Principal, authorise};
use weir_model::{LiveEvent, Problem, QueueId};

use super::{App, extract::Params, problem::Answer};

const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a browser waits before it connects again.
const RETRY: Duration = Duration::from_secs(2);

/// What changes from now on.
#[utoipa::path(get, path = "/api/v1/live", tag = "live",
    params(
        ("broker" = Option<String>, Query, description = "only this broker"),
        ("queue" = Option<String>, Query, description = "only the queue with this id; needs broker"),
    ),
    responses(
        (status = 200, description = "server-sent events `observation`, `broker`, `resync`; a comment every 15 s", content_type = "text/event-stream", body = LiveEvent),
        (status = 400, description = "a parameter is wrong", body = super::problem::ProblemBody),
    ))]
pub(crate) async fn live(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    RawQuery(query): RawQuery,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    authorise(&who, Act::View, Object::House)?;
    let interest = Interest::read(&app, query.as_deref())?;
    let changes = BroadcastStream::new(app.services.queues.live()).filter_map(move |event| {
        let told = match event {
            Ok(event) => interest.of(&event),
            // The browser fell behind: it is never sent a backlog.
            Err(_) => Some(LiveEvent::Resync),
        };
        futures::future::ready(told.and_then(|event| as_sse(&event)))
    });
    let hello = stream::once(async { Event::default().retry(RETRY).comment("weir") });
    let events = hello.chain(changes).map(Ok).take_until(app.shutdown.cancelled_owned());
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("heartbeat")))
}

fn as_sse(event: &LiveEvent) -> Option<Event> {
    let name = match event {
        LiveEvent::Observation(_) => "observation",
        LiveEvent::Broker { .. } => "broker",
        LiveEvent::Resync => "resync",
    };
    Event::default().event(name).json_data(event).ok()
}

/// What a page wants to hear of.
#[derive(Default)]
struct Interest {
    broker: Option<String>,
    queue: Option<QueueId>,
}

impl Interest {
    fn read(app: &App, query: Option<&str>) -> Result<Self, Problem> {
        let params = Params::read(query, &["broker", "queue"])?;
        let broker = params.owned("broker");
        if let Some(name) = &broker {
            app.fleet.station(name).map_err(|p| Problem::field("broker", p.detail))?;
        }
        let queue = match params.text("queue") {
            Some(_) if broker.is_none() => {
                return Err(Problem::field("queue", "name the broker too: an id holds within its broker"));
            }
            Some(id) => Some(id.parse().map_err(|e| Problem::field("queue", format!("{e}")))?),
            None => None,
        };
        Ok(Self { broker, queue })
    }

    /// The part of an event that is of interest.
    fn of(&self, event: &Arc<LiveEvent>) -> Option<LiveEvent> {
        let wanted = |name: &str| self.broker.as_deref().is_none_or(|broker| broker == name);
        match event.as_ref() {
            LiveEvent::Observation(change) if wanted(&change.broker) => {
                let mut change = change.clone();
                if let Some(id) = &self.queue {
                    change.changed.retain(|row| row.id == *id);
                    change.forgotten.retain(|forgotten| forgotten == id);
                }
                Some(LiveEvent::Observation(change))
            }
            LiveEvent::Broker { card } if wanted(&card.name) => Some(event.as_ref().clone()),
            LiveEvent::Resync => Some(LiveEvent::Resync),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use weir_model::{RowChange, Timestamp};

    use super::*;

    #[test]
    fn given_an_interest_in_one_broker_when_another_is_observed_then_nothing_is_told() {
        let change = RowChange {
            broker: "a".to_owned(),
            observed_at: Timestamp(0),
            changed: Vec::new(),
            forgotten: vec![QueueId::from_parts(&["x"]), QueueId::from_parts(&["y"])],
        };
        let event = Arc::new(LiveEvent::Observation(change));
        let other = Interest { broker: Some("b".to_owned()), queue: None };
        assert_eq!(other.of(&event), None);
        let one = Interest { broker: Some("a".to_owned()), queue: Some(QueueId::from_parts(&["y"])) };
        let Some(LiveEvent::Observation(told)) = one.of(&event) else { panic!("it is of interest") };
        assert_eq!(told.forgotten, [QueueId::from_parts(&["y"])]);
    }
}
