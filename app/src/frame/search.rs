//! The command palette of the top bar: one goes to a page, a queue or a broker, or acts on the queue of the page.
//! Without wasm it is a form that filters the queues.

use leptos::{ev, html, prelude::*};
use leptos_router::hooks::{use_location, use_navigate};
use weir_model::QueueRow;

use super::{
    FrameResource,
    commands::{Command, commands},
};
use crate::{
    queues::api::{QueueQuery, read_table},
    texts,
    ui::{Icon, address::queue_path, format, icon, status_icon, tone_of, visible},
};

/// At most so many queues are shown.
const SHOWN: u32 = 8;
/// Id of the list, and the beginning of the ids of what is in it.
const LIST: &str = "found";

/// A line below the field.
#[derive(Clone, Debug, PartialEq)]
enum Hit {
    Command(Command),
    Queue(Box<QueueRow>),
}

impl Hit {
    fn href(&self) -> String {
        match self {
            Self::Command(command) => command.href.clone(),
            Self::Queue(row) => queue_path(&row.broker, &row.id),
        }
    }
}

/// What was typed and what is offered for it.
#[derive(Clone, Copy)]
struct Palette {
    text: RwSignal<String>,
    is_open: RwSignal<bool>,
    chosen: RwSignal<usize>,
    hits: Signal<Vec<Hit>>,
    field: NodeRef<html::Input>,
}

impl Palette {
    /// Closes it, and gives the keys of the page back.
    fn leave(self) {
        self.text.set(String::new());
        self.is_open.set(false);
        crate::keys::give_back();
    }

    fn step(self, by: isize) {
        let last = self.hits.with_untracked(Vec::len).saturating_sub(1);
        self.chosen.update(|n| *n = n.saturating_add_signed(by).min(last));
        self.is_open.set(true);
    }

    fn is_shown(self) -> bool {
        self.is_open.get() && self.hits.with(|hits| !hits.is_empty())
    }
}

#[component]
pub fn Search(frame: FrameResource) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let found = LocalResource::new(move || find(text.get()));
    let hits =
        hits(frame, text, Signal::derive(move || found.get().map(|(_, rows)| rows).unwrap_or_default()));
    // Said only once the answer is that of what stands in the field.
    let nothing = Memo::new(move |_| {
        found
            .get()
            .is_some_and(|(asked, rows)| !asked.is_empty() && asked == text.get().trim() && rows.is_empty())
            && hits.with(Vec::is_empty)
    });
    let palette = Palette {
        text,
        is_open: RwSignal::new(false),
        chosen: RwSignal::new(0),
        hits,
        field: NodeRef::new(),
    };
    let on_input = move |event| {
        text.set(event_target_value(&event));
        palette.chosen.set(0);
        palette.is_open.set(true);
    };
    let active = move || palette.is_shown().then(|| format!("{LIST}-{}", palette.chosen.get()));
    view! {
        <form class="jump" action="/queues" role="search">
            {icon(Icon::Search)}
            <input
                id="search"
                type="search"
                name="q"
                role="combobox"
                aria-autocomplete="list"
                aria-expanded=move || palette.is_shown().to_string()
                aria-controls=LIST
                aria-activedescendant=active
                node_ref=palette.field
                placeholder=texts::SEARCH_EXAMPLE
                aria-label=texts::SEARCH
                autocomplete="off"
                spellcheck="false"
                prop:value=text
                on:input=on_input
                on:focus=move |_| palette.is_open.set(true)
                on:blur=move |_| palette.is_open.set(false)
                on:keydown=keys(palette)
            />
            <kbd class="not-narrow">{texts::SEARCH_KEY}</kbd>
            <Hits palette nothing/>
        </form>
    }
}

