//! Saved views: filter, sorting and columns of the table of queues under a name, for the whole team.

pub mod api;
pub mod bar;
pub mod columns;
mod texts;
