//! Arming: allowing changes on a broker that Weir found by itself.

use leptos::prelude::*;

use super::{api::ArmBroker, texts};
use crate::{
    error::ApiError,
    overview::texts as words,
    ui::{Icon, Toast, Toasts, Tone, icon},
};

/// Says what arming allows, with the button that does it. A plain form, so it works before wasm arrives.
#[component]
pub fn ArmForm(broker: String) -> impl IntoView {
    let arm = ServerAction::<ArmBroker>::new();
    tell_outcome(arm.value(), texts::ARMED);
    view! {
        <p>{words::arm_text(&broker)}</p>
        <ActionForm action=arm>
            <input type="hidden" name="broker" value=broker.clone()/>
            <input type="hidden" name="confirm" value=broker.clone()/>
            <button class="btn sm" type="submit" data-testid="arm-button">
                {icon(Icon::Lock)}
                {words::arm_button(&broker)}
            </button>
        </ActionForm>
    }
}

/// Says how an action on a broker ended.
pub(crate) fn tell_outcome<T>(
    outcome: impl Get<Value = Option<Result<T, ApiError>>> + 'static,
    done: &'static str,
) {
    let toasts = expect_context::<Toasts>();
    Effect::new(move |_| {
        let Some(outcome) = outcome.get() else { return };
        toasts.show(match outcome {
            Ok(_) => Toast { tone: Tone::Ok, title: done.to_owned(), detail: String::new() },
            Err(ApiError(problem)) => {
                Toast { tone: Tone::Critical, title: problem.kind.title().to_owned(), detail: problem.detail }
            }
        });
    });
}
