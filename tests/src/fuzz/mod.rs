//! What the fuzz targets do with an input: they call Weir with it and hold what comes of it to what must be true.
//!
//! `make fuzz` makes inputs up (`tests/fuzz`, a binary for each target); the test `fuzz_corpus` goes again through those
//! that were kept.
//!
//! `management` and `redis` go the whole way, through sockets and clients, up to the rows of the pages: what is held is
//! that no answer of a broker makes a look panic or hang, or a page show a figure that is none.

mod answers;
mod config;
mod edits;
mod filter;
mod look;
mod management;
mod queue_id;
mod redis;
mod stage;

pub use config::config;
pub use filter::filter;
pub use management::management;
pub use queue_id::queue_id;
pub use redis::redis;

/// A target: it panics where something is wrong.
pub type Target = fn(&[u8]);

/// All targets, by the names of their corpora.
pub const TARGETS: [(&str, Target); 5] = [
    ("queue_id", queue_id),
    ("filter", filter),
    ("config", config),
    ("management", management),
    ("redis", redis),
];
