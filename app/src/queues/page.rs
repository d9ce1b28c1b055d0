//! The page of all queues of all brokers.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use weir_model::{LiveEvent, Problem};

use super::{
    api::{QueueQuery, QueueTable, read_table},
    columns::shown,
    filter_bar::FilterBar,
    foot::Foot,
    live_rows::live_rows,
    query::{address, query_of},
    table::QueueRows,
    texts as words,
    window::{self, Window},
};
use crate::{
    error::ApiError,
    live::{Live, Rows, refetch_on_change},
    texts,
    ui::{Blank, Fetched, format, kept, kept_quietly},
    views::{
        bar::{ViewBar, ViewsData},
        columns::ColumnsMenu,
    },
};

/// New queues, and the rank of those there are, are looked for this often while figures arrive.
const REFETCH_SECONDS: f64 = 15.0;

#[component]
pub fn QueuesPage() -> impl IntoView {
    let map = use_query_map();
    let query = Memo::new(move |_| query_of(&map.read()));
    let window = Window::new(query.get_untracked().as_ref().ok());
    let table = Resource::new(
        move || query.get().map(|query| (window.query(&query), query)),
        |query| async move {
            let (part, query) = query.map_err(ApiError)?;
            read_table(part).await.map(|table| (query, table))
        },
    );
    refetch_on_change(REFETCH_SECONDS, move || table.refetch());
    if let Some(live) = use_context::<Live>() {
        live.shows(|| Rows::All);
    }
    address_what_is_remembered(query, table);
    let has_columns = move || query.with(|query| query.as_ref().is_ok_and(|query| query.columns.is_some()));
    let views = ViewsData::new(query.get_untracked().ok());
    let bars = move || {
        let query = query.get().unwrap_or_default();
        let columns = columns_menu(table, query.clone());
        view! {
            <ViewBar query=query.clone() data=views>{columns}</ViewBar>
            <FilterBar query><Count table/></FilterBar>
        }
    };
    view! {
        <Title text=texts::page_title(texts::QUEUES)/>
        <h1 class="sr">{texts::QUEUES}</h1>
        <div class="flush" class:chosen=has_columns>
            {bars}
            {kept(table, move |data| found(data, window))}
        </div>
    }
}

/// Puts the columns that the browser remembers into the address, so that a link shows a colleague the same.
fn address_what_is_remembered(query: Memo<Result<QueueQuery, Problem>>, table: Table) {
    let navigate = use_navigate();
    Effect::new(move |_| {
        let Some(Ok((of, QueueTable { columns: Some(columns), .. }))) = table.get() else { return };
        if of.columns.is_none() && query.get_untracked().as_ref() == Ok(&of) {
            let there = address(&QueueQuery { columns: Some(columns), ..of });
            navigate(&there, NavigateOptions { replace: true, scroll: false, ..Default::default() });
        }
    });
}

/// The choice of columns, once it is known which are shown.
fn columns_menu(table: Table, query: QueueQuery) -> AnyView {
    let menu = kept_quietly(table, move |data| {
        let (names, query) =
            (Memo::new(move |_| data.with(|(_, table)| table.columns.clone())), query.clone());
        let menu = move || {
            let shown = shown(names.get().as_deref());
            view! { <ColumnsMenu query=query.clone() shown/> }
        };
        menu.into_any()
    });
    menu.into_any()
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
    /// The address names a page behind the last.
    PastEnd,
    Rows,
}

impl Content {
    fn of(table: &QueueTable, is_open: bool) -> Self {
        match (table.all, table.page.total) {
            (0, _) => Self::Nothing,
            (_, 0) => Self::NoMatch,
            // An open window moves up by itself when the list gets shorter.
            _ if table.page.items.is_empty() && !is_open => Self::PastEnd,
            _ => Self::Rows,
        }
    }
}

fn found(data: ArcRwSignal<(QueueQuery, QueueTable)>, window: Window) -> AnyView {
    let content = Memo::new({
        let data = data.clone();
        move |_| data.with(|(_, table)| Content::of(table, window.is_open()))
    });
    (move || match content.get() {
        Content::Nothing => view! { <Blank title=words::NONE_TITLE text=words::NONE_TEXT/> }.into_any(),
        Content::NoMatch => view! {
            <Blank title=words::NOTHING_TITLE text=words::NOTHING_TEXT>
                <a class="btn sm" href=super::query::PATH>{words::NOTHING_CLEAR}</a>
            </Blank>
        }
        .into_any(),
        Content::PastEnd => past_end(&data),
        Content::Rows => table_and_foot(&data, window),
    })
    .into_any()
}

fn past_end(data: &ArcRwSignal<(QueueQuery, QueueTable)>) -> AnyView {
    let first = data.with_untracked(|(query, _)| address(&QueueQuery { cursor: None, ..query.clone() }));
    view! {
        <Blank title=words::PAST_END_TITLE text=words::PAST_END_TEXT>
            <a class="btn sm" href=first>{words::PAST_END_FIRST}</a>
        </Blank>
    }
    .into_any()
}

fn table_and_foot(data: &ArcRwSignal<(QueueQuery, QueueTable)>, window: Window) -> AnyView {
    let rows = live_rows({
        let data = data.clone();
        move || data.with(|(_, table)| table.page.items.clone())
    });
    let fetched = fetched(data);
    let pushed = RwSignal::new(None);
    if let Some(live) = use_context::<Live>() {
        live.listen(move |event| {
            if let LiveEvent::Observation(change) = event {
                pushed.set(Some(change.observed_at));
            }
        });
    }
    let of_columns = data.clone();
    let columns = Memo::new(move |_| of_columns.with(|(_, table)| shown(table.columns.as_deref())));
    let data = data.clone();
    let foot = move || {
        data.with(|(query, table)| view! { <Foot query=query.clone() table=table.clone() window pushed/> })
    };
    view! {
        <QueueRows fetched rows window columns/>
        {foot}
    }
    .into_any()
}

/// Which rows these are.
fn fetched(data: &ArcRwSignal<(QueueQuery, QueueTable)>) -> window::Fetched {
    let (of_query, of_have, of_total) = (data.clone(), data.clone(), data.clone());
    let have = move |table: &QueueTable| table.start..table.start + table.page.items.len() as u64;
    window::Fetched {
        query: Memo::new(move |_| of_query.with(|(query, _)| query.clone())).into(),
        have: Memo::new(move |_| of_have.with(|(_, table)| have(table))).into(),
        total: Memo::new(move |_| of_total.with(|(_, table)| table.page.total)).into(),
    }
}
