//! The overview page.

use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    api::{OverviewData, read_overview},
    broker_card::BrokerCards,
    charts::{BacklogPanel, FlowPanel},
    empty::EmptyHouse,
    situation::Situation,
    worst::WorstPanel,
};
use crate::{
    charts::{Crosshair, Span, use_window, use_zoom},
    live::refetch_on_change,
    texts,
    ui::kept,
};

/// Sums, rank and charts are fetched anew this often while figures arrive; rows are patched in between.
const REFETCH_SECONDS: f64 = 5.0;

#[component]
pub fn OverviewPage() -> impl IntoView {
    let window = use_window();
    let overview = Resource::new(move || window.get(), read_overview);
    let (crosshair, zoom) = (Crosshair::new(), use_zoom());
    refetch_on_change(REFETCH_SECONDS, move || overview.refetch());
    view! {
        <Title text=texts::page_title(texts::OVERVIEW)/>
        <h1 class="sr">{texts::OVERVIEW}</h1>
        {kept(overview, move |data| shown(data, crosshair, zoom))}
    }
}

fn shown(data: ArcRwSignal<OverviewData>, crosshair: Crosshair, zoom: Callback<Option<Span>>) -> AnyView {
    let empty = Memo::new({
        let data = data.clone();
        move |_| data.with(|data| data.brokers.is_empty())
    });
    (move || if empty.get() { view! { <EmptyHouse/> }.into_any() } else { house(&data, crosshair, zoom) })
        .into_any()
}

fn house(data: &ArcRwSignal<OverviewData>, crosshair: Crosshair, zoom: Callback<Option<Span>>) -> AnyView {
    let situation = {
        let data = data.clone();
        move || {
            data.with(|data| view! { <Situation brokers=data.brokers.clone() rows=data.worst.rows.clone() now=data.now/> })
        }
    };
    view! {
        {situation}
        <BrokerCards data=data.clone()/>
        <div class="over">
            <WorstPanel data=data.clone()/>
            <div class="cols even">
                <BacklogPanel data=data.clone() crosshair zoom/>
                <FlowPanel data=data.clone() crosshair zoom/>
            </div>
        </div>
    }
    .into_any()
}
