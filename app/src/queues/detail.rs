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
use weir_model::{LiveEvent, Problem, QueueRow};

use self::{
    activity::ActivityTab,
    address::{Address, use_address},
    charts::ChartsTab,
    configuration::ConfigurationTab,
    consumers::ConsumersTab,
    header::Header,
    headline::Headline,
    situation::Situation,
};
use super::api::{QueueView, read_queue};
use crate::{
    error::ApiError,
    live::{Live, refetch_on_change},
    messages::{page::MessagesTab, publish::PublishPage, purge::PurgePage},
    texts as frame_texts,
    ui::{Failure, Skeleton, Tab, Tabs, format},
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
    pub view: Resource<Result<QueueView, ApiError>>,
    /// The newest row that was pushed, whichever queue it is of.
    pushed: RwSignal<Option<QueueRow>>,
}

impl QueueContext {
    /// The newest figures of the queue: as they were read, or as they were pushed since.
    #[must_use]
    pub fn row(self, read: QueueRow) -> Signal<QueueRow> {
        let pushed = self.pushed;
        Signal::derive(move || match pushed.get() {
            Some(row)
                if row.id == read.id && row.broker == read.broker && row.observed_at >= read.observed_at =>
            {
                row
            }
            _ => read.clone(),
        })
    }
}

#[component]
fn QueuePage() -> impl IntoView {
    let address = use_address();
    let view = Resource::new(move || address.get(), |queue| read_queue(queue.broker, queue.id));
    let context = QueueContext { address, view, pushed: RwSignal::new(None) };
    provide_context(context);
    listen(context);
    let retry = Callback::new(move |()| view.refetch());
    let head = move || {
        Suspend::new(async move {
            match view.await {
                Ok(queue) => view! { <Head queue context/> }.into_any(),
                Err(ApiError(problem)) => {
                    answer_with(&problem);
                    view! { <section class="panel queue-missing"><Failure problem retry/></section> }
                        .into_any()
                }
            }
        })
    };
    view! {
        <Transition fallback=|| view! { <Skeleton rows=3/> }>{head}</Transition>
        <Outlet/>
    }
}

/// Patches figures as they are pushed; reads the rest anew now and then.
fn listen(context: QueueContext) {
    let QueueContext { address, view, pushed } = context;
    if let Some(live) = use_context::<Live>() {
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
fn Head(queue: QueueView, context: QueueContext) -> impl IntoView {
    let row = context.row(queue.detail.row.clone());
    let title = frame_texts::page_title(&queue.detail.row.name);
    view! {
        <Title text=title/>
        <Header detail=queue.detail.clone() row/>
        <Situation row now=queue.now/>
        <Headline row now=queue.now/>
        <Notes notes=queue.detail.notes.clone()/>
        <TabRow queue/>
    }
}

/// What the operator should know beside the figures.
#[component]
fn Notes(notes: Vec<String>) -> impl IntoView {
    let list = notes.into_iter().map(|note| view! { <li>{note}</li> }).collect::<Vec<_>>();
    (!list.is_empty()).then(|| view! { <ul class="notes" data-testid="queue-notes">{list}</ul> })
}

#[component]
fn TabRow(queue: QueueView) -> impl IntoView {
    let path = use_location().pathname;
    let base = Address::of(&queue.detail.row).path();
    let detail = queue.detail;
    let tabs = move || {
        let here = path.get();
        let tab = |name: &str, text: &str, note: Option<String>| {
            let href = if name.is_empty() { base.clone() } else { format!("{base}/{name}") };
            let current = here.trim_end_matches('/') == href;
            Tab { text: text.to_owned(), href, current, note }
        };
        let consumers = if detail.row.kind.is_log() {
            (texts::GROUPS, i64::try_from(detail.groups.len()).ok())
        } else {
            (texts::CONSUMERS, detail.row.consumers)
        };
        vec![
            tab("", texts::CHARTS, None),
            tab("messages", texts::MESSAGES, detail.row.depth.map(format::count)),
            tab("consumers", consumers.0, consumers.1.map(format::count)),
            tab("configuration", texts::CONFIGURATION, None),
            tab("activity", texts::ACTIVITY, None),
        ]
    };
    view! { <div class="tabrow">{move || view! { <Tabs label=texts::PARTS tabs=tabs()/> }}</div> }
}

/// Gives the page the status of what went wrong.
fn answer_with(problem: &Problem) {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>()
        && let Ok(status) = axum::http::StatusCode::from_u16(problem.kind.status())
    {
        response.set_status(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = problem;
}
