//! The time that relative times are reckoned from. Until the browser takes over it is unset, and each view uses the
//! `now` that came with its data, so that server and browser write the same page.

use leptos::prelude::*;
use weir_model::Timestamp;

/// The browser's clock, set right by the server's where they differ.
#[derive(Clone, Copy)]
pub struct Clock(RwSignal<Option<Timestamp>>);

impl Clock {
    /// `None` on the server and until the first tick.
    #[must_use]
    pub fn now(self) -> Option<Timestamp> {
        self.0.get()
    }
}

/// Makes the clock available to everything below; `server_now` is the server's time, once it is known.
pub fn provide_clock() -> Clock {
    let clock = Clock(RwSignal::new(None));
    provide_context(clock);
    clock
}

/// Starts ticking once a second. Call it in an effect, with the server's time of this page.
#[cfg(feature = "hydrate")]
pub fn start(clock: Clock, server_now: Timestamp) {
    use std::time::Duration;

    /// A difference below this is the time the page took to get here.
    const TOLERATED_MS: i64 = 10_000;

    let browser_now = || Timestamp(js_sys::Date::now() as i64);
    let skew = server_now.since_ms(browser_now());
    let skew = if skew.abs() > TOLERATED_MS { skew } else { 0 };
    let tick = move || {
        let _ = clock.0.try_set(Some(browser_now().plus_ms(skew)));
    };
    if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(1)) {
        on_cleanup(move || handle.clear());
    }
}

/// The browser's time; there is none on the server.
#[cfg(feature = "hydrate")]
#[must_use]
pub fn browser_now() -> Option<Timestamp> {
    Some(Timestamp(js_sys::Date::now() as i64))
}

/// The browser's time; there is none on the server.
#[cfg(not(feature = "hydrate"))]
#[must_use]
pub fn browser_now() -> Option<Timestamp> {
    None
}

/// On the server no time passes.
#[cfg(not(feature = "hydrate"))]
pub fn start(_clock: Clock, _server_now: Timestamp) {}
