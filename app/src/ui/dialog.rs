//! A dialog is a native `<dialog>`. The address says whether it is open (`?dialog=purge`), so it opens, and its form
//! is sent, without wasm as well: the server writes it open and closing it is a link.

use leptos::{html, prelude::*};

use super::icon::{Icon, icon};
use crate::texts;

#[component]
pub fn Dialog(
    #[prop(into)] title: String,
    /// Said in grey behind the title: broker and kind.
    #[prop(optional, into)]
    sub: String,
    #[prop(optional)] wide: bool,
    /// Where closing leads: the page without the dialog.
    #[prop(into)]
    close: String,
    #[prop(optional)] testid: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let close_link = NodeRef::<html::A>::new();
    // Written `open` by the server it is not modal; the browser makes it so, which also moves the focus into it.
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            dialog.close();
            crate::keys::return_focus();
            let _ = dialog.show_modal();
        }
    });
    let on_cancel = move |event: leptos::ev::Event| {
        event.prevent_default();
        if let Some(link) = close_link.get() {
            link.click();
        }
    };
    let heading = title.clone();
    view! {
        <dialog
            class=if wide { "dialog wide" } else { "dialog" }
            node_ref=node
            open
            aria-label=title
            data-testid=testid
            on:cancel=on_cancel
        >
            <header>
                <h3>{heading}</h3>
                <small>{sub}</small>
                <span class="grow"></span>
                <a
                    class="btn icon ghost sm"
                    node_ref=close_link
                    href=close
                    aria-label=texts::CLOSE
                    title=texts::CLOSE
                >
                    {icon(Icon::Close)}
                </a>
            </header>
            {children()}
        </dialog>
    }
}
