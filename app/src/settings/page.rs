//! Settings.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::texts;

#[component]
pub fn SettingsPage() -> impl IntoView {
    view! {
        <Title text=texts::page_title(texts::SETTINGS)/>
        <h1 class="sr">{texts::SETTINGS}</h1>
    }
}
