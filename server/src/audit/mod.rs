//! What operators did. The intent is written before an act, the outcome after it; an act whose outcome was never
//! written, since Weir was killed in between, reads "unknown" from the next start on.

mod log;
mod service;

pub use log::{ActionLog, Ending, Intent};
pub use service::AuditService;
