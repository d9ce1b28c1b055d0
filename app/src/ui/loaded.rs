//! Data from a server function in its states: skeleton, error with retry, data. What is empty is for the data's own
//! view to say.
//!
//! A view is written once, with the first data; what is fetched later arrives in a signal, so that elements, focus,
//! scrolling, open menus and typed text stay. The `Transition` is there for the first data alone: it makes the server
//! wait, and shows the skeleton on a page that the browser itself goes to. It never hears of a later fetch, since the
//! first data is awaited outside of it and untracked. Without it the server would write the view after the await
//! without a reactive owner.

use leptos::{prelude::*, reactive::computed::ScopedFuture};
use serde::{Serialize, de::DeserializeOwned};
use weir_model::{Problem, ProblemKind, Timestamp};

use super::{
    blank::{Failure, Overdue, Retry, Skeleton},
    problem::may_pass,
};
use crate::{clock::browser_now, error::ApiError};

/// What a server function gives to a page.
pub type Fetched<T> = Resource<Result<T, ApiError>>;

/// Data that a fetch puts into a resource and sends to the browser.
pub trait Data: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Data for T {}

/// Writes the data with `view`, again whenever it was fetched: for what has nothing in it that could be opened,
/// focused or typed in.
#[must_use]
pub fn loaded<T: Data>(
    resource: Fetched<T>,
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView {
    kept(resource, move |value| {
        let view = view.clone();
        (move || view(value.get())).into_any()
    })
}

/// Writes the data once. Data that can't be fetched anew stays, and says so above itself; another error takes its place
/// until the next success.
#[must_use]
pub fn kept<T: Data>(
    resource: Fetched<T>,
    view: impl Fn(ArcRwSignal<T>) -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView {
    kept_or(resource, view, |problem, retry| view! { <Failure problem retry/> }.into_any())
}

/// The same with a view of its own for an error.
#[must_use]
pub fn kept_or<T: Data>(
    resource: Fetched<T>,
    view: impl Fn(ArcRwSignal<T>) -> AnyView + Clone + Send + Sync + 'static,
    failed: impl Fn(Problem, Retry) -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let retry = Retry { run: Callback::new(move |()| resource.refetch()), since: RwSignal::new(None) };
    let overdue = RwSignal::new(None::<Problem>);
    let written = move |first: Result<T, ApiError>| {
        note_time(retry.since, first.is_err());
        let shown = ArcRwSignal::new(first.map(ArcRwSignal::new).map_err(|ApiError(problem)| problem));
        follow(resource, {
            let shown = shown.clone();
            move |result| {
                let failed_since = retry.since.get_untracked().filter(|_| result.is_err());
                retry.since.set(failed_since.or_else(|| browser_now().filter(|_| result.is_err())));
                overdue.set(None);
                match (result, shown.get_untracked()) {
                    (Ok(new), Ok(value)) => value.set(new),
                    (Ok(new), Err(_)) => shown.set(Ok(ArcRwSignal::new(new))),
                    (Err(ApiError(problem)), Ok(_)) if is_passing(&problem) => overdue.set(Some(problem)),
                    (Err(ApiError(problem)), _) => shown.set(Err(problem)),
                }
            }
        });
        let switch = move || match shown.get() {
            Ok(value) => view(value),
            Err(problem) => failed(problem, retry),
        };
        let overdue = move || overdue.get().map(|problem| view! { <Overdue problem retry/> });
        view! {
            {overdue}
            {switch}
        }
        .into_any()
    };
    let first = first(resource, written);
    view! { <Transition fallback=|| view! { <Skeleton/> }>{first}</Transition> }
}

/// True where what is on the screen is still the best there is.
fn is_passing(problem: &Problem) -> bool {
    may_pass(problem.kind) && problem.kind != ProblemKind::NotFound
}

/// Since when the first answer is an error: since the browser has it.
fn note_time(since: RwSignal<Option<Timestamp>>, failed: bool) {
    Effect::new(move |_| {
        if failed {
            since.set(browser_now());
        }
    });
}

/// Writes a small part of the frame once. Until there is data there is nothing, and data stays when it can't be
/// fetched anew.
#[must_use]
pub fn kept_quietly<T: Data>(
    resource: Fetched<T>,
    view: impl Fn(ArcRwSignal<T>) -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let written = move |first: Result<T, ApiError>| {
        let shown = ArcRwSignal::new(first.ok().map(ArcRwSignal::new));
        follow(resource, {
            let shown = shown.clone();
            move |result| match (result, shown.get_untracked()) {
                (Ok(new), Some(value)) => value.set(new),
                (Ok(new), None) => shown.set(Some(ArcRwSignal::new(new))),
                (Err(_), _) => {}
            }
        });
        (move || shown.get().map(&view)).into_any()
    };
    let first = first(resource, written);
    view! { <Transition>{first}</Transition> }
}

/// Writes a view once, with the first value, and never again.
#[must_use]
pub fn once<T: Data>(
    resource: Resource<T>,
    view: impl FnOnce(T) -> AnyView + Send + 'static,
) -> impl IntoView {
    let first = first(resource, view);
    view! { <Transition>{first}</Transition> }
}

/// The view of the first value. Made outside of the boundary that it is put into: so the resource does not learn of
/// the boundary, and fetching anew does not make it pending.
fn first<T: Data>(
    resource: Resource<T>,
    view: impl FnOnce(T) -> AnyView + Send + 'static,
) -> Suspend<AnyView> {
    Suspend::new(async move { view(ScopedFuture::new_untracked(resource.into_future()).await) })
}

/// Hands later results on, until the present owner is cleaned up.
fn follow<T: Data>(resource: Resource<T>, take: impl Fn(T) + Send + Sync + 'static) {
    Effect::new(move |is_first: Option<()>| {
        let result = resource.get();
        // The first is on the screen already.
        if let (Some(()), Some(result)) = (is_first, result) {
            take(result);
        }
    });
}
