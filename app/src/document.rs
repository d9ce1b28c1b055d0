//! The HTML document around the pages. Only the server writes it.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::{app::App, live::Told};

/// Where the page's files are; the server knows, since their names carry a hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assets {
    pub css: &'static str,
    pub icon: &'static str,
    /// Script and wasm of the browser half, unless the server was built without it.
    pub scripts: Option<(&'static str, &'static str)>,
}

/// Applies the remembered theme before the first paint, and switches it. It is all there is to the theme, so it
/// works before the browser half has arrived, and without it.
const THEME_SCRIPT: &str = r#"(() => {
const root = document.documentElement, key = "weir-theme";
let saved; try { saved = localStorage.getItem(key) } catch {}
if (saved === "light" || saved === "dark") root.dataset.theme = saved;
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-switch-theme]")) return;
  const now = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  try { localStorage.setItem(key, root.dataset.theme) } catch {}
});
})()"#;

/// Hands a click beside the link of a row to the link, unless text was being selected. As a script it works before
/// the browser half has arrived, and without it.
const ROW_SCRIPT: &str = r#"(() => {
const open = (event) => {
  const row = event.target.closest?.("tr[data-row]"), link = row?.querySelector("a.name[href]");
  if (!link || event.button > 1 || String(getSelection())) return;
  if (event.target.closest("a, button, input, label, select, summary")) return;
  const { metaKey, shiftKey } = event, ctrlKey = event.ctrlKey || event.button === 1;
  link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, view: window, ctrlKey, metaKey, shiftKey }));
};
addEventListener("click", open);
addEventListener("auxclick", open);
})()"#;

/// The whole document of a request.
#[must_use]
pub fn document(assets: Assets) -> impl IntoView {
    let start = assets.scripts.map(|(js, wasm)| {
        let script = format!(
            "import init, {{ hydrate }} from \"{js}\"; await init({{ module_or_path: \"{wasm}\" }}); hydrate();"
        );
        view! {
            <link rel="modulepreload" href=js/>
            <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
            <script type="module" nonce=use_nonce() inner_html=script></script>
        }
    });
    let told = use_context::<Told>().map(|told| told.0);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-told=told>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href=assets.icon type="image/svg+xml"/>
                <link rel="stylesheet" href=assets.css/>
                <script nonce=use_nonce() inner_html=THEME_SCRIPT></script>
                <script nonce=use_nonce() inner_html=ROW_SCRIPT></script>
                <MetaTags/>
                {start}
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
