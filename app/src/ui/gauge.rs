//! The size of a backlog at a glance: seven segments, each ten times the one before.

use leptos::prelude::*;

use super::format;

/// What a gauge measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GaugeTone {
    /// Still to be worked off: teal.
    Backlog,
    /// Merely kept for readers: grey.
    Kept,
}

/// A gauge beside the figure it draws. Nothing is drawn where the figure is unknown.
#[must_use]
pub fn gauge(value: Option<i64>, tone: GaugeTone) -> impl IntoView {
    let class = if tone == GaugeTone::Kept { "gauge kept" } else { "gauge" };
    value.map(|n| {
        let width = format!("width:{:.1}%", format::gauge_percent(n));
        view! { <span class=class aria-hidden="true"><i style=width></i></span> }
    })
}
