//! What a panel shows instead of data: skeleton, empty, error.

use leptos::prelude::*;
use weir_model::Problem;

use super::{
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

/// It failed: what, why, and a way to try again where that may help. Without wasm the way is to load the page anew.
#[component]
pub fn Failure(problem: Problem, #[prop(optional, into)] retry: Option<Callback<()>>) -> impl IntoView {
    #[cfg(feature = "ssr")]
    answer_with(problem.kind);
    let again = move |event: leptos::ev::MouseEvent| {
        if let Some(retry) = retry {
            event.prevent_default();
            retry.run(());
        }
    };
    let retry = may_pass(problem.kind).then(|| {
        view! {
            <div class="rowbtns">
                <a class="btn sm" href="" rel="external" on:click=again>{icon(Icon::Retry)}{texts::RETRY}</a>
            </div>
        }
    });
    view! {
        <div class="blank" role="alert" data-testid="error">
            {icon(Icon::Warning)}
            <b>{problem.kind.title()}</b>
            <p>{visible(&told(&problem))}</p>
            {retry}
        </div>
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
