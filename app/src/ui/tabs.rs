//! Tabs that are links.

use leptos::prelude::*;

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    pub text: String,
    pub href: String,
    pub current: bool,
    /// Said in grey behind the text: `48.2k`.
    pub note: Option<String>,
}

#[component]
pub fn Tabs(#[prop(into)] label: String, tabs: Vec<Tab>) -> impl IntoView {
    let tab = |tab: Tab| {
        let current = tab.current.then_some("page");
        view! {
            <a href=tab.href aria-current=current>
                {tab.text}
                {tab.note.map(|note| view! { <small>{note}</small> })}
            </a>
        }
    };
    view! { <nav class="tabs" aria-label=label>{tabs.into_iter().map(tab).collect_view()}</nav> }
}
