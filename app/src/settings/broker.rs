//! One broker in the settings.

use leptos::prelude::*;
use weir_model::{BrokerCard, BrokerStatus, Severity, Timestamp, queue::Fact};

use super::{
    api::{BrokerSettings, ObserveBroker},
    arm::{ArmForm, tell_outcome},
    check::{ConnectionTest, Test},
    texts,
};
use crate::{
    overview::texts as words,
    ui::{Ago, Icon, Panel, Tone, ago, broker_tone, icon, pill, status_icon},
};

#[component]
pub fn BrokerPanel(broker: ArcRwSignal<BrokerSettings>, test: Test, now: Timestamp) -> impl IntoView {
    let (settings, cards) = (broker.clone(), broker.clone());
    let settings = Memo::new(move |_| settings.with(|broker| broker.settings.clone()));
    let card = Memo::new(move |_| cards.with(|broker| broker.card.clone()));
    let product =
        move || card.with(|card| card.version.clone().unwrap_or_else(|| card.kind.title().to_owned()));
    let configured = move || settings.get().into_iter().map(fact).collect_view();
    let name = card.with_untracked(|card| card.name.clone());
    let id = format!("broker-{name}");
    view! {
        <div id=id>
            <Panel title=name.clone() sub=product tools=move || head(card, now)>
                <div class="setting">
                    <div>
                        <h3>{texts::CONFIGURATION}</h3>
                        <table class="facts-table"><tbody>{configured}</tbody></table>
                    </div>
                    <div>
                        <h3>{texts::HEALTH}</h3>
                        {move || card.with(health)}
                        <h3 class="pt-3">{texts::CHANGES}</h3>
                        {changes(card)}
                        <h3 class="pt-3">{texts::CONNECTION}</h3>
                        <ConnectionTest broker=name test/>
                    </div>
                </div>
            </Panel>
        </div>
    }
}

fn head(card: Memo<BrokerCard>, now: Timestamp) -> impl IntoView {
    let observe = ServerAction::<ObserveBroker>::new();
    tell_outcome(observe.value(), texts::OBSERVED);
    let health = move || {
        card.with(|card| {
            let word = match card.status {
                BrokerStatus::Up => texts::UP,
                BrokerStatus::Down => texts::DOWN,
                BrokerStatus::Starting => texts::STARTING,
            };
            pill(broker_tone(card), word.to_owned(), card.url.clone())
        })
    };
    let seen = move || {
        let at = card.with(|card| card.observed_at);
        at.map(|at| view! { {words::SEEN}{ago(at, now, Ago::Past)} })
    };
    view! {
        {health}
        <span class="meta">{seen}</span>
        <ActionForm action=observe>
            <input type="hidden" name="broker" value=card.with_untracked(|card| card.name.clone())/>
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
        let sign = match fact.severity {
            Severity::Info => view! { <span class="status">{icon(Icon::Info)}</span> }.into_any(),
            Severity::Warning => status_icon(Tone::Warning).into_any(),
            Severity::Critical => status_icon(Tone::Critical).into_any(),
        };
        view! { <li>{sign}<span>{fact.text.clone()}</span></li> }
    });
    view! { <ul class="health">{error}{facts.collect_view()}{hidden}{fine}</ul> }
}

/// Whether it may be changed, why not, and how to allow it.
fn changes(card: Memo<BrokerCard>) -> impl IntoView {
    let rights = Memo::new(move |_| card.with(|card| (card.read_only, card.auto_detected)));
    let name = card.with_untracked(|card| card.name.clone());
    move || match rights.get() {
        (false, _) => view! { <p class="muted">{texts::CHANGES_ALLOWED}</p> }.into_any(),
        (true, true) => view! { <ArmForm broker=name.clone()/> }.into_any(),
        (true, false) => view! { <p class="muted">{texts::READ_ONLY_TEXT}</p> }.into_any(),
    }
}
