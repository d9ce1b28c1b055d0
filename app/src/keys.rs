//! The keys that work on every page. They name elements by id, so that a page takes part by having them.

/// Starts to listen, once the page runs in a browser.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn listen() {}

/// Starts to listen, once the page runs in a browser.
#[cfg(feature = "hydrate")]
pub(crate) fn listen() {
    use leptos::{ev, prelude::*};

    let navigate = leptos_router::hooks::use_navigate();
    let paused = expect_context::<crate::live::Live>().paused;
    let after_g = StoredValue::new(false);
    let handle = window_event_listener(ev::keydown, move |event| {
        let ctrl = event.ctrl_key() || event.meta_key();
        let key = event.key();
        if ctrl && key.eq_ignore_ascii_case("k") {
            event.prevent_default();
            return browser::focus("search");
        }
        if ctrl || event.alt_key() || browser::is_typing() {
            return;
        }
        if after_g.get_value() {
            after_g.set_value(false);
            if let Some(page) = browser::section(&key) {
                navigate(page, Default::default());
            }
            return;
        }
        match key.as_str() {
            "/" => browser::focus("search"),
            "f" => browser::focus("filter"),
            "j" => browser::move_row(1),
            "k" => browser::move_row(-1),
            "Enter" => return browser::open_row(),
            "p" => paused.update(|paused| *paused = !*paused),
            "g" => after_g.set_value(true),
            "?" => browser::toggle_keys(),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || handle.remove());
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::document;
    use wasm_bindgen::JsCast as _;
    use web_sys::{HtmlElement, HtmlInputElement};

    /// Rows that can be walked through; their first link opens them.
    const ROWS: &str = "tr[data-row]";

    pub(super) fn focus(id: &str) {
        let Some(element) = document().get_element_by_id(id) else { return };
        if let Some(field) = element.dyn_ref::<HtmlInputElement>() {
            let _ = field.focus();
            field.select();
        }
    }

    /// True while a letter belongs to a field.
    pub(super) fn is_typing() -> bool {
        document().active_element().is_some_and(|element| {
            matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
                || element.closest("dialog").ok().flatten().is_some()
        })
    }

    /// The section after `g`.
    pub(super) fn section(key: &str) -> Option<&'static str> {
        match key {
            "o" => Some("/"),
            "q" => Some("/queues"),
            "s" => Some("/settings"),
            _ => None,
        }
    }

    /// Focuses the next or previous row; the first where none is focused.
    pub(super) fn move_row(by: i32) {
        let Ok(rows) = document().query_selector_all(ROWS) else { return };
        let rows: Vec<HtmlElement> =
            (0..rows.length()).filter_map(|n| rows.item(n)?.dyn_into().ok()).collect();
        let active = document().active_element();
        let at = rows.iter().position(|row| active.as_ref().is_some_and(|a| row.contains(Some(a))));
        let next = at.map_or(0, |at| at.saturating_add_signed(by as isize).min(rows.len().saturating_sub(1)));
        if let Some(row) = rows.get(next) {
            let _ = row.focus();
        }
    }

    /// Follows the link of the focused row. On a focused link the browser does it by itself.
    pub(super) fn open_row() {
        let row = document().active_element().filter(|e| e.matches(ROWS).unwrap_or(false));
        let link = row.and_then(|row| row.query_selector("a[href]").ok().flatten());
        if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
            link.click();
        }
    }

    pub(super) fn toggle_keys() {
        let keys = document().get_element_by_id("keys").and_then(|e| e.dyn_into::<HtmlElement>().ok());
        if let Some(keys) = keys {
            let _ = keys.toggle_popover();
        }
    }
}
