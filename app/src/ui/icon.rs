//! The icons: one sprite at the top of each page, drawn on a grid of 16, that every use refers to.

use leptos::prelude::*;

/// An icon of the sprite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Check,
    Clock,
    Compare,
    Copy,
    Critical,
    Down,
    Download,
    Eye,
    Filter,
    Grow,
    Help,
    Info,
    Lab,
    Live,
    Lock,
    Menu,
    Minus,
    Moon,
    More,
    Ok,
    Overview,
    Plus,
    Queues,
    Retry,
    Right,
    Search,
    Send,
    Settings,
    Sun,
    Trash,
    Unknown,
    Warning,
    Close,
    Link,
    Pause,
    Left,
}

impl Icon {
    fn href(self) -> &'static str {
        match self {
            Self::Check => "#i-check",
            Self::Clock => "#i-clock",
            Self::Compare => "#i-compare",
            Self::Copy => "#i-copy",
            Self::Critical => "#i-crit",
            Self::Down => "#i-down",
            Self::Download => "#i-download",
            Self::Eye => "#i-eye",
            Self::Filter => "#i-filter",
            Self::Grow => "#i-grow",
            Self::Help => "#i-help",
            Self::Info => "#i-info",
            Self::Lab => "#i-lab",
            Self::Live => "#i-live",
            Self::Lock => "#i-lock",
            Self::Menu => "#i-menu",
            Self::Minus => "#i-minus",
            Self::Moon => "#i-moon",
            Self::More => "#i-more",
            Self::Ok => "#i-ok",
            Self::Overview => "#i-overview",
            Self::Plus => "#i-plus",
            Self::Queues => "#i-queues",
            Self::Retry => "#i-retry",
            Self::Right => "#i-right",
            Self::Search => "#i-search",
            Self::Send => "#i-send",
            Self::Settings => "#i-settings",
            Self::Sun => "#i-sun",
            Self::Trash => "#i-trash",
            Self::Unknown => "#i-unk",
            Self::Warning => "#i-warn",
            Self::Close => "#i-x",
            Self::Link => "#i-link",
            Self::Pause => "#i-pause",
            Self::Left => "#i-left",
        }
    }
}

/// An icon beside words: it says nothing by itself.
#[must_use]
pub fn icon(icon: Icon) -> impl IntoView {
    view! { <svg class="i" aria-hidden="true"><use href=icon.href()></use></svg> }
}

/// The mark of Weir: a notched plate with water in it.
#[must_use]
pub fn mark(size: u32) -> impl IntoView {
    view! {
        <svg class="mark" width=size height=size viewBox="0 0 20 20" aria-hidden="true">
            <path class="mark-water" d="M5.35 6.5h9.3L10 14.2z"></path>
            <path class="mark-plate" d="M1.5 3.5h2.3L10 14l6.2-10.5h2.3v13h-17z"></path>
            <path class="mark-tick" d="M8.2 8.4h3.6M9 10.4h2"></path>
        </svg>
    }
}

/// The drawings, once per page.
#[must_use]
pub fn sprite() -> impl IntoView {
    view! { <svg class="sprite" aria-hidden="true" inner_html=SPRITE></svg> }
}

