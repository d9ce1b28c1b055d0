//! Safe async functions over the parts of librdkafka's Admin API that rdkafka does not wrap: consumer groups, their
//! committed offsets, and the offsets of many partitions in one request per broker.
//!
//! [`Admin`] borrows the connection of a producer, since a program that publishes has one anyway and since that
//! producer's own thread serves librdkafka's log and error events. Every call takes its time-out, and a failure of
//! one group or one partition stays beside that group or partition: it never hides the rest.
//!
//! This is the one crate of the workspace with unsafe code. Pointers stay inside `native.rs`, `replies.rs` and the
//! function that sends or reads one kind of request; nothing that borrows from librdkafka leaves this crate.

mod admin;
mod cluster;
mod committed;
mod error;
mod groups;
mod members;
mod native;
mod offsets;
mod replies;

pub use admin::Admin;
pub use cluster::{Cluster, Node};
pub use committed::GroupOffsets;
pub use error::{AdminError, Failure};
pub use groups::{GroupListing, GroupState, GroupType, ListedGroup};
pub use members::{GroupDescription, Member};
pub use offsets::{Isolation, OffsetQuery, PartitionOffset, TopicPartition};
