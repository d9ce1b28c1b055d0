//! The rail at the left: sections, and the brokers with their health and the age of their last observation.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use weir_model::{BrokerCard, BrokerStatus, Timestamp};

use super::FrameResource;
use crate::{
    texts,
    ui::{Ago, Icon, Tone, ago, broker_tone, dot, format, icon, kept_quietly, mark},
};

const SECTIONS: [(&str, Icon, &str); 3] = [
    ("/", Icon::Overview, texts::OVERVIEW),
    ("/queues", Icon::Queues, texts::QUEUES),
    ("/settings", Icon::Settings, texts::SETTINGS),
];

#[component]
pub fn Rail(frame: FrameResource) -> impl IntoView {
    view! {
        <aside class="side" aria-label=texts::SECTIONS_AND_BROKERS>
            <a class="brand" href="/" aria-label=format!("{}, {}", texts::WEIR, texts::OVERVIEW)>
                {mark(20)}
                <b>{texts::WEIR}</b>
            </a>
            <SectionLinks frame/>
            <BrokerLinks frame/>
            <Version frame/>
        </aside>
    }
}

/// The sections, on the rail and in the menu of a phone.
#[component]
pub fn SectionLinks(frame: FrameResource) -> impl IntoView {
    let path = use_location().pathname;
    let link = move |(href, sign, name): (&'static str, Icon, &'static str)| {
        let current = move || is_current(&path.get(), href).then_some("page");
        let count = (href == "/queues").then(|| {
            let queues = kept_quietly(frame, |data| {
                (move || data.with(|data| format::exact(data.queues()))).into_any()
            });
            view! { <small>{queues}</small> }
        });
        view! {
            <li>
                <a href=href aria-current=current title=name>
                    {icon(sign)}
                    <span>{name}</span>
                    {count}
                </a>
            </li>
        }
    };
    view! { <nav aria-label=texts::SECTIONS><ul>{SECTIONS.map(link).collect_view()}</ul></nav> }
}

/// A queue's page belongs to the queues.
fn is_current(path: &str, section: &str) -> bool {
    match section {
        "/queues" => path.starts_with("/queues") || path.starts_with("/brokers/"),
        "/" => path == "/",
        other => path.starts_with(other),
    }
}

/// The brokers; each leads to its queues.
#[component]
pub fn BrokerLinks(frame: FrameResource) -> impl IntoView {
    let links = kept_quietly(frame, |data| {
        let links = move || {
            data.with(|data| data.brokers.iter().map(|card| broker_link(card, data.now)).collect_view())
        };
        links.into_any()
    });
    view! {
        <nav class="side-brokers" aria-label=texts::BROKERS>
            <h2>{texts::BROKERS}</h2>
            <ul data-testid="rail-brokers">{links}</ul>
        </nav>
    }
}

fn broker_link(card: &BrokerCard, now: Timestamp) -> impl IntoView + use<> {
    let tone = broker_tone(card);
    let word = match (card.status, tone) {
        (BrokerStatus::Down, _) => "down",
        (BrokerStatus::Starting, _) => "not observed yet",
        (BrokerStatus::Up, Tone::Ok) => "up",
        (BrokerStatus::Up, _) => "up, with warnings",
    };
    let age = card.observed_at.map(|at| view! { <small>{ago(at, now, Ago::Bare)}</small> });
    let title = format!("{}: {word}", card.name);
    view! {
        <li>
            <a href=format!("/queues?broker={}", card.name) title=title>
                {dot(tone)}
                <span>{card.name.clone()}</span>
                <span class="sr">{word}</span>
                {age}
            </a>
        </li>
    }
}

/// Which Weir this is.
#[component]
fn Version(frame: FrameResource) -> impl IntoView {
    let version = kept_quietly(frame, |data| {
        (move || data.with(|data| format!("{} {}", texts::WEIR, data.house.version))).into_any()
    });
    view! { <footer><span><small>{version}</small></span></footer> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_queues_page_when_shown_then_the_section_queues_is_current() {
        assert!(is_current("/brokers/orders/queues/~2f:hello", "/queues"));
        assert!(!is_current("/queues", "/"));
        assert!(is_current("/settings", "/settings"));
    }
}
