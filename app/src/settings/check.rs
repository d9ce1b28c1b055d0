//! The connection test by steps. Which broker is tested stands in the address, so that the test runs, and can be
//! shown to a colleague, without wasm.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use weir_model::{CheckStep, Problem};

use super::{
    api::{BrokerSettings, test_broker},
    texts,
};
use crate::ui::{Fetched, Icon, Skeleton, address::with_query, icon, loaded};

/// The broker that the address asks to test, and what its test said.
#[derive(Clone, Copy)]
pub struct Test {
    broker: Memo<Option<String>>,
    /// The steps, with the broker that they were tried on.
    steps: Fetched<(String, Vec<CheckStep>)>,
}

impl Test {
    /// Tests whichever broker `?test=` names.
    #[must_use]
    pub fn of_address() -> Self {
        let map = use_query_map();
        let broker = Memo::new(move |_| map.read().get("test"));
        let steps = Resource::new(
            move || broker.get().unwrap_or_default(),
            |broker| async move {
                let steps = if broker.is_empty() { Vec::new() } else { test_broker(broker.clone()).await? };
                Ok((broker, steps))
            },
        );
        Self { broker, steps }
    }

    /// What is wrong with the address: it asks to test none of `brokers`.
    #[must_use]
    pub fn wrong(self, brokers: &[BrokerSettings]) -> Option<Problem> {
        let asked = self.broker.get().filter(|asked| brokers.iter().all(|b| b.card.name != *asked))?;
        let names: Vec<&str> = brokers.iter().map(|b| b.card.name.as_str()).collect();
        Some(Problem::field("test", texts::no_such_broker(&asked, &names)))
    }
}

/// The button, and below it the steps once they were tried.
#[component]
pub fn ConnectionTest(broker: String, test: Test) -> impl IntoView {
    let href = format!("{}#broker-{broker}", with_query("/settings", &[("test", Some(&broker))]));
    let is_tested = Memo::new({
        let broker = broker.clone();
        move |_| test.broker.get().as_ref() == Some(&broker)
    });
    move || {
        let (broker, href) = (broker.clone(), href.clone());
        if is_tested.get() {
            tested(broker, href, test.steps).into_any()
        } else {
            view! {
                <p class="muted">{texts::TEST_TEXT}</p>
                <p class="pt-2"><a class="btn sm" href=href data-testid="test">{texts::TEST}</a></p>
            }
            .into_any()
        }
    }
}

fn tested(broker: String, href: String, steps: Fetched<(String, Vec<CheckStep>)>) -> impl IntoView {
    let shown = move |(of, steps): (String, Vec<CheckStep>)| {
        if of != broker {
            return view! { <Skeleton/> }.into_any();
        }
        let steps = steps.into_iter().map(step).collect_view();
        view! { <ol class="steps" data-testid="steps">{steps}</ol> }.into_any()
    };
    let again = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        steps.refetch();
    };
    view! {
        {loaded(steps, shown)}
        <p class="pt-2">
            <a class="btn sm" href=href on:click=again>{icon(Icon::Retry)}{texts::TEST_AGAIN}</a>
        </p>
    }
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
