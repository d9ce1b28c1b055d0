//! Listening to what passes, where a broker keeps nothing: a capability, and the sieve behind it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use weir_model::{QueueObservation, Timestamp, message::Message};

use super::{BrokerError, bare_message, shown_body};

/// Messages that are kept between two looks at most: more than anybody reads in that time.
const MOST_KEPT: usize = 50;
/// Bytes of their bodies, at most.
const MOST_KEPT_BYTES: usize = 128 * 1024;
/// Bytes of one body that are kept.
const KEPT_OF_A_BODY: usize = 16 * 1024;

/// Why most kinds of queue can't be listened to.
pub const NOTHING_PASSES: &str = "its messages are kept, so they are read and not listened to";

/// Listening as one more receiver. The messages reach everybody else as they would without.
#[async_trait]
pub trait Tap: Send + Sync {
    /// Begins to listen. Every message from then on is counted, until it is stopped or the connection breaks.
    ///
    /// # Errors
    /// `Refused` where the kind or the account can't.
    async fn tap(&self, queue: &QueueObservation) -> Result<Box<dyn Listening>, BrokerError>;
}

/// A tap that runs. Dropping it ends it; `stop` also waits until the broker knows.
#[async_trait]
pub trait Listening: Send {
    /// Waits until everything that the broker had sent before has arrived.
    ///
    /// # Errors
    /// The connection broke, or was cut since too much came: nothing more will come.
    async fn catch_up(&mut self) -> Result<(), BrokerError>;

    /// What passed since this was asked last.
    fn passed(&mut self) -> Passed;

    async fn stop(&mut self);
}

/// What passed in a while: all of it counted, some of it kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Passed {
    pub messages: u64,
    /// Of their bodies.
    pub bytes: u64,
    /// Messages that were counted and not kept.
    pub dropped: u64,
    /// Those that were kept, oldest first; their positions are their numbers since the tap began.
    pub kept: Vec<Message>,
}

/// Takes in everything, counts all of it and keeps little: memory is bounded whatever passes.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    /// Held for moments only.
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    /// Messages since the beginning.
    number: u64,
    kept_bytes: usize,
    passed: Passed,
}

impl Sieve {
    /// Takes in a message by its body.
    pub(super) fn take_in(&self, body: &[u8]) {
        let mut inside = self.inside();
        inside.number += 1;
        inside.passed.messages += 1;
        inside.passed.bytes += body.len() as u64;
        let kept_bytes = inside.kept_bytes + body.len().min(KEPT_OF_A_BODY);
        if inside.passed.kept.len() >= MOST_KEPT || kept_bytes > MOST_KEPT_BYTES {
            inside.passed.dropped += 1;
            return;
        }
        inside.kept_bytes = kept_bytes;
        let mut message = bare_message(inside.number.to_string());
        message.timestamp = Some(Timestamp::now());
        message.size = body.len() as u64;
        message.body = Some(shown_body(body, KEPT_OF_A_BODY));
        inside.passed.kept.push(message);
    }

    /// Hands out what was taken in since this was asked last.
    pub(super) fn empty(&self) -> Passed {
        let mut inside = self.inside();
        inside.kept_bytes = 0;
        std::mem::take(&mut inside.passed)
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_more_than_is_kept_when_taken_in_then_all_is_counted_and_the_first_are_kept() {
        let sieve = Sieve::default();
        (0..1000).for_each(|_| sieve.take_in(b"abc"));
        let passed = sieve.empty();
        assert_eq!((passed.messages, passed.bytes, passed.dropped), (1000, 3000, 950));
        assert_eq!(passed.kept.len(), MOST_KEPT);
        assert_eq!(passed.kept[49].position, "50");
        sieve.take_in(b"d");
        let passed = sieve.empty();
        assert_eq!((passed.messages, passed.kept[0].position.as_str()), (1, "1001"));
        assert_eq!(sieve.empty(), Passed::default());
    }

    #[test]
    fn given_large_bodies_when_taken_in_then_they_are_cut_and_bytes_bound_what_is_kept() {
        let sieve = Sieve::default();
        let body = vec![b'x'; 1024 * 1024];
        (0..20).for_each(|_| sieve.take_in(&body));
        let passed = sieve.empty();
        assert_eq!((passed.messages, passed.bytes), (20, 20 * 1024 * 1024));
        assert_eq!(passed.kept.len(), MOST_KEPT_BYTES / KEPT_OF_A_BODY);
        let body = passed.kept[0].body.as_ref().expect("a body");
        assert_eq!(
            (body.data.len(), body.truncated, passed.kept[0].size),
            (KEPT_OF_A_BODY, true, 1024 * 1024)
        );
    }
}
