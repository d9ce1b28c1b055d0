//! The messages tab: a page of messages, the price where reading has one, and the message that is open.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use weir_model::{
    Problem, QueueDetail, Timestamp,
    message::{Message, MessagePage},
};

use super::{
    api::{Content, MessagesView, peek, read_messages},
    browse_form::BrowseForm,
    drawer::Drawer,
    price::PriceForm,
    query::MessagesQuery,
    table::MessageTable,
    texts,
};
use crate::{
    error::ApiError,
    forms::posted,
    queues::detail::{QueueContext, address::Address},
    ui::{Blank, Failure, Skeleton, address::with_query},
};

/// Why the peek that was posted to this page did not happen.
type Refusal = Resource<Option<Problem>>;

#[component]
pub fn MessagesTab() -> impl IntoView {
    let context = expect_context::<QueueContext>();
    let map = use_query_map();
    let query = Memo::new(move |_| MessagesQuery::read(&map.read()));
    let asked = Memo::new(move |_| query.get().without_drawer());
    let messages = Resource::new(
        move || (context.address.get(), asked.get()),
        // Opening a message of the page reads nothing anew; a link to one does.
        move |(queue, asked)| {
            let open = query.get_untracked().open;
            read_messages(queue.broker, queue.id, MessagesQuery { open, ..asked })
        },
    );
    let refusal: Refusal = Resource::new(move || context.address.get(), pay_as_posted);
    let retry = Callback::new(move |()| messages.refetch());
    let shown = move || {
        let query = query.get();
        Suspend::new(async move {
            let refused = refusal.await;
            match (context.view.await, messages.await) {
                (Ok(queue), Ok(read)) => shown(&queue.detail, read, query, refused),
                (_, Err(ApiError(problem))) => {
                    failed(context.view.await.ok().map(|q| q.detail), query, problem, retry)
                }
                (Err(_), Ok(_)) => ().into_any(),
            }
        })
    };
    view! {
        <section class="messages" data-testid="messages">
            <Transition fallback=|| view! { <Skeleton rows=8/> }>{shown}</Transition>
        </section>
    }
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

fn shown(
    detail: &QueueDetail,
    read: MessagesView,
    query: MessagesQuery,
    refused: Option<Problem>,
) -> AnyView {
    let address = Address::of(&detail.row);
    let kind = detail.row.kind;
    match read.content {
        Content::Page(page) => {
            let bar = query.peek.is_none().then(|| {
                let partitions = detail.partitions.len();
                view! { <BrowseForm address=address.clone() kind partitions query=query.clone()/> }
            });
            let again = query.peek.is_some().then(|| {
                view! { <p class="price-line">{texts::PAID}<a class="link" href=address.tab("messages")>{texts::PAY_AGAIN}</a></p> }
            });
            view! {
                {bar}
                {again}
                {found(address, detail.row.name.clone(), page, read.opened, query, read.now)}
            }
            .into_any()
        }
        Content::Price(price) => {
            view! { <PriceForm address price ability=detail.abilities.peek.clone() refused/> }.into_any()
        }
    }
}

fn failed(
    detail: Option<QueueDetail>,
    query: MessagesQuery,
    problem: Problem,
    retry: Callback<()>,
) -> AnyView {
    let bar = detail.filter(|detail| detail.abilities.browse.allowed).map(|detail| {
        let address = Address::of(&detail.row);
        let partitions = detail.partitions.len();
        view! { <BrowseForm address kind=detail.row.kind partitions query/> }
    });
    view! {
        {bar}
        <Failure problem retry/>
    }
    .into_any()
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
