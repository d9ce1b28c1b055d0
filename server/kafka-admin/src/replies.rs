//! The queue that replies arrive on, and the thread that hands them to those who asked.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use rdkafka::{
    ClientContext,
    producer::{FutureProducer, Producer as _},
};
use rdkafka_sys as sys;

use crate::{AdminError, native::Event};

/// How long the thread sleeps at most when there are no replies; also how long a drop waits for it.
const NAP_MS: i32 = 100;

/// Reads a reply and tells who asked. Runs on the reply thread, so that an event never leaves it.
pub(crate) type Handler = Box<dyn FnOnce(&Event) + Send>;

/// The reply queue of one client, with its thread.
pub(crate) struct Replies<C: ClientContext + 'static> {
    queue: Arc<Queue<C>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread and the askers share. The queue goes before the client it belongs to: `Drop` runs before the
/// fields are dropped.
pub(crate) struct Queue<C: ClientContext + 'static> {
    raw: *mut sys::rd_kafka_queue_t,
    client: FutureProducer<C>,
    next_ticket: AtomicUsize,
    /// Who waits, by ticket. Held for a moment only, never while a handler runs.
    waiting: Mutex<HashMap<usize, Handler>>,
    stop: AtomicBool,
}

// SAFETY: librdkafka's queues may be used from any thread; all other fields are Send and Sync by themselves.
unsafe impl<C: ClientContext + 'static> Send for Queue<C> {}
// SAFETY: as above.
unsafe impl<C: ClientContext + 'static> Sync for Queue<C> {}

impl<C: ClientContext + 'static> Replies<C> {
    /// # Errors
    /// The system has no thread left.
    pub(crate) fn start(client: FutureProducer<C>) -> std::io::Result<Self> {
        // SAFETY: the client is live and kept beside the queue, which is destroyed first.
        let raw = unsafe { sys::rd_kafka_queue_new(client.client().native_ptr()) };
        let queue = Arc::new(Queue {
            raw,
            client,
            next_ticket: AtomicUsize::new(1),
            waiting: Mutex::default(),
            stop: AtomicBool::new(false),
        });
        let served = Arc::clone(&queue);
        let thread = std::thread::Builder::new()
            .name("kafka admin replies".to_owned())
            .spawn(move || served.serve())?;
        Ok(Self { queue, thread: Some(thread) })
    }

    pub(crate) fn queue(&self) -> &Queue<C> {
        &self.queue
    }
}

impl<C: ClientContext + 'static> Drop for Replies<C> {
    fn drop(&mut self) {
        self.queue.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by the panic hook; there is nothing to add here.
            let _ = thread.join();
        }
    }
}

impl<C: ClientContext + 'static> Queue<C> {
    pub(crate) fn client(&self) -> &FutureProducer<C> {
        &self.client
    }

    pub(crate) fn raw_client(&self) -> *mut sys::rd_kafka_t {
        self.client.client().native_ptr()
    }

    pub(crate) fn raw(&self) -> *mut sys::rd_kafka_queue_t {
        self.raw
    }

    /// Puts a handler down for the reply to come; the ticket goes into the request.
    pub(crate) fn expect(&self, handler: Handler) -> usize {
        let ticket = self.next_ticket.fetch_add(1, Ordering::Relaxed);
        self.waiting().insert(ticket, handler);
        ticket
    }

    fn serve(&self) {
        while !self.stop.load(Ordering::Acquire) {
            // SAFETY: the queue is live while `self` is; what it gives is ours.
            let Some(event) = (unsafe { Event::from_ptr(sys::rd_kafka_queue_poll(self.raw, NAP_MS)) }) else {
                continue;
            };
            let handler = self.waiting().remove(&event.ticket());
            if let Some(handler) = handler {
                handler(&event);
            }
        }
        // Those who still wait learn of it by their channels being dropped.
        self.waiting().clear();
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<usize, Handler>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: ClientContext + 'static> Drop for Queue<C> {
    fn drop(&mut self) {
        // SAFETY: made in `start`, used by nobody any more. Replies to requests still under way are discarded by
        // librdkafka, which counts its own references to the queue.
        unsafe { sys::rd_kafka_queue_destroy(self.raw) };
    }
}

/// Reads a reply, or the failure it carries.
pub(crate) fn read_reply<T>(event: &Event, read: impl FnOnce(&Event) -> T) -> Result<T, AdminError> {
    event.failure().map_or_else(|| Ok(read(event)), |failure| Err(failure.into()))
}
