//! What can go wrong.

use std::{ffi::NulError, time::Duration};

use rdkafka::types::{RDKafkaErrorCode, RDKafkaRespErr};

/// A request that brought nothing home at all.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AdminError {
    /// librdkafka or the broker refused the whole request.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// Not even librdkafka answered, although it keeps time itself.
    #[error("no answer within {} ms", .0.as_millis())]
    NoAnswer(Duration),
    /// The client was dropped while the request was under way.
    #[error("the client was closed")]
    Closed,
    /// A name with a zero byte, which no topic or group can have.
    #[error("a name holds a zero byte: {0}")]
    Name(#[from] NulError),
}

/// One error as librdkafka or the broker gave it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// `Unknown` where the broker is newer than this librdkafka and the code has no name here.
    pub code: RDKafkaErrorCode,
    pub message: String,
}

impl Failure {
    pub(crate) fn new(raw_code: i32, message: String) -> Self {
        let code = RDKafkaRespErr::try_from(raw_code).map_or(RDKafkaErrorCode::Unknown, Into::into);
        let message = if message.is_empty() { format!("error {raw_code}") } else { message };
        Self { code, message }
    }
}
