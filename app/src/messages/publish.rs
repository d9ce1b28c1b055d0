//! Publishing: a page that is also a dialog. The broker's own answer stays in it, and so does what was typed.

pub mod answer;
pub mod fields;
pub mod form;
mod texts;

use leptos::{ev::SubmitEvent, prelude::*};
use serde::{Deserialize, Serialize};
use weir_model::{
    QueueDetail,
    message::{MessageShape, PublishReceipt},
    queue::Ability,
};

use self::{
    answer::Answer,
    fields::{BodyField, Headers, KindFields, RepeatField},
};
use super::api::publish;
use crate::{
    error::ApiError,
    forms::{Fields, content_of, posted},
    idempotency::{KeyField, renewed_by},
    queues::detail::{QueueContext, address::Address, part},
    ui::{Dialog, Icon, icon, kept, once, visible},
};

/// The name of the button that asks for one more header.
pub(super) const ADD_HEADER: &str = "add_header";

/// A form that was posted to this page, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Outcome {
    form: String,
    /// `None` where the form only asked for another row.
    result: Option<Result<PublishReceipt, ApiError>>,
}

#[component]
pub fn PublishPage() -> impl IntoView {
    let context = expect_context::<QueueContext>();
    let sent = Resource::new(move || context.address.get(), publish_as_posted);
    let send = Action::new(|(queue, form): &(Address, String)| {
        publish(queue.broker.clone(), queue.id.clone(), form.clone())
    });
    let rows = RwSignal::new(1_usize);
    kept(context.view, move |queue| {
        let subject = part(&queue, Subject::of);
        let ability = part(&queue, |detail| detail.abilities.publish.clone());
        // Another queue gets another form; a fetch leaves what was typed.
        let form = move || {
            let subject = subject.get();
            once(sent, move |outcome| view! { <PublishForm subject ability outcome send rows/> }.into_any())
        };
        form.into_any()
    })
}

/// Without wasm the form is posted to its own page.
async fn publish_as_posted(queue: Address) -> Option<Outcome> {
    let form = posted()?;
    if Fields::parse(&form).has(ADD_HEADER) {
        return Some(Outcome { form, result: None });
    }
    let result = publish(queue.broker, queue.id, form.clone()).await;
    Some(Outcome { form, result: Some(result) })
}

/// What the form is made for.
#[derive(Clone, Debug, PartialEq)]
struct Subject {
    address: Address,
    name: String,
    /// The name of its kind.
    kind: &'static str,
    shape: MessageShape,
}

impl Subject {
    fn of(detail: &QueueDetail) -> Self {
        let row = &detail.row;
        // A queue that takes nothing has a form whose button says so.
        let shape = detail.forms.shape.unwrap_or(MessageShape::Plain);
        Self { address: Address::of(row), name: row.name.clone(), kind: row.kind.title(), shape }
    }
}

type Send = Action<(Address, String), Result<PublishReceipt, ApiError>>;

#[component]
fn PublishForm(
    subject: Subject,
    ability: Memo<Ability>,
    outcome: Option<Outcome>,
    send: Send,
    /// Rows of headers, or of fields of an entry.
    rows: RwSignal<usize>,
) -> impl IntoView {
    let Subject { address, name, kind, shape } = subject;
    let typed = outcome.as_ref().map(|outcome| Fields::parse(&outcome.form)).unwrap_or_default();
    let before = outcome.and_then(|outcome| outcome.result);
    let result = Signal::derive(move || send.value().get().or_else(|| before.clone()));
    let key = renewed_by(send.value());
    let queue = address.clone();
    let submit = move |event: SubmitEvent| {
        if let Some(form) = content_of(&event) {
            event.prevent_default();
            send.dispatch((queue.clone(), form));
        }
    };
    let pending = send.pending();
    let button = move || send_button(ability.get(), pending);
    let sub = format!("{}, {}", address.broker, kind);
    let close = address.path();
    view! {
        <Dialog title=texts::title(&visible(&name)) sub=sub wide=true close=close.clone() testid="publish">
            <form method="post" action=address.tab("publish") on:submit=submit data-testid="publish-form">
                <KeyField key/>
                <div class="dialog-body">
                    <KindFields shape typed=typed.clone() name result/>
                    <BodyField shape typed=typed.clone() result/>
                    <Headers shape typed=typed.clone() rows/>
                    <RepeatField typed result/>
                    <Answer result/>
                </div>
                <footer>
                    <small class="faint">{texts::AUDITED}</small>
                    <span class="grow"></span>
                    <a class="btn" href=close>{texts::CLOSE}</a>
                    {button}
                </footer>
            </form>
        </Dialog>
    }
}

fn send_button(ability: Ability, pending: Memo<bool>) -> AnyView {
    if !ability.allowed {
        let reason = ability.reason;
        return view! {
            <button class="btn" type="button" aria-disabled="true" title=reason.clone() data-testid="publish-send">
                {icon(Icon::Send)}
                {texts::SEND}
                <span class="sr">{reason.clone()}</span>
            </button>
        }
        .into_any();
    }
    view! {
        <button
            class="btn primary"
            type="submit"
            disabled=move || pending.get()
            data-testid="publish-send"
        >
            {icon(Icon::Send)}
            {move || if pending.get() { texts::SENDING } else { texts::SEND }}
        </button>
    }
    .into_any()
}
