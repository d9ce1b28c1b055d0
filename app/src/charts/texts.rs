//! The English words of charts.

use super::{chart::Span, compare::Compare, view::Hatch};
use crate::ui::{format, range::Range};

pub(super) const EVENTS: &str = "Events";
pub(super) const CROSSHAIR: &str = "Crosshair: arrow keys go from sample to sample, Home and End to the ends; with Shift \
    they select a stretch, and Enter zooms into it";
pub(super) const UNKNOWN: &str = "unknown";
pub(super) const STEPS: &str = "Move in time";
pub(super) const EARLIER: &str = "Earlier";
pub(super) const LATER: &str = "Later";
pub(super) const CLOSER: &str = "Zoom in (or drag over a chart)";
pub(super) const WIDER: &str = "Zoom out";
pub(super) const NO_DATA_THEN: &str = "no data then";
pub(super) const DOWNLOAD: &str = "Download charts as CSV, SVG or PNG";
pub(super) const NO_PICTURE: &str = "No picture";
pub(super) const NO_PICTURE_TEXT: &str = "The browser could not paint the drawing; the SVG has the same.";
#[cfg(feature = "ssr")]
pub(super) const NO_FIGURE: &str = "no figure was observed";
pub(super) const BACKLOG_GROWS: &str = "backlog grows";

/// "no observation for 2m 10s: the broker did not answer".
pub(super) fn gap(hatch: &Hatch, span: Span) -> String {
    let length = hatch.to.min(span.to).since_seconds(hatch.from.max(span.from));
    format!("no observation for {}: {}", format::duration(length), hatch.reason)
}

/// The choice of what to compare with.
pub(super) fn compare(compare: Compare) -> &'static str {
    match compare {
        Compare::Yesterday => "Yesterday",
        Compare::LastWeek => "Last week",
    }
}

/// "Back to the last 1h".
pub(super) fn back(range: Range) -> String {
    format!("Back to the last {range}")
}

pub(super) fn stretch(from: &str, to: &str) -> String {
    format!("{from} to {to}")
}

/// What the crosshair tells of a selection.
pub(super) fn selected(from: &str, to: &str) -> String {
    format!("; selected from {from} to {to}, Enter zooms in")
}

/// "Depth as CSV".
pub(super) fn download(chart: &str, ending: &str) -> String {
    format!("{chart} as {ending}")
}

/// Of a line of an earlier stretch.
#[cfg(feature = "ssr")]
pub(super) fn not_known_then(line: &str) -> String {
    format!("{line}: not known then")
}
