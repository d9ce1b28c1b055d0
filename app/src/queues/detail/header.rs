//! Name, status, kind, and what can be done.

use leptos::prelude::*;
use weir_model::{
    QueueDetail, QueueRow, Status,
    queue::{Abilities, Ability},
};

use super::{address::Address, part, texts};
use crate::{
    queues::api::QueueView,
    ui::{Band, BandTone, Icon, icon, pill, tone_of, visible},
};

#[component]
pub fn Header(queue: ArcRwSignal<QueueView>, row: Signal<QueueRow>) -> impl IntoView {
    let broker = part(&queue, |detail| detail.row.broker.clone());
    let name = part(&queue, |detail| detail.row.name.clone());
    let facts = part(&queue, facts);
    let acts = part(&queue, |detail| (Address::of(&detail.row), detail.abilities.clone()));
    // What is gone says so in the situation: it is not read-only.
    let gone = part(&queue, |detail| detail.row.vanished);
    let of_broker = move || format!("/queues?broker={}", broker.get());
    let status = move || {
        row.with(|row| {
            pill(tone_of(row.status), texts::status(row.status).to_owned(), row.status_reason.clone())
        })
    };
    let facts = move || facts.get().into_iter().map(|fact| view! { <span>{fact}</span> }).collect_view();
    let buttons = move || acts.with(|(address, abilities)| buttons(address, abilities));
    view! {
        <header class="qhead">
            <div class="qtitle">
                <nav aria-label=texts::PATH>
                    <ol>
                        <li><a href="/queues">{texts::QUEUES}</a></li>
                        <li><a href=of_broker>{move || broker.get()}</a></li>
                    </ol>
                </nav>
                <h1 data-testid="queue-name">{move || visible(&name.get())}</h1>
                <span data-testid="queue-status">{status}</span>
                <span class="facts">{facts}</span>
            </div>
            <div class="btns">{buttons}</div>
        </header>
        {move || (!gone.get()).then(|| acts.with(|(_, abilities)| read_only(abilities)))}
    }
}

/// Kind, place and state.
fn facts(detail: &QueueDetail) -> Vec<String> {
    let row = &detail.row;
    let mut facts = vec![row.kind.title().to_owned()];
    if !row.scope.is_empty() {
        facts.push([row.kind.scope_noun(), &row.scope].join(" ").trim_start().to_owned());
    }
    facts.extend(detail.state.clone());
    if !detail.partitions.is_empty() {
        facts.push(texts::partitions(detail.partitions.len()));
    }
    if row.vanished {
        facts.push(texts::VANISHED.to_owned());
    }
    if row.stale {
        facts.push(texts::STALE.to_owned());
    }
    facts
}

fn buttons(address: &Address, abilities: &Abilities) -> impl IntoView + use<> {
    let publish = act(&abilities.publish, address.tab("publish"), Icon::Send, texts::PUBLISH, "publish");
    let purge = act(&abilities.purge, address.tab("purge"), Icon::Trash, texts::PURGE, "purge");
    (publish, purge)
}

/// A link to an act; where it is not allowed it stays in place and says why.
fn act(ability: &Ability, href: String, sign: Icon, text: &'static str, testid: &'static str) -> AnyView {
    if ability.allowed {
        let title = ability.reason.clone();
        return view! { <a class="btn" href=href title=title data-testid=testid>{icon(sign)}{text}</a> }
            .into_any();
    }
    let reason = ability.reason.clone().unwrap_or_default();
    view! {
        <span class="btn" role="link" aria-disabled="true" tabindex="0" title=reason.clone() data-testid=testid>
            {icon(sign)}
            {text}
            <span class="sr">{format!(": {reason}")}</span>
        </span>
    }
    .into_any()
}

/// Said once where nothing may be changed, all for the same reason.
fn read_only(abilities: &Abilities) -> Option<impl IntoView + use<>> {
    let (publish, purge) = (&abilities.publish, &abilities.purge);
    let reason = publish.reason.clone().filter(|_| !publish.allowed && !purge.allowed)?;
    (publish.reason == purge.reason)
        .then(|| view! { <Band tone=BandTone::ReadOnly title=texts::READ_ONLY text=reason/> })
}

/// True where the situation is worth a line of its own.
pub(super) fn is_wrong(status: Status) -> bool {
    status != Status::Ok
}
