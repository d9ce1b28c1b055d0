//! The overview page.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    api::{OverviewData, read_overview},
    broker_card::BrokerCards,
    charts::{BacklogPanel, FlowPanel},
    empty::EmptyHouse,
    situation::Situation,
    worst::WorstPanel,
};
use crate::{
    charts::Span,
    live::refetch_on_change,
    texts,
    ui::{
        kept,
        range::{Range, use_range},
    },
};

/// Sums, rank and charts are fetched anew this often while figures arrive; rows are patched in between.
const REFETCH_SECONDS: f64 = 5.0;

#[component]
pub fn OverviewPage() -> impl IntoView {
    let map = use_query_map();
    let overview = Resource::new(move || map.read().get("range"), read_overview);
    let range = use_range();
    refetch_on_change(REFETCH_SECONDS, move || overview.refetch());
    view! {
        <Title text=texts::page_title(texts::OVERVIEW)/>
        <h1 class="sr">{texts::OVERVIEW}</h1>
        {kept(overview, move |data| shown(data, range))}
    }
}

fn shown(data: ArcRwSignal<OverviewData>, range: Memo<Range>) -> AnyView {
    let empty = Memo::new({
        let data = data.clone();
        move |_| data.with(|data| data.brokers.is_empty())
    });
    (move || if empty.get() { view! { <EmptyHouse/> }.into_any() } else { house(&data, range) }).into_any()
}

fn house(data: &ArcRwSignal<OverviewData>, range: Memo<Range>) -> AnyView {
    let situation = {
        let data = data.clone();
        move || {
            data.with(|data| view! { <Situation brokers=data.brokers.clone() rows=data.worst.rows.clone() now=data.now/> })
        }
    };
    let charts = {
        let data = data.clone();
        move || data.with(|data| charts(data, range.get_untracked()))
    };
    view! {
        {situation}
        <BrokerCards data=data.clone()/>
        <div class="over">
            <WorstPanel data=data.clone()/>
            <div class="cols even">{charts}</div>
        </div>
    }
    .into_any()
}

fn charts(data: &OverviewData, range: Range) -> AnyView {
    let span = Span { from: data.now.plus_ms(-range.seconds() * 1000), to: data.now };
    view! {
        <BacklogPanel series=data.series.clone() brokers=data.brokers.clone() span/>
        <FlowPanel series=data.series.clone() brokers=data.brokers.clone() span/>
    }
    .into_any()
}
