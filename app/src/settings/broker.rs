//! One broker in the settings.

use leptos::prelude::*;
use weir_model::{BrokerCard, BrokerStatus, Severity, Timestamp, queue::Fact};

use super::{
    api::{BrokerSettings, ObserveBroker},
    arm::{ArmForm, tell_outcome},
    check::ConnectionTest,
    texts,
};
use crate::{
    overview::texts as words,
    ui::{Ago, Icon, Panel, Tone, ago, broker_tone, icon, pill, status_icon},
};

#[component]
pub fn BrokerPanel(broker: BrokerSettings, tested: bool, now: Timestamp) -> impl IntoView {
    let BrokerSettings { card, settings } = broker;
    let observe = ServerAction::<ObserveBroker>::new();
    tell_outcome(observe.value(), texts::OBSERVED);
    let tools = {
        let card = card.clone();
        move || head(&card, observe, now)
    };
    let sub = card.version.clone().unwrap_or_else(|| card.kind.title().to_owned());
    let (name, title) = (card.name.clone(), card.name.clone());
    view! {
        <div id=format!("broker-{name}")>
            <Panel title=title sub=sub tools=tools>
                <div class="setting">
                    <div>
                        <h3>{texts::CONFIGURATION}</h3>
                        <table class="facts-table"><tbody>{settings.into_iter().map(fact).collect_view()}</tbody></table>
                    </div>
                    <div>
                        <h3>{texts::HEALTH}</h3>
                        {health(&card)}
                        <h3 class="pt-3">{texts::CHANGES}</h3>
                        {changes(&card)}
                        <h3 class="pt-3">{texts::CONNECTION}</h3>
                        <ConnectionTest broker=card.name.clone() tested/>
                    </div>
                </div>
            </Panel>
        </div>
    }
}

fn head(card: &BrokerCard, observe: ServerAction<ObserveBroker>, now: Timestamp) -> impl IntoView + use<> {
    let word = match card.status {
        BrokerStatus::Up => texts::UP,
        BrokerStatus::Down => texts::DOWN,
        BrokerStatus::Starting => texts::STARTING,
    };
    let seen = card.observed_at.map(|at| view! { {words::SEEN}{ago(at, now, Ago::Past)} });
    let name = card.name.clone();
    view! {
        {pill(broker_tone(card), word.to_owned(), card.url.clone())}
        <span class="meta">{seen}</span>
        <ActionForm action=observe>
            <input type="hidden" name="broker" value=name/>
            <button class="btn ghost sm" type="submit">{icon(Icon::Retry)}{texts::OBSERVE}</button>
        </ActionForm>
    }
}

fn fact(fact: Fact) -> impl IntoView {
    let source = fact.source.map(|source| view! { " " <small>{source}</small> });
    view! { <tr><th scope="row">{fact.name}</th><td><span class="mono">{fact.value}</span>{source}</td></tr> }
}

fn health(card: &BrokerCard) -> impl IntoView + use<> {
    let error = card.error.as_ref().map(|error| {
        let text = words::failed(&error.step.to_string(), &error.detail);
        view! { <li>{status_icon(Tone::Critical)}<span>{text}</span></li> }
    });
    let hidden = card
        .hidden_queues
        .filter(|n| *n > 0)
        .map(|n| view! { <li>{status_icon(Tone::Warning)}<span>{words::hidden(n)}</span></li> });
    let fine = (error.is_none() && hidden.is_none() && card.health.is_empty())
        .then(|| view! { <li>{status_icon(Tone::Ok)}<span>{texts::HEALTH_FINE}</span></li> });
    let facts = card.health.iter().map(|fact| {
        let tone = match fact.severity {
            Severity::Info => Tone::Unknown,
            Severity::Warning => Tone::Warning,
            Severity::Critical => Tone::Critical,
        };
        view! { <li>{status_icon(tone)}<span>{fact.text.clone()}</span></li> }
    });
    view! { <ul class="health">{error}{facts.collect_view()}{hidden}{fine}</ul> }
}

/// Whether it may be changed, why not, and how to allow it.
fn changes(card: &BrokerCard) -> AnyView {
    if !card.read_only {
        view! { <p class="muted">{texts::CHANGES_ALLOWED}</p> }.into_any()
    } else if card.auto_detected {
        view! { <ArmForm broker=card.name.clone()/> }.into_any()
    } else {
        view! { <p class="muted">{texts::READ_ONLY_TEXT}</p> }.into_any()
    }
}
