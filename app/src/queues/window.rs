//! A long table is asked for and drawn in parts: the rows in sight, and some around them. Scrolling moves the part.
//!
//! The server sends the first screenful, which without wasm has links to the next. In the browser the table's region
//! is as high as the whole list would be: spacers stand for the rows that are not drawn.

mod part;
mod region;

use std::ops::Range;

use leptos::{html, prelude::*};

use self::part::Part;
use super::{api::QueueQuery, live_rows::LiveRows};

/// Rows that the server sends with the page: a screenful.
const SCREENFUL: u32 = 32;
/// Rows that a running page asks for where it does not know yet which are in sight.
const AT_ONCE: u32 = 100;

/// Which rows of the table are in sight, and which were asked for.
#[derive(Clone, Copy)]
pub struct Window {
    /// Numbers of the rows in sight, from 0; `None` until the browser half runs.
    sight: RwSignal<Option<Range<u64>>>,
    /// The rows that were asked for, and of which table.
    asked: RwSignal<Option<(QueueQuery, Range<u64>)>>,
    /// Pixels.
    row_height: RwSignal<f64>,
    region: NodeRef<html::Div>,
}

/// The rows that were fetched.
#[derive(Clone, Copy)]
pub struct Fetched {
    pub query: Signal<QueueQuery>,
    /// Numbers of the rows, from 0.
    pub have: Signal<Range<u64>>,
    /// Rows there are with this filter.
    pub total: Signal<u64>,
}

impl Window {
    /// The window of the table at `query`: where the operator left it, if this table was the last.
    #[must_use]
    pub fn new(query: Option<&QueueQuery>) -> Self {
        let left = query.and_then(|query| region::left_at(query).map(|left| (query.clone(), left.rows)));
        Self {
            sight: RwSignal::new(None),
            asked: RwSignal::new(left),
            row_height: RwSignal::new(0.0),
            region: NodeRef::new(),
        }
    }

    /// What to ask the server for. Tracks what scrolling asks for.
    #[must_use]
    pub fn query(self, query: &QueueQuery) -> QueueQuery {
        let asked = self.asked.with(|asked| match asked {
            Some((of, rows)) if of == query => Some(rows.clone()),
            _ => None,
        });
        let (cursor, limit) = match asked {
            Some(rows) => (Some(rows.start.to_string()), u32::try_from(rows.end - rows.start).ok()),
            None => (query.cursor.clone(), query.limit.or(Some(self.at_first()))),
        };
        QueueQuery { cursor, limit, ..query.clone() }
    }

    fn at_first(self) -> u32 {
        if self.sight.with_untracked(Option::is_some) { AT_ONCE } else { SCREENFUL }
    }

    /// The rows in sight, once that is known.
    #[must_use]
    pub fn in_sight(self, total: u64) -> Option<Range<u64>> {
        self.sight.get().map(|sight| sight.start.min(total)..sight.end.min(total))
    }

    /// True once the browser half moves the rows.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.sight.with(Option::is_some)
    }

    /// The part of the fetched rows that is drawn.
    fn part(self, fetched: Fetched) -> Memo<Part> {
        Memo::new(move |_| {
            let have = fetched.have.get();
            self.sight.with(|sight| match sight {
                Some(sight) => Part::of(sight, &have, fetched.total.get()),
                None => Part::all(&have),
            })
        })
    }
}

/// The region that scrolls, with a table in it: `head` is its columns and heads, `row` draws the row of a number.
pub fn window_view<V: IntoView + 'static>(
    window: Window,
    fetched: Fetched,
    rows: LiveRows,
    label: &'static str,
    head: AnyView,
    row: impl Fn(Signal<u64>, ArcRwSignal<weir_model::QueueRow>) -> V + Clone + Send + 'static,
) -> impl IntoView {
    let part = window.part(fetched);
    region::attach(window, fetched);
    let spacer = move |rows: u64| {
        let style = format!("height:{:.1}px", rows as f64 * window.row_height.get());
        (rows > 0).then(|| {
            view! { <tbody class="spacer" aria-hidden="true"><tr><td style=style></td></tr></tbody> }
        })
    };
    let first = Memo::new(move |_| fetched.have.get().start + part.get().shown.start as u64);
    let drawn = rows.each_of(Signal::derive(move || part.get().shown), move |n, item| {
        row(Signal::derive(move || first.get() + n.get() as u64), item)
    });
    view! {
        <div
            class="table-scroll"
            tabindex="0"
            role="region"
            aria-label=label
            node_ref=window.region
            on:scroll=move |_| region::look(window, fetched)
        >
            <table
                class="table fixed queues"
                data-testid="queues"
                aria-rowcount=move || (fetched.total.get() + 1).to_string()
            >
                {head}
                {move || spacer(part.get().above)}
                <tbody>{drawn}</tbody>
                {move || spacer(part.get().below)}
            </table>
        </div>
    }
}
