//! The search of the top bar: a form that filters the queues, and in a running page the matches below it as one types.

use leptos::{ev, html, prelude::*};
use leptos_router::hooks::use_navigate;
use weir_model::QueueRow;

use crate::{
    queues::api::{QueueQuery, read_table},
    texts,
    ui::{Icon, address::queue_path, format, icon, status_icon, tone_of, visible},
};

/// At most so many matches are shown.
const SHOWN: u32 = 8;

#[component]
pub fn Search() -> impl IntoView {
    let text = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let found = LocalResource::new(move || find(text.get()));
    let rows = Signal::derive(move || found.get().map(|(_, rows)| rows).unwrap_or_default());
    // Said only once the answer is that of what stands in the field.
    let nothing = Memo::new(move |_| {
        found
            .get()
            .is_some_and(|(asked, rows)| !asked.is_empty() && asked == text.get().trim() && rows.is_empty())
    });
    let field = NodeRef::<html::Input>::new();
    let navigate = use_navigate();
    let on_key = move |event: ev::KeyboardEvent| {
        let rows = rows.get_untracked();
        let last = rows.len().saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|n| *n = (*n + 1).min(last)),
            "ArrowUp" => chosen.update(|n| *n = n.saturating_sub(1)),
            "Escape" => leave(field),
            "Enter" => {
                if let Some(row) = rows.get(chosen.get_untracked()) {
                    event.prevent_default();
                    text.set(String::new());
                    leave(field);
                    navigate(&queue_path(&row.broker, &row.id), Default::default());
                }
                return;
            }
            _ => return,
        }
        event.prevent_default();
    };
    let on_input = move |event| {
        text.set(event_target_value(&event));
        chosen.set(0);
    };
    view! {
        <form class="jump" action="/queues" role="search">
            {icon(Icon::Search)}
            <input
                id="search"
                type="search"
                name="q"
                node_ref=field
                placeholder=texts::SEARCH
                aria-label=texts::SEARCH
                autocomplete="off"
                spellcheck="false"
                prop:value=text
                on:input=on_input
                on:keydown=on_key
            />
            <kbd class="not-narrow">{texts::SEARCH_KEY}</kbd>
            <Matches text rows nothing chosen/>
        </form>
    }
}

/// What lies under the field: the queues found, or that there is none.
#[component]
fn Matches(
    text: RwSignal<String>,
    rows: Signal<Vec<QueueRow>>,
    nothing: Memo<bool>,
    chosen: RwSignal<usize>,
) -> impl IntoView {
    view! {
        <Show when=move || !text.get().trim().is_empty() && !rows.get().is_empty()>
            <ul class="menu found" role="listbox" aria-label=texts::SEARCH_RESULTS>
                {move || {
                    let at = chosen.get();
                    rows.get().iter().enumerate().map(|(n, row)| match_row(row, n == at, text)).collect_view()
                }}
            </ul>
        </Show>
        <Show when=move || nothing.get()>
            <p class="menu found" role="status" data-testid="search-nothing">
                {move || texts::search_nothing(text.get().trim())}
            </p>
        </Show>
    }
}

/// Gives the keys of the page back.
fn leave(field: NodeRef<html::Input>) {
    if let Some(field) = field.get_untracked() {
        let _ = field.blur();
    }
}

/// What was typed, with the queues whose name holds it; an error finds nothing, since the form still leads to the
/// table that says it.
async fn find(text: String) -> (String, Vec<QueueRow>) {
    let words = text.trim().to_owned();
    if words.is_empty() {
        return (words, Vec::new());
    }
    let query = QueueQuery { q: Some(words.clone()), limit: Some(SHOWN), ..QueueQuery::default() };
    (words, read_table(query).await.map(|table| table.page.items).unwrap_or_default())
}

fn match_row(row: &QueueRow, chosen: bool, text: RwSignal<String>) -> impl IntoView + use<> {
    let figure = row.backlog.map_or_else(|| texts::UNKNOWN.to_owned(), format::count);
    view! {
        <li role="option" aria-selected=chosen.to_string() class:is-hover=chosen>
            <a href=queue_path(&row.broker, &row.id) tabindex="-1" on:click=move |_| text.set(String::new())>
                {status_icon(tone_of(row.status))}
                <span>{visible(&row.name)}</span>
                <small>{format!("{}, {figure}", row.broker)}</small>
            </a>
        </li>
    }
}
