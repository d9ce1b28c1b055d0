//! What the operator sees: Leptos pages, compiled into the server (`ssr`) and into wasm (`hydrate`).
//!
//! Each feature is a folder with its page, its parts and `api.rs`: the contract that the server implements.

pub mod access;
pub mod app;
pub mod audit;
pub mod charts;
pub mod clock;
#[cfg(feature = "ssr")]
pub mod csv;
#[cfg(feature = "ssr")]
pub mod document;
pub mod error;
pub mod forms;
pub mod frame;
pub mod idempotency;
mod keys;
pub mod live;
pub mod messages;
pub mod overview;
pub mod queues;
mod rows;
#[cfg(feature = "ssr")]
pub mod services;
pub mod settings;
pub mod texts;
pub mod ui;
pub mod views;

/// Where the browser half begins: takes over the page that the server wrote. From then on `<body data-hydrated>`
/// says that buttons and live figures work, to tests and to scripts.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
    if let Some(body) = leptos::prelude::document().body() {
        // Setting an attribute of that name can't fail.
        let _ = body.set_attribute("data-hydrated", "");
    }
}
