//! The connection test by steps. Which broker is tested stands in the address, so that the test runs, and can be
//! shown to a colleague, without wasm.

use leptos::prelude::*;
use weir_model::CheckStep;

use super::{api::test_broker, texts};
use crate::ui::{Icon, address::with_query, icon, loaded};

/// The button, and below it the steps once they were tried.
#[component]
pub fn ConnectionTest(broker: String, tested: bool) -> impl IntoView {
    let href = format!("{}#broker-{broker}", with_query("/settings", &[("test", Some(&broker))]));
    if !tested {
        return view! {
            <p class="muted">{texts::TEST_TEXT}</p>
            <p class="pt-2"><a class="btn sm" href=href data-testid="test">{texts::TEST}</a></p>
        }
        .into_any();
    }
    let result = Resource::new(move || broker.clone(), test_broker);
    let again = Callback::new(move |()| result.refetch());
    view! {
        {loaded(result, |steps| view! { <ol class="steps" data-testid="steps">{steps.into_iter().map(step).collect_view()}</ol> }.into_any())}
        <p class="pt-2">
            <a
                class="btn sm"
                href=href
                on:click=move |event| {
                    event.prevent_default();
                    again.run(());
                }
            >
                {icon(Icon::Retry)}
                {texts::TEST_AGAIN}
            </a>
        </p>
    }
    .into_any()
}

fn step(step: CheckStep) -> impl IntoView {
    let (class, sign) = match step.passed {
        Some(true) => ("okk", Icon::Check),
        Some(false) => ("bad", Icon::Close),
        None => ("nr", Icon::Minus),
    };
    let detail = if step.passed.is_none() && step.detail.is_empty() {
        texts::NOT_REACHED.to_owned()
    } else {
        step.detail
    };
    view! {
        <li class=class>
            {icon(sign)}
            <b>{step.step.to_string()}</b>
            <span title=detail.clone()>{detail.clone()}</span>
        </li>
    }
}
