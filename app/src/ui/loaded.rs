//! Data from a server function in its states: skeleton, error with retry, data. What is empty is for the data's own
//! view to say.
//!
//! The server waits for the data. When it is fetched anew the old stays until the new is there. A `Transition`
//! would take the page away for a moment, and with it focus and scrolling.

use leptos::{prelude::*, reactive::computed::ScopedFuture};
use serde::{Serialize, de::DeserializeOwned};
use weir_model::Problem;

use super::blank::{Failure, Skeleton};
use crate::error::ApiError;

/// Writes the data with `data`, again whenever it was fetched.
#[must_use]
pub fn loaded<T>(
    resource: Resource<Result<T, ApiError>>,
    data: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    kept(resource, move |value| {
        let data = data.clone();
        (move || data(value.get())).into_any()
    })
}

/// Writes the data once, with `data`; what is fetched later arrives in the signal, so that a view can change only
/// where its data does. An error takes the view's place until the next success.
#[must_use]
pub fn kept<T>(
    resource: Resource<Result<T, ApiError>>,
    data: impl Fn(ArcRwSignal<T>) -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let retry = Callback::new(move |()| resource.refetch());
    let waiting = RwSignal::new(!has_its_data());
    let first = Suspend::new(async move {
        // Untracked: it is the effect below that hears of later results.
        let first = ScopedFuture::new_untracked(resource.into_future()).await;
        let _ = waiting.try_set(false);
        let shown = ArcRwSignal::new(first.map(ArcRwSignal::new).map_err(|ApiError(problem)| problem));
        follow(resource, shown.clone());
        move || match shown.get() {
            Ok(value) => data(value),
            Err(problem) => view! { <Failure problem retry/> }.into_any(),
        }
    });
    view! {
        <Show when=move || waiting.get()>
            <Skeleton/>
        </Show>
        {first}
    }
}

/// Hands later results on.
fn follow<T>(resource: Resource<Result<T, ApiError>>, shown: ArcRwSignal<Result<ArcRwSignal<T>, Problem>>)
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    Effect::new(move |is_first: Option<()>| {
        let result = resource.get();
        // The first is on the screen already.
        if is_first.is_none() {
            return;
        }
        match (result, shown.get_untracked()) {
            (Some(Ok(new)), Ok(value)) => value.set(new),
            (Some(Ok(new)), Err(_)) => shown.set(Ok(ArcRwSignal::new(new))),
            (Some(Err(ApiError(problem))), _) => shown.set(Err(problem)),
            (None, _) => {}
        }
    });
}

/// True where the page is written by the server or taken over from it: its data came along. False on a page that
/// the browser itself goes to.
fn has_its_data() -> bool {
    cfg!(feature = "ssr") || Owner::current_shared_context().is_some_and(|page| page.during_hydration())
}
