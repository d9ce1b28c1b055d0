//! The row above the table: views to go to, a view to keep, columns to choose, the table as a file. Its forms are
//! posted to the page itself, so that they work without wasm.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use weir_model::{Problem, ProblemKind, SavedView, ViewQuery};

use super::{
    api::{change_table, read_views},
    texts,
};
use crate::{
    error::ApiError,
    forms::{Fields, posted},
    messages::publish::answer::refused,
    queues::{api::QueueQuery, query::address, texts as words},
    ui::{Fetched, Icon, Tab, Tabs, address::with_query, icon, kept_quietly},
};

/// A form that was posted to the page and refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    form: String,
    problem: Problem,
}

/// The views there are, and what became of the form that was posted.
#[derive(Clone, Copy)]
pub struct ViewsData {
    views: Fetched<Vec<SavedView>>,
    refusal: Resource<Option<Refusal>>,
    /// Which table the page was opened at.
    posted_to: StoredValue<Option<QueueQuery>>,
}

impl ViewsData {
    /// Reads the views once per page; does what the posted form asks for.
    #[must_use]
    pub fn new(query: Option<QueueQuery>) -> Self {
        let posted_to = StoredValue::new(query.clone());
        let refusal = Resource::new(|| (), move |()| change_as_posted(query.clone().unwrap_or_default()));
        Self { views: Resource::new(|| (), |()| read_views()), refusal, posted_to }
    }
}

async fn change_as_posted(query: QueueQuery) -> Option<Refusal> {
    let form = posted()?;
    let ApiError(problem) = change_table(query, form.clone()).await.err()?;
    Some(Refusal { form, problem })
}

#[component]
pub fn ViewBar(
    query: QueueQuery,
    data: ViewsData,
    /// Stands beside the menu of the views.
    children: Children,
) -> impl IntoView {
    let (of_tabs, of_menu, of_answer) = (query.clone(), query.clone(), query.clone());
    let tabs = kept_quietly(data.views, move |views| {
        let query = of_tabs.clone();
        (move || views.with(|views| view! { <Tabs label=words::VIEWS tabs=tabs(&query, views)/> })).into_any()
    });
    let menu = kept_quietly(data.views, move |views| {
        let query = of_menu.clone();
        (move || views.with(|views| views_menu(&query, views))).into_any()
    });
    // Elsewhere it is old news.
    let is_here = data.posted_to.with_value(|posted_to| posted_to.as_ref() == Some(&query));
    let answer = move || {
        let refusal = data.refusal.get().flatten().filter(|_| is_here)?;
        Some(answer(&of_answer, &refusal))
    };
    view! {
        <div class="views">
            {tabs}
            {menu}
            {children()}
            <a class="btn sm" href=csv(&query) rel="external" download="" title=texts::CSV_TITLE data-testid="csv">
                {icon(Icon::Download)}
                {texts::CSV}
            </a>
        </div>
        <Transition>{answer}</Transition>
    }
}

/// Filters worth a click, then those that somebody kept.
fn tabs(query: &QueueQuery, views: &[SavedView]) -> Vec<Tab> {
    let here = view_of(query);
    let preset = |(name, filter): (&'static str, &'static str)| {
        let there = ViewQuery {
            q: Some(filter.to_owned()).filter(|q| !q.is_empty()),
            broker: query.broker.clone(),
            columns: query.columns.clone(),
            ..ViewQuery::default()
        };
        (name.to_owned(), there)
    };
    let saved = views.iter().map(|view| (view.name.clone(), view.query.clone()));
    let tab = |(text, there): (String, ViewQuery)| Tab {
        text,
        current: there == here,
        href: address(&query_of(there)),
        note: None,
    };
    words::PRESETS.into_iter().map(preset).chain(saved).map(tab).collect()
}

fn view_of(query: &QueueQuery) -> ViewQuery {
    let QueueQuery { broker, kind, q, sort, order, columns, .. } = query.clone();
    ViewQuery { broker, kind, q, sort, order, columns }
}

