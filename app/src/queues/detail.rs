//! The page of one queue: header, what is wrong, headline figures, tabs.

pub mod activity;
pub mod address;
mod chart_plan;
pub mod charts;
pub mod configuration;
pub mod consumers;
pub mod groups;
pub mod header;
pub mod headline;
pub mod situation;
mod texts;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    SsrMode,
    any_nested_route::IntoAnyNestedRoute as _,
    components::{Outlet, ParentRoute, Route},
    hooks::use_location,
    path,
};
use weir_model::{LiveEvent, Problem, QueueDetail, QueueRow, UnknownCode};

use self::{
    activity::ActivityTab,
    address::{Address, use_address},
    charts::ChartsTab,
    configuration::ConfigurationTab,
    consumers::ConsumersTab,
    header::Header,
    headline::Headline,
    situation::{Situation, sentence},
};
use super::api::{QueueView, read_queue};
use crate::{
    live::{Live, Rows, refetch_on_change},
    messages::{page::MessagesTab, publish::PublishPage, purge::PurgePage},
    texts as frame_texts,
    ui::{Failure, Fetched, Tab, Tabs, format, kept_or},
};

/// What the broker tells about the queue alone (configuration, consumers) is asked for this often.
const REFETCH_SECONDS: f64 = 30.0;

/// The page of one queue and its tabs.
#[component(transparent)]
pub fn QueueRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/brokers/:broker/queues/:id") view=QueuePage ssr=SsrMode::Async>
            <Route path=path!("") view=ChartsTab/>
            <Route path=path!("messages") view=MessagesTab/>
            <Route path=path!("consumers") view=ConsumersTab/>
            <Route path=path!("configuration") view=ConfigurationTab/>
            <Route path=path!("activity") view=ActivityTab/>
            <Route path=path!("publish") view=PublishPage/>
            <Route path=path!("purge") view=PurgePage/>
        </ParentRoute>
    }
    .into_inner()
    .into_any_nested_route()
}

/// What every tab works with.
#[derive(Clone, Copy)]
pub struct QueueContext {
    pub address: Memo<Address>,
    pub view: Fetched<QueueView>,
    /// The newest row that was pushed, whichever queue it is of.
    pushed: RwSignal<Option<QueueRow>>,
}

impl QueueContext {
    /// The newest figures of the queue: as they were read, or as they were pushed since.
    #[must_use]
    pub fn row(self, queue: ArcRwSignal<QueueView>) -> Signal<QueueRow> {
        let pushed = self.pushed;
        Signal::derive(move || {
            let read = queue.with(|queue| queue.detail.row.clone());
            let is_newer = |row: &QueueRow| {
                row.id == read.id && row.broker == read.broker && row.observed_at >= read.observed_at
            };
            pushed.get().filter(is_newer).unwrap_or(read)
        })
    }
}

/// A part of what is known of a queue. What is written of a part changes only when it does, so that a fetch leaves
/// everything else where it is.
pub(crate) fn part<P: PartialEq + Send + Sync + 'static>(
    queue: &ArcRwSignal<QueueView>,
    of: fn(&QueueDetail) -> P,
) -> Memo<P> {
    let queue = queue.clone();
    Memo::new(move |_| queue.with(|queue| of(&queue.detail)))
}

/// That the description was not given just now, when it was, and why.
pub(crate) fn as_of(detail: &QueueDetail) -> Option<String> {
    let (at, why) = (detail.description_at?, detail.description_error.as_ref()?);
    detail.description.as_ref().map(|_| texts::as_of(&format::moment(at), why))
}

#[component]
fn QueuePage() -> impl IntoView {
    let address = use_address();
    let view = Resource::new(move || address.get(), |queue| read_queue(queue.broker, queue.id));
    let context = QueueContext { address, view, pushed: RwSignal::new(None) };
    provide_context(context);
    listen(context);
    let missing = |problem: Problem, retry| {
        view! {
            <Title text=frame_texts::page_title(problem.kind.title())/>
            <section class="panel queue-missing"><Failure problem retry/></section>
        }
        .into_any()
    };
    view! {
        {kept_or(view, move |queue| view! { <Head queue context/> }.into_any(), missing)}
        <Outlet/>
    }
}

