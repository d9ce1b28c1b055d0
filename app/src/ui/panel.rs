//! A panel: a head with title, note and tools, and one of four states below.

use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::blank::{Failure, Skeleton};
use crate::error::ApiError;

#[component]
pub fn Panel(
    #[prop(into)] title: String,
    /// Said in grey behind the title: unit, order, how it is reckoned.
    #[prop(optional, into)]
    sub: String,
    /// Extra classes of the section.
    #[prop(optional, into)]
    class: String,
    /// The right end of the head: age of the data, links, tools.
    #[prop(optional, into)]
    tools: ViewFn,
    #[prop(optional)] testid: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let heading = title.clone();
    view! {
        <section class=format!("panel {class}") aria-label=title data-testid=testid>
            <header class="panel-head">
                <h2>{heading}</h2>
                <span class="sub">{sub}</span>
                {tools.run()}
            </header>
            {children()}
        </section>
    }
}

/// The states of data that comes from a server function: skeleton, error with retry, data. What is empty is for
/// `data` to say.
#[must_use]
pub fn loaded<T>(
    resource: Resource<Result<T, ApiError>>,
    data: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let retry = Callback::new(move |()| resource.refetch());
    let shown = move || {
        let data = data.clone();
        Suspend::new(async move {
            match resource.await {
                Ok(value) => data(value),
                Err(ApiError(problem)) => view! { <Failure problem retry/> }.into_any(),
            }
        })
    };
    view! { <Transition fallback=|| view! { <Skeleton/> }>{shown}</Transition> }
}
