//! The card of a broker, made from its live state.

use std::{collections::BTreeSet, sync::Arc};

use weir_model::{
    BrokerCard, BrokerKind, QueueRow, Timestamp, Unknown, UnknownCode, broker::Capability, queue::Abilities,
};

use super::{
    station::{Station, StationState},
    totals,
};

pub(super) fn card(station: &Station, state: &StationState, now: Timestamp) -> BrokerCard {
    let rows: Vec<Arc<QueueRow>> = state.rows.values().cloned().collect();
    let config = &station.config;
    BrokerCard {
        name: config.name.clone(),
        kind: station.broker.kind(),
        url: config.display_url(),
        version: state.version.clone(),
        status: state.status,
        status_since: state.status_since,
        observed_at: state.observed_at,
        observation_seconds: state.cost.map(|c| c.duration_ms as f64 / 1000.0),
        observation_requests: state.cost.map(|c| c.requests),
        observation_bytes: state.cost.map(|c| c.bytes),
        poll_interval_seconds: state.interval_seconds,
        slowed: state.slowed,
        error: state.fault.clone(),
        capabilities: capabilities(station),
        read_only: station.read_only().is_some(),
        auto_detected: config.auto_detected,
        simulated: station.broker.kind() == BrokerKind::Demo,
        health: state.health.clone(),
        hidden_queues: state.hidden_queues,
        totals: match never_seen(state) {
            Some(reason) if rows.is_empty() => totals::unseen(&reason),
            _ => totals::totals(&rows, state.hidden_queues),
        },
        sparkline: state.minutes.sparkline(now),
    }
}

/// Why nothing is known of the broker's queues; `None` once it has been observed.
fn never_seen(state: &StationState) -> Option<Unknown> {
    if state.observed_at.is_some() {
        return None;
    }
    let waiting = || Unknown::new(UnknownCode::NotYet, "the broker has not been observed yet");
    Some(state.view.down.as_ref().map_or_else(waiting, |why| Unknown::new(UnknownCode::BrokerDown, why)))
}

/// What the broker's adapter offers; a queue may still say no, with its reason.
fn capabilities(station: &Station) -> Vec<Capability> {
    let broker = &station.broker;
    let mut found = BTreeSet::new();
    found.extend(broker.browse().map(|_| Capability::Browse));
    found.extend(broker.peek().map(|_| Capability::Peek));
    found.extend(broker.tap().map(|_| Capability::Tap));
    found.extend(broker.publish().map(|_| Capability::Publish));
    found.extend(broker.purge().map(|_| Capability::Purge));
    found.into_iter().collect()
}

/// What may be done with a queue once the broker's own read-only state is taken into account.
pub(super) fn guarded(abilities: Abilities, read_only: Option<&str>) -> Abilities {
    let Some(reason) = read_only else { return abilities };
    let guard = |ability: weir_model::queue::Ability| {
        if ability.allowed { weir_model::queue::Ability::no(reason) } else { ability }
    };
    Abilities {
        browse: abilities.browse,
        peek: guard(abilities.peek),
        tap: guard(abilities.tap),
        publish: guard(abilities.publish),
        purge: guard(abilities.purge),
    }
}
