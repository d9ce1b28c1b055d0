//! `GET /api/v1/live`: what changed, as server-sent events.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::HeaderMap,
    response::sse::{Event, KeepAlive, Sse},
};
use futures::{Stream, StreamExt as _, stream};
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};
use weir_app::access::{Act, Object, Principal, authorise};
use weir_model::{LiveEvent, Problem, QueueId};

use super::{App, extract::Params, problem::Answer};
use crate::poller::{Feed, Place};

const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a browser waits before it connects again.
const RETRY: Duration = Duration::from_secs(2);
const LAST_EVENT_ID: &str = "last-event-id";

/// What changes from now on, or from where an earlier stream or a page ended.
#[utoipa::path(get, path = "/api/v1/live", tag = "live",
    params(
        ("broker" = Option<String>, Query, description = "only this broker"),
        ("queue" = Option<String>, Query, description = "only the queue with this id; needs broker"),
        ("after" = Option<String>, Query, description = "the id of the last event that was heard; if there were others since, the stream begins with `resync`"),
        ("Last-Event-ID" = Option<String>, Header, description = "the same, as browsers say it when they connect again"),
    ),
    responses(
        (status = 200, description = "server-sent events `observation`, `broker`, `resync`; a comment every 15 s", content_type = "text/event-stream", body = LiveEvent),
        (status = 400, description = "a parameter is wrong", body = super::problem::ProblemBody),
    ))]
pub(crate) async fn live(
    State(app): State<App>,
    Extension(who): Extension<Principal>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    authorise(&who, Act::View, Object::House)?;
    let params = Params::read(query.as_deref(), &["broker", "queue", "after"])?;
    let interest = Interest::read(&app, &params)?;
    let feed = app.fleet.live();
    let heard = headers.get(LAST_EVENT_ID).map(|id| id.to_str().unwrap_or_default());
    let begin = beginning(heard.or(params.text("after")), feed.after);
    let changes =
        follow(feed, interest).filter_map(|(event, place)| futures::future::ready(as_sse(&event, place)));
    let events = stream::iter(begin).chain(changes).map(Ok).take_until(app.shutdown.cancelled_owned());
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("heartbeat")))
}

/// A greeting, and `resync` where something was told after what was heard last.
fn beginning(heard: Option<&str>, now: Place) -> Vec<Event> {
    let mut begin = vec![Event::default().retry(RETRY).comment("weir")];
    if heard.is_some_and(|heard| heard != now.to_string()) {
        begin.extend(as_sse(&LiveEvent::Resync, Some(now)));
    }
    begin
}

/// The events of interest, with their places.
fn follow(feed: Feed, interest: Interest) -> impl Stream<Item = (LiveEvent, Option<Place>)> {
    BroadcastStream::new(feed.events).filter_map(move |event| {
        futures::future::ready(match event {
            Ok(told) => interest.of(&told.event).map(|event| (event, Some(told.place))),
            // The browser fell behind: it is never sent a backlog.
            Err(BroadcastStreamRecvError::Lagged(_)) => Some((LiveEvent::Resync, None)),
        })
    })
}

/// An event without a place leaves the browser at the last one that it heard.
fn as_sse(event: &LiveEvent, place: Option<Place>) -> Option<Event> {
    let name = match event {
        LiveEvent::Observation(_) => "observation",
        LiveEvent::Broker { .. } => "broker",
        LiveEvent::Resync => "resync",
    };
    let sse = Event::default().event(name).json_data(event).ok()?;
    Some(match place {
        Some(place) => sse.id(place.to_string()),
        None => sse,
    })
}

/// What a page wants to hear of.
#[derive(Default)]
struct Interest {
    broker: Option<String>,
    queue: Option<QueueId>,
}

impl Interest {
    fn read(app: &App, params: &Params) -> Result<Self, Problem> {
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
    fn of(&self, event: &LiveEvent) -> Option<LiveEvent> {
        let wanted = |name: &str| self.broker.as_deref().is_none_or(|broker| broker == name);
        match event {
            LiveEvent::Observation(change) if wanted(&change.broker) => {
                let mut change = change.clone();
                if let Some(id) = &self.queue {
                    change.changed.retain(|row| row.id == *id);
                    change.forgotten.retain(|forgotten| forgotten == id);
                }
                Some(LiveEvent::Observation(change))
            }
            LiveEvent::Broker { card } if wanted(&card.name) => Some(event.clone()),
            LiveEvent::Resync => Some(LiveEvent::Resync),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use weir_model::{RowChange, Timestamp};

    use super::*;
    use crate::poller::Events;

    fn forgotten(id: &str) -> LiveEvent {
        LiveEvent::Observation(RowChange {
            broker: "a".to_owned(),
            observed_at: Timestamp(0),
            changed: Vec::new(),
            forgotten: vec![QueueId::from_parts(&[id])],
        })
    }

    #[tokio::test]
    async fn given_a_browser_that_fell_behind_when_it_reads_on_then_it_is_told_to_fetch_anew_and_then_the_rest()
     {
        let events = Events::new(Timestamp(0));
        let feed = events.feed();
        for n in 0..1000 {
            events.send(forgotten(&n.to_string()));
        }
        let mut told = std::pin::pin!(follow(feed, Interest::default()));
        assert_eq!(told.next().await, Some((LiveEvent::Resync, None)));
        let (mut last, mut count) = (None, 0);
        while last.as_ref() != Some(&(forgotten("999"), Some(events.last()))) {
            last = told.next().await;
            assert!(!matches!(last, Some((LiveEvent::Resync, _)) | None));
            count += 1;
        }
        assert!(count < 1000, "a part was lost");
    }

    #[test]
    fn given_a_place_that_was_heard_when_connected_then_only_another_place_fetches_anew() {
        let events = Events::new(Timestamp(5));
        let here = events.last();
        let length = |heard: Option<&str>| beginning(heard, here).len();
        assert_eq!((length(None), length(Some("5-0")), length(Some("5-1")), length(Some(""))), (1, 1, 2, 2));
    }

    #[test]
    fn given_an_interest_in_one_broker_when_another_is_observed_then_nothing_is_told() {
        let change = RowChange {
            broker: "a".to_owned(),
            observed_at: Timestamp(0),
            changed: Vec::new(),
            forgotten: vec![QueueId::from_parts(&["x"]), QueueId::from_parts(&["y"])],
        };
        let event = LiveEvent::Observation(change);
        let other = Interest { broker: Some("b".to_owned()), queue: None };
        assert_eq!(other.of(&event), None);
        let one = Interest { broker: Some("a".to_owned()), queue: Some(QueueId::from_parts(&["y"])) };
        let Some(LiveEvent::Observation(told)) = one.of(&event) else { panic!("it is of interest") };
        assert_eq!(told.forgotten, [QueueId::from_parts(&["y"])]);
    }
}
