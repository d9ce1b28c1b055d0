//! Rows of tables that open something. Each has a link, and it is the link that opens: so the router, Ctrl and the
//! middle button work as on any other. A click beside the link is handed to it by a script of the document
//! ([`crate::document`]); here are the keys, and the way back to the row that was opened last.

/// Focuses the row that was opened last from this page, unless something else has the focus. Call it in a table.
pub(crate) fn find_again() {
    #[cfg(feature = "hydrate")]
    leptos::prelude::Effect::new(|_| focus_opened());
}

/// No row has the focus on the server.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn has_focus() -> bool {
    false
}

#[cfg(feature = "hydrate")]
pub(crate) use browser::{focus_opened, has_focus, open, remember, walk};

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::RefCell;

    use leptos::{ev, prelude::*};
    use wasm_bindgen::JsCast as _;
    use web_sys::{Element, HtmlElement};

    const ROW: &str = "tr[data-row]";
    const LINK: &str = "a[href]";
    const REGION: &str = ".table-scroll, .scroll-x";
    const DRAWER: &str = ".drawer";

    thread_local! {
        /// Path of the page and `data-row` of the row that was opened last.
        static OPENED: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
    }

    fn path() -> String {
        location().pathname().unwrap_or_default()
    }

    fn rows() -> Vec<HtmlElement> {
        let Ok(rows) = document().query_selector_all(ROW) else { return Vec::new() };
        (0..rows.length()).filter_map(|n| rows.item(n)?.dyn_into().ok()).collect()
    }

    fn opened_here(rows: &[HtmlElement]) -> Option<usize> {
        let (page, id) = OPENED.with_borrow(Clone::clone)?;
        let is_opened = |row: &HtmlElement| row.get_attribute("data-row").as_ref() == Some(&id);
        if page == path() { rows.iter().position(is_opened) } else { None }
    }

    /// Notes the row that is being pressed.
    pub(crate) fn remember(event: &ev::PointerEvent) {
        if let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
            note(&target);
        }
    }

    /// Notes the row that an element opens, as the one that was opened last.
    fn note(element: &Element) {
        if element.closest(DRAWER).ok().flatten().is_some() {
            if let Some(link) = element.closest(LINK).ok().flatten() {
                follow_drawer(&link);
            }
            return;
        }
        let row = element.closest(ROW).ok().flatten();
        if let Some(id) = row.and_then(|row| row.get_attribute("data-row")) {
            OPENED.set(Some((path(), id)));
        }
    }

    /// The next or previous message, opened in the drawer, is the row that was opened last.
    fn follow_drawer(link: &Element) {
        let step = match link.get_attribute("rel").as_deref() {
            Some("next") => 1,
            Some("prev") => -1,
            _ => return,
        };
        let rows = rows();
        let row = opened_here(&rows).and_then(|at| rows.get(at.checked_add_signed(step)?));
        if let Some(id) = row.and_then(|row| row.get_attribute("data-row")) {
            OPENED.set(Some((path(), id)));
        }
    }

    /// What [`super::find_again`] does, at once.
    pub(crate) fn focus_opened() {
        let rows = rows();
        if let Some(row) = opened_here(&rows).filter(|_| crate::keys::is_free()).and_then(|n| rows.get(n)) {
            let _ = row.focus();
        }
    }

    /// True where the arrows are a list's: a row has the focus, or the region that rows scroll in.
    pub(crate) fn has_focus() -> bool {
        let Some(active) = document().active_element() else { return false };
        let in_row = active.closest(ROW).ok().flatten().is_some();
        let is_region = active.matches(REGION).unwrap_or(false);
        in_row || (is_region && active.query_selector(ROW).ok().flatten().is_some())
    }

    /// Focuses the next or previous row; where none is focused the one that was opened last if it is in sight, or the
    /// first that is. In a drawer it opens the next or previous message there.
    pub(crate) fn walk(by: i32) {
        let rows = rows();
        let active = document().active_element();
        if let Some(drawer) = active.as_ref().and_then(|active| active.closest(DRAWER).ok().flatten()) {
            let link = if by > 0 { "a[rel='next']" } else { "a[rel='prev']" };
            if let Some(link) = drawer.query_selector(link).ok().flatten() {
                note(&link);
                link.unchecked_into::<HtmlElement>().click();
            }
            return;
        }
        let at = rows.iter().position(|row| active.as_ref().is_some_and(|a| row.contains(Some(a))));
        let start = || {
            let opened = opened_here(&rows).filter(|n| rows.get(*n).is_some_and(|row| is_in_sight(row)));
            opened.or_else(|| rows.iter().position(|row| is_in_sight(row))).unwrap_or(0)
        };
        let next = at
            .map_or_else(start, |at| at.saturating_add_signed(by as isize).min(rows.len().saturating_sub(1)));
        if let Some(row) = rows.get(next) {
            let _ = row.focus();
        }
    }

    /// Whether all of a row is below the heads of its table and above the end of the region that it scrolls in.
    fn is_in_sight(row: &Element) -> bool {
        let of_table = |selector| row.closest("table").ok()??.query_selector(selector).ok()?;
        let region = row.closest(REGION).ok().flatten();
        let rect = row.get_bounding_client_rect();
        let top = of_table("thead th").map_or(0.0, |head| head.get_bounding_client_rect().bottom());
        let bottom = region.map_or(f64::INFINITY, |region| region.get_bounding_client_rect().bottom());
        // Pixels are halved on some screens.
        rect.top() > top - 1.0 && rect.bottom() < bottom + 1.0
    }

    /// Follows the link of the focused row. On a focused link the browser does it by itself.
    pub(crate) fn open() {
        if let Some(active) = document().active_element() {
            note(&active);
        }
        let row = document().active_element().filter(|e| e.matches(ROW).unwrap_or(false));
        let link = row.and_then(|row| row.query_selector(LINK).ok().flatten());
        if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
            link.click();
        }
    }
}
