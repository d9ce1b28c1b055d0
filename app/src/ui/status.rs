//! A status is an icon and a word; colour is never the only signal.

use leptos::prelude::*;
use weir_model::{BrokerCard, BrokerStatus, Severity, Status};

use super::icon::{Icon, icon};
use crate::texts;

/// The colours that mean a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Ok,
    Warning,
    Critical,
    Unknown,
}

impl Tone {
    /// The class of the style sheet.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warn",
            Self::Critical => "crit",
            Self::Unknown => "unk",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Ok => Icon::Ok,
            Self::Warning => Icon::Warning,
            Self::Critical => Icon::Critical,
            Self::Unknown => Icon::Unknown,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Ok => texts::STATUS_OK,
            Self::Warning => texts::STATUS_WARNING,
            Self::Critical => texts::STATUS_CRITICAL,
            Self::Unknown => texts::UNKNOWN,
        }
    }
}

/// The tone of a queue's status.
#[must_use]
pub fn tone_of(status: Status) -> Tone {
    match status {
        Status::Ok => Tone::Ok,
        Status::Warning => Tone::Warning,
        Status::Critical => Tone::Critical,
        Status::Unknown => Tone::Unknown,
    }
}

/// The tone of a broker: down is critical, else its worst health fact.
#[must_use]
pub fn broker_tone(card: &BrokerCard) -> Tone {
    match card.status {
        BrokerStatus::Down => Tone::Critical,
        BrokerStatus::Starting => Tone::Unknown,
        BrokerStatus::Up => match card.health.iter().map(|fact| fact.severity).max() {
            Some(Severity::Critical) => Tone::Critical,
            Some(Severity::Warning) => Tone::Warning,
            _ if card.slowed => Tone::Warning,
            _ => Tone::Ok,
        },
    }
}

/// Icon and word, with the reason on hover.
#[must_use]
pub fn status(tone: Tone, reason: String) -> impl IntoView {
    view! {
        <span class=format!("status {}", tone.class()) title=reason>
            {icon(tone.icon())}
            <span>{tone.word()}</span>
        </span>
    }
}

/// Icon and a word of one's own, where what is told is no status of a queue.
#[must_use]
pub fn status_word(tone: Tone, word: &'static str) -> impl IntoView {
    view! { <span class=format!("status {}", tone.class())>{icon(tone.icon())}<span>{word}</span></span> }
}

/// The icon alone, where the words stand beside it.
#[must_use]
pub fn status_icon(tone: Tone) -> impl IntoView {
    view! {
        <span class=format!("status {}", tone.class())>
            {icon(tone.icon())}
            <span class="sr">{tone.word()}</span>
        </span>
    }
}

/// A status as a label behind a title.
#[must_use]
pub fn pill(tone: Tone, word: String, title: String) -> impl IntoView {
    view! { <span class=format!("pill {}", tone.class()) title=title>{icon(tone.icon())}{word}</span> }
}

/// The dot of a broker on the rail: round, square or diamond.
#[must_use]
pub fn dot(tone: Tone) -> impl IntoView {
    view! { <span class=format!("dot {}", tone.class())></span> }
}
