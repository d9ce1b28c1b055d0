//! What a panel shows instead of data: skeleton, empty, error.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use weir_model::{Problem, Timestamp};

use super::{
    ago::{Ago, ago},
    icon::{Icon, icon},
    problem::{may_pass, told},
    visible::visible,
};
use crate::texts;

/// Grey lines in the shape of what is coming.
#[component]
pub fn Skeleton(#[prop(default = 6)] rows: usize) -> impl IntoView {
    const WIDTHS: [&str; 6] = ["62%", "48%", "70%", "40%", "56%", "66%"];
    let row = |n: usize| {
        let style = format!("width:{};height:10px", WIDTHS[n % WIDTHS.len()]);
        view! {
            <div>
                <i class="sk" style="width:12px;height:12px"></i>
                <i class="sk" style=style></i>
                <span class="grow"></span>
                <i class="sk" style="width:44px;height:10px"></i>
            </div>
        }
    };
    view! {
        <div class="skrows" aria-busy="true">{(0..rows).map(row).collect_view()}</div>
        <p class="sr">{texts::LOADING}</p>
    }
}

/// Nothing is here: what would fill it.
#[component]
pub fn Blank(
    #[prop(optional)] good: bool,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let sign = if good { Icon::Ok } else { Icon::Info };
    view! {
        <div class="blank" data-testid="empty">
            {icon(sign)}
            <b>{title}</b>
            <p>{text}</p>
            {children.map(|children| view! { <div class="rowbtns">{children()}</div> })}
        </div>
    }
}

/// A way to try again, and since when it has been failing; that is known in the browser only.
#[derive(Clone, Copy)]
pub struct Retry {
    pub run: Callback<()>,
    pub since: RwSignal<Option<Timestamp>>,
}

impl Retry {
    /// "It has failed for 12 s", or nothing on the server.
    fn since_when(self) -> impl IntoView {
        move || self.since.get().map(|at| view! { {texts::SINCE}{ago(at, at, Ago::For)} })
    }

    /// Without wasm the way to try again is to load the page anew.
    fn button(self) -> impl IntoView {
        let again = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            self.run.run(());
        };
        view! { <a class="btn sm" href="" rel="external" on:click=again>{icon(Icon::Retry)}{texts::RETRY}</a> }
    }
}

/// It failed: what, why, since when, and the way out: to try again where that may help, or the page without the
/// parameter that is wrong.
#[component]
pub fn Failure(problem: Problem, #[prop(optional)] retry: Option<Retry>) -> impl IntoView {
    #[cfg(feature = "ssr")]
    answer_with(problem.kind);
    let retry = retry.filter(|_| may_pass(problem.kind));
    let since = retry.map(Retry::since_when);
    let again = retry.map(Retry::button);
    let without = without_what_is_wrong(&problem)
        .map(|href| view! { <a class="btn sm" href=href data-testid="way-out">{texts::WITHOUT}</a> });
    let ways =
        (again.is_some() || without.is_some()).then(|| view! { <div class="rowbtns">{again}{without}</div> });
    view! {
        <div class="blank" role="alert" data-testid="error">
            {icon(Icon::Warning)}
            <b>{problem.kind.title()}</b>
            <p>{visible(&told(&problem))}</p>
            {since.map(|since| view! { <p class="faint">{since}</p> })}
            {ways}
        </div>
    }
}

/// The address of this page without the parameters that were refused, where it has any of them.
fn without_what_is_wrong(problem: &Problem) -> Option<String> {
    let location = use_location();
    let mut query = location.query.get_untracked();
    let before = query.to_query_string();
    for error in &problem.errors {
        query.remove(&error.field);
        // A beginning such as an offset is nothing without its place.
        if error.field == "at" {
            query.remove("from");
        }
    }
    let after = query.to_query_string();
    let path = location.pathname.get_untracked();
    (after != before).then(|| format!("{path}{after}"))
}

/// What is shown could not be fetched anew: since when, why, and a way to try again. The figures below stay.
#[component]
pub fn Overdue(problem: Problem, retry: Retry) -> impl IntoView {
    view! {
        <p class="overdue" role="status" data-testid="overdue">
            {icon(Icon::Warning)}
            <span>
                <b>{texts::OVERDUE}</b>
                " "
                {retry.since_when()}
                ": "
                {visible(&told(&problem))}
            </span>
            {retry.button()}
        </p>
    }
}

/// The page's own status says that it failed, for whoever reads no HTML.
#[cfg(feature = "ssr")]
fn answer_with(kind: weir_model::ProblemKind) {
    let status = axum::http::StatusCode::from_u16(kind.status());
    if let (Some(response), Ok(status)) = (use_context::<leptos_axum::ResponseOptions>(), status) {
        response.set_status(status);
    }
}
