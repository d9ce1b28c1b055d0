//! The messages of a page, one a row.

use leptos::prelude::*;
use weir_model::{
    Timestamp,
    message::{Message, MessagePage, StopReason},
};

use super::{body, query::MessagesQuery, texts};
use crate::{
    queues::detail::address::Address,
    rows,
    ui::{Ago, ago, format, visible},
};

#[component]
pub fn MessageTable(
    address: Address,
    page: MessagePage,
    query: MessagesQuery,
    now: Timestamp,
) -> impl IntoView {
    let path = address.tab("messages");
    rows::find_again();
    let rows = page
        .items
        .iter()
        .map(|message| {
            let open = query.open.as_deref() == Some(message.position.as_str());
            row(message, query.opening(&message.position).href(&path), open, now)
        })
        .collect_view();
    let next = page.next.clone().map(|from| {
        let next = MessagesQuery { from: Some(from), at: None, open: None, ..query.clone() };
        view! { <a class="link" href=next.href(&path) rel="next" data-testid="next-page">{texts::NEXT}</a> }
    });
    view! {
        <div class="list">
            <div class="table-scroll" tabindex="0" role="region" aria-label=texts::MESSAGES>
                <table class="table fixed msgs">
                    <thead>
                        <tr>
                            <th scope="col" class="w-position">{texts::POSITION}</th>
                            <th scope="col" class="num w-time">{texts::TIME}</th>
                            <th scope="col" class="num w-size">{texts::SIZE}</th>
                            <th scope="col" class="w-key hide-narrow">{texts::KEY}</th>
                            <th scope="col" class="num w-headers hide-narrow">{texts::HEADERS}</th>
                            <th scope="col">{texts::BODY}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="panel-foot" data-testid="messages-end">
                <span>{stopped(&page)}</span>
                <span class="faint">{texts::READ_AT}{ago(now, now, Ago::Past)}</span>
                <span class="grow"></span>
                {next}
            </p>
        </div>
    }
}

fn row(message: &Message, href: String, open: bool, now: Timestamp) -> impl IntoView + use<> {
    let time = message.timestamp.map_or_else(
        || view! { <span class="none" title=texts::NO_TIME>"–"</span> }.into_any(),
        |at| ago(at, now, Ago::Past).into_any(),
    );
    let key = message.key.clone().or_else(|| message.routing_key.clone()).unwrap_or_default();
    let body = match &message.body {
        Some(body) if body.data.is_empty() => {
            view! { <span class="tag">{body::texts::EMPTY}</span> }.into_any()
        }
        Some(body) => view! { <span>{body::first_line(body)}</span> }.into_any(),
        None => view! { <span class="tag">{texts::TOMBSTONE}</span> }.into_any(),
    };
    view! {
        <tr
            data-row=message.position.clone()
            tabindex="-1"
            class=if open { "is-open" } else { "" }
            aria-current=open.then_some("true")
            data-testid="message-row"
        >
            <td class="mono"><a class="name" href=href data-noscroll="" title=texts::place(&message.position).to_owned()>{texts::place(&message.position).to_owned()}</a></td>
            <td class="num muted">{time}</td>
            <td class="num">{format::bytes(message.size)}</td>
            <td class="muted hide-narrow" title=visible(&key)>{visible(&key)}</td>
            <td class="num muted hide-narrow">{message.headers.len()}</td>
            <td class="mono body1">{body}</td>
        </tr>
    }
}

/// How many, and why there are no more.
fn stopped(page: &MessagePage) -> String {
    let why = page.stopped_detail.clone().unwrap_or_else(|| {
        match page.stopped {
            StopReason::Limit => texts::STOP_LIMIT,
            StopReason::End => texts::STOP_END,
            StopReason::ByteBudget => texts::STOP_BYTES,
            StopReason::TimeBudget => texts::STOP_TIME,
            StopReason::DeliveryLimit => texts::STOP_DELIVERY,
        }
        .to_owned()
    });
    format!("{}: {why}", texts::messages(page.items.len()))
}
