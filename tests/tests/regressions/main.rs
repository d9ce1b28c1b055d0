//! Bugs that were found once: each test fails without its mend.

mod broker_card;
mod dead_letters;
mod demo;
mod figures;
mod missing_figures;
mod pages;
mod panics;
mod queue_page;
