//! When to observe whom: one task per broker, its live state, back-off and budgets.
//!
//! The poller is the only thing that polls. What pages show comes from the live state kept here, or from history.

mod events;
mod fleet;
mod pace;
mod restore;
mod station;
mod totals;
mod view;
mod watch;

#[cfg(test)]
pub(crate) use events::Events;
pub use events::{Feed, Place, Told};
pub use fleet::Fleet;
pub use station::{Station, Target};
