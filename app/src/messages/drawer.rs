//! One message in full: where it stands, its body, how it got here, headers and properties.

use leptos::{html, prelude::*};
use weir_model::{
    Timestamp,
    message::{Header, Message, MessagePage},
};

use super::{death::Death, death::deaths, drawer_body::BodySection, query::MessagesQuery, texts};
use crate::{
    queues::detail::address::Address,
    ui::{Ago, Icon, ago, format, icon, visible},
};

#[component]
pub fn Drawer(
    address: Address,
    /// The queue's name: the end of the path of a dead letter.
    queue: String,
    page: MessagePage,
    /// Which message of the page.
    at: usize,
    query: MessagesQuery,
    now: Timestamp,
) -> impl IntoView {
    let path = address.tab("messages");
    let message = page.items.get(at).cloned()?;
    let step = |to: Option<usize>, rel: &'static str, sign: Icon, text: &'static str| {
        let other = to.and_then(|n| page.items.get(n))?;
        let href = query.opening(&other.position).href(&path);
        Some(
            view! { <a class="btn icon ghost sm" href=href rel=rel data-noscroll="" aria-label=text title=text>{icon(sign)}</a> },
        )
    };
    let node = take_focus();
    let close = query.without_drawer().href(&path);
    let download = download_of(&address, &page, at, &message);
    let stops = deaths(&message.headers);
    let path_view = (!stops.is_empty()).then(|| way(stops, queue));
    Some(view! {
        <aside
            class="drawer"
            tabindex="-1"
            node_ref=node
            aria-label=texts::message(&message.position)
            data-testid="message-drawer"
        >
            <header>
                <h2>{texts::message(&message.position)}</h2>
                <small class="faint">{texts::of_page(at, page.items.len())}</small>
                <span class="grow"></span>
                {step(at.checked_sub(1), "prev", Icon::Left, texts::PREVIOUS)}
                {step(Some(at + 1), "next", Icon::Right, texts::FOLLOWING)}
                <a class="btn icon ghost sm" href=download rel="external" download="" aria-label=texts::DOWNLOAD title=texts::DOWNLOAD data-testid="download-body">
                    {icon(Icon::Download)}
                </a>
                <a class="btn icon ghost sm" href=close data-esc="" data-noscroll="" aria-label=texts::CLOSE title=texts::CLOSE data-testid="close-drawer">
                    {icon(Icon::Close)}
                </a>
            </header>
            <div class="drawer-body" tabindex="0" role="region" aria-label=texts::CONTENT>
                {facts(&message, now)}
                <BodySection message=message.clone() query=query.clone() path=path.clone()/>
                {path_view}
                {headers(texts::HEADERS, message.headers.clone(), "headers")}
                {headers(texts::PROPERTIES, message.properties.clone(), "properties")}
            </div>
        </aside>
    })
}

/// An opened drawer takes the focus, unless the operator is at something else; closed, its row has it again
/// ([`crate::rows`]).
fn take_focus() -> NodeRef<html::Aside> {
    let node = NodeRef::<html::Aside>::new();
    Effect::new(move |_| {
        if let Some(drawer) = node.get().filter(|_| crate::rows::has_focus() || crate::keys::is_free()) {
            // The page stays where the operator has scrolled it.
            crate::keys::focus_in_place(&drawer);
        }
    });
    node
}

/// Where the exact bytes are.
fn download_of(address: &Address, page: &MessagePage, at: usize, message: &Message) -> String {
    match &page.peek_id {
        Some(peek) => address.rest(&format!("peeks/{peek}/{at}/body")),
        None => address.rest(&format!("messages/{}/body", message.position)),
    }
}

fn facts(message: &Message, now: Timestamp) -> impl IntoView + use<> {
    let text = |name: &'static str, value: Option<String>| {
        value.map(|value| {
            let value = visible(&value);
            view! { <div><dt>{name}</dt><dd title=value.clone()>{value.clone()}</dd></div> }
        })
    };
    let exchange =
        message.exchange.clone().map(|e| if e.is_empty() { texts::DEFAULT_EXCHANGE.to_owned() } else { e });
    let time = message
        .timestamp
        .map(|at| view! { <div><dt>{texts::TIME}</dt><dd>{ago(at, now, Ago::Past)}</dd></div> });
    let redelivered = message.redelivered.map(|yes| if yes { texts::YES } else { texts::NO }.to_owned());
    view! {
        <dl class="kv">
            {text(texts::EXCHANGE, exchange)}
            {text(texts::ROUTING_KEY, message.routing_key.clone())}
            {text(texts::MESSAGE_KEY, message.key.clone())}
            {time}
            {text(texts::REDELIVERED, redelivered)}
            {text(texts::SIZE, Some(format::bytes(message.size)))}
        </dl>
    }
}

/// The queues that a dead letter went through, ending here.
fn way(stops: Vec<Death>, queue: String) -> impl IntoView {
    let count = texts::deaths(stops.iter().map(|d| d.count).sum());
    let stop = |death: Death| {
        let time = death.time.map(|time| view! { <time datetime=time.clone()>{time.clone()}</time> });
        view! {
            <li data-testid="death">
                <b>{visible(&death.queue)}</b>
                <span class="why">{texts::death_reason(&death.reason)}" "<i>{format!("×{}", death.count)}</i></span>
                {time}
            </li>
        }
    };
    view! {
        <section data-testid="death-path">
            <header><h3>{texts::HOW_IT_GOT_HERE}</h3><small>{count}</small></header>
            <ol class="path">
                {stops.into_iter().map(stop).collect_view()}
                <li class="here"><b>{visible(&queue)}</b><span class="why">{texts::HERE}</span></li>
            </ol>
        </section>
    }
}

fn headers(title: &'static str, headers: Vec<Header>, testid: &'static str) -> Option<impl IntoView> {
    if headers.is_empty() {
        return None;
    }
    let count = headers.len();
    let row = |header: Header| {
        let value = match header.value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        view! {
            <tr>
                <th scope="row" title=header.name.clone()>{header.name.clone()}</th>
                <td class="mono" title=header.kind>{value}</td>
            </tr>
        }
    };
    let rows = headers.into_iter().map(row).collect_view();
    Some(view! {
        <section data-testid=testid>
            <header><h3>{title}</h3><small>{count}</small></header>
            <table class="headers"><tbody>{rows}</tbody></table>
        </section>
    })
}
