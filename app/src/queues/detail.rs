//! The page of one queue.

use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    any_nested_route::IntoAnyNestedRoute as _,
    components::{Outlet, ParentRoute, Route},
    path,
};

/// The page of one queue and its tabs.
#[component(transparent)]
pub fn QueueRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/brokers/:broker/queues/:id") view=QueuePage ssr=SsrMode::Async>
            <Route path=path!("") view=Tab/>
            <Route path=path!("messages") view=Tab/>
            <Route path=path!("consumers") view=Tab/>
            <Route path=path!("configuration") view=Tab/>
            <Route path=path!("activity") view=Tab/>
        </ParentRoute>
    }
    .into_inner()
    .into_any_nested_route()
}

#[component]
fn QueuePage() -> impl IntoView {
    view! { <Outlet/> }
}

#[component]
fn Tab() -> impl IntoView {}
