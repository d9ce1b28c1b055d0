//! The frame of every page: rail, top bar, bands, and the page itself.

pub mod api;
mod commands;
pub mod rail;
pub mod search;
pub mod top;

use leptos::prelude::*;
use leptos_meta::Title;

use self::{
    api::{FrameData, read_frame},
    rail::Rail,
    top::Top,
};
use crate::{
    clock::{self, Clock},
    keys,
    live::{Live, refetch_on_change},
    texts,
    ui::{Band, BandTone, Blank, Fetched, ToastList, Toasts, kept_quietly, sprite},
};

/// What every page knows of the installation and its brokers.
pub type FrameResource = Fetched<FrameData>;

#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let frame: FrameResource = Resource::new(|| (), |()| read_frame());
    provide_context(frame);
    refetch_on_change(2.0, move || frame.refetch());
    keys::listen();
    keys::follow_focus();
    let toasts = expect_context::<Toasts>();
    view! {
        {sprite()}
        <a class="skip" href="#main" rel="external">{texts::SKIP}</a>
        <div class="app">
            <Rail frame/>
            <Top frame/>
            <main id="main" tabindex="-1">
                <Bands frame/>
                {children()}
            </main>
        </div>
        <ToastList toasts/>
        <KeyList/>
    }
}

/// What is true of the whole installation just now.
#[component]
fn Bands(frame: FrameResource) -> impl IntoView {
    let lost = expect_context::<Live>().lost;
    let clock = expect_context::<Clock>();
    // The effect runs again with each refetch, which cleans up what it started before: the clock belongs to the frame.
    let owner = Owner::current();
    Effect::new(move |started: Option<bool>| {
        let now = frame.get().and_then(Result::ok).map(|data| data.now);
        match (started, now) {
            (Some(true), _) => true,
            (_, Some(now)) => {
                if let Some(owner) = owner.as_ref() {
                    owner.with(|| clock::start(clock, now));
                }
                true
            }
            _ => false,
        }
    });
    let demo = kept_quietly(frame, |data| {
        let demo = Memo::new(move |_| data.with(|data| data.house.demo));
        let band = move || {
            demo.get().then(|| {
                view! {
                    <Band tone=BandTone::Demo title=texts::DEMO_TITLE text=texts::DEMO_TEXT>
                        <a class="link nowrap" href="/settings#add">{texts::DEMO_HOW}</a>
                    </Band>
                }
            })
        };
        band.into_any()
    });
    view! {
        {demo}
        <Show when=move || lost.get()>
            <Band tone=BandTone::Lost title=texts::LOST_TITLE text=texts::LOST_TEXT/>
        </Show>
    }
}

/// The list under `?`. A popover opens and closes by itself, without wasm too.
#[component]
fn KeyList() -> impl IntoView {
    let row = |(keys, what): (&'static str, &'static str)| {
        view! { <div><dt><kbd>{keys}</kbd></dt><dd>{what}</dd></div> }
    };
    view! {
        <div id="keys" class="keys menu" popover="auto" role="dialog" aria-labelledby="keys-title" tabindex="-1" autofocus>
            <h2 id="keys-title">{texts::KEYS}</h2>
            <dl>{texts::KEY_LIST.map(row).collect_view()}</dl>
        </div>
    }
}

/// An address that leads nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    view! {
        <Title text=texts::page_title(texts::NOT_FOUND_TITLE)/>
        <h1 class="sr">{texts::NOT_FOUND_TITLE}</h1>
        <section class="panel" data-testid="not-found">
            <Blank title=texts::NOT_FOUND_TITLE text=texts::NOT_FOUND_TEXT>
                <a class="btn sm" href="/">{texts::NOT_FOUND_BACK}</a>
            </Blank>
        </section>
    }
}
