//! Messages that come up in a corner: eight seconds, errors until dismissed.

use std::time::Duration;

use leptos::prelude::*;

use super::{
    icon::{Icon, icon},
    status::{Tone, status_icon},
    visible,
};
use crate::texts;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    pub tone: Tone,
    pub title: String,
    pub detail: String,
}

/// The messages on the screen, oldest first.
#[derive(Clone, Copy)]
pub struct Toasts {
    items: RwSignal<Vec<(u32, Toast)>>,
    next: StoredValue<u32>,
}

impl Toasts {
    const SHOWN_FOR: Duration = Duration::from_secs(8);

    /// Shows a message. Call it from an event handler or an effect only.
    pub fn show(self, toast: Toast) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        let stays = matches!(toast.tone, Tone::Critical | Tone::Warning);
        self.items.update(|items| items.push((id, toast)));
        if !stays {
            set_timeout(move || self.dismiss(id), Self::SHOWN_FOR);
        }
    }

    fn dismiss(self, id: u32) {
        let _ = self.items.try_update(|items| items.retain(|(other, _)| *other != id));
    }
}

/// Makes the messages available to everything below.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts { items: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
    provide_context(toasts);
    toasts
}

#[component]
pub fn ToastList(toasts: Toasts) -> impl IntoView {
    let row = move |(id, toast): (u32, Toast)| {
        let role = if toast.tone == Tone::Critical { "alert" } else { "status" };
        view! {
            <div class="toast" role=role data-testid="toast">
                {status_icon(toast.tone)}
                <span><b>{visible(&toast.title)}</b><small>{visible(&toast.detail)}</small></span>
                <button
                    class="btn icon ghost sm"
                    type="button"
                    aria-label=texts::DISMISS
                    title=texts::DISMISS
                    on:click=move |_| toasts.dismiss(id)
                >
                    {icon(Icon::Close)}
                </button>
            </div>
        }
    };
    view! {
        <div class="toasts" role="region" aria-label=texts::TOASTS>
            <For each=move || toasts.items.get() key=|(id, _)| *id children=row/>
        </div>
    }
}
