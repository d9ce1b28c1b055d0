//! Relative times that stay true while the page is open.

use leptos::prelude::*;
use weir_model::Timestamp;

use super::format;
use crate::{clock::Clock, texts};

/// Which words stand around an age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ago {
    /// `3 s`
    Bare,
    /// `3 s ago`
    Past,
    /// `for 16 min`
    For,
}

/// `updated 3 s ago`, at the right end of a panel's head.
#[must_use]
pub fn updated(at: Timestamp, now: Timestamp) -> impl IntoView {
    view! { <span class="meta">{texts::UPDATED}{ago(at, now, Ago::Past)}</span> }
}

/// The age of a moment. The text of the server is reckoned from `now`, which is part of the page's data; then the
/// browser's clock goes on from there.
#[must_use]
pub fn ago(at: Timestamp, now: Timestamp, words: Ago) -> impl IntoView {
    let clock = use_context::<Clock>();
    let text = move || {
        let age = format::age(at, clock.and_then(Clock::now).unwrap_or(now));
        match words {
            Ago::Bare => age,
            Ago::Past => texts::ago(&age),
            Ago::For => texts::lasting(&age),
        }
    };
    view! { <time datetime=at.to_string() title=format::moment(at)>{text}</time> }
}
