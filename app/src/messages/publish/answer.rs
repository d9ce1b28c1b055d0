//! What came of a form: the broker's own answer, or the problem with the fields it is about.

use leptos::prelude::*;
use weir_model::{Outcome, Problem, message::PublishReceipt};

use super::texts;
use crate::{
    error::ApiError,
    ui::{Icon, icon, told, visible},
};

/// What was answered so far.
pub type Result<T> = std::result::Result<T, ApiError>;

#[component]
pub fn Answer(result: Signal<Option<Result<PublishReceipt>>>) -> impl IntoView {
    let answer = move || match result.get() {
        None => ().into_any(),
        Some(Ok(receipt)) => received(&receipt),
        Some(Err(ApiError(problem))) => refused(problem),
    };
    view! { <div aria-live="polite" data-testid="publish-result">{answer}</div> }
}

fn received(receipt: &PublishReceipt) -> AnyView {
    let unrouted = receipt.routed == Some(false) || receipt.confirmed == Some(false);
    let (class, sign) = if unrouted { ("answer lost", Icon::Warning) } else { ("answer", Icon::Ok) };
    view! {
        <div class=class data-ok=(!unrouted).to_string()>
            {icon(sign)}
            <b>{visible(&receipt.text)}</b>
        </div>
    }
    .into_any()
}

/// A problem with a form, whole: what failed, and what became of the act.
#[must_use]
pub fn refused(problem: Problem) -> AnyView {
    let fate = match problem.outcome {
        Some(Outcome::NotDone) => Some(texts::NOT_DONE),
        Some(Outcome::Unknown) => Some(texts::OUTCOME_UNKNOWN),
        None => None,
    };
    view! {
        <div class="doorerr" role="alert" data-testid="form-error">
            {icon(Icon::Warning)}
            <p><b>{problem.kind.title()}</b>": "{visible(told(&problem).trim_end_matches('.'))}". "{fate}</p>
        </div>
    }
    .into_any()
}
