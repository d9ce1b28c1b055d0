//! Bugs that were found once.

mod queue_page;
