//! The settings page: brokers.

use leptos::prelude::*;
use leptos_meta::Title;
use weir_model::LiveEvent;

use super::{
    api::{BrokerSettings, SettingsData, read_settings},
    broker::BrokerPanel,
    check::Test,
    texts as words,
};
use crate::{
    live::{Live, refetch_on_change},
    overview::AddBroker,
    texts,
    ui::{Blank, Failure, Keyed, Panel, kept},
};

/// How old the cards may get while figures arrive.
const REFETCH_SECONDS: f64 = 10.0;

#[component]
pub fn SettingsPage() -> impl IntoView {
    let settings = Resource::new(|| (), |()| read_settings());
    refetch_on_change(REFETCH_SECONDS, move || settings.refetch());
    let test = Test::of_address();
    view! {
        <Title text=texts::page_title(texts::SETTINGS)/>
        <h1 class="sr">{texts::SETTINGS}</h1>
        {kept(settings, move |data| panels(data, test))}
        <div id="add">
            <Panel title=words::ADD>
                <div class="panel-body"><AddBroker/></div>
            </Panel>
        </div>
    }
}

fn panels(data: ArcRwSignal<SettingsData>, test: Test) -> AnyView {
    let now = data.with_untracked(|data| data.now);
    let (asked, known) = (data.clone(), data.clone());
    let wrong = move || asked.with(|data| test.wrong(&data.brokers));
    let brokers: Keyed<BrokerSettings, String> =
        Keyed::following(move || data.with(|data| data.brokers.clone()), |broker| broker.card.name.clone());
    let wrong = move || wrong().map(|problem| view! { <section class="panel"><Failure problem/></section> });
    if let Some(live) = use_context::<Live>() {
        let brokers = brokers.clone();
        live.listen(move |event| {
            let LiveEvent::Broker { card } = event else { return };
            let before = known.with_untracked(|data| {
                data.brokers.iter().find(|broker| broker.card.name == card.name).cloned()
            });
            let now = before.map(|before| BrokerSettings { card: (**card).clone(), ..before });
            brokers.patch(now.as_ref());
        });
    }
    let panels = brokers.each(move |broker| view! { <BrokerPanel broker test now/> });
    view! {
        <Show when=move || brokers.is_empty()>
            <section class="panel"><Blank title=words::NO_BROKER_TITLE text=words::NO_BROKER_TEXT/></section>
        </Show>
        {wrong}
        {panels}
    }
    .into_any()
}
