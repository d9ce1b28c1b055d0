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
use weir_model::{LiveEvent, Problem, QueueId, RowChange};

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
        ("rows" = Option<String>, Query, description = "which rows observations carry: `all`, `none`, or `{broker}/{id}` for one; every observation is told of"),
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
    let params = Params::read(query.as_deref(), &["broker", "queue", "rows", "after"])?;
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
    rows: Rows,
}

/// Which rows observations carry.
#[derive(Default)]
enum Rows {
    #[default]
    All,
    None,
    One {
        broker: String,
        id: QueueId,
    },
}

impl Rows {
    fn read(app: &App, text: Option<&str>) -> Result<Self, Problem> {
        let wrong = |detail: String| Problem::field("rows", detail);
        match text {
            None | Some("all") => Ok(Self::All),
            Some("none") => Ok(Self::None),
            Some(text) => {
                let (broker, id) = text
                    .split_once('/')
                    .ok_or_else(|| wrong(format!("\"{text}\" is none of all, none, {{broker}}/{{id}}")))?;
                app.fleet.station(broker).map_err(|p| wrong(p.detail))?;
                let id = id.parse().map_err(|e| wrong(format!("{e}")))?;
                Ok(Self::One { broker: broker.to_owned(), id })
            }
        }
    }

    fn have(&self, broker: &str, id: &QueueId) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::One { broker: of, id: one } => of == broker && one == id,
        }
    }
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
        Ok(Self { broker, queue, rows: Rows::read(app, params.text("rows"))? })
    }

    /// The part of an event that is of interest.
    fn of(&self, event: &LiveEvent) -> Option<LiveEvent> {
        let wanted = |name: &str| self.broker.as_deref().is_none_or(|broker| broker == name);
        match event {
            LiveEvent::Observation(change) if wanted(&change.broker) => {
                Some(LiveEvent::Observation(self.part_of(change)))
            }
            LiveEvent::Broker { card } if wanted(&card.name) => Some(event.clone()),
            LiveEvent::Resync => Some(LiveEvent::Resync),
            _ => None,
        }
    }

    fn part_of(&self, change: &RowChange) -> RowChange {
        let shown = |id: &QueueId| {
            self.queue.as_ref().is_none_or(|queue| queue == id) && self.rows.have(&change.broker, id)
        };
        RowChange {
            broker: change.broker.clone(),
            observed_at: change.observed_at,
            changed: change.changed.iter().filter(|row| shown(&row.id)).cloned().collect(),
            forgotten: change.forgotten.iter().filter(|id| shown(id)).cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use weir_model::Timestamp;

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
        let other = Interest { broker: Some("b".to_owned()), ..Interest::default() };
        assert_eq!(other.of(&event), None);
        let queue = Some(QueueId::from_parts(&["y"]));
        let one = Interest { broker: Some("a".to_owned()), queue, ..Interest::default() };
        let Some(LiveEvent::Observation(told)) = one.of(&event) else { panic!("it is of interest") };
        assert_eq!(told.forgotten, [QueueId::from_parts(&["y"])]);
    }

    #[test]
    fn given_an_interest_in_one_row_when_others_change_then_the_look_is_told_without_them() {
        let LiveEvent::Observation(change) = forgotten("x") else { panic!("an observation") };
        let id = QueueId::from_parts(&["y"]);
        let both = RowChange { forgotten: vec![change.forgotten[0].clone(), id.clone()], ..change.clone() };
        let told = |rows| Interest { rows, ..Interest::default() }.part_of(&both).forgotten;
        assert_eq!(told(Rows::All).len(), 2);
        assert_eq!(told(Rows::None), []);
        let one = |broker: &str| Rows::One { broker: broker.to_owned(), id: id.clone() };
        assert_eq!(told(one("a")), std::slice::from_ref(&id));
        assert_eq!(told(one("b")), []);
        let none = Interest { rows: Rows::None, ..Interest::default() };
        assert!(none.of(&LiveEvent::Observation(both)).is_some(), "that it was looked at is told");
    }
}
