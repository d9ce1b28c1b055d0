//! Purging: what is lost and what stays is said first, and the queue's name is typed.

mod texts;

use leptos::{ev::SubmitEvent, prelude::*};
use serde::{Deserialize, Serialize};
use weir_model::{QueueDetail, QueueRow, message::PurgeReceipt, queue::Ability};

use super::{api::purge, publish::answer::refused};
use crate::{
    error::ApiError,
    forms::{Fields, content_of, posted},
    queues::detail::{QueueContext, address::Address},
    ui::{Dialog, Icon, icon, loaded},
};

/// A form that was posted to this page, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Outcome {
    form: String,
    result: Result<PurgeReceipt, ApiError>,
}

type Purge = Action<(Address, String), Result<PurgeReceipt, ApiError>>;

#[component]
pub fn PurgePage() -> impl IntoView {
    let context = expect_context::<QueueContext>();
    let done = Resource::new(move || context.address.get(), purge_as_posted);
    let act = Action::new(|(queue, form): &(Address, String)| {
        purge(queue.broker.clone(), queue.id.clone(), form.clone())
    });
    loaded(context.view, move |queue| {
        let detail = queue.detail;
        let form = move || {
            let detail = detail.clone();
            Suspend::new(async move {
                let outcome = done.await;
                view! { <PurgeForm detail outcome act/> }
            })
        };
        view! { <Transition>{form}</Transition> }.into_any()
    })
}

/// Without wasm the form is posted to its own page.
async fn purge_as_posted(queue: Address) -> Option<Outcome> {
    let form = posted()?;
    let result = purge(queue.broker, queue.id, form.clone()).await;
    Some(Outcome { form, result })
}

/// What has to be typed: the name, or the id where the name can't be typed.
fn name_to_type(row: &QueueRow) -> String {
    let printable = !row.name.chars().any(|c| c.is_control() || c == '\u{fffd}');
    if printable { row.name.clone() } else { row.id.to_string() }
}

#[component]
fn PurgeForm(detail: QueueDetail, outcome: Option<Outcome>, act: Purge) -> impl IntoView {
    let row = detail.row.clone();
    let address = Address::of(&row);
    let typed = outcome.as_ref().map(|outcome| Fields::parse(&outcome.form)).unwrap_or_default();
    let before = outcome.map(|outcome| outcome.result);
    let result = Signal::derive(move || act.value().get().or_else(|| before.clone()));
    let queue = address.clone();
    let submit = move |event: SubmitEvent| {
        if let Some(form) = content_of(&event) {
            event.prevent_default();
            act.dispatch((queue.clone(), form));
        }
    };
    let answer = move || match result.get() {
        None => ().into_any(),
        Some(Ok(receipt)) => done(&receipt),
        Some(Err(ApiError(problem))) => refused(problem),
    };
    let close = address.path();
    let sub = format!("{}, {}", row.broker, row.kind.title());
    let (asked, depth) = (row.clone(), row.depth);
    let ability = detail.abilities.purge;
    let note = ability.reason.clone();
    let finished = Signal::derive(move || matches!(result.get(), Some(Ok(_))));
    view! {
        <Dialog title=texts::title(&row.name) sub=sub close=close.clone() testid="purge">
            <form method="post" action=address.tab("purge") on:submit=submit data-testid="purge-form">
                <div class="dialog-body">
                    {loss(&row, note)}
                    {move || (!finished.get()).then(|| ask(&asked, &typed))}
                    <div aria-live="polite" data-testid="purge-result">{answer}</div>
                </div>
                <footer>
                    <small class="faint">{texts::AUDITED}</small>
                    <span class="grow"></span>
                    <a class="btn" href=close>{move || if finished.get() { texts::CLOSE } else { texts::CANCEL }}</a>
                    {move || {
                        (!finished.get()).then(|| button(ability.clone(), texts::purge(depth), act.pending()))
                    }}
                </footer>
            </form>
        </Dialog>
    }
}

/// What is lost, what stays, what still comes in.
fn loss(row: &QueueRow, note: Option<String>) -> impl IntoView + use<> {
    let ready = row.depth.map(|depth| depth - row.unacknowledged.unwrap_or(0));
    let line = |name: &'static str, text: Option<String>| {
        text.map(|text| view! { <div><dt>{name}</dt><dd>{text}</dd></div> })
    };
    let stay = row.unacknowledged.filter(|n| *n > 0).map(|n| texts::stay(n, row.consumers));
    let coming = row.in_rate.filter(|rate| *rate > 0.0).map(texts::coming);
    view! {
        <div class="loss" data-testid="purge-loss">
            <p><b>{texts::lost(ready)}</b>" "{texts::NO_WAY_BACK}</p>
            <dl>
                {line(texts::OLDEST, row.oldest_age_seconds.map(texts::oldest))}
                {line(texts::STAY, stay)}
                {line(texts::COMING, coming)}
                {line(texts::KNOW, note)}
            </dl>
        </div>
    }
}

fn ask(row: &QueueRow, typed: &Fields) -> impl IntoView + use<> {
    let name = name_to_type(row);
    let before = typed.raw("confirm").map(str::to_owned);
    let reason = typed.raw("reason").map(str::to_owned);
    let seen = row.depth.map(|depth| view! { <input type="hidden" name="seen_depth" value=depth/> });
    view! {
        {seen}
        <div class="field">
            <label for="purge-confirm">{texts::TYPE}<b class="mono">{name}</b>{texts::TO_GO_ON}</label>
            <input class="input mono" id="purge-confirm" name="confirm" value=before required autofocus autocomplete="off" spellcheck="false" data-testid="purge-confirm"/>
        </div>
        <div class="field">
            <label for="purge-reason">{texts::REASON}<span class="faint">{texts::REASON_NOTE}</span></label>
            <input class="input" id="purge-reason" name="reason" value=reason data-testid="purge-reason"/>
        </div>
    }
}

fn button(ability: Ability, text: String, pending: Memo<bool>) -> AnyView {
    if !ability.allowed {
        let reason = ability.reason;
        return view! {
            <button class="btn" type="button" aria-disabled="true" title=reason.clone() data-testid="purge-send">
                {icon(Icon::Trash)}
                {text}
                <span class="sr">{reason.clone()}</span>
            </button>
        }
        .into_any();
    }
    view! {
        <button class="btn danger" type="submit" disabled=move || pending.get() data-testid="purge-send">
            {icon(Icon::Trash)}
            {text}
        </button>
    }
    .into_any()
}

fn done(receipt: &PurgeReceipt) -> AnyView {
    let notes = receipt.notes.join(" ");
    view! {
        <div class="answer" data-ok="true">
            {icon(Icon::Ok)}
            <span><b>{texts::purged(receipt.removed, receipt.left)}</b> <small class="muted">{notes}</small></span>
        </div>
    }
    .into_any()
}
