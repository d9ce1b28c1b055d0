//! A choice of one among few, as links: it works without wasm and stands in the address.

use leptos::prelude::*;

/// One segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub text: String,
    pub href: String,
    pub chosen: bool,
}

#[component]
pub fn Segmented(
    /// What is chosen, for screen readers.
    #[prop(into)]
    label: String,
    choices: Vec<Choice>,
) -> impl IntoView {
    let segment = |choice: Choice| {
        let current = choice.chosen.then_some("true");
        view! { <a href=choice.href aria-current=current>{choice.text}</a> }
    };
    view! {
        <nav class="seg" aria-label=label>{choices.into_iter().map(segment).collect_view()}</nav>
    }
}
