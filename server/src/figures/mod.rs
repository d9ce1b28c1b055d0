//! What the figures mean: pure rules over a window of samples, with `now` passed in.
//!
//! | module | rule |
//! |---|---|
//! | [`window`] | the samples that rules look at |
//! | [`rates`] | increase of a counter over time, never across an epoch |
//! | [`flow`] | what no counter counts: dead-lettered, expired, purged |
//! | [`growth`] | slope of the backlog against its noise, time to drain |
//! | [`age`] | how long the oldest message has waited, by the curves of arrivals and backlog |
//! | [`usual`] | what usually comes in, to tell a burst |
//! | [`oldest`] | the age as a figure: measured, estimated, or a lower bound |
//! | [`status`] | ok, warning, critical or unknown, with the reason in words |
//! | [`row`] | all of them together, as the operator sees a queue |

pub mod age;
pub mod flow;
pub mod group;
pub mod growth;
pub mod oldest;
pub mod rates;
pub mod row;
pub mod status;
pub mod tracker;
pub mod usual;
pub mod window;

pub use tracker::QueueTracker;
