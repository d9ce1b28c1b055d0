//! What the broker tells about how the queue is set up, and what leads messages to it.

use leptos::prelude::*;
use weir_model::{
    Timestamp,
    queue::{Binding, Fact, QueueDescription},
};

use super::{QueueContext, as_of, texts};
use crate::ui::{Blank, Panel, loaded, updated, visible};

#[component]
pub fn ConfigurationTab() -> impl IntoView {
    let context = expect_context::<QueueContext>();
    loaded(context.view, |queue| {
        match &queue.detail.description {
        Some(description) => {
            let told = queue.detail.description_at.unwrap_or(queue.now);
            described(description.clone(), [told, queue.now], as_of(&queue.detail)).into_any()
        }
        None => view! {
            <Panel title=texts::CONFIGURATION testid="configuration">
                <Blank title=texts::NOT_DESCRIBED text=queue.detail.description_error.clone().unwrap_or_default()/>
            </Panel>
        }
        .into_any(),
    }
    })
}

/// What the broker told at the first of the two times, read at the second.
fn described(
    description: QueueDescription,
    [told, now]: [Timestamp; 2],
    as_of: Option<String>,
) -> impl IntoView {
    let bindings = (!description.bindings.is_empty()).then(|| bindings(description.bindings, told, now));
    view! {
        <Panel title=texts::SETTINGS tools=move || updated(told, now) testid="configuration">
            {settings(description.configuration)}
            {as_of.map(|as_of| view! { <p class="panel-foot">{as_of}</p> })}
        </Panel>
        {bindings}
    }
}

fn settings(facts: Vec<Fact>) -> AnyView {
    if facts.is_empty() {
        return view! { <Blank title=texts::NO_SETTINGS_TITLE text=texts::NO_SETTINGS_TEXT/> }.into_any();
    }
    let row = |fact: Fact| {
        let value = match (fact.value.as_str(), fact.name.ends_with("exchange")) {
            ("", true) => view! { <span class="muted">{texts::DEFAULT_EXCHANGE}</span> }.into_any(),
            ("", false) => view! { <span class="faint">{texts::EMPTY_VALUE}</span> }.into_any(),
            (value, _) => view! { <span class="mono">{visible(value)}</span> }.into_any(),
        };
        view! {
            <tr data-testid="setting-row">
                <th scope="row">{fact.name}</th>
                <td class="wrap">{value}</td>
                <td class="muted">{fact.source.unwrap_or_default()}</td>
            </tr>
        }
    };
    view! {
        <table class="table setting-table">
            <thead>
                <tr><th scope="col">"Name"</th><th scope="col">"Value"</th><th scope="col">"From"</th></tr>
            </thead>
            <tbody>{facts.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn bindings(bindings: Vec<Binding>, told: Timestamp, now: Timestamp) -> impl IntoView {
    let row = |binding: Binding| {
        let exchange =
            if binding.exchange.is_empty() { texts::DEFAULT_EXCHANGE.to_owned() } else { binding.exchange };
        let arguments: Vec<String> =
            binding.arguments.iter().map(|fact| format!("{} = {}", fact.name, fact.value)).collect();
        view! {
            <tr data-testid="binding-row">
                <td>{exchange}</td>
                <td class="mono wrap">{visible(&binding.routing_key)}</td>
                <td class="mono wrap">{arguments.join(", ")}</td>
            </tr>
        }
    };
    view! {
        <Panel title=texts::BINDINGS sub=texts::BINDINGS_SUB tools=move || updated(told, now) testid="bindings">
            <table class="table setting-table">
                <thead>
                    <tr>
                        <th scope="col">"Exchange"</th>
                        <th scope="col">"Routing key"</th>
                        <th scope="col">"Arguments"</th>
                    </tr>
                </thead>
                <tbody>{bindings.into_iter().map(row).collect_view()}</tbody>
            </table>
        </Panel>
    }
}
