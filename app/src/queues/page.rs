//! The page of all queues of all brokers.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    api::{QueueQuery, QueueTable, read_table},
    filter_bar::{FilterBar, Presets},
    foot::Foot,
    live_rows::live_rows,
    query::query_of,
    table::QueueRows,
    texts as words,
};
use crate::{
    error::ApiError,
    live::refetch_on_change,
    texts,
    ui::{Blank, Fetched, format, kept, kept_quietly},
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
            {kept(table, found)}
        </div>
    }
}

/// What the server found and for which query.
type Table = Fetched<(QueueQuery, QueueTable)>;

#[component]
fn Count(table: Table) -> impl IntoView {
    let count = kept_quietly(table, |data| {
        let found = move || {
            data.with(|(_, table)| {
                let total = format::exact(i64::try_from(table.page.total).unwrap_or(i64::MAX));
                view! { <b>{total}</b><span>{words::of_queues(table.all)}</span> }
            })
        };
        found.into_any()
    });
    view! { <span class="faint nowrap filter-count">{count}</span> }
}

/// What stands below the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// There is no queue at all.
    Nothing,
    NoMatch,
    Rows,
}

fn found(data: ArcRwSignal<(QueueQuery, QueueTable)>) -> AnyView {
    let content = Memo::new({
        let data = data.clone();
        move |_| {
            data.with(|(_, table)| match (table.all, table.page.items.is_empty()) {
                (0, _) => Content::Nothing,
                (_, true) => Content::NoMatch,
                (_, false) => Content::Rows,
            })
        }
    });
    (move || match content.get() {
        Content::Nothing => view! { <Blank title=words::NONE_TITLE text=words::NONE_TEXT/> }.into_any(),
        Content::NoMatch => view! {
            <Blank title=words::NOTHING_TITLE text=words::NOTHING_TEXT>
                <a class="btn sm" href=super::query::PATH>{words::NOTHING_CLEAR}</a>
            </Blank>
        }
        .into_any(),
        Content::Rows => table_and_foot(&data),
    })
    .into_any()
}

fn table_and_foot(data: &ArcRwSignal<(QueueQuery, QueueTable)>) -> AnyView {
    let rows = live_rows({
        let data = data.clone();
        move || data.with(|(_, table)| table.page.items.clone())
    });
    let query = Signal::derive({
        let data = data.clone();
        move || data.with(|(query, _)| query.clone())
    });
    let data = data.clone();
    view! {
        <QueueRows query rows/>
        {move || data.with(|(query, table)| view! { <Foot query=query.clone() table=table.clone()/> })}
    }
    .into_any()
}
