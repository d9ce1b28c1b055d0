//! The English words of charts.

use super::{chart::Span, view::Hatch};
use crate::ui::format;

pub(super) const EVENTS: &str = "Events";
pub(super) const CROSSHAIR: &str = "Crosshair: arrow keys go from sample to sample, Home and End to the ends";
pub(super) const UNKNOWN: &str = "unknown";
pub(super) const BACKLOG_GROWS: &str = "backlog grows";

/// "no observation for 2m 10s: the broker did not answer".
pub(super) fn gap(hatch: &Hatch, span: Span) -> String {
    let length = hatch.to.min(span.to).since_seconds(hatch.from.max(span.from));
    format!("no observation for {}: {}", format::duration(length), hatch.reason)
}
