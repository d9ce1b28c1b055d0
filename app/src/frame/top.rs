//! The bar at the top: search, range, live or paused, keys, theme.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{
    FrameResource,
    rail::{BrokerLinks, SectionLinks},
    search::Search,
};
use crate::{
    charts::{use_range_choices, use_window},
    live::Live,
    texts,
    ui::{Icon, icon, mark},
};

#[component]
pub fn Top(frame: FrameResource) -> impl IntoView {
    view! {
        <header class="top">
            <details class="drop only-narrow nav-menu">
                <summary class="btn icon ghost" aria-label=texts::MENU>{icon(Icon::Menu)}</summary>
                <div class="menu"><SectionLinks frame/><BrokerLinks frame/></div>
            </details>
            <a class="brand only-narrow" href="/">{mark(18)}<b>{texts::WEIR}</b></a>
            <Search frame/>
            <span class="grow"></span>
            <RangeMenu/>
            <LiveToggle/>
            <span class="rule"></span>
            <button
                class="btn icon ghost not-narrow"
                type="button"
                popovertarget="keys"
                aria-label=texts::KEYS
                title=texts::KEYS_TITLE
            >
                {icon(Icon::Help)}
            </button>
            <button
                class="btn icon ghost theme"
                type="button"
                data-switch-theme=""
                aria-label=texts::THEME
                title=texts::THEME
            >
                <span class="for-dark">{icon(Icon::Sun)}</span>
                <span class="for-light">{icon(Icon::Moon)}</span>
            </button>
        </header>
    }
}

/// The range of the charts, on pages that have any.
#[component]
fn RangeMenu() -> impl IntoView {
    let path = use_location().pathname;
    let window = use_window();
    let choices = use_range_choices();
    let shown = move || {
        let range = window.with(|window| (!window.is_fixed()).then(|| window.range()));
        range.map_or_else(|| texts::ZOOMED.to_owned(), |range| texts::last(range.as_str()))
    };
    let links = move || {
        choices
            .get()
            .into_iter()
            .map(|choice| {
                let current = choice.chosen.then_some("true");
                view! { <li><a href=choice.href aria-current=current>{texts::last(&choice.text)}</a></li> }
            })
            .collect_view()
    };
    view! {
        <Show when=move || path.get() == "/">
            <details class="drop range">
                <summary class="btn ghost" title=texts::RANGE>
                    {icon(Icon::Clock)}
                    <span>{shown}</span>
                    {icon(Icon::Down)}
                </summary>
                <ul class="menu">{links}</ul>
            </details>
        </Show>
    }
}

#[component]
fn LiveToggle() -> impl IntoView {
    let paused = expect_context::<Live>().paused;
    let title = move || if paused.get() { texts::PAUSED_TITLE } else { texts::LIVE_TITLE };
    view! {
        <button
            class="btn ghost live"
            type="button"
            aria-pressed=move || (!paused.get()).to_string()
            title=title
            data-testid="live"
            on:click=move |_| paused.update(|paused| *paused = !*paused)
        >
            {move || icon(if paused.get() { Icon::Pause } else { Icon::Live })}
            <span>{move || if paused.get() { texts::PAUSED } else { texts::LIVE }}</span>
        </button>
    }
}
