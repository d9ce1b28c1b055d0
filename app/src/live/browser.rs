//! The browser's side of the stream: an `EventSource` that lives while the page is seen and not paused.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{EventSource, MessageEvent, VisibilityState};
use weir_model::LiveEvent;

use super::{Live, Rows};
use crate::ui::address::with_query;

const ADDRESS: &str = "/api/v1/live";
const EVENTS: [&str; 3] = ["observation", "broker", "resync"];

/// Opens and closes the connection as the page is seen, hidden, paused and resumed.
pub(super) fn connect(live: Live) {
    let connection: Rc<RefCell<Option<Connection>>> = Rc::default();
    let seen = RwSignal::new(true);
    let visibility = window_event_listener_untyped("visibilitychange", move |_| seen.set(is_visible()));
    on_cleanup(move || visibility.remove());

    remember_pause(live.paused);
    let heard =
        StoredValue::new(document().document_element().and_then(|html| html.get_attribute("data-told")));
    let rows = Memo::new(move |_| live.shown.with(rows_of));
    Effect::new(move |_| {
        let (wanted, rows) = (seen.get() && !live.paused.get(), rows.get());
        let mut connection = connection.borrow_mut();
        // The old one ends before the new one begins where that one left off.
        *connection = None;
        if wanted {
            *connection = Connection::open(live, &rows, heard);
        }
    });
}

/// The rows that all parts of the page show together, as the stream's parameter.
fn rows_of(shown: &BTreeMap<u32, Rows>) -> String {
    match shown.values().max_by_key(|rows| matches!(rows, Rows::All)) {
        None => "none".to_owned(),
        Some(Rows::All) => "all".to_owned(),
        Some(Rows::One { broker, id }) => format!("{broker}/{id}"),
    }
}

/// What was paused stays so when its tab is loaded anew.
fn remember_pause(paused: RwSignal<bool>) {
    const KEY: &str = "weir-paused";
    Effect::new(move |known: Option<()>| {
        let is_paused = paused.get();
        let Some(storage) = window().session_storage().ok().flatten() else { return };
        let _ = match (known, is_paused) {
            (None, _) => return paused.set(matches!(storage.get_item(KEY), Ok(Some(_)))),
            (_, true) => storage.set_item(KEY, "1"),
            (_, false) => storage.remove_item(KEY),
        };
    });
}

fn is_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}

fn address(rows: &str, heard: Option<String>) -> String {
    with_query(ADDRESS, &[("rows", Some(rows)), ("after", heard.as_deref())])
}

/// An open stream. Dropping it closes it.
struct Connection {
    source: EventSource,
    _on_event: Closure<dyn Fn(MessageEvent)>,
    _on_open: Closure<dyn Fn()>,
    _on_error: Closure<dyn Fn()>,
}

impl Connection {
    /// `heard` is the place of the last event, kept from one connection to the next.
    fn open(live: Live, rows: &str, heard: StoredValue<Option<String>>) -> Option<Self> {
        let source = EventSource::new(&address(rows, heard.get_value())).ok()?;
        let on_event = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            let place = message.last_event_id();
            if !place.is_empty() {
                heard.set_value(Some(place));
            }
            let text = message.data().as_string().unwrap_or_default();
            match serde_json::from_str::<LiveEvent>(&text) {
                Ok(event) => live.tell(&event),
                // An event of another version of the server: what is on the screen may be stale.
                Err(_) => live.tell(&LiveEvent::Resync),
            }
        });
        for name in EVENTS {
            let _ = source.add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref());
        }
        let on_open = Closure::<dyn Fn()>::new(move || live.lost.set(false));
        let on_error = Closure::<dyn Fn()>::new(move || live.lost.set(true));
        source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Self { source, _on_event: on_event, _on_open: on_open, _on_error: on_error })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.source.set_onopen(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}
