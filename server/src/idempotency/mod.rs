//! Idempotency keys: claimed in the database before a change is done, and kept with its answer for 24 hours. A key
//! that was claimed when Weir was killed is lost: whether its change was done is unknown, and it is never repeated.

mod store;

pub use store::KeyStore;
