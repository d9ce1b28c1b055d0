//! Messages: reading, publishing, purging.

pub mod api;
pub mod body;
pub mod browse_form;
#[cfg(feature = "ssr")]
pub mod change;
pub mod death;
pub mod drawer;
pub mod drawer_body;
#[cfg(feature = "ssr")]
mod forms;
pub mod json;
pub mod page;
pub mod price;
pub mod publish;
pub mod purge;
pub mod query;
pub mod table;
pub mod tap;
mod texts;
