//! The messages tab: a page of messages, the price where reading has one, and the message that is open.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use weir_model::{
    Problem, ProblemKind, QueueDetail, Timestamp,
    message::{BrowseStart, Message, MessagePage},
    queue::Ability,
};

use super::{
    api::{Content, MessagesView, peek, read_messages},
    browse_form::BrowseForm,
    drawer::Drawer,
    price::PriceForm,
    query::MessagesQuery,
    table::MessageTable,
    tap::TapPanel,
    texts,
};
use crate::{
    error::ApiError,
    forms::posted,
    queues::detail::{QueueContext, address::Address, part},
    ui::{Blank, Failure, Retry, address::with_query, kept, kept_or},
};

/// What the tab shows: for which address it was read, and why the peek that was posted to this page did not happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Reading {
    asked: MessagesQuery,
    view: MessagesView,
    refused: Option<Problem>,
}

/// What the tab has to know of the queue.
#[derive(Clone, Debug, PartialEq)]
struct Subject {
    address: Address,
    name: String,
    starts: Vec<BrowseStart>,
    partitions: usize,
    browse: Ability,
    peek: Ability,
    tap: Ability,
}

impl Subject {
    fn of(detail: &QueueDetail) -> Self {
        Self {
            address: Address::of(&detail.row),
            name: detail.row.name.clone(),
            starts: detail.forms.starts.clone(),
            partitions: detail.partitions.len(),
            browse: detail.abilities.browse.clone(),
            peek: detail.abilities.peek.clone(),
            tap: detail.abilities.tap.clone(),
        }
    }
}

#[component]
pub fn MessagesTab() -> impl IntoView {
    let context = expect_context::<QueueContext>();
    let map = use_query_map();
    let query = Memo::new(move |_| MessagesQuery::read(&map.read()));
    let asked = Memo::new(move |_| query.get().without_drawer());
    let messages = Resource::new(
        move || (context.address.get(), asked.get()),
        // Opening a message of the page reads nothing anew; a link to one does.
        move |(queue, asked)| read(queue, asked, query.get_untracked().open),
    );
    let tab = move |queue| {
        let subject = part(&queue, Subject::of);
        let shown = move |read: ArcRwSignal<Reading>| {
            let shown = move || subject.with(|subject| shown(subject, read.get(), query.get()));
            shown.into_any()
        };
        let failed = move |problem: Problem, retry: Retry| {
            let failed = move || subject.with(|subject| failed(subject, query.get(), problem.clone(), retry));
            failed.into_any()
        };
        kept_or(messages, shown, failed).into_any()
    };
    view! { <section class="messages" data-testid="messages">{kept(context.view, tab)}</section> }
}

async fn read(queue: Address, asked: MessagesQuery, open: Option<String>) -> Result<Reading, ApiError> {
    let refused = pay_as_posted(queue.clone()).await;
    let view = read_messages(queue.broker, queue.id, MessagesQuery { open, ..asked.clone() }).await?;
    Ok(Reading { asked, view, refused })
}

/// Without wasm the form with the price is posted to this page: pays, and leads to the page that was paid for.
async fn pay_as_posted(queue: Address) -> Option<Problem> {
    let form = posted()?;
    match peek(queue.broker.clone(), queue.id.clone(), form).await {
        Ok(page) => {
            go_to_peek(&queue, &page);
            None
        }
        Err(ApiError(problem)) => Some(problem),
    }
}

fn go_to_peek(queue: &Address, page: &MessagePage) {
    let address = peek_address(queue, page.peek_id.as_deref());
    #[cfg(feature = "ssr")]
    leptos_axum::redirect(&address);
    #[cfg(not(feature = "ssr"))]
    let _ = address;
}

/// Where the messages that were paid for can be looked at again.
pub(super) fn peek_address(queue: &Address, peek_id: Option<&str>) -> String {
    with_query(&queue.tab("messages"), &[("peek", peek_id)])
}

fn shown(subject: &Subject, read: Reading, query: MessagesQuery) -> AnyView {
    let Subject { address, name, starts, partitions, peek, .. } = subject.clone();
    let MessagesView { now, content, opened } = read.view;
    // Until what the address asks for now is there, the page before stays.
    let query = if query.without_drawer() == read.asked { query } else { read.asked };
    match content {
        Content::Page(page) => {
            let bar = query.peek.is_none().then(|| {
                view! { <BrowseForm address=address.clone() starts partitions query=query.clone()/> }
            });
            let again = query.peek.is_some().then(|| {
                view! { <p class="price-line">{texts::PAID}<a class="link" href=address.tab("messages")>{texts::PAY_AGAIN}</a></p> }
            });
            view! {
                {bar}
                {again}
                {found(address, name, page, opened, query, now)}
            }
            .into_any()
        }
        Content::Price(price) => {
            view! { <PriceForm address price ability=peek refused=read.refused/> }.into_any()
        }
    }
}

fn failed(subject: &Subject, query: MessagesQuery, problem: Problem, retry: Retry) -> AnyView {
    let Subject { address, starts, partitions, .. } = subject.clone();
    if let (ProblemKind::Refused, false) = (problem.kind, subject.browse.allowed) {
        return closed(subject, problem.detail);
    }
    let bar = subject.browse.allowed.then(|| view! { <BrowseForm address starts partitions query/> });
    view! {
        {bar}
        <Failure problem retry/>
    }
    .into_any()
}

/// Nothing can be read here: then it is listened to, where the kind can.
fn closed(subject: &Subject, why: String) -> AnyView {
    let Subject { address, tap, .. } = subject.clone();
    if tap.allowed {
        return view! { <TapPanel address note=tap.reason/> }.into_any();
    }
    let and = tap.reason.filter(|reason| *reason != why).map(|reason| texts::no_tap(&reason));
    view! { <Blank title=texts::CLOSED_TITLE text=format!("{why}{}", and.unwrap_or_default())/> }.into_any()
}

fn found(
    address: Address,
    queue: String,
    page: MessagePage,
    opened: Option<Message>,
    query: MessagesQuery,
    now: Timestamp,
) -> AnyView {
    let notes: Vec<_> = page.notes.iter().cloned().map(|note| view! { <li>{note}</li> }).collect();
    let notes = (!notes.is_empty()).then(|| view! { <ul class="notes inset">{notes}</ul> });
    let shown = shown_in_drawer(&page, opened, query.open.as_deref());
    if page.items.is_empty() && shown.is_none() {
        return view! { {notes} <Blank title=texts::NONE_TITLE text=texts::none_text(&page)/> }.into_any();
    }
    let gone = (query.open.is_some() && shown.is_none())
        .then(|| view! { <p class="price-line" role="status">{texts::GONE}</p> });
    let class = if shown.is_some() { "split open" } else { "split" };
    let drawer = shown.map(|(page, at)| {
        view! { <Drawer address=address.clone() queue page at query=query.clone() now/> }
    });
    view! {
        {notes}
        {gone}
        <div class=class>
            <MessageTable address page query now/>
            {drawer}
        </div>
    }
    .into_any()
}

/// The open message with the page it is one of: the page itself, or one of its own.
fn shown_in_drawer(
    page: &MessagePage,
    opened: Option<Message>,
    open: Option<&str>,
) -> Option<(MessagePage, usize)> {
    let open = open?;
    if let Some(at) = page.items.iter().position(|message| message.position == open) {
        return Some((page.clone(), at));
    }
    let opened = opened.filter(|message| message.position == open)?;
    Some((MessagePage { items: vec![opened], ..page.clone() }, 0))
}
