//! The stream of a tap. Closing it ends the tap.

use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{EventSource, MessageEvent};
use weir_model::message::TapEvent;

use super::{Phase, Tap, texts};

const EVENTS: [&str; 2] = ["passed", "ended"];

/// An open stream. Dropping it closes it.
pub(super) struct TapStream {
    source: EventSource,
    _on_event: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn()>,
}

impl TapStream {
    pub(super) fn open(tap: Tap, address: &str) -> Option<Self> {
        let source = EventSource::new(address).ok()?;
        let on_event = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            let text = message.data().as_string().unwrap_or_default();
            if let Ok(event) = serde_json::from_str::<TapEvent>(&text) {
                later(tap, move || tap.hear(event));
            }
        });
        for name in EVENTS {
            let _ = source.add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref());
        }
        // By itself the browser would connect again, which would be another tap that nobody started.
        let on_error = Closure::<dyn Fn()>::new(move || {
            later(tap, move || tap.end(Some(texts::LOST.to_owned())));
        });
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Self { source, _on_event: on_event, _on_error: on_error })
    }
}

/// After the callback that runs now: what it does may drop the stream, and with it that very callback.
fn later(tap: Tap, then: impl FnOnce() + 'static) {
    let unless_over = move || {
        // The page may have been left, or the tap stopped, meanwhile.
        if tap.phase.try_with_untracked(Phase::lasts) == Some(true) {
            then();
        }
    };
    set_timeout(unless_over, std::time::Duration::ZERO);
}

impl Drop for TapStream {
    fn drop(&mut self) {
        self.source.set_onerror(None);
        self.source.close();
    }
}
