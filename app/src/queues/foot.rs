//! The foot of the table: which rows these are, and the way to the others.

use leptos::prelude::*;
use weir_model::Timestamp;

use super::{
    api::{QueueQuery, QueueTable},
    query, texts,
    window::Window,
};
use crate::ui::{Ago, Icon, ago, icon};

#[component]
pub fn Foot(
    query: QueueQuery,
    table: QueueTable,
    window: Window,
    /// When a broker was looked at last, as pushed since the table was fetched.
    pushed: RwSignal<Option<Timestamp>>,
) -> impl IntoView {
    let (start, total) = (table.start, table.page.total);
    let end = start + table.page.items.len() as u64;
    let (fetched, now) = (newest(&table), table.now);
    let updated = move || {
        let at = fetched.max(pushed.get());
        at.map(|at| view! { {texts::UPDATED}{ago(at, now, Ago::Past)} })
    };
    let shown = move || {
        let rows = window.in_sight(total).unwrap_or(start..end);
        texts::rows_shown(rows.start + 1, rows.end, total)
    };
    let pages = move || (!window.is_open()).then(|| pages(&query, &table));
    view! {
        <footer class="table-foot">
            <span data-testid="rows-shown">{shown}</span>
            {pages}
            <span class="not-narrow">
                <kbd>"J"</kbd>" "<kbd>"K"</kbd>" "{texts::FOOT_MOVE}", "<kbd>"Enter"</kbd>" "{texts::FOOT_OPEN}
            </span>
            <span class="right">{updated}</span>
        </footer>
    }
}

/// The ways to the pages before and after, for where nothing scrolls on by itself.
fn pages(query: &QueueQuery, table: &QueueTable) -> impl IntoView + use<> {
    let to = |cursor: Option<String>| query::address(&QueueQuery { cursor, ..query.clone() });
    let first = (table.start > 0).then(|| to(table.previous.clone().filter(|cursor| cursor != "0")));
    let previous = first.map(|href| {
        view! { <a class="btn sm" rel="prev" href=href>{icon(Icon::Left)}{texts::PREVIOUS}</a> }
    });
    let next = table.page.next.clone().map(|cursor| {
        view! {
            <a class="btn sm" rel="next" href=to(Some(cursor)) data-testid="next">
                {texts::NEXT}
                {icon(Icon::Right)}
            </a>
        }
    });
    (previous, next)
}

fn newest(table: &QueueTable) -> Option<Timestamp> {
    table.page.items.iter().filter_map(|row| row.observed_at).max()
}
