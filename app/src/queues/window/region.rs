//! The region that scrolls: the browser's side of the window.

use std::ops::Range;

use super::super::api::QueueQuery;
#[cfg(not(feature = "hydrate"))]
use super::{Fetched, Window};

/// Where a table was left.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only the browser scrolls"))]
pub(super) struct Left {
    /// The rows that were there.
    pub rows: Range<u64>,
    /// Pixels that it was scrolled by.
    pub top: f64,
}

/// Nothing is left on the server.
#[cfg(not(feature = "hydrate"))]
pub(super) fn left_at(_query: &QueueQuery) -> Option<Left> {
    None
}

/// Nothing scrolls on the server.
#[cfg(not(feature = "hydrate"))]
pub(super) fn attach(_window: Window, _fetched: Fetched) {}

/// Nothing scrolls on the server.
#[cfg(not(feature = "hydrate"))]
pub(super) fn look(_window: Window, _fetched: Fetched) {}

#[cfg(feature = "hydrate")]
pub(super) use browser::{attach, left_at, look};

#[cfg(feature = "hydrate")]
mod browser {
    use std::{cell::RefCell, time::Duration};

    use leptos::{ev, prelude::*};
    use web_sys::{Element, HtmlElement};

    use super::{
        super::{
            Fetched, Window,
            part::{in_sight, to_fetch},
        },
        Left, QueueQuery,
    };

    const ROW: &str = "tr[data-row]";
    /// While the operator drags the bar, rows are asked for at this pace.
    const PACE: Duration = Duration::from_millis(40);

    thread_local! {
        /// The table that was seen last, and where.
        static LEFT: RefCell<Option<(QueueQuery, Left)>> = const { RefCell::new(None) };
    }

    pub(crate) fn left_at(query: &QueueQuery) -> Option<Left> {
        LEFT.with_borrow(|left| left.as_ref().filter(|(of, _)| of == query).map(|(_, left)| left.clone()))
    }

    /// Finds out what is in sight, and from then on asks for the rows that are not there.
    pub(crate) fn attach(window: Window, fetched: Fetched) {
        let resized = window_event_listener(ev::resize, move |_| look(window, fetched));
        on_cleanup(move || resized.remove());
        Effect::new(move |begun: Option<bool>| {
            let Some(region) = window.region.get() else { return false };
            if begun != Some(true) {
                begin(window, fetched, &region);
            }
            true
        });
        to_the_top_of_another_table(window, fetched);
        ask(window, fetched);
    }

    /// Opens the window where the table was left, or at the page that the address names.
    fn begin(window: Window, fetched: Fetched, region: &HtmlElement) {
        measure(window, region);
        let height = window.row_height.get_untracked();
        if height <= 0.0 {
            return;
        }
        let query = fetched.query.get_untracked();
        let top = match left_at(&query) {
            Some(left) => left.top,
            None if query.cursor.is_some() => fetched.have.get_untracked().start as f64 * height,
            None => 0.0,
        };
        window.sight.set(Some(in_sight(top, room(region), height)));
        let region = region.clone();
        // Once the spacers are there.
        request_animation_frame(move || {
            region.set_scroll_top(top as i32);
            crate::rows::focus_opened();
        });
    }

    fn to_the_top_of_another_table(window: Window, fetched: Fetched) {
        Effect::new(move |before: Option<QueueQuery>| {
            let query = fetched.query.get();
            if before.is_some_and(|before| before != query)
                && let Some(region) = window.region.get_untracked()
            {
                region.set_scroll_top(0);
                look(window, fetched);
            }
            query
        });
    }

    /// Asks for rows that are missing, at most once in a while: a dragged bar flies past most of them.
    fn ask(window: Window, fetched: Fetched) {
        let waiting = StoredValue::new(false);
        Effect::new(move |_| {
            let Some(sight) = window.sight.get() else { return };
            let missing = to_fetch(&sight, &fetched.have.get(), fetched.total.get()).is_some();
            if !missing || waiting.get_value() {
                return;
            }
            waiting.set_value(true);
            set_timeout(
                move || {
                    if waiting.try_set_value(false).is_none() {
                        ask_now(window, fetched);
                    }
                },
                PACE,
            );
        });
    }

    fn ask_now(window: Window, fetched: Fetched) {
        let Some(sight) = window.sight.get_untracked() else { return };
        let query = fetched.query.get_untracked();
        let total = fetched.total.get_untracked();
        let pending = window.asked.with_untracked(|asked| match asked {
            Some((of, rows)) if *of == query => Some(rows.clone()),
            _ => None,
        });
        let have = pending.unwrap_or_else(|| fetched.have.get_untracked());
        if let Some(rows) = to_fetch(&sight, &have, total) {
            window.asked.set(Some((query, rows)));
        }
    }

    /// Notes what is in sight now.
    pub(crate) fn look(window: Window, fetched: Fetched) {
        let Some(region) = window.region.get_untracked() else { return };
        measure(window, &region);
        let height = window.row_height.get_untracked();
        if height <= 0.0 || window.sight.with_untracked(Option::is_none) {
            return;
        }
        let top = f64::from(region.scroll_top());
        let sight = in_sight(top, room(&region), height);
        if window.sight.with_untracked(|before| before.as_ref() == Some(&sight)) {
            return;
        }
        hold_focus(&region);
        // Those around it, whether they have come yet or not.
        let rows = to_fetch(&sight, &(0..0), fetched.total.get_untracked());
        let rows = rows.unwrap_or_else(|| fetched.have.get_untracked());
        LEFT.set(Some((fetched.query.get_untracked(), Left { rows, top })));
        window.sight.set(Some(sight));
    }

    /// Height of the region below the heads.
    fn room(region: &Element) -> f64 {
        let head = region.query_selector("thead th").ok().flatten();
        let head = head.map_or(0.0, |head| head.get_bounding_client_rect().height());
        f64::from(region.client_height()) - head
    }

    /// The height of a row, from one that is drawn.
    fn measure(window: Window, region: &Element) {
        let row = region.query_selector(ROW).ok().flatten();
        let height = row.map(|row| row.get_bounding_client_rect().height()).filter(|height| *height > 0.0);
        if let Some(height) = height.filter(|height| *height != window.row_height.get_untracked()) {
            window.row_height.set(height);
        }
    }

    /// Takes the focus from a row that has been scrolled far out of sight, and is about to go, to the region: so keys
    /// still scroll, and J and K begin at what is in sight.
    fn hold_focus(region: &HtmlElement) {
        let active = document().active_element();
        let Some(row) = active.and_then(|active| active.closest(ROW).ok().flatten()) else { return };
        if !region.contains(Some(&row)) {
            return;
        }
        let (row, room) = (row.get_bounding_client_rect(), region.get_bounding_client_rect());
        // Nearer ones are still drawn, and the next key or step of scrolling brings them back.
        let far = 4.0 * row.height();
        if row.bottom() < room.top() - far || row.top() > room.bottom() + far {
            let _ = region.focus();
        }
    }
}
