//! The settings page: brokers.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    api::{SettingsData, read_settings},
    broker::BrokerPanel,
    texts as words,
};
use crate::{
    live::refetch_on_change,
    overview::AddBroker,
    texts,
    ui::{Blank, Panel, loaded},
};

/// How old the cards may get while figures arrive.
const REFETCH_SECONDS: f64 = 10.0;

#[component]
pub fn SettingsPage() -> impl IntoView {
    let settings = Resource::new(|| (), |()| read_settings());
    refetch_on_change(REFETCH_SECONDS, move || settings.refetch());
    let map = use_query_map();
    let shown = move |data: SettingsData| {
        let tested = map.read_untracked().get("test");
        panels(data, tested)
    };
    view! {
        <Title text=texts::page_title(texts::SETTINGS)/>
        <h1 class="sr">{texts::SETTINGS}</h1>
        {move || {
            map.read().get("test");
            loaded(settings, shown)
        }}
        <div id="add">
            <Panel title=words::ADD>
                <div class="panel-body"><AddBroker/></div>
            </Panel>
        </div>
    }
}

fn panels(data: SettingsData, tested: Option<String>) -> AnyView {
    if data.brokers.is_empty() {
        return view! {
            <section class="panel"><Blank title=words::NO_BROKER_TITLE text=words::NO_BROKER_TEXT/></section>
        }
        .into_any();
    }
    let now = data.now;
    data.brokers
        .into_iter()
        .map(|broker| {
            let tested = tested.as_deref() == Some(broker.card.name.as_str());
            view! { <BrokerPanel broker tested now/> }
        })
        .collect_view()
        .into_any()
}
