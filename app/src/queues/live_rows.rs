//! Rows on the screen, patched as they change.

use std::collections::BTreeMap;

use leptos::prelude::*;
use weir_model::{LiveEvent, QueueId, QueueRow};

use crate::live::Live;

/// Rows, each a signal of its own, in the order of the table.
#[derive(Clone)]
pub struct LiveRows(ArcRwSignal<Vec<ArcRwSignal<QueueRow>>>);

/// What names a row on the screen.
pub type RowKey = (String, QueueId);

impl LiveRows {
    /// The rows in their order, tracked.
    #[must_use]
    pub fn get(&self) -> Vec<ArcRwSignal<QueueRow>> {
        self.0.get()
    }

    /// The key of a row, for a keyed list.
    #[must_use]
    pub fn key(row: &ArcRwSignal<QueueRow>) -> RowKey {
        row.with_untracked(key)
    }

    /// Takes a new page of rows. Rows that were there keep their signal, and hence their elements and the focus.
    fn show(&self, rows: Vec<QueueRow>) {
        let before = self.0.get_untracked();
        let known: BTreeMap<_, _> = before.iter().map(|row| (Self::key(row), row)).collect();
        let now: Vec<_> = rows
            .into_iter()
            .map(|row| match known.get(&key(&row)) {
                Some(signal) => {
                    patch(signal, &row);
                    (*signal).clone()
                }
                None => ArcRwSignal::new(row),
            })
            .collect();
        let keys = |rows: &[ArcRwSignal<QueueRow>]| rows.iter().map(Self::key).collect::<Vec<_>>();
        if keys(&before) != keys(&now) {
            self.0.set(now);
        }
    }
}

/// Rows that follow `source`, and the live stream, until the present owner is cleaned up. Between two pages of
/// `source` the order stays: a row does not jump away under the hand that reaches for it.
#[must_use]
pub fn live_rows(source: impl Fn() -> Vec<QueueRow> + Send + Sync + 'static) -> LiveRows {
    let rows = LiveRows(ArcRwSignal::new(untrack(&source).into_iter().map(ArcRwSignal::new).collect()));
    if let Some(live) = use_context::<Live>() {
        let rows = rows.clone();
        live.listen(move |event| {
            let LiveEvent::Observation(change) = event else { return };
            let rows = rows.0.get_untracked();
            let by_key: BTreeMap<_, _> = rows.iter().map(|row| (LiveRows::key(row), row)).collect();
            for row in &change.changed {
                if let Some(signal) = by_key.get(&key(row)) {
                    patch(signal, row);
                }
            }
        });
    }
    let followed = rows.clone();
    Effect::new(move |_| followed.show(source()));
    rows
}

fn key(row: &QueueRow) -> RowKey {
    (row.broker.clone(), row.id.clone())
}

fn patch(signal: &ArcRwSignal<QueueRow>, row: &QueueRow) {
    if signal.with_untracked(|shown| shown != row) {
        signal.set(row.clone());
    }
}