fn query_of(view: ViewQuery) -> QueueQuery {
    let ViewQuery { broker, kind, q, sort, order, columns } = view;
    QueueQuery { broker, kind, q, sort, order, columns, ..QueueQuery::default() }
}

/// Keeps what is shown, and takes away what was kept.
fn views_menu(query: &QueueQuery, views: &[SavedView]) -> impl IntoView + use<> {
    let here = address(query);
    let line = |view: &SavedView| {
        let name = view.name.clone();
        view! {
            <li>
                <form method="post" action=here.clone()>
                    <input type="hidden" name="name" value=name.clone()/>
                    <span>{name.clone()}</span>
                    <details>
                        <summary class="btn sm">
                            <span class="when-closed">{icon(Icon::Trash)}{texts::DELETE}</span>
                            <span class="when-open">{texts::CANCEL}</span>
                            <span class="sr">{texts::the_view(&name)}</span>
                        </summary>
                        <button class="btn sm danger" name="act" value="delete" aria-label=texts::delete_for_all(&name)>
                            {texts::DELETE_FOR_ALL}
                        </button>
                    </details>
                </form>
            </li>
        }
    };
    view! {
        <details class="drop" data-testid="views">
            <summary class="btn sm">{texts::VIEWS}</summary>
            <div class="menu">
                <form method="post" action=here.clone() data-testid="save-view">
                    <label for="view-name">{texts::SAVE_AS}</label>
                    <div class="rowbtns">
                        <input class="input" id="view-name" name="name" maxlength="60" required autocomplete="off"/>
                        <button class="btn sm primary" name="act" value="save">{texts::SAVE}</button>
                    </div>
                    <p class="faint">{texts::SHARED}</p>
                </form>
                <ul>{views.iter().map(line).collect_view()}</ul>
            </div>
        </details>
    }
}

/// Why a form was refused; where a name is taken, the way to take its place.
fn answer(query: &QueueQuery, refusal: &Refusal) -> impl IntoView + use<> {
    let fields = Fields::parse(&refusal.form);
    let name = fields.raw("name").unwrap_or_default().to_owned();
    let is_taken = refusal.problem.kind == ProblemKind::Conflict && fields.text("act") == Some("save");
    let overwrite = is_taken.then(|| {
        view! {
            <form method="post" action=address(query) data-testid="overwrite-view">
                <input type="hidden" name="name" value=name.clone()/>
                <input type="hidden" name="overwrite" value="yes"/>
                <button class="btn sm" name="act" value="save">{texts::overwrite(&name)}</button>
                <a class="btn sm" href=address(query) rel="external">{texts::CANCEL}</a>
            </form>
        }
    });
    view! { <div class="view-answer" data-testid="view-answer">{refused(refusal.problem.clone())}{overwrite}</div> }
}

/// The rows of all pages as a file.
fn csv(query: &QueueQuery) -> String {
    with_query(
        "/api/v1/queues.csv",
        &[
            ("broker", query.broker.as_deref()),
            ("kind", query.kind.as_deref()),
            ("q", query.q.as_deref()),
            ("sort", query.sort.as_deref()),
            ("order", query.order.as_deref()),
            ("columns", query.columns.as_deref()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use weir_model::Timestamp;

    use super::*;

    #[test]
    fn given_a_view_when_its_address_is_open_then_its_tab_is_the_current_one() {
        let kept =
            ViewQuery { q: Some("depth>1".to_owned()), sort: Some("in".to_owned()), ..ViewQuery::default() };
        let view = SavedView {
            name: "Busy".to_owned(),
            query: kept.clone(),
            saved_at: Timestamp(0),
            saved_by: "ana".to_owned(),
        };
        let here = QueueQuery { cursor: Some("100".to_owned()), limit: Some(50), ..query_of(kept) };
        let tabs = tabs(&here, &[view]);
        let current: Vec<&str> = tabs.iter().filter(|tab| tab.current).map(|tab| tab.text.as_str()).collect();
        assert_eq!(current, ["Busy"]);
        assert_eq!(tabs.last().map(|tab| tab.href.as_str()), Some("/queues?q=depth%3E1&sort=in"));
    }
}
