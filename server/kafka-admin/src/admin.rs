//! The client's front: sending a request and waiting for its reply.

use std::time::Duration;

use rdkafka::{ClientContext, producer::FutureProducer};
use rdkafka_sys as sys;
use tokio::sync::oneshot;

use crate::{
    AdminError,
    native::{Event, Options},
    replies::{Replies, read_reply},
};

/// How much longer than its own time-out a reply may take: librdkafka keeps time itself, and where some groups or
/// brokers answered and others did not, only its reply tells which.
const GRACE: Duration = Duration::from_millis(500);

/// Admin requests over a producer's connections.
///
/// Dropping it ends its thread and lets go of the producer, which may take a moment: do it off the async threads.
pub struct Admin<C: ClientContext + 'static> {
    replies: Replies<C>,
}

impl<C: ClientContext + 'static> Admin<C> {
    /// Starts the thread that replies arrive on. Does not connect.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn new(client: FutureProducer<C>) -> std::io::Result<Self> {
        Ok(Self { replies: Replies::start(client)? })
    }

    /// The producer whose connections are used.
    pub fn client(&self) -> &FutureProducer<C> {
        self.replies.queue().client()
    }

    /// Sends a request with `send` and reads its reply with `read`.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        request: Request,
        send: impl FnOnce(Target),
        read: impl FnOnce(&Event) -> T + Send + 'static,
    ) -> Result<T, AdminError> {
        let timeout = request.timeout;
        let reply = self.send(request, send, read)?;
        match tokio::time::timeout(timeout + GRACE, reply).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(AdminError::Closed),
            Err(_) => Err(AdminError::NoAnswer(timeout)),
        }
    }

    /// The part without await, so that no pointer is held across one.
    fn send<T: Send + 'static>(
        &self,
        request: Request,
        send: impl FnOnce(Target),
        read: impl FnOnce(&Event) -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, AdminError>>, AdminError> {
        let queue = self.replies.queue();
        // SAFETY: the client is live while `self` is.
        let mut options = unsafe { Options::new(queue.raw_client(), request.operation, request.timeout)? };
        if let Some(isolation) = request.isolation {
            options.set_isolation(isolation)?;
        }
        let (answer, reply) = oneshot::channel();
        options.set_ticket(queue.expect(Box::new(move |event| {
            // Nobody waits any more: the reply came too late to matter.
            let _ = answer.send(read_reply(event, read));
        })));
        send(Target { client: queue.raw_client(), options: options.ptr(), queue: queue.raw() });
        Ok(reply)
    }
}

/// What every request has.
pub(crate) struct Request {
    pub(crate) operation: sys::rd_kafka_admin_op_t,
    pub(crate) timeout: Duration,
    pub(crate) isolation: Option<crate::Isolation>,
}

impl Request {
    pub(crate) fn new(operation: sys::rd_kafka_admin_op_t, timeout: Duration) -> Self {
        Self { operation, timeout, isolation: None }
    }
}

/// What librdkafka's request functions are called with: all three are live while `send` runs, and it copies what it
/// keeps of the options.
pub(crate) struct Target {
    pub(crate) client: *mut sys::rd_kafka_t,
    pub(crate) options: *const sys::rd_kafka_AdminOptions_t,
    pub(crate) queue: *mut sys::rd_kafka_queue_t,
}
