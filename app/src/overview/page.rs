//! The overview page.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use weir_model::Timestamp;

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
    ui::{loaded, range::use_range},
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
        {loaded(overview, move |data| shown(data, range.get_untracked().seconds()))}
    }
}

fn shown(data: OverviewData, seconds: i64) -> AnyView {
    if data.brokers.is_empty() {
        return view! { <EmptyHouse/> }.into_any();
    }
    let OverviewData { now, brokers, worst, series } = data;
    let span = Span { from: now.plus_ms(-seconds * 1000), to: now };
    let updated: Option<Timestamp> = brokers.iter().filter_map(|card| card.observed_at).max();
    view! {
        <Situation brokers=brokers.clone() rows=worst.rows.clone() now/>
        <BrokerCards brokers=brokers.clone() now/>
        <div class="over">
            <WorstPanel worst updated now/>
            <div class="cols even">
                <BacklogPanel series=series.clone() brokers=brokers span/>
                <FlowPanel series span/>
            </div>
        </div>
    }
    .into_any()
}
