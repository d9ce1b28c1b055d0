//! The menu of the charts' files: tables and drawings from the server; pictures are made of the drawing here.

use leptos::prelude::*;

use super::{file::ChartFile, picture, texts, window::use_window};
use crate::{
    charts::chart::Span,
    ui::{Icon, Toast, Toasts, Tone, icon},
};

/// One line of the menu per chart. It stays open while the charts are drawn anew.
#[component]
pub fn Downloads(
    #[prop(into)] files: Signal<Vec<ChartFile>>,
    #[prop(into)] span: Signal<Span>,
) -> impl IntoView {
    let window = use_window();
    let toasts = expect_context::<Toasts>();
    let count = Memo::new(move |_| files.with(Vec::len));
    let line = move |n: usize| {
        let of = move |part: fn(&ChartFile) -> &str| {
            files.with(|files| files.get(n).map(|file| part(file).to_owned()).unwrap_or_default())
        };
        let title = move || of(|file| &file.title);
        // What is shown, also where the window moves on.
        let href = move |ending: &str| {
            let path = format!("{}.{ending}", of(|file| &file.path));
            window
                .with(|window| super::WindowQuery { range: None, ..window.at(Some(span.get())) }.href(&path))
        };
        let link = move |ending: &'static str, name: &'static str| {
            view! {
                <a
                    class="btn sm"
                    href=move || href(ending)
                    rel="external"
                    download=""
                    aria-label=move || texts::download(&title(), name)
                    data-testid=format!("download-{ending}")
                >
                    {name}
                </a>
            }
        };
        let failed = move || {
            let detail = texts::NO_PICTURE_TEXT.to_owned();
            toasts.show(Toast { tone: Tone::Critical, title: texts::NO_PICTURE.to_owned(), detail });
        };
        let save = move |_| untrack(|| picture::save(&href("svg"), of(|file| &file.name), failed));
        view! {
            <li data-testid="chart-files">
                <span>{title}</span>
                {link("csv", "CSV")}
                {link("svg", "SVG")}
                <button
                    class="btn sm png"
                    type="button"
                    aria-label=move || texts::download(&title(), "PNG")
                    on:click=save
                    data-testid="download-png"
                >
                    "PNG"
                </button>
            </li>
        }
    };
    view! {
        <details class="drop files">
            <summary class="btn icon sm" aria-label=texts::DOWNLOAD title=texts::DOWNLOAD data-testid="downloads">
                {icon(Icon::Download)}
            </summary>
            <ul class="menu">{move || (0..count.get()).map(line).collect_view()}</ul>
        </details>
    }
}
