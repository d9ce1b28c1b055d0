//! The field of the filter language, with what can be written in it. It is a plain form: the filter stands in the
//! address.

use leptos::{ev, html, prelude::*};
use leptos_router::hooks::use_navigate;

use super::{api::QueueQuery, query, texts};
use crate::ui::{Icon, icon};

#[component]
pub fn FilterBar(query: QueueQuery, children: Children) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let navigate = use_navigate();
    let submit = {
        let query = query.clone();
        move |event: ev::SubmitEvent| {
            event.prevent_default();
            let q = field.get_untracked().map(|field| field.value());
            navigate(&query::address(&QueueQuery { q, cursor: None, ..query.clone() }), Default::default());
        }
    };
    // A field that was typed in no longer follows its attribute when a link changes the filter.
    let filter = query.q.clone().unwrap_or_default();
    Effect::new(move |_| {
        if let Some(field) = field.get().filter(|field| document().active_element().as_ref() != Some(field)) {
            field.set_value(&filter);
        }
    });
    let kept = |name: &'static str, value: Option<String>| {
        value.map(|value| view! { <input type="hidden" name=name value=value/> })
    };
    view! {
        <form method="get" action=query::PATH class="filterbar" on:submit=submit>
            {kept("broker", query.broker.clone())}
            {kept("kind", query.kind.clone())}
            {kept("sort", query.sort.clone())}
            {kept("order", query.order.clone())}
            {kept("columns", query.columns.clone())}
            <div class="filter">
                {icon(Icon::Filter)}
                {tokens(&query)}
                <input
                    id="filter"
                    type="text"
                    name="q"
                    node_ref=field
                    value=query.q.clone().unwrap_or_default()
                    aria-label=texts::FILTER
                    aria-describedby="filter-help"
                    placeholder=texts::FILTER_EXAMPLE
                    autocomplete="off"
                    spellcheck="false"
                />
                <kbd class="not-narrow">"F"</kbd>
                {terms(field)}
            </div>
            {children()}
            <button class="btn not-narrow" type="submit">{texts::FILTER_APPLY}</button>
        </form>
    }
}

/// What can be written in the field; pressed, it is added to what stands there.
fn terms(field: NodeRef<html::Input>) -> impl IntoView {
    let insert = move |term: &'static str| {
        if let Some(field) = field.get_untracked() {
            let before = field.value();
            let space = if before.is_empty() || before.ends_with(' ') { "" } else { " " };
            field.set_value(&format!("{before}{space}{term}"));
            let _ = field.focus();
        }
    };
    let term = move |(term, takes): (&'static str, &'static str)| {
        view! {
            <li>
                <button type="button" on:click=move |_| insert(term)>
                    <span class="mono">{term}</span>
                    <small>{takes}</small>
                </button>
            </li>
        }
    };
    view! {
        <div class="suggest menu" id="filter-help">
            <p>{texts::FILTER_HELP}</p>
            <ul>{texts::FILTER_TERMS.map(term).collect_view()}</ul>
        </div>
    }
}

/// Broker and kind, where the address names them beside the filter; each can be taken away.
fn tokens(query: &QueueQuery) -> impl IntoView + use<> {
    let token = |name: &str, value: &Option<String>, without: QueueQuery| {
        value.as_ref().map(|value| {
            let term = format!("{name}:{value}");
            view! {
                <span class="token">
                    <b>{name.to_owned()}</b>
                    {format!(":{value}")}
                    <a href=query::address(&without) aria-label=texts::removes(&term) title=texts::removes(&term)>
                        {icon(Icon::Close)}
                    </a>
                </span>
            }
        })
    };
    let rest = QueueQuery { cursor: None, ..query.clone() };
    (
        token("broker", &query.broker, QueueQuery { broker: None, ..rest.clone() }),
        token("kind", &query.kind, QueueQuery { kind: None, ..rest }),
    )
}
