//! The vocabulary of Weir: queues, messages, observations, series.
//!
//! Plain serde data that the server, the pages in the browser and the REST interface share.
//! Nothing here does I/O. Times are UTC epoch milliseconds (`i64`) inside, RFC 3339 in JSON.
//!
//! | module | what it names |
//! |---|---|
//! | [`id`], [`kind`] | how a queue is addressed and what kinds there are |
//! | [`metric`], [`unknown`] | what is measured, and why a figure is not known |
//! | [`observation`] | what one look at a broker brought home |
//! | [`queue`], [`broker`], [`view`] | what the operator sees of them, and how |
//! | [`series`] | history, bucketed for a chart |
//! | [`message`], [`text`] | reading, publishing, purging; what of a text can't be read |
//! | [`action`], [`live`], [`problem`] | what operators did, what changed, what went wrong |

pub mod action;
pub mod broker;
pub mod id;
pub mod kind;
pub mod live;
pub mod message;
pub mod metric;
pub mod observation;
pub mod problem;
pub mod queue;
pub mod series;
pub mod text;
pub mod time;
pub mod unknown;
pub mod view;

pub use action::{Action, ActionOutcome, ActionVerb};
pub use broker::{BrokerCard, BrokerStatus, BrokerTotals, CheckStep, HealthFact, Severity};
pub use id::{IdError, QueueId};
pub use kind::{BrokerKind, QueueKind};
pub use live::{LiveEvent, RowChange};
pub use metric::{Metric, SeriesMetric};
pub use observation::{Cost, GroupObservation, Observation, PartitionObservation, QueueObservation};
pub use problem::{FieldError, Outcome, Problem, ProblemKind, Step};
pub use queue::{QueueDetail, QueueRow, Status, Trend};
pub use series::{Point, Series};
pub use text::is_hidden;
pub use time::Timestamp;
pub use unknown::{Reading, Unknown, UnknownCode};
pub use view::{SavedView, ViewQuery};
