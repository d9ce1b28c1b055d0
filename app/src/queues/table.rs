//! The table itself: heads that sort, rows that follow the live stream.

use leptos::prelude::*;
use weir_model::QueueRow;

use super::{
    api::QueueQuery,
    columns::Column,
    live_rows::LiveRows,
    query::{sort_order, sorted_by},
    texts,
    window::{Fetched, Window, window_view},
};
use crate::ui::{Icon, icon};

/// The rows that the window shows, under heads that sort.
#[component]
pub fn QueueRows(
    fetched: Fetched,
    rows: LiveRows,
    window: Window,
    columns: Memo<Vec<&'static Column>>,
) -> impl IntoView {
    let query = fetched.query;
    let heads = move || {
        query.with(|query| columns.get().into_iter().map(|column| head(column, query)).collect_view())
    };
    let widths = move || columns.get().into_iter().map(|c| view! { <col class=c.col/> }).collect_view();
    let head = view! {
        <colgroup>{widths}</colgroup>
        <thead><tr aria-rowindex="1">{heads}</tr></thead>
    };
    window_view(window, fetched, rows, texts::TABLE, head.into_any(), move |number, row| {
        table_row(number, row, columns)
    })
}

fn head(column: &'static Column, query: &QueueQuery) -> AnyView {
    let title = (!column.title.is_empty()).then_some(column.title);
    if column.sort.is_empty() {
        return view! { <th scope="col" class=column.class title=title>{column.label}</th> }.into_any();
    }
    let sorted = query.sort.as_deref() == Some(column.sort);
    let order = sort_order(query, column.first);
    let turn = if order == super::query::SortOrder::Ascending { "rotate-180" } else { "" };
    let sign = sorted.then(|| view! { <span class=turn>{icon(Icon::Down)}</span> });
    view! {
        <th scope="col" class=column.class title=title aria-sort=sorted.then(|| order.aria())>
            <a class="th-sort" href=sorted_by(query, column.sort, column.first)>{column.label}{sign}</a>
        </th>
    }
    .into_any()
}

fn table_row(
    number: Signal<u64>,
    row: ArcRwSignal<QueueRow>,
    columns: Memo<Vec<&'static Column>>,
) -> impl IntoView {
    let of_cells = row.clone();
    let cell = move |column: &'static Column| {
        let row = of_cells.clone();
        view! { <td class=column.class>{move || row.with(column.cell)}</td> }
    };
    let cells = move || columns.get().into_iter().map(&cell).collect_view();
    let id = row.with_untracked(|row| format!("{}/{}", row.broker, row.id));
    let class = move || row.with(|row| if row.stale { "stale" } else { "" });
    // The heads are the first row.
    let index = move || (number.get() + 2).to_string();
    view! { <tr data-row=id tabindex="-1" class=class aria-rowindex=index>{cells}</tr> }
}
