//! Listening to a channel: messages as they pass, from when the operator starts it until they stop it or leave.

pub mod api;
#[cfg(feature = "hydrate")]
mod browser;
mod texts;

use std::collections::VecDeque;

use leptos::prelude::*;
use weir_model::message::{Message, TapEvent, TapReport};

use super::body;
use crate::{
    queues::detail::address::Address,
    ui::{Blank, Icon, Panel, format, icon},
};

/// Messages on the screen at most; older ones make room.
const MOST_SHOWN: usize = 200;

/// Where a tap is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Starting,
    Running,
    /// Why it ended; `None`: the operator stopped it.
    Over(Option<String>),
}

impl Phase {
    fn lasts(&self) -> bool {
        matches!(self, Self::Starting | Self::Running)
    }
}

/// What the page knows of its tap.
#[derive(Clone, Copy)]
struct Tap {
    phase: RwSignal<Phase>,
    /// The counts of the last report.
    report: RwSignal<TapReport>,
    /// The newest first.
    shown: RwSignal<VecDeque<Message>>,
    #[cfg(feature = "hydrate")]
    stream: StoredValue<Option<browser::TapStream>, LocalStorage>,
}

impl Tap {
    fn new() -> Self {
        let tap = Self {
            phase: RwSignal::new(Phase::Idle),
            report: RwSignal::default(),
            shown: RwSignal::default(),
            #[cfg(feature = "hydrate")]
            stream: StoredValue::new_local(None),
        };
        on_cleanup(move || tap.close());
        tap
    }

    fn toggle(self, address: &Address) {
        if self.phase.get_untracked().lasts() {
            self.end(None);
        } else {
            self.start(address);
        }
    }

    fn start(self, address: &Address) {
        self.report.set(TapReport::default());
        self.shown.update(VecDeque::clear);
        self.phase.set(Phase::Starting);
        #[cfg(feature = "hydrate")]
        self.stream.set_value(browser::TapStream::open(self, &address.rest("tap")));
        #[cfg(not(feature = "hydrate"))]
        let _ = address;
    }

    fn end(self, reason: Option<String>) {
        self.close();
        self.phase.set(Phase::Over(reason));
    }

    /// Closes the stream: the server ends the tap then.
    fn close(self) {
        #[cfg(feature = "hydrate")]
        self.stream.try_update_value(|stream| stream.take());
    }

    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only the browser hears"))]
    fn hear(self, event: TapEvent) {
        match event {
            TapEvent::Passed(mut report) => {
                let items = std::mem::take(&mut report.items);
                self.report.set(report);
                if self.phase.get_untracked() != Phase::Running {
                    self.phase.set(Phase::Running);
                }
                if !items.is_empty() {
                    self.shown.update(|shown| {
                        items.into_iter().for_each(|message| shown.push_front(message));
                        shown.truncate(MOST_SHOWN);
                    });
                }
            }
            TapEvent::Ended { reason } => self.end(Some(reason)),
        }
    }
}

/// The panel of a channel's messages.
#[component]
pub fn TapPanel(address: Address, note: Option<String>) -> impl IntoView {
    let tap = Tap::new();
    let is_empty = Memo::new(move |_| tap.shown.with(VecDeque::is_empty));
    let lasts = Memo::new(move |_| tap.phase.with(Phase::lasts));
    let command = texts::command(&address.rest("tap"));
    let tools = {
        let address = address.clone();
        move || toggle(tap, lasts, address.clone())
    };
    view! {
        <Panel title=texts::TITLE sub=texts::SUB class="tap" tools testid="tap">
            <p class="tap-state" data-testid="tap-state">{move || state(tap, note.as_deref())}</p>
            <p class="tap-state until-live">{texts::NEEDS_SCRIPTS}<code class="mono">{command}</code></p>
            {move || if is_empty.get() { blank(lasts.get()) } else { table(tap) }}
        </Panel>
    }
}

/// Not to be seen before it can be used.
fn toggle(tap: Tap, lasts: Memo<bool>, address: Address) -> impl IntoView {
    let label = move || match lasts.get() {
        true => view! { {icon(Icon::Pause)}{texts::STOP} }.into_any(),
        false => view! { {icon(Icon::Live)}{texts::START} }.into_any(),
    };
    view! {
        <button class="btn sm live" type="button" data-testid="tap-toggle" on:click=move |_| tap.toggle(&address)>
            {label}
        </button>
    }
}

/// What is heard, or why nothing is.
fn state(tap: Tap, note: Option<&str>) -> String {
    let report = tap.report.get();
    match tap.phase.get() {
        Phase::Idle => texts::idle(note),
        Phase::Starting => texts::STARTING.to_owned(),
        Phase::Running => texts::running(&report),
        Phase::Over(reason) => texts::over(&report, reason.as_deref()),
    }
}

fn blank(lasts: bool) -> AnyView {
    let (title, text) = match lasts {
        true => (texts::QUIET_TITLE, texts::QUIET_TEXT),
        false => (texts::NONE_TITLE, texts::NONE_TEXT),
    };
    view! { <Blank title text/> }.into_any()
}

fn table(tap: Tap) -> AnyView {
    view! {
        <div class="scroll-x" tabindex="0" role="group" aria-label=texts::TITLE>
            <table class="table fixed msgs">
                <thead>
                    <tr>
                        <th scope="col" class="w-position">{texts::NUMBER}</th>
                        <th scope="col" class="num w-time">{texts::TIME}</th>
                        <th scope="col" class="num w-size">{texts::SIZE}</th>
                        <th scope="col">{texts::BODY}</th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || tap.shown.get()
                        key=|message| message.position.clone()
                        children=row
                    />
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(message: Message) -> impl IntoView {
    let time = message.timestamp.map(|at| {
        view! { <time datetime=at.to_string() title=format::moment(at)>{format::clock(at)}</time> }
    });
    view! {
        <tr data-row="" tabindex="-1" data-testid="tap-row">
            <td class="mono">{message.position.clone()}</td>
            <td class="num muted">{time}</td>
            <td class="num">{format::bytes(message.size)}</td>
            <td class="mono body1">{opened(&message)}</td>
        </tr>
    }
}

/// The first line, and the rest below it once it is opened.
fn opened(message: &Message) -> AnyView {
    let Some(content) = &message.body else { return ().into_any() };
    let line = body::first_line(content);
    let Some(text) = body::text(content).map(str::to_owned).filter(|text| *text != line) else {
        return view! { <span>{line}</span> }.into_any();
    };
    let cut = content.truncated.then(|| view! { <p class="faint">{texts::cut(message.size)}</p> });
    view! {
        <details>
            <summary>{line}</summary>
            <pre>{text}</pre>
            {cut}
        </details>
    }
    .into_any()
}
