//! A panel: a head with title, note and tools, and below it what it is about.

use leptos::prelude::*;

#[component]
pub fn Panel(
    #[prop(into)] title: String,
    /// Said in grey behind the title: unit, order, how it is reckoned.
    #[prop(optional, into)]
    sub: TextProp,
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
                <span class="sub">{move || sub.get()}</span>
                {tools.run()}
            </header>
            {children()}
        </section>
    }
}
