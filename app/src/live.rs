//! What the server pushes while the page is open: one connection, and listeners that patch what is on the screen.
//!
//! The connection closes while the page is hidden or paused. Whenever it opens, the browser says which event it heard
//! last, or which was the last before the server began to write the page. Where others came since, the server answers
//! with `Resync`, and listeners fetch what they show anew.

#[cfg(feature = "hydrate")]
mod browser;

use std::{collections::BTreeMap, sync::Arc};

use leptos::prelude::*;
use weir_model::LiveEvent;

/// The place of the last event before the server began to write this page. It stands in the document as `data-told`.
#[derive(Clone, Debug)]
pub struct Told(pub String);

/// Rows of queues that a part of the page shows. Of all others it is told only that they were looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    All,
    One { broker: String, id: String },
}

type Listener = Arc<dyn Fn(&LiveEvent) + Send + Sync>;

/// The stream of changes.
#[derive(Clone, Copy)]
pub struct Live {
    /// The operator stopped the figures.
    pub paused: RwSignal<bool>,
    /// The server does not answer.
    pub lost: RwSignal<bool>,
    listeners: StoredValue<BTreeMap<u32, Listener>>,
    /// What the parts of the page show.
    shown: RwSignal<BTreeMap<u32, Rows>>,
    next: StoredValue<u32>,
}

impl Live {
    /// Has the server tell of these rows too, until the present owner is cleaned up.
    pub fn shows(self, rows: impl Fn() -> Rows + Send + Sync + 'static) {
        let id = self.name();
        let show = move |rows| self.shown.update(|all| drop(all.insert(id, rows)));
        show(untrack(&rows));
        Effect::new(move |is_first: Option<()>| {
            let rows = rows();
            if is_first.is_some() {
                show(rows);
            }
        });
        on_cleanup(move || drop(self.shown.try_update(|all| all.remove(&id))));
    }

    fn name(self) -> u32 {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        id
    }

    /// Calls `listener` with every event until the present owner is cleaned up.
    pub fn listen(self, listener: impl Fn(&LiveEvent) + Send + Sync + 'static) {
        let id = self.name();
        self.listeners.update_value(|all| {
            all.insert(id, Arc::new(listener));
        });
        on_cleanup(move || {
            self.listeners.try_update_value(|all| all.remove(&id));
        });
    }

    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only the browser receives events"))]
    fn tell(self, event: &LiveEvent) {
        // A copy, since a listener may end itself or start another.
        let listeners: Vec<_> = self.listeners.with_value(|all| all.values().cloned().collect());
        for listener in listeners {
            listener(event);
        }
    }
}

/// Makes the stream available to everything below and connects once the page runs in a browser.
pub fn provide_live() -> Live {
    let live = Live {
        paused: RwSignal::new(false),
        lost: RwSignal::new(false),
        listeners: StoredValue::new(BTreeMap::new()),
        shown: RwSignal::new(BTreeMap::new()),
        next: StoredValue::new(0),
    };
    provide_context(live);
    #[cfg(feature = "hydrate")]
    browser::connect(live);
    live
}

/// Calls `refetch` after `Resync`, and at most once in `seconds` after other events: for what is too entangled to be
/// patched row by row.
pub fn refetch_on_change(seconds: f64, refetch: impl Fn() + Clone + Send + Sync + 'static) {
    let Some(live) = use_context::<Live>() else { return };
    let waiting = StoredValue::new(false);
    live.listen(move |event| {
        if matches!(event, LiveEvent::Resync) {
            refetch();
        } else if !waiting.get_value() {
            waiting.set_value(true);
            let refetch = refetch.clone();
            let later = move || {
                if waiting.try_set_value(false).is_none() {
                    refetch();
                }
            };
            set_timeout(later, std::time::Duration::from_secs_f64(seconds));
        }
    });
}
