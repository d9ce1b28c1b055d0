//! Queues.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::texts;

#[component]
pub fn QueuesPage() -> impl IntoView {
    view! {
        <Title text=texts::page_title(texts::QUEUES)/>
        <h1 class="sr">{texts::QUEUES}</h1>
    }
}
