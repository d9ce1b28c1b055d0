//! The pages and their addresses.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::{
    clock::provide_clock,
    frame::{Frame, NotFound},
    live::provide_live,
    overview::page::OverviewPage,
    queues::{detail::QueueRoutes, page::QueuesPage},
    settings::page::SettingsPage,
    ui::provide_toasts,
};

/// Everything inside `<body>`. Each page is complete as the server sends it.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_clock();
    provide_live();
    provide_toasts();
    view! {
        <Router>
            <Frame>
                <Routes fallback=NotFound>
                    <Route path=path!("/") view=OverviewPage ssr=SsrMode::Async/>
                    <Route path=path!("/queues") view=QueuesPage ssr=SsrMode::Async/>
                    <QueueRoutes/>
                    <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async/>
                </Routes>
            </Frame>
        </Router>
    }
}
