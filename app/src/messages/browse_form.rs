//! Where reading begins: a plain form whose fields become the address.

use leptos::prelude::*;
use weir_model::message::BrowseStart;

use super::{
    query::{LIMIT, MOST, MessagesQuery},
    texts,
};
use crate::{
    queues::detail::address::Address,
    ui::{Icon, icon},
};

#[component]
pub fn BrowseForm(
    address: Address,
    /// Where reading can begin, the usual place first.
    starts: Vec<BrowseStart>,
    /// Of a topic; 0 where the kind has none.
    partitions: usize,
    query: MessagesQuery,
) -> impl IntoView {
    let (from, at) = start_of(&query, &starts);
    let option = |start: &BrowseStart| {
        let word = start.as_str();
        view! { <option value=word selected=word == from>{texts::start(*start)}</option> }
    };
    let at = texts::at_hint(&starts).map(|hint| {
        let name = format!("{hint} to start at");
        view! { <input class="input" name="at" value=at aria-label=name placeholder=hint/> }
    });
    let partition = (partitions > 0).then(|| {
        let hint = texts::partition_hint(partitions);
        view! {
            <label class="switchrow">
                {texts::PARTITION}
                <input
                    class="input num short"
                    name="partition"
                    inputmode="numeric"
                    value=query.partition.clone()
                    placeholder=hint
                />
            </label>
        }
    });
    let committed = (partitions > 0).then(|| {
        view! {
            <label class="switchrow">
                <input class="check" type="checkbox" name="committed" value="1" checked=query.committed.is_some()/>
                {texts::COMMITTED}
            </label>
        }
    });
    let limit = query.limit.unwrap_or_else(|| LIMIT.to_string());
    view! {
        <form class="browse" action=address.tab("messages") method="get" data-testid="browse-form">
            <label class="switchrow">
                {texts::FROM}
                <select class="select" name="from" data-testid="browse-from">
                    {starts.iter().map(option).collect_view()}
                </select>
            </label>
            {at}
            {partition}
            <label class="switchrow">
                {texts::LIMIT}
                <input class="input num short" type="number" name="limit" min="1" max=MOST value=limit/>
            </label>
            {committed}
            <button class="btn" type="submit" data-testid="browse">{icon(Icon::Eye)}{texts::READ}</button>
        </form>
    }
}

/// The chosen start and its mark, as the form has them apart. The cursor of a further page is neither.
fn start_of(query: &MessagesQuery, starts: &[BrowseStart]) -> (String, Option<String>) {
    let from = query.from.clone().unwrap_or_default();
    let (word, at) = match from.split_once(':') {
        Some((word, at)) => (word.to_owned(), Some(at.to_owned())),
        None => (from, query.at.clone()),
    };
    let is_cursor = at.as_deref().is_some_and(|at| at.contains(['@', ',']) || at.starts_with("backward"));
    if is_cursor || !starts.iter().any(|start| start.as_str() == word) {
        (String::new(), None)
    } else {
        (word, at)
    }
}
