//! The page of all queues of all brokers.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    api::{QueueQuery, QueueTable, read_table},
    filter_bar::{FilterBar, Presets},
    foot::Foot,
    query::query_of,
    table::QueueRows,
    texts as words,
};
use crate::{
    error::ApiError,
    live::refetch_on_change,
    texts,
    ui::{Blank, format, loaded},
};

/// New queues, and the rank of those there are, are looked for this often while figures arrive.
const REFETCH_SECONDS: f64 = 15.0;

#[component]
pub fn QueuesPage() -> impl IntoView {
    let map = use_query_map();
    let query = Memo::new(move |_| query_of(&map.read()));
    let table = Resource::new(
        move || query.get(),
        |query| async move {
            let query = query.map_err(ApiError)?;
            read_table(query.clone()).await.map(|table| (query, table))
        },
    );
    refetch_on_change(REFETCH_SECONDS, move || table.refetch());
    let bars = move || {
        let query = query.get().unwrap_or_default();
        view! { <Presets query=query.clone()/><FilterBar query><Count table/></FilterBar> }
    };
    view! {
        <Title text=texts::page_title(texts::QUEUES)/>
        <h1 class="sr">{texts::QUEUES}</h1>
        <div class="flush">
            {bars}
            {loaded(table, |(query, table)| found(query, table))}
        </div>
    }
}

/// What the server found and for which query.
type Table = Resource<Result<(QueueQuery, QueueTable), ApiError>>;

#[component]
fn Count(table: Table) -> impl IntoView {
    let count = move || {
        Suspend::new(async move {
            table.await.ok().map(|(_, table)| {
                let total = format::exact(i64::try_from(table.page.total).unwrap_or(i64::MAX));
                view! { <b>{total}</b><span>{words::of_queues(table.all)}</span> }
            })
        })
    };
    view! { <span class="faint nowrap filter-count"><Transition>{count}</Transition></span> }
}

fn found(query: QueueQuery, table: QueueTable) -> AnyView {
    if table.all == 0 {
        return view! { <Blank title=words::NONE_TITLE text=words::NONE_TEXT/> }.into_any();
    }
    if table.page.items.is_empty() {
        return view! {
            <Blank title=words::NOTHING_TITLE text=words::NOTHING_TEXT>
                <a class="btn sm" href=super::query::PATH>{words::NOTHING_CLEAR}</a>
            </Blank>
        }
        .into_any();
    }
    view! {
        <QueueRows query=query.clone() rows=table.page.items.clone()/>
        <Foot query table/>
    }
    .into_any()
}
