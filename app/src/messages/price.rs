//! Reading a queue that has no free reading: the price is told, and paid only when it was accepted.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::hooks::use_navigate;
use weir_model::{
    Problem,
    message::{Price, PricedEffect},
    queue::Ability,
};

use super::{api::peek, page::peek_address, texts};
use crate::{
    error::ApiError,
    forms::content_of,
    idempotency::{KeyField, renewed_by},
    queues::detail::address::Address,
    ui::{Icon, icon},
};

/// Messages of a peek that names no number: few, since each has its price.
const LIMIT: u32 = 10;

#[component]
pub fn PriceForm(
    address: Address,
    price: Price,
    ability: Ability,
    refused: Option<Problem>,
) -> impl IntoView {
    let queue = address.clone();
    let pay = Action::new(move |form: &String| peek(queue.broker.clone(), queue.id.clone(), form.clone()));
    let key = renewed_by(pay.value());
    let target = address.clone();
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(Ok(page)) = pay.value().get() {
            navigate(&peek_address(&target, page.peek_id.as_deref()), Default::default());
        }
    });
    let submit = move |event: SubmitEvent| {
        if let Some(form) = content_of(&event) {
            event.prevent_default();
            pay.dispatch(form);
        }
    };
    let problem = move || match pay.value().get() {
        Some(Err(ApiError(problem))) => Some(problem),
        Some(Ok(_)) => None,
        None => refused.clone(),
    };
    let closed = price.refused.clone().or_else(|| ability.reason.clone().filter(|_| !ability.allowed));
    let lines = price.text.iter().cloned().map(|line| view! { <li>{line}</li> }).collect_view();
    view! {
        <form class="panel price-form" method="post" action=address.tab("messages") on:submit=submit data-testid="peek-form">
            <KeyField key/>
            <h2>{icon(Icon::Info)}{texts::PRICE_TITLE}</h2>
            <ul class="price-lines">{lines}</ul>
            {price.effects.iter().map(|effect| accept(*effect)).collect_view()}
            {move || problem().map(|problem| view! {
                <div class="doorerr" role="alert" data-testid="peek-error">{icon(Icon::Warning)}<p>{problem.detail}</p></div>
            })}
            {pay_row(closed, pay.pending())}
        </form>
    }
}

/// A box for each effect: reading needs all of them ticked.
fn accept(effect: PricedEffect) -> impl IntoView {
    let (value, text) = match effect {
        PricedEffect::Redelivered => ("redelivered", texts::ACCEPT_REDELIVERED),
        PricedEffect::DeliveryCount => ("delivery_count", texts::ACCEPT_DELIVERY_COUNT),
    };
    view! {
        <label class="switchrow wrap">
            <input class="check" type="checkbox" name="accept" value=value required data-testid=format!("accept-{value}")/>
            {text}
        </label>
    }
}

fn pay_row(closed: Option<String>, pending: Memo<bool>) -> AnyView {
    if let Some(reason) = closed {
        return view! {
            <div class="rowbtns">
                <button class="btn" type="button" aria-disabled="true" data-testid="peek">{texts::PEEK}</button>
                <small class="faint">{reason}</small>
            </div>
        }
        .into_any();
    }
    view! {
        <div class="rowbtns">
            <label class="switchrow">
                {texts::LIMIT}
                <input class="input num short" type="number" name="limit" min="1" max=super::query::MOST value=LIMIT/>
            </label>
            <button class="btn primary" type="submit" data-testid="peek" aria-busy=move || pending.get().to_string()>
                {icon(Icon::Eye)}
                {texts::PEEK}
            </button>
        </div>
    }
    .into_any()
}
