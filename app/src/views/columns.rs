//! Which columns the table shows: a form that works without wasm.

use leptos::prelude::*;

use super::texts;
use crate::queues::{
    api::QueueQuery,
    columns::{COLUMNS, Column},
    query::address,
};

/// A box per column. `shown` are the columns that the table shows, also where they are remembered.
#[component]
pub fn ColumnsMenu(query: QueueQuery, shown: Vec<&'static Column>) -> impl IntoView {
    let field = move |column: &'static Column| {
        view! {
            <li>
                <label class="pick">
                    <input
                        class="check"
                        type="checkbox"
                        name="column"
                        value=column.name()
                        checked=shown.contains(&column)
                        disabled=column.is_always()
                    />
                    <span>{column.label}</span>
                </label>
            </li>
        }
    };
    view! {
        <details class="drop" data-testid="columns">
            <summary class="btn sm">{texts::COLUMNS}</summary>
            <form class="menu" method="post" action=address(&query)>
                <ul>{COLUMNS.iter().map(field).collect_view()}</ul>
                <p class="faint">{texts::REMEMBERED}</p>
                <div class="rowbtns">
                    <button class="btn sm primary" name="act" value="columns">{texts::SHOW}</button>
                    <button class="btn sm" name="act" value="all-columns">{texts::ALL}</button>
                </div>
            </form>
        </details>
    }
}