const SPRITE: &str = concat!(
    r#"<symbol id="i-check" viewBox="0 0 16 16"><path d="m3.2 8.4 3.2 3.2 6.4-7"/></symbol>"#,
    r#"<symbol id="i-clock" viewBox="0 0 16 16"><path d="M8 4.8V8l2.2 1.6"/><circle cx="8" cy="8" r="5.5"/></symbol>"#,
    r#"<symbol id="i-compare" viewBox="0 0 16 16"><path d="M2.5 11.5 5.5 7l3 2.5 5-6M2.5 14h11"/></symbol>"#,
    r#"<symbol id="i-copy" viewBox="0 0 16 16"><path d="M5.5 5.5h8v8h-8zM3 10.5h-.5v-8h8V3"/></symbol>"#,
    r#"<symbol id="i-crit" viewBox="0 0 16 16"><path d="M5.3 1.7h5.4l3.6 3.6v5.4l-3.6 3.6H5.3l-3.6-3.6V5.3z" fill="currentColor" stroke="none"/><path d="M8 4.8v3.9M8 11.1v.1" stroke="var(--surface)"/></symbol>"#,
    r#"<symbol id="i-down" viewBox="0 0 16 16"><path d="m4 6.3 4 4 4-4"/></symbol>"#,
    r#"<symbol id="i-download" viewBox="0 0 16 16"><path d="M8 2.5v7.3M4.8 6.8 8 10l3.2-3.2M3 13.3h10"/></symbol>"#,
    r#"<symbol id="i-eye" viewBox="0 0 16 16"><path d="M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8Z"/><circle cx="8" cy="8" r="1.8"/></symbol>"#,
    r#"<symbol id="i-filter" viewBox="0 0 16 16"><path d="M2.5 4h11M4.8 8h6.4M6.8 12h2.4"/></symbol>"#,
    r#"<symbol id="i-grow" viewBox="0 0 16 16"><path d="M3 12 12.5 3.5M7 3.5h5.5V9"/></symbol>"#,
    r#"<symbol id="i-help" viewBox="0 0 16 16"><path d="M6.3 6.4a1.75 1.75 0 1 1 2.5 1.6c-.5.24-.8.6-.8 1.1M8 11.2v.1"/><circle cx="8" cy="8" r="5.8"/></symbol>"#,
    r#"<symbol id="i-info" viewBox="0 0 16 16"><path d="M8 7.3v3.7M8 4.9v.1"/><circle cx="8" cy="8" r="5.8"/></symbol>"#,
    r#"<symbol id="i-lab" viewBox="0 0 16 16"><path d="M6.3 2.5h3.4M7 2.5v4L3.2 12.4a.8.8 0 0 0 .7 1.1h8.2a.8.8 0 0 0 .7-1.1L9 6.5v-4M5 10h6"/></symbol>"#,
    r#"<symbol id="i-live" viewBox="0 0 16 16"><circle cx="8" cy="8" r="3" fill="currentColor" stroke="none"/><circle cx="8" cy="8" r="5.6" opacity=".45"/></symbol>"#,
    r#"<symbol id="i-lock" viewBox="0 0 16 16"><path d="M3.5 7.2h9v6.3h-9zM5.3 7V5a2.7 2.7 0 0 1 5.4 0v2"/></symbol>"#,
    r#"<symbol id="i-menu" viewBox="0 0 16 16"><path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/></symbol>"#,
    r#"<symbol id="i-minus" viewBox="0 0 16 16"><path d="M3.5 8h9"/></symbol>"#,
    r#"<symbol id="i-moon" viewBox="0 0 16 16"><path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z"/></symbol>"#,
    r#"<symbol id="i-more" viewBox="0 0 16 16"><g fill="currentColor" stroke="none"><circle cx="3.5" cy="8" r="1.2"/><circle cx="8" cy="8" r="1.2"/><circle cx="12.5" cy="8" r="1.2"/></g></symbol>"#,
    r#"<symbol id="i-ok" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.2" fill="currentColor" stroke="none"/><path d="m5.2 8.3 2 2 3.7-4.2" stroke="var(--surface)"/></symbol>"#,
    r#"<symbol id="i-overview" viewBox="0 0 16 16"><path d="M2.5 11.5a5.5 5.5 0 1 1 11 0M8 11.5 10.6 7.6"/><circle cx="8" cy="11.5" r="1" fill="currentColor" stroke="none"/></symbol>"#,
    r#"<symbol id="i-plus" viewBox="0 0 16 16"><path d="M8 3v10M3 8h10"/></symbol>"#,
    r#"<symbol id="i-queues" viewBox="0 0 16 16"><path d="M2.5 4h11M2.5 8h11M2.5 12h7"/></symbol>"#,
    r#"<symbol id="i-retry" viewBox="0 0 16 16"><path d="M13 8a5 5 0 1 1-1.5-3.6L13.5 6.3M13.5 2.8v3.5H10"/></symbol>"#,
    r#"<symbol id="i-right" viewBox="0 0 16 16"><path d="m6.3 4 4 4-4 4"/></symbol>"#,
    r#"<symbol id="i-search" viewBox="0 0 16 16"><path d="m10.3 10.3 3.2 3.2"/><circle cx="7" cy="7" r="4.2"/></symbol>"#,
    r#"<symbol id="i-send" viewBox="0 0 16 16"><path d="M13.8 2.2 2.2 6.6l4.6 2.2 2.2 4.9zM6.8 8.8l2.9-2.7"/></symbol>"#,
    r#"<symbol id="i-settings" viewBox="0 0 16 16"><path d="M2.5 4.8h6M11.5 4.8h2M2.5 11.2h2M7.5 11.2h6"/><circle cx="10" cy="4.8" r="1.5"/><circle cx="6" cy="11.2" r="1.5"/></symbol>"#,
    r#"<symbol id="i-sun" viewBox="0 0 16 16"><path d="M8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M12.4 3.6l-1 1M4.6 11.4l-1 1"/><circle cx="8" cy="8" r="2.8"/></symbol>"#,
    r#"<symbol id="i-trash" viewBox="0 0 16 16"><path d="M2.8 4.5h10.4M6.2 4.3V2.7h3.6v1.6M4.2 4.5l.6 8.8h6.4l.6-8.8M6.7 7v4M9.3 7v4"/></symbol>"#,
    r#"<symbol id="i-unk" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.8" stroke-dasharray="2.4 1.6"/><path d="M6.3 6.6a1.75 1.75 0 1 1 2.5 1.6c-.5.24-.8.6-.8 1.1M8 11.2v.1"/></symbol>"#,
    r#"<symbol id="i-warn" viewBox="0 0 16 16"><path d="M8 1.9 14.6 13.6H1.4z" fill="currentColor" stroke="currentColor"/><path d="M8 6.2v3.4M8 11.6v.1" stroke="var(--surface)"/></symbol>"#,
    r#"<symbol id="i-x" viewBox="0 0 16 16"><path d="m4 4 8 8M12 4l-8 8"/></symbol>"#,
    r#"<symbol id="i-link" viewBox="0 0 16 16"><path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2-2a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.7 0l-2 2a2.6 2.6 0 0 0 3.7 3.7l.8-.8"/></symbol>"#,
    r#"<symbol id="i-pause" viewBox="0 0 16 16"><path d="M5.5 3.5v9M10.5 3.5v9"/></symbol>"#,
    r#"<symbol id="i-left" viewBox="0 0 16 16"><path d="m9.7 4-4 4 4 4"/></symbol>"#,
);
