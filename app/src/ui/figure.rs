//! A figure as it reads in a cell. Unknown is never zero and never blank: it says why.

use std::collections::BTreeMap;

use leptos::prelude::*;
use weir_model::{Unknown, UnknownCode};

use super::format;
use crate::texts;

/// How sure a figure is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    #[default]
    Exact,
    /// Reads `≈ …`.
    Estimate,
    /// Reads `≥ …`: a part of it is unknown.
    AtLeast,
}

/// A figure ready to be shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// `title` holds the exact figure with its unit, and how it was come by where it is no plain reading.
    Known { text: String, title: String, mark: Mark },
    /// The broker did not give it.
    Unknown { reason: String },
    /// The kind has no such figure.
    None { reason: String },
}

impl Shown {
    /// A figure that is missing, with its reason from the `unknown` of its row.
    #[must_use]
    pub fn missing(name: &str, unknown: &BTreeMap<String, Unknown>) -> Self {
        match unknown.get(name) {
            Some(why) if why.code == UnknownCode::NotApplicable => Self::None { reason: why.detail.clone() },
            Some(Unknown { at_least: Some(known), detail, .. }) => Self::Known {
                text: format::count(*known),
                title: format!("at least {}: {detail}", format::exact(*known)),
                mark: Mark::AtLeast,
            },
            Some(why) => Self::Unknown { reason: why.detail.clone() },
            None => Self::Unknown { reason: texts::NO_REASON.to_owned() },
        }
    }

    /// The same figure, marked; `how` is told on hover.
    #[must_use]
    pub fn marked(self, mark: Mark, how: &str) -> Self {
        match self {
            Self::Known { text, title, .. } => Self::Known { text, title: format!("{title}: {how}"), mark },
            other => other,
        }
    }
}

/// A number of things: `48.2k`, with `48,213 messages` on hover.
#[must_use]
pub fn count_figure(
    value: Option<i64>,
    name: &str,
    unit: &str,
    unknown: &BTreeMap<String, Unknown>,
) -> Shown {
    value.map_or_else(
        || Shown::missing(name, unknown),
        |n| Shown::Known {
            text: format::count(n),
            title: format!("{} {unit}", format::exact(n)),
            mark: Mark::Exact,
        },
    )
}

/// Messages per second; the unit stands in the head of the column or behind the figure.
#[must_use]
pub fn rate_figure(value: Option<f64>, name: &str, unknown: &BTreeMap<String, Unknown>) -> Shown {
    value.map_or_else(
        || Shown::missing(name, unknown),
        |r| Shown::Known { text: format::rate(r), title: texts::rate_title(r), mark: Mark::Exact },
    )
}

/// A span of time: `8m 42s`, with the seconds on hover.
#[must_use]
pub fn duration_figure(value: Option<f64>, name: &str, unknown: &BTreeMap<String, Unknown>) -> Shown {
    value.map_or_else(
        || Shown::missing(name, unknown),
        |s| Shown::Known { text: format::duration(s), title: format!("{s:.0} s"), mark: Mark::Exact },
    )
}

/// Draws a figure. What hover shows is in the text for screen readers too.
#[must_use]
pub fn figure(shown: Shown) -> AnyView {
    match shown {
        Shown::Known { text, title, mark: Mark::Exact } => view! { <span title=title>{text}</span> }.into_any(),
        Shown::Known { text, title, mark: Mark::Estimate } => {
            view! { <span class="est" title=title>{text}</span> }.into_any()
        }
        Shown::Known { text, title, mark: Mark::AtLeast } => view! {
            <span class="unk" title=title.clone()>
                {format!("≥ {text}")}<span class="sr">{format!(": {title}")}</span>
            </span>
        }
        .into_any(),
        Shown::Unknown { reason } => view! {
            <span class="unk" title=reason.clone()>
                {texts::UNKNOWN}<span class="sr">{format!(": {reason}")}</span>
            </span>
        }
        .into_any(),
        Shown::None { reason } => view! {
            <span class="none" title=reason.clone()>
                <span aria-hidden="true">"–"</span><span class="sr">{format!("{}: {reason}", texts::NONE)}</span>
            </span>
        }
        .into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_missing_figure_when_shown_then_it_says_why_and_is_never_zero() {
        let mut unknown = BTreeMap::new();
        unknown.insert("in_rate".to_owned(), Unknown::new(UnknownCode::NoCounter, "no counter for lists"));
        unknown
            .insert("depth".to_owned(), Unknown::new(UnknownCode::NotApplicable, "a channel stores nothing"));
        assert_eq!(
            rate_figure(None, "in_rate", &unknown),
            Shown::Unknown { reason: "no counter for lists".to_owned() }
        );
        assert_eq!(
            count_figure(None, "depth", "messages", &unknown),
            Shown::None { reason: "a channel stores nothing".to_owned() }
        );
        assert!(matches!(count_figure(None, "lag", "messages", &unknown), Shown::Unknown { .. }));
        let offline = Unknown::new(UnknownCode::PartitionOffline, "partition 1 has no leader");
        unknown.insert("backlog".to_owned(), offline.with_at_least(Some(40)));
        let Shown::Known { text, title, mark } = count_figure(None, "backlog", "messages", &unknown) else {
            panic!("the part that is known is shown");
        };
        assert_eq!((text.as_str(), mark), ("40", Mark::AtLeast));
        assert!(title.contains("partition 1 has no leader"), "{title}");
    }
}
