//! The keys that work on every page. They name elements by id, so that a page takes part by having them.

mod focus;

pub(crate) use focus::{focus_in_place, follow_focus, give_back, is_free, return_focus};

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
    let clicks = window_event_listener(ev::click, |event| browser::leave_menus(&event));
    // A click is too late: by then the router may be on another page.
    let presses = window_event_listener(ev::pointerdown, |event| crate::rows::remember(&event));
    let handle = window_event_listener(ev::keydown, move |event| {
        let ctrl = event.ctrl_key() || event.meta_key();
        let key = event.key();
        if ctrl {
            return browser::with_ctrl(&event, &key);
        }
        if event.alt_key() || event.default_prevented() || browser::is_typing() {
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
            "/" => focus::borrow("search"),
            "f" => focus::borrow("filter"),
            "j" => crate::rows::walk(1),
            "k" => crate::rows::walk(-1),
            // Elsewhere the arrows scroll.
            "ArrowDown" if crate::rows::has_focus() => crate::rows::walk(1),
            "ArrowUp" if crate::rows::has_focus() => crate::rows::walk(-1),
            "Enter" => return crate::rows::open(),
            "p" => paused.update(|paused| *paused = !*paused),
            "g" => after_g.set_value(true),
            "?" => browser::toggle_keys(),
            "Escape" => return browser::close(),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || {
        handle.remove();
        clicks.remove();
        presses.remove();
    });
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::document;
    use wasm_bindgen::JsCast as _;
    use web_sys::{Element, HtmlElement, HtmlFormElement};

    use super::focus;

    /// The link that Esc follows where nothing lies above it.
    const CLOSING: &str = "a[data-esc]";
    /// A menu that is open.
    const MENU: &str = "details.drop[open]";

    fn first(selector: &str) -> Option<Element> {
        document().query_selector(selector).ok().flatten()
    }

    /// Ctrl K opens the palette, unless a dialog lies above it; Ctrl Enter sends the form of the dialog.
    pub(super) fn with_ctrl(event: &leptos::ev::KeyboardEvent, key: &str) {
        let dialog = first("dialog[open]");
        let send = || {
            let form = document().active_element()?.closest("dialog form").ok()??;
            form.dyn_into::<HtmlFormElement>().ok()?.request_submit().ok()
        };
        if key.eq_ignore_ascii_case("k") && dialog.is_none() {
            event.prevent_default();
            focus::borrow("search");
        } else if key == "Enter" && dialog.is_some() && send().is_some() {
            event.prevent_default();
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

    /// Closes the menus that a click went past, or whose link it followed.
    pub(super) fn leave_menus(event: &leptos::ev::MouseEvent) {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
            return;
        };
        let Ok(menus) = document().query_selector_all(MENU) else { return };
        let is_link = target.closest("a[href]").ok().flatten().is_some();
        for menu in (0..menus.length()).filter_map(|n| menus.item(n)?.dyn_into::<Element>().ok()) {
            if is_link || !menu.contains(Some(&target)) {
                let _ = menu.remove_attribute("open");
            }
        }
    }

    /// Closes what lies on top: the browser itself closes a popover or a dialog, and here a menu, then a drawer.
    pub(super) fn close() {
        if first(":popover-open, dialog[open]").is_some() {
            return;
        }
        if let Some(menu) = first(MENU) {
            let _ = menu.remove_attribute("open");
            let summary = menu.query_selector("summary").ok().flatten();
            let inside = document().active_element().is_some_and(|active| menu.contains(Some(&active)));
            if let Some(summary) = summary.and_then(|s| s.dyn_into::<HtmlElement>().ok()).filter(|_| inside) {
                let _ = summary.focus();
            }
            return;
        }
        if let Some(link) = first(CLOSING).and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
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
