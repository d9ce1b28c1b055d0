//! The table itself: heads that sort, rows that follow the live stream.

use leptos::prelude::*;
use weir_model::QueueRow;

use super::{
    api::QueueQuery,
    columns::{COLUMNS, Column},
    live_rows::LiveRows,
    query::{sort_order, sorted_by},
    texts,
};
use crate::ui::{Icon, icon};

#[component]
pub fn QueueRows(#[prop(into)] query: Signal<QueueQuery>, rows: LiveRows) -> impl IntoView {
    crate::rows::find_again();
    let heads = move || query.with(|query| COLUMNS.iter().map(|column| head(column, query)).collect_view());
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=texts::TABLE>
            <table class="table fixed queues" data-testid="queues">
                <colgroup>{COLUMNS.iter().map(|c| view! { <col class=c.col/> }).collect_view()}</colgroup>
                <thead><tr>{heads}</tr></thead>
                <tbody>{rows.each(table_row)}</tbody>
            </table>
        </div>
    }
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

fn table_row(row: ArcRwSignal<QueueRow>) -> impl IntoView {
    let cells = COLUMNS
        .iter()
        .map(|column| {
            let row = row.clone();
            view! { <td class=column.class>{move || row.with(column.cell)}</td> }
        })
        .collect_view();
    let id = row.with_untracked(|row| format!("{}/{}", row.broker, row.id));
    let class = move || row.with(|row| if row.stale { "stale" } else { "" });
    view! { <tr data-row=id tabindex="-1" class=class>{cells}</tr> }
}
