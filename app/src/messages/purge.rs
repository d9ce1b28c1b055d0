//! Purging: what is lost and what stays is said first, and the queue's name is typed.

pub mod aside;
mod texts;

use leptos::{ev::SubmitEvent, prelude::*};
use serde::{Deserialize, Serialize};
use weir_model::{
    QueueRow,
    message::{PurgeReceipt, PurgeRequest},
    queue::Ability,
};

use self::aside::GiveBack;
use super::{api::purge, publish::answer::refused};
use crate::{
    error::ApiError,
    forms::{Fields, content_of, posted},
    idempotency::{KeyField, renewed_by},
    queues::detail::{QueueContext, address::Address, part},
    ui::{Dialog, Icon, icon, kept, once, visible},
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
    kept(context.view, move |queue| {
        let address = part(&queue, |detail| Address::of(&detail.row));
        // As pushed, like the page around the dialog: with what was fetched before it a purge would be refused.
        let shown = context.row(queue.clone());
        let row = Memo::new(move |_| shown.get());
        let ability = part(&queue, |detail| detail.abilities.purge.clone());
        let copy = part(&queue, |detail| detail.forms.copy.clone());
        let set_aside = part(&queue, |detail| detail.forms.set_aside);
        // Another queue gets another form; a fetch leaves what was typed.
        let form = move || {
            let address = address.get();
            once(done, move |outcome| {
                view! { <PurgeForm address row ability copy set_aside outcome act/> }.into_any()
            })
        };
        form.into_any()
    })
}

/// Without wasm the form is posted to its own page.
async fn purge_as_posted(queue: Address) -> Option<Outcome> {
    let form = posted()?;
    let result = purge(queue.broker, queue.id, form.clone()).await;
    Some(Outcome { form, result })
}

#[component]
fn PurgeForm(
    address: Address,
    /// The figures of the queue as they are now.
    row: Memo<QueueRow>,
    ability: Memo<Ability>,
    /// Whether what is removed can be kept; `None` where the broker's kind has no such purge.
    copy: Memo<Option<Ability>>,
    set_aside: Memo<bool>,
    outcome: Option<Outcome>,
    act: Purge,
) -> impl IntoView {
    let typed = outcome.as_ref().map(|outcome| Fields::parse(&outcome.form)).unwrap_or_default();
    let boxes = typed.clone();
    let before = outcome.map(|outcome| outcome.result);
    let result = Signal::derive(move || act.value().get().or_else(|| before.clone()));
    let key = renewed_by(act.value());
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
    let (title, sub) = row.with_untracked(|row| {
        (texts::title(&visible(&row.name)), format!("{}, {}", row.broker, row.kind.title()))
    });
    let finished = Memo::new(move |_| matches!(result.get(), Some(Ok(_))));
    let button = move || {
        let text = row.with(|row| texts::purge(row.depth));
        (!finished.get()).then(|| button(ability.get(), text, act.pending()))
    };
    view! {
        <Dialog title=title sub=sub close=close.clone() testid="purge">
            {set_aside.get_untracked().then(|| view! { <GiveBack address=address.clone()/> })}
            <form method="post" action=address.tab("purge") on:submit=submit data-testid="purge-form">
                <KeyField key/>
                <div class="dialog-body">
                    {move || (!finished.get()).then(|| row.with(|row| loss(row, ability.get().reason, copy.with(Option::is_some))))}
                    {move || (!finished.get()).then(|| ask(row, &typed))}
                    {move || (!finished.get()).then(|| copy.get().map(|ability| keep(ability, &boxes)))}
                    <div aria-live="polite" data-testid="purge-result">{answer}</div>
                </div>
                <footer>
                    <small class="faint">{texts::AUDITED}</small>
                    <span class="grow"></span>
                    <a class="btn" href=close>{move || if finished.get() { texts::CLOSE } else { texts::CANCEL }}</a>
                    {button}
                </footer>
            </form>
        </Dialog>
    }
}

/// What is lost, what stays, what still comes in.
fn loss(row: &QueueRow, note: Option<String>, copied: bool) -> impl IntoView + use<> {
    let ready = row.depth.map(|depth| depth - row.unacknowledged.unwrap_or(0));
    let line = |name: &'static str, text: Option<String>| {
        text.map(|text| view! { <div><dt>{name}</dt><dd>{text}</dd></div> })
    };
    let stay = row.unacknowledged.filter(|n| *n > 0).map(|n| texts::stay(n, row.consumers));
    let coming = row.in_rate.filter(|rate| *rate > 0.0).map(texts::coming);
    view! {
        <div class="loss" data-testid="purge-loss">
            <p><b>{texts::lost(ready)}</b>" "{if copied { texts::COPY_STAYS } else { texts::NO_WAY_BACK }}</p>
            <dl>
                {line(texts::OLDEST, row.oldest_age_seconds.map(texts::oldest))}
                {line(texts::STAY, stay)}
                {line(texts::COMING, coming)}
                {line(texts::KNOW, note)}
            </dl>
        </div>
    }
}

fn ask(row: Memo<QueueRow>, typed: &Fields) -> impl IntoView + use<> {
    let name = row.with_untracked(|row| PurgeRequest::confirmation(&row.name, &row.id).to_owned());
    let before = typed.raw("confirm").map(str::to_owned);
    let reason = typed.raw("reason").map(str::to_owned);
    // Left empty where the depth is not known.
    let seen = move || row.with(|row| row.depth.map(|depth| depth.to_string()));
    view! {
        <input type="hidden" name="seen_depth" value=seen/>
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

/// Ticked unless the operator unticked it.
fn keep(ability: Ability, typed: &Fields) -> impl IntoView + use<> {
    let ticked = ability.allowed && (typed.has("copy") || !typed.has("confirm"));
    let note = if ability.allowed { Some(texts::COPY_NOTE.to_owned()) } else { ability.reason };
    view! {
        <label class="switchrow wrap">
            <input class="check" type="checkbox" name="copy" checked=ticked disabled=!ability.allowed data-testid="purge-copy"/>
            <span class="nowrap">{texts::COPY}</span>
            <span class="faint">{note}</span>
        </label>
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
    let copy = receipt.copy.as_ref().map(texts::copied);
    let notes = receipt.notes.iter().cloned().chain(copy).collect::<Vec<_>>().join(" ");
    view! {
        <div class="answer" data-ok="true">
            {icon(Icon::Ok)}
            <span><b>{texts::purged(receipt.removed, receipt.left)}</b>". "<small class="muted">{notes}</small></span>
        </div>
    }
    .into_any()
}
