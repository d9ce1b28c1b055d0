//! Rows on the screen, patched as they change.

use std::collections::BTreeMap;

use leptos::prelude::*;
use weir_model::{LiveEvent, QueueRow};

use crate::live::Live;

/// Each row as a signal that follows the live stream until the present owner is cleaned up. The order stays: a row
/// does not jump away under the hand that reaches for it.
#[must_use]
pub fn live_rows(rows: Vec<QueueRow>) -> Vec<ArcRwSignal<QueueRow>> {
    let signals: Vec<_> = rows.into_iter().map(ArcRwSignal::new).collect();
    if let Some(live) = use_context::<Live>() {
        let key = |row: &QueueRow| (row.broker.clone(), row.id.clone());
        let by_key: BTreeMap<_, _> =
            signals.iter().map(|signal| (signal.with_untracked(key), signal.clone())).collect();
        live.listen(move |event| {
            let LiveEvent::Observation(change) = event else { return };
            for row in &change.changed {
                if let Some(signal) = by_key.get(&key(row)) {
                    signal.set(row.clone());
                }
            }
        });
    }
    signals
}
