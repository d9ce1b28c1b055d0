//! The foot of the table: which rows these are, and the way to the others.

use leptos::prelude::*;
use weir_model::Timestamp;

use super::{
    api::{QueueQuery, QueueTable},
    query, texts,
};
use crate::ui::{Ago, Icon, ago, icon};

#[component]
pub fn Foot(query: QueueQuery, table: QueueTable) -> impl IntoView {
    let start: u64 = query.cursor.as_deref().and_then(|c| c.parse().ok()).unwrap_or(0);
    let shown = table.page.items.len() as u64;
    let updated = newest(&table).map(|at| view! { {texts::UPDATED}{ago(at, table.now, Ago::Past)} });
    let to = |cursor: Option<String>| query::address(&QueueQuery { cursor, ..query.clone() });
    let first = (start > 0).then(|| to(table.previous.clone().filter(|cursor| cursor != "0")));
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
    view! {
        <footer class="table-foot">
            <span data-testid="rows-shown">{texts::rows_shown(start + 1, start + shown, table.page.total)}</span>
            {previous}
            {next}
            <span class="not-narrow">
                <kbd>"J"</kbd>" "<kbd>"K"</kbd>" "{texts::FOOT_MOVE}", "<kbd>"Enter"</kbd>" "{texts::FOOT_OPEN}
            </span>
            <span class="right">{updated}</span>
        </footer>
    }
}

fn newest(table: &QueueTable) -> Option<Timestamp> {
    table.page.items.iter().filter_map(|row| row.observed_at).max()
}