/// Patches figures as they are pushed; reads the rest anew now and then.
fn listen(context: QueueContext) {
    let QueueContext { address, view, pushed } = context;
    if let Some(live) = use_context::<Live>() {
        live.shows(move || {
            let queue = address.get();
            Rows::One { broker: queue.broker, id: queue.id }
        });
        live.listen(move |event| {
            let LiveEvent::Observation(change) = event else { return };
            let queue = address.get_untracked();
            if change.broker == queue.broker
                && let Some(row) = change.changed.iter().find(|row| row.id.as_str() == queue.id)
            {
                pushed.set(Some(row.clone()));
            }
        });
    }
    refetch_on_change(REFETCH_SECONDS, move || view.refetch());
}

/// Everything above the tab's own content.
#[component]
fn Head(queue: ArcRwSignal<QueueView>, context: QueueContext) -> impl IntoView {
    let row = context.row(queue.clone());
    let now = queue.with_untracked(|queue| queue.now);
    let told = part(&queue, notes_of);
    // It was deleted, or is back: what can be done with it is another thing now.
    let was_gone = part(&queue, |detail| detail.row.vanished);
    Effect::new(move |_| {
        if row.with(|row| row.vanished) != was_gone.get() {
            context.view.refetch();
        }
    });
    // The server writes the head of the document last, when signals of the arena may be gone already.
    let named = queue.clone();
    let title = move || named.with(|queue| frame_texts::page_title(&queue.detail.row.name));
    view! {
        <Title text=title/>
        <Header queue=queue.clone() row/>
        <Situation row now/>
        <Headline row now/>
        {move || notes(told.get())}
        <TabRow queue row/>
    }
}

/// What the broker tells, and how to switch on what it could.
fn notes_of(detail: &QueueDetail) -> Vec<String> {
    let commands = detail.row.unknown.get("push_commands_rate");
    let off = commands.filter(|why| why.code == UnknownCode::StatisticsOff).map(|why| sentence(&why.detail));
    detail.notes.iter().cloned().chain(off).collect()
}

/// What the operator should know beside the figures.
fn notes(notes: Vec<String>) -> impl IntoView {
    let list = notes.into_iter().map(|note| view! { <li>{note}</li> }).collect::<Vec<_>>();
    (!list.is_empty()).then(|| view! { <ul class="notes" data-testid="queue-notes">{list}</ul> })
}

#[component]
fn TabRow(queue: ArcRwSignal<QueueView>, row: Signal<QueueRow>) -> impl IntoView {
    let path = use_location().pathname;
    let tabs = move |detail: &QueueDetail| {
        let here = path.get();
        let base = Address::of(&detail.row).path();
        let tab = |name: &str, text: &str, note: Option<String>| {
            let href = if name.is_empty() { base.clone() } else { format!("{base}/{name}") };
            let current = here.trim_end_matches('/') == href;
            Tab { text: text.to_owned(), href, current, note }
        };
        let consumers = if detail.row.kind.is_log() {
            (texts::GROUPS, i64::try_from(detail.groups.len()).ok())
        } else {
            (texts::CONSUMERS, row.with(|row| row.consumers))
        };
        vec![
            tab("", texts::CHARTS, None),
            tab("messages", texts::MESSAGES, row.with(|row| row.depth.map(format::count))),
            tab("consumers", consumers.0, consumers.1.map(format::count)),
            tab("configuration", texts::CONFIGURATION, None),
            tab("activity", texts::ACTIVITY, None),
        ]
    };
    let shown = move || queue.with(|queue| view! { <Tabs label=texts::PARTS tabs=tabs(&queue.detail)/> });
    view! { <div class="tabrow">{shown}</div> }
}
