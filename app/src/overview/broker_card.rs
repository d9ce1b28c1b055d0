//! A broker in a card: health, version, sums, the last hour, and what looking at it costs.

use leptos::prelude::*;
use weir_model::{BrokerCard, BrokerStatus, LiveEvent, Severity, Timestamp};

use super::{api::OverviewData, texts};
use crate::{
    live::Live,
    settings::arm::ArmForm,
    texts as shared,
    ui::{
        Ago, Icon, Keyed, Mark, Shown, address::with_query, ago, broker_tone, card_sparkline, count_figure,
        figure, icon, rate_figure, status_icon,
    },
};

/// The cards, in the order of the config; each follows the data of the page and the live stream.
#[component]
pub fn BrokerCards(data: ArcRwSignal<OverviewData>) -> impl IntoView {
    let source = data.clone();
    let cards: Keyed<BrokerCard, String> =
        Keyed::following(move || source.with(|data| data.brokers.clone()), |card| card.name.clone());
    if let Some(live) = use_context::<Live>() {
        let cards = cards.clone();
        live.listen(move |event| {
            if let LiveEvent::Broker { card } = event {
                cards.patch([&**card]);
            }
        });
    }
    let view = move |card: ArcRwSignal<BrokerCard>| {
        let data = data.clone();
        move || card.with(|card| broker_card(card, data.with_untracked(|data| data.now)))
    };
    view! {
        <section class="brokers" aria-label=texts::BROKERS tabindex="0" data-testid="brokers">
            {cards.each(view)}
        </section>
    }
}

fn broker_card(card: &BrokerCard, now: Timestamp) -> AnyView {
    let down = card.status == BrokerStatus::Down;
    let class = if down { "broker stale" } else { "broker" };
    let version = card.version.clone().unwrap_or_default();
    // "Valkey 9.1.0" names its product itself.
    let product = if version.starts_with(|c: char| c.is_ascii_digit()) || version.is_empty() {
        format!("{} {version}", card.kind.title())
    } else {
        version
    };
    view! {
        <article class=class data-testid=format!("broker-{}", card.name)>
            <header>
                {status_icon(broker_tone(card))}
                <a href=with_query("/queues", &[("broker", Some(&card.name))])>{card.name.clone()}</a>
                {read_only(card)}
                <small>{product}</small>
            </header>
            {figures(card)}
            {notes(card)}
            {card_sparkline(&card.sparkline)}
            <footer>{foot(card, now)}</footer>
        </article>
    }
    .into_any()
}

fn figures(card: &BrokerCard) -> impl IntoView + use<> {
    let totals = &card.totals;
    let at_least = |shown: Shown, name: &str| match totals.partial.get(name) {
        Some(why) => shown.marked(Mark::AtLeast, &why.detail),
        None => shown,
    };
    let backlog = at_least(count_figure(totals.backlog, "backlog", "messages", &totals.unknown), "backlog");
    let inward = at_least(rate_figure(totals.in_rate, "in_rate", &totals.unknown), "in_rate");
    let outward = at_least(rate_figure(totals.out_rate, "out_rate", &totals.unknown), "out_rate");
    let per_second = |shown: &Shown| {
        matches!(shown, Shown::Known { .. }).then(|| view! { <small>{shared::PER_SECOND}</small> })
    };
    let (per_in, per_out) = (per_second(&inward), per_second(&outward));
    view! {
        <dl class="figs">
            <div><dt>{texts::BACKLOG}</dt><dd>{figure(backlog)}</dd></div>
            <div><dt>{texts::IN}</dt><dd>{figure(inward)}{per_in}</dd></div>
            <div><dt>{texts::OUT}</dt><dd>{figure(outward)}{per_out}</dd></div>
        </dl>
    }
}

/// The step that failed, health facts worth knowing, hidden queues.
fn notes(card: &BrokerCard) -> impl IntoView + use<> {
    let error = card.error.as_ref().map(|error| {
        let text = texts::failed(&error.step.to_string(), &error.detail);
        view! { <p class="crit" title=text.clone()>{text.clone()}</p> }
    });
    let facts = card.health.iter().filter(|fact| fact.severity > Severity::Info).map(|fact| {
        let class = if fact.severity == Severity::Critical { "crit" } else { "warn" };
        view! { <p class=class title=fact.text.clone()>{fact.text.clone()}</p> }
    });
    let hidden = card.hidden_queues.filter(|n| *n > 0).map(|n| view! { <p>{texts::hidden(n)}</p> });
    view! { <div class="notes">{error}{facts.collect_view()}{hidden}</div> }
}

fn foot(card: &BrokerCard, now: Timestamp) -> AnyView {
    let seen = |words: &'static str| {
        card.observed_at.map(|at| view! { <span>{words}{ago(at, now, Ago::Past)}</span> })
    };
    match card.status {
        BrokerStatus::Starting => view! { <span>{texts::STARTING}</span> }.into_any(),
        BrokerStatus::Down => view! {
            <span class="crit-text">{texts::DOWN_FOR}{ago(card.status_since, now, Ago::For)}</span>
            {seen(texts::FIGURES_OF)}
        }
        .into_any(),
        BrokerStatus::Up => view! {
            {seen(texts::SEEN)}
            {cost(card)}
        }
        .into_any(),
    }
}

fn cost(card: &BrokerCard) -> Option<impl IntoView + use<>> {
    let interval = card.poll_interval_seconds;
    card.observation_seconds.map(|took| {
        if card.slowed {
            view! { <span class="late" title=texts::slow_title(took, interval)>{texts::slow(took, interval)}</span> }
        } else {
            let title = texts::cost_title(took, interval, card.observation_requests);
            view! { <span class="" title=title>{texts::cost(took, interval)}</span> }
        }
    })
}

/// Whether it may be changed, and the way to allow it where it was found by itself.
fn read_only(card: &BrokerCard) -> Option<AnyView> {
    if !card.read_only {
        return None;
    }
    if !card.auto_detected {
        return Some(
            view! { <span class="tag" title=texts::READ_ONLY_CONFIGURED>{texts::READ_ONLY}</span> }
                .into_any(),
        );
    }
    let name = card.name.clone();
    Some(
        view! {
            <details class="drop" data-testid="arm">
                <summary class="tag">{icon(Icon::Lock)}{texts::READ_ONLY}</summary>
                <div class="menu arm"><ArmForm broker=name/></div>
            </details>
        }
        .into_any(),
    )
}
