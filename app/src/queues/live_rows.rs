//! Rows of queues on the screen, patched as they change.

use leptos::prelude::*;
use weir_model::{LiveEvent, QueueId, QueueRow};

use crate::{live::Live, ui::Keyed};

/// Rows by what names them on the screen: broker and id.
pub type LiveRows = Keyed<QueueRow, (String, QueueId)>;

/// Rows that follow `source`, and the live stream, until the present owner is cleaned up. Between two pages of
/// `source` the order stays.
#[must_use]
pub fn live_rows(source: impl Fn() -> Vec<QueueRow> + Send + Sync + 'static) -> LiveRows {
    let rows = LiveRows::following(source, |row| (row.broker.clone(), row.id.clone()));
    if let Some(live) = use_context::<Live>() {
        let rows = rows.clone();
        live.listen(move |event| {
            if let LiveEvent::Observation(change) = event {
                rows.patch(&change.changed);
            }
        });
    }
    rows
}
