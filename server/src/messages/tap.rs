//! The contract of taps: listening on behalf of an operator, noted like a peek, since it reads messages.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval_at},
};
use weir_app::{
    access::{Act, Object, Principal, authorise},
    messages::tap::api::{TapEvents, Taps},
};
use weir_model::{
    ActionVerb, Problem, ProblemKind, QueueId,
    message::{TapEvent, TapReport},
};

use super::{
    Resolver,
    limits::{self, within},
    service::{READING, intent, no_capability, writable},
};
use crate::{
    audit::{ActionLog, Ending},
    brokers::{Listening, Passed},
};

/// How often the operator is told what passed.
const REPORT_EVERY: Duration = Duration::from_millis(500);
/// The rate covers this long, or all of a tap that is younger.
const RATE_OVER: Duration = Duration::from_secs(5);
/// A tap that was forgotten in a browser's tab ends by itself.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Taps at a time, over all brokers.
const MOST_TAPS: usize = 8;

/// Listens, for as long as somebody reads what it heard.
pub struct TapService {
    queues: Arc<dyn Resolver>,
    actions: ActionLog,
    places: Arc<Semaphore>,
}

impl TapService {
    #[must_use]
    pub fn new(queues: Arc<dyn Resolver>, actions: ActionLog) -> Self {
        Self { queues, actions, places: Arc::new(Semaphore::new(MOST_TAPS)) }
    }
}

#[async_trait]
impl Taps for TapService {
    async fn tap(&self, who: &Principal, broker: &str, id: &QueueId) -> Result<TapEvents, Problem> {
        authorise(who, Act::Peek, Object::Queue { broker, id: id.as_str() })?;
        let target = self.queues.resolve(broker, id)?;
        writable(&target, target.broker.abilities(&target.queue).tap)?;
        let full = |_| {
            Problem::new(ProblemKind::Conflict, format!("{MOST_TAPS} taps run already: stop one of them"))
        };
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(full)?;
        let text = "listen to what passes".to_owned();
        let intent = intent(who, ActionVerb::Tap, broker, &target, text, None);
        let (events, heard) = mpsc::channel(2);
        let (began, begins) = oneshot::channel();
        let act = async move {
            let _place = place;
            let tap = target.broker.tap().ok_or_else(no_capability)?;
            let listening = within(limits::READ, READING, tap.tap(&target.queue)).await?;
            // Where nobody waits for it any more, the pump finds out by itself.
            let _ = began.send(());
            Ok(pump(listening, &events).await)
        };
        let actions = self.actions.clone();
        let whole = tokio::spawn(async move { actions.perform(intent, act, Heard::ending).await });
        if begins.await.is_ok() {
            return Ok(heard);
        }
        let ended_badly = |_| Problem::new(ProblemKind::Internal, "listening ended before it began");
        whole.await.map_err(ended_badly)?.map(|_| heard)
    }
}

/// What a tap heard in all.
#[derive(Debug, Default)]
struct Heard {
    messages: u64,
    bytes: u64,
    dropped: u64,
    seconds: f64,
    /// Why it ended, where the operator did not end it.
    reason: Option<String>,
}

impl Heard {
    fn ending(&self) -> Ending {
        let over = self.reason.as_ref().map_or_else(String::new, |reason| format!("; it ended: {reason}"));
        Ending::done(format!(
            "heard {} messages of {} bytes in {:.0} s, {} of them too quick to be shown{over}",
            self.messages, self.bytes, self.seconds, self.dropped
        ))
    }

    fn add(&mut self, passed: &Passed) {
        self.messages += passed.messages;
        self.bytes += passed.bytes;
        self.dropped += passed.dropped;
    }
}

/// Tells what passes until nobody reads it any more, the connection breaks, or it took too long.
async fn pump(mut listening: Box<dyn Listening>, events: &mpsc::Sender<TapEvent>) -> Heard {
    let began = Instant::now();
    let mut ticks = interval_at(began + REPORT_EVERY, REPORT_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut heard, mut rate) = (Heard::default(), Rate::beginning(began));
    loop {
        tokio::select! {
            () = events.closed() => break,
            _ = ticks.tick() => {}
        }
        let alive = listening.catch_up().await;
        let (passed, now) = (listening.passed(), Instant::now());
        heard.add(&passed);
        heard.seconds = (now - began).as_secs_f64();
        let report = TapReport {
            seconds: heard.seconds,
            messages: heard.messages,
            bytes: heard.bytes,
            dropped: heard.dropped,
            rate: rate.at(now, heard.messages),
            items: passed.kept,
        };
        if events.send(TapEvent::Passed(report)).await.is_err() {
            break;
        }
        heard.reason = match alive {
            Err(error) => Some(error.to_string()),
            Ok(()) if now - began > LONGEST => {
                Some("a tap lasts 15 minutes at most: start it again".to_owned())
            }
            Ok(()) => continue,
        };
        break;
    }
    listening.stop().await;
    if let Some(reason) = heard.reason.clone() {
        // Nobody may be there to read it: the activity has it too.
        let _ = events.send(TapEvent::Ended { reason }).await;
    }
    heard
}

/// Messages per second of late: the exact number between two looks, over the exact time.
struct Rate {
    looks: VecDeque<(Instant, u64)>,
}

impl Rate {
    fn beginning(now: Instant) -> Self {
        Self { looks: VecDeque::from([(now, 0)]) }
    }

    /// The rate up to `now`, when so many messages had passed in all.
    fn at(&mut self, now: Instant, messages: u64) -> f64 {
        self.looks.push_back((now, messages));
        while self.looks.len() > 2 && now - self.looks[1].0 >= RATE_OVER {
            self.looks.pop_front();
        }
        let (then, before) = self.looks[0];
        (messages - before) as f64 / (now - then).as_secs_f64().max(f64::EPSILON)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_flow_that_ends_when_rated_then_the_rate_covers_the_last_seconds_only() {
        let began = Instant::now();
        let mut rate = Rate::beginning(began);
        let at = |seconds| began + Duration::from_secs(seconds);
        assert!((rate.at(at(1), 10) - 10.0).abs() < 1e-9);
        for n in 2..=10 {
            rate.at(at(n), n * 10);
        }
        assert!((rate.at(at(11), 110) - 10.0).abs() < 1e-9);
        for n in 12..=15 {
            rate.at(at(n), 110);
        }
        assert!(rate.at(at(16), 110).abs() < 1e-9);
    }
}
