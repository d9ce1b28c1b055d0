//! Ways through time without a pointer, or without wasm: earlier and later, closer and wider, as plain links.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use weir_model::Timestamp;

use super::{chart::Span, texts, window::use_window};
use crate::ui::{Icon, format, icon};

/// Nothing is known between two observations: closer than this there is nothing to see.
const CLOSEST_MS: i64 = 30_000;
/// History keeps 30 days.
const WIDEST_MS: i64 = 30 * 86_400_000;

impl Span {
    /// The same length, half of it earlier; `None` where history has nothing any more.
    fn earlier(self, now: Timestamp) -> Option<Self> {
        let half = self.length_ms() / 2;
        (now.since_ms(self.from) < WIDEST_MS)
            .then(|| Self { from: self.from.plus_ms(-half), to: self.to.plus_ms(-half) })
    }

    /// The same length, half of it later, up to now; `None` where it ends now.
    fn later(self, now: Timestamp) -> Option<Self> {
        let by = now.since_ms(self.to).min(self.length_ms() / 2);
        (by > 0).then(|| Self { from: self.from.plus_ms(by), to: self.to.plus_ms(by) })
    }

    /// Its middle half; `None` where that is too short to show anything.
    fn closer(self) -> Option<Self> {
        let quarter = self.length_ms() / 4;
        (2 * quarter >= CLOSEST_MS)
            .then(|| Self { from: self.from.plus_ms(quarter), to: self.to.plus_ms(-quarter) })
    }

    /// Twice its length around the same middle, up to now; `None` where it is as long as history.
    fn wider(self, now: Timestamp) -> Option<Self> {
        let length = (2 * self.length_ms()).min(WIDEST_MS);
        let to = self.to.plus_ms(self.length_ms() / 2).min(now.max(self.to));
        (self.length_ms() < WIDEST_MS).then(|| Self { from: to.plus_ms(-length), to })
    }

    /// Long enough to show something, around the same middle.
    #[must_use]
    pub fn widened(self) -> Self {
        let more = (CLOSEST_MS - self.length_ms()).max(0);
        Self { from: self.from.plus_ms(-more / 2), to: self.to.plus_ms(more - more / 2) }
    }
}

/// Which stretch is shown, and the links to others. The links stay in their place while time goes on.
#[component]
pub fn TimeSteps(
    #[prop(into)] span: Signal<Span>,
    #[prop(into)] now: Signal<Timestamp>,
    /// Stands at the right end.
    children: Children,
) -> impl IntoView {
    let (path, window) = (use_location().pathname, use_window());
    let href = move |to: Option<Span>| window.with(|window| window.at(to).href(&path.get()));
    let step = move |sign: Icon,
                     words: &'static str,
                     testid: &'static str,
                     to: fn(Span, Timestamp) -> Option<Span>| {
        let to = Memo::new(move |_| to(span.get(), now.get()).map(|span| href(Some(span))));
        view! {
            <a
                class="btn icon sm"
                href=move || to.get()
                data-noscroll=""
                role="link"
                aria-disabled=move || to.with(Option::is_none).then_some("true")
                aria-label=words
                title=words
                data-testid=testid
            >
                {icon(sign)}
            </a>
        }
    };
    let back = move || {
        let words = window.with(|window| window.is_fixed().then(|| texts::back(window.range())))?;
        Some(view! {
            <a class="btn sm" href=href(None) data-noscroll="" data-testid="zoom-back">{words}</a>
        })
    };
    view! {
        <nav class="time-steps" aria-label=texts::STEPS>
            <span class="faint" data-testid="span">{move || shown(span.get())}</span>
            {back}
            {step(Icon::Left, texts::EARLIER, "earlier", Span::earlier)}
            {step(Icon::Minus, texts::WIDER, "wider", Span::wider)}
            {step(Icon::Plus, texts::CLOSER, "closer", |span, _| span.closer())}
            {step(Icon::Right, texts::LATER, "later", Span::later)}
            {children()}
        </nav>
    }
}

/// "2026-11-23 02:14:05 to 03:14:05 UTC".
fn shown(span: Span) -> String {
    let (from, to) = (format::moment(span.from), format::moment(span.to));
    let from = from.trim_end_matches(" UTC");
    let same_day = from.get(..10) == to.get(..10);
    texts::stretch(from, if same_day { to.get(11..).unwrap_or(&to) } else { &to })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn span(ago_ms: i64, length_ms: i64) -> Span {
        let to = NOW.plus_ms(-ago_ms);
        Span { from: to.plus_ms(-length_ms), to }
    }

    #[test]
    fn given_the_last_hour_when_stepped_then_no_step_goes_beyond_now() {
        let hour = span(0, 3_600_000);
        assert_eq!(hour.later(NOW), None);
        assert_eq!(hour.earlier(NOW), Some(span(1_800_000, 3_600_000)));
        assert_eq!(hour.wider(NOW), Some(span(0, 7_200_000)));
        assert_eq!(hour.closer(), Some(span(900_000, 1_800_000)));
        assert_eq!(span(60_000, 3_600_000).later(NOW), Some(hour));
    }

    #[test]
    fn given_the_ends_when_stepped_then_there_is_no_step() {
        assert_eq!(span(0, WIDEST_MS).wider(NOW), None);
        assert_eq!(span(0, WIDEST_MS).earlier(NOW), None);
        assert_eq!(span(0, 2 * CLOSEST_MS - 4).closer(), None);
        assert_eq!(span(0, WIDEST_MS - 4).wider(NOW).map(Span::length_ms), Some(WIDEST_MS));
        assert_eq!(span(50_000, 10_000).widened(), span(40_000, 30_000));
    }

    #[test]
    fn given_a_stretch_when_told_then_its_day_stands_once() {
        assert_eq!(shown(span(0, 3_600_000)), "2023-11-14 21:13:20 to 22:13:20 UTC");
        assert_eq!(shown(span(0, 86_400_000)), "2023-11-13 22:13:20 to 2023-11-14 22:13:20 UTC");
    }
}
