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
    let clicks = window_event_listener(ev::click, |event| {
        crate::rows::remember(&event);
        browser::leave_menus(&event);
    });
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
            "j" => crate::rows::walk(1),
            "k" => crate::rows::walk(-1),
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
    });
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::document;
    use wasm_bindgen::JsCast as _;
    use web_sys::{Element, HtmlElement, HtmlInputElement};

    /// The link that Esc follows where nothing lies above it.
    const CLOSING: &str = "a[data-esc]";
    /// A menu that is open.
    const MENU: &str = "details.drop[open]";

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
        let first = |selector| document().query_selector(selector).ok().flatten();
        if first(":popover-open, dialog[open]").is_some() {
            return;
        }
        if let Some(menu) = first(MENU) {
            let _ = menu.remove_attribute("open");
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
