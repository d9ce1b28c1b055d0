//! What the operator sees: Leptos pages, compiled into the server (`ssr`) and into wasm (`hydrate`).
//!
//! Each feature is a folder with its page, its parts and `api.rs`: the contract that the server implements.

pub mod access;
pub mod audit;
pub mod error;
pub mod messages;
pub mod overview;
pub mod queues;
#[cfg(feature = "ssr")]
pub mod services;
pub mod settings;
