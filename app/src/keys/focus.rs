//! Where the focus goes: into a field by its key and back again, and to the content of a page that has been opened.

/// Nothing has the focus on the server.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn give_back() {}

/// Nothing has the focus on the server.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn return_focus() {}

/// Nothing has the focus on the server.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn follow_focus() {}

/// Nothing has the focus on the server.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn is_free() -> bool {
    false
}

/// Nothing has the focus on the server.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn focus_in_place(_: &leptos::web_sys::HtmlElement) {}

#[cfg(feature = "hydrate")]
pub(super) use browser::borrow;
#[cfg(feature = "hydrate")]
pub(crate) use browser::{focus_in_place, follow_focus, give_back, is_free, return_focus};

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::RefCell;

    use leptos::prelude::*;
    use wasm_bindgen::JsCast as _;
    use web_sys::{Element, FocusOptions, HtmlElement, HtmlInputElement};

    const CONTENT: &str = "main";

    thread_local! {
        /// What had the focus before a key took it away.
        static LENDER: RefCell<Option<HtmlElement>> = const { RefCell::new(None) };
    }

    fn active() -> Option<Element> {
        document().active_element()
    }

    /// Moves the focus into a field, until it is given back.
    pub(crate) fn borrow(id: &str) {
        let Some(field) = document().get_element_by_id(id) else { return };
        let Some(field) = field.dyn_ref::<HtmlInputElement>() else { return };
        LENDER.set(active().and_then(|active| active.dyn_into().ok()));
        let _ = field.focus();
        field.select();
    }

    /// Gives an element the focus, and scrolls nothing.
    pub(crate) fn focus_in_place(element: &HtmlElement) {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }

    /// Gives the focus back to what had it before [`borrow`]; else takes it from the field.
    pub(crate) fn give_back() {
        let field = active().and_then(|active| active.dyn_into::<HtmlElement>().ok());
        if let Some(field) = field {
            let _ = field.blur();
        }
        if let Some(lender) = LENDER.take().filter(|lender| lender.is_connected()) {
            let _ = lender.focus();
        }
    }

    /// Call it when something opens that takes the focus: once the present owner is cleaned up, what has the focus now
    /// has it again. A dialog would do so by itself, were it closed before it is taken away.
    pub(crate) fn return_focus() {
        let before =
            StoredValue::new_local(active().and_then(|active| active.dyn_into::<HtmlElement>().ok()));
        on_cleanup(move || {
            let before = before.try_get_value().flatten();
            // Once what was open has gone.
            request_animation_frame(move || {
                if let Some(before) = before.filter(|before| before.is_connected() && is_free()) {
                    let _ = before.focus();
                }
            });
        });
    }

    /// True where no element has the focus that the operator gave it to.
    pub(crate) fn is_free() -> bool {
        active().is_none_or(|active| active.tag_name() == "BODY" || active.id() == CONTENT)
    }

    /// When another page is opened by a link that goes with the page before, its content gets the focus: so the keys,
    /// and who reads by ear, go on there.
    pub(crate) fn follow_focus() {
        let path = leptos_router::hooks::use_location().pathname;
        Effect::new(move |before: Option<String>| {
            let path = path.get();
            if before.is_some_and(|before| before != path) {
                request_animation_frame(|| {
                    let content = document().get_element_by_id(CONTENT);
                    let content = content.and_then(|content| content.dyn_into::<HtmlElement>().ok());
                    if let Some(content) = content.filter(|_| is_free()) {
                        let _ = content.focus();
                    }
                });
            }
            path
        });
    }
}
