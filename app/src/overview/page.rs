//! Overview.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::texts;

#[component]
pub fn OverviewPage() -> impl IntoView {
    view! {
        <Title text=texts::page_title(texts::OVERVIEW)/>
        <h1 class="sr">{texts::OVERVIEW}</h1>
    }
}
