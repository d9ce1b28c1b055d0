//! The stretch of time under the charts of a page, as its address asks for it: `?range=6h` is up to now,
//! `?from=…&to=…` stands still, and `compare=yesterday` lays an earlier stretch of the same length under it.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
    params::ParamsMap,
};
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use weir_model::Problem;
use weir_model::Timestamp;

use super::{chart::Span, compare::Compare};
use crate::ui::{Choice, address::with_query, range::Range};

/// As it stands in an address, not yet checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowQuery {
    pub range: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub compare: Option<String>,
}

/// A stretch of time, and what it is held against.
#[cfg(feature = "ssr")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub span: Span,
    pub compare: Option<Compare>,
}

impl WindowQuery {
    #[must_use]
    pub fn of_address(map: &ParamsMap) -> Self {
        let text = |name: &str| map.get(name).filter(|value| !value.is_empty());
        Self { range: text("range"), from: text("from"), to: text("to"), compare: text("compare") }
    }

    /// True where it stands still while time goes on.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// The range up to now, which a window that stands still goes back to. One that does not exist is for the server
    /// to refuse.
    #[must_use]
    pub fn range(&self) -> Range {
        self.range.as_deref().and_then(|range| range.parse().ok()).unwrap_or_default()
    }

    /// The same window at another time; `None` is the range up to now.
    #[must_use]
    pub fn at(&self, span: Option<Span>) -> Self {
        let time = |at: fn(Span) -> Timestamp| span.map(|span| at(span).to_string());
        Self { from: time(|span| span.from), to: time(|span| span.to), ..self.clone() }
    }

    /// Its address on a page.
    #[must_use]
    pub fn href(&self, path: &str) -> String {
        with_query(
            path,
            &[
                ("range", self.range.as_deref()),
                ("from", self.from.as_deref()),
                ("to", self.to.as_deref()),
                ("compare", self.compare.as_deref()),
            ],
        )
    }

    /// The window that is asked for at a moment.
    ///
    /// # Errors
    /// Names the parameter that can't be read.
    #[cfg(feature = "ssr")]
    pub fn window(&self, now: Timestamp) -> Result<Window, Problem> {
        let length_ms = Range::of_address(self.range.as_deref())?.seconds() * 1000;
        let to = time_of("to", self.to.as_deref())?.unwrap_or(now);
        let from = time_of("from", self.from.as_deref())?.unwrap_or_else(|| to.plus_ms(-length_ms));
        let compare = Compare::of_address(self.compare.as_deref())?;
        Ok(Window { span: Span { from, to }, compare })
    }
}

#[cfg(feature = "ssr")]
fn time_of(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let read = |text: &str| {
        Timestamp::parse(text).map_err(|_| {
            Problem::field(name, format!("\"{text}\" is no time: write it as 2026-11-23T03:14:05Z"))
        })
    };
    text.map(read).transpose()
}

/// The window of the present page.
#[must_use]
pub fn use_window() -> Memo<WindowQuery> {
    let query = use_query_map();
    Memo::new(move |_| WindowQuery::of_address(&query.read()))
}

/// Goes to a stretch of time, or back to the range up to now. Browsing back undoes it.
#[must_use]
pub fn use_zoom() -> Callback<Option<Span>> {
    let (navigate, path, window) = (use_navigate(), use_location().pathname, use_window());
    Callback::new(move |span: Option<Span>| {
        let window = window.get_untracked();
        if span.is_none() && !window.is_fixed() {
            return;
        }
        let href = window.at(span).href(&path.get_untracked());
        navigate(&href, NavigateOptions { scroll: false, ..Default::default() });
    })
}

/// The links that choose a range up to now.
#[must_use]
pub fn use_range_choices() -> Memo<Vec<Choice>> {
    let (path, window) = (use_location().pathname, use_window());
    Memo::new(move |_| {
        let window = window.get();
        let choice = |range: Range| {
            let there = WindowQuery { range: Some(range.to_string()), ..window.at(None) };
            let chosen = !window.is_fixed() && range == window.range();
            Choice { text: range.to_string(), href: there.href(&path.get()), chosen }
        };
        Range::ALL.map(choice).to_vec()
    })
}

/// The links that lay an earlier stretch under the charts; the one that is chosen takes it away.
#[must_use]
pub fn use_compare_choices() -> Memo<Vec<Choice>> {
    let (path, window) = (use_location().pathname, use_window());
    Memo::new(move |_| {
        let window = window.get();
        let choice = |compare: Compare| {
            let chosen = window.compare.as_deref() == Some(compare.as_str());
            let wanted = (!chosen).then(|| compare.as_str().to_owned());
            let there = WindowQuery { compare: wanted, ..window.clone() };
            Choice { text: super::texts::compare(compare).to_owned(), href: there.href(&path.get()), chosen }
        };
        Compare::ALL.map(choice).to_vec()
    })
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn query(range: Option<&str>, from: Option<&str>, to: Option<&str>) -> WindowQuery {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        WindowQuery { range: owned(range), from: owned(from), to: owned(to), compare: None }
    }

    #[test]
    fn given_a_range_when_asked_for_then_it_ends_now() {
        let span = query(Some("15m"), None, None).window(NOW).map(|w| w.span);
        assert_eq!(span, Ok(Span { from: NOW.plus_ms(-900_000), to: NOW }));
    }

    #[test]
    fn given_a_stretch_when_linked_to_and_read_then_it_is_the_same_and_the_way_back_is_kept() {
        let span = Span { from: Timestamp(1_699_990_000_123), to: Timestamp(1_699_990_600_000) };
        let zoomed = query(Some("6h"), None, None).at(Some(span));
        assert_eq!(zoomed.window(NOW).map(|w| w.span), Ok(span));
        assert_eq!(zoomed.href("/"), "/?range=6h&from=2023-11-14T19:26:40.123Z&to=2023-11-14T19:36:40.000Z");
        assert_eq!(zoomed.at(None).href("/"), "/?range=6h");
    }

    #[test]
    fn given_what_is_no_time_when_read_then_the_parameter_is_named() {
        let field = |query: WindowQuery| query.window(NOW).map_err(|p| p.errors[0].field.clone());
        assert_eq!(field(query(None, Some("yesterday"), None)), Err("from".to_owned()));
        assert_eq!(field(query(None, None, Some("2023-11-14"))), Err("to".to_owned()));
        assert_eq!(field(query(Some("2h"), None, None)), Err("range".to_owned()));
        let compare = WindowQuery { compare: Some("1d".to_owned()), ..WindowQuery::default() };
        assert_eq!(field(compare), Err("compare".to_owned()));
    }
}