/// The keys of the field.
fn keys(palette: Palette) -> impl Fn(ev::KeyboardEvent) {
    let navigate = use_navigate();
    move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "ArrowDown" => palette.step(1),
            "ArrowUp" => palette.step(-1),
            "Escape" => palette.leave(),
            "Enter" => {
                let hit = palette
                    .hits
                    .with_untracked(|hits| hits.get(palette.chosen.get_untracked()).map(Hit::href));
                let Some(href) = hit else { return };
                palette.leave();
                navigate(&href, Default::default());
            }
            _ => return,
        }
        event.prevent_default();
    }
}

/// What is offered: a command that is being typed, queues, then commands that hold the words.
fn hits(frame: FrameResource, text: RwSignal<String>, rows: Signal<Vec<QueueRow>>) -> Signal<Vec<Hit>> {
    let path = use_location().pathname;
    let brokers = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        if let Some(Ok(data)) = frame.get() {
            brokers.set(data.brokers);
        }
    });
    let all = Memo::new(move |_| brokers.with(|brokers| commands(&path.get(), brokers)));
    Memo::new(move |_| {
        let typed = text.get();
        let fit = all.with(|all| all.iter().filter(|c| c.matches(&typed)).cloned().collect::<Vec<_>>());
        let (first, others): (Vec<_>, Vec<_>) = fit.into_iter().partition(|c| c.begins_with(&typed));
        let queues = rows.get().into_iter().map(|row| Hit::Queue(Box::new(row)));
        first
            .into_iter()
            .map(Hit::Command)
            .chain(queues)
            .chain(others.into_iter().map(Hit::Command))
            .collect()
    })
    .into()
}

/// What lies under the field: what is offered, or that there is nothing.
#[component]
fn Hits(palette: Palette, nothing: Memo<bool>) -> impl IntoView {
    let lines = move || {
        let at = palette.chosen.get();
        let line = |(n, hit): (usize, &Hit)| line(n, hit, n == at, palette);
        palette.hits.with(|hits| hits.iter().enumerate().map(line).collect_view())
    };
    view! {
        <Show when=move || palette.is_shown()>
            // The field keeps the focus while a line is clicked.
            <ul
                class="menu found"
                id=LIST
                role="listbox"
                aria-label=texts::SEARCH_RESULTS
                on:mousedown=|event: ev::MouseEvent| event.prevent_default()
            >
                {lines}
            </ul>
        </Show>
        <Show when=move || nothing.get() && palette.is_open.get()>
            <p class="menu found" role="status" data-testid="search-nothing">
                {move || texts::search_nothing(palette.text.get().trim())}
            </p>
        </Show>
    }
}

fn line(n: usize, hit: &Hit, chosen: bool, palette: Palette) -> impl IntoView + use<> {
    let (sign, text, note) = match hit {
        Hit::Command(command) => (icon(command.sign).into_any(), command.text.clone(), command.note.clone()),
        Hit::Queue(row) => {
            let figure = row.backlog.map_or_else(|| texts::UNKNOWN.to_owned(), format::count);
            let sign = status_icon(tone_of(row.status)).into_any();
            (sign, visible(&row.name), format!("{}, {figure}", row.broker))
        }
    };
    view! {
        <li role="presentation">
            <a
                id=format!("{LIST}-{n}")
                role="option"
                aria-selected=chosen.to_string()
                class:is-hover=chosen
                href=hit.href()
                tabindex="-1"
                on:click=move |_| palette.leave()
            >
                {sign}
                <span>{text}</span>
                <small>{note}</small>
            </a>
        </li>
    }
}

/// What was typed, with the queues whose name holds it; an error finds nothing, since the form still leads to the
/// table that says it.
async fn find(text: String) -> (String, Vec<QueueRow>) {
    let words = text.trim().to_owned();
    if words.is_empty() {
        return (words, Vec::new());
    }
    let query = QueueQuery { q: Some(words.clone()), limit: Some(SHOWN), ..QueueQuery::default() };
    (words, read_table(query).await.map(|table| table.page.items).unwrap_or_default())
}
