//! A band across the page, for as long as what it says is true.

use leptos::prelude::*;

use super::icon::{Icon, icon};

/// What a band is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandTone {
    /// The figures are made up.
    Demo,
    /// Something may not be changed.
    ReadOnly,
    /// The figures stand still.
    Lost,
}

#[component]
pub fn Band(
    tone: BandTone,
    /// The first words, in bold.
    title: &'static str,
    /// What it means for the operator.
    #[prop(into)]
    text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let (class, sign) = match tone {
        BandTone::Demo => ("band", Icon::Lab),
        BandTone::ReadOnly => ("band ro", Icon::Lock),
        BandTone::Lost => ("band lost", Icon::Warning),
    };
    let role = if tone == BandTone::Lost { "alert" } else { "note" };
    view! {
        <div class=class role=role data-testid="band">
            {icon(sign)}
            <p><b>{title}</b>" "{text}</p>
            {children.map(|children| children())}
        </div>
    }
}
