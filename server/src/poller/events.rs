//! What pages are told of, each event with its place among all that were told.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::broadcast;
use weir_model::{LiveEvent, Timestamp};

/// Events that a slow browser may be behind before it is told to fetch anew.
const KEPT: usize = 256;

/// The place of an event: which run of Weir told it, and as the how manieth. Two are equal only if no event lies
/// between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    run: i64,
    n: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.run, self.n)
    }
}

/// An event at its place.
#[derive(Clone, Debug)]
pub struct Told {
    pub place: Place,
    pub event: LiveEvent,
}

/// Everything told from one place on.
pub struct Feed {
    /// Of the last event before those of `events`.
    pub after: Place,
    pub events: broadcast::Receiver<Arc<Told>>,
}

/// Tells all who listen. Cheap to share.
#[derive(Clone)]
pub(crate) struct Events(Arc<Mutex<State>>);

struct State {
    last: Place,
    sender: broadcast::Sender<Arc<Told>>,
}

impl Events {
    /// A new row of events; `now` tells it from those of earlier runs.
    pub(crate) fn new(now: Timestamp) -> Self {
        let (last, sender) = (Place { run: now.0, n: 0 }, broadcast::channel(KEPT).0);
        Self(Arc::new(Mutex::new(State { last, sender })))
    }

    /// Call it when the state that the event tells of can be read already.
    pub(crate) fn send(&self, event: LiveEvent) {
        let mut state = self.state();
        state.last.n += 1;
        // An error says that no page is open: nothing to do.
        let _ = state.sender.send(Arc::new(Told { place: state.last, event }));
    }

    /// The place of the last event.
    pub(crate) fn last(&self) -> Place {
        self.state().last
    }

    pub(crate) fn feed(&self) -> Feed {
        let state = self.state();
        Feed { after: state.last, events: state.sender.subscribe() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_events_when_one_subscribes_then_place_and_first_event_leave_nothing_between_them() {
        let events = Events::new(Timestamp(7));
        let before = events.last();
        events.send(LiveEvent::Resync);
        let mut feed = events.feed();
        assert_ne!(feed.after, before);
        events.send(LiveEvent::Resync);
        let told = feed.events.try_recv().expect("an event");
        assert_eq!((feed.after.n + 1, told.place), (told.place.n, events.last()));
        assert_eq!(told.place.to_string(), "7-2");
    }
}
