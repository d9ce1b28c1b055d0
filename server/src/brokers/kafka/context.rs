//! What librdkafka says by itself: logs, and faults of its connections.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rdkafka::{
    ClientContext, config::RDKafkaLogLevel, consumer::ConsumerContext, error::KafkaError,
    types::RDKafkaErrorCode,
};
use weir_model::Step;

/// A fault older than this explains nothing any more.
const FRESH: Duration = Duration::from_secs(30);

/// Called by librdkafka's threads.
#[derive(Clone)]
pub(super) struct Context {
    /// The broker's name in Weir, for the log.
    broker: Arc<str>,
    faults: Faults,
}

/// The newest fault of a client's connections. A request that times out does not know why; this does.
#[derive(Clone, Default)]
pub(super) struct Faults(Arc<Mutex<Option<Fault>>>);

/// Why a connection failed.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) step: Step,
    pub(super) text: String,
    at: Instant,
}

impl Context {
    pub(super) fn new(broker: Arc<str>, faults: Faults) -> Self {
        Self { broker, faults }
    }
}

impl Faults {
    /// The newest fault, if it is fresh.
    pub(super) fn newest(&self) -> Option<Fault> {
        self.lock().clone().filter(|fault| fault.at.elapsed() < FRESH)
    }

    pub(super) fn clear(&self) {
        *self.lock() = None;
    }

    /// "All brokers are down" follows the fault that tells why, and must not cover it.
    fn note(&self, code: RDKafkaErrorCode, reason: &str) {
        let mut newest = self.lock();
        let covers = newest.as_ref().is_some_and(|fault| fault.at.elapsed() < FRESH);
        if code == RDKafkaErrorCode::AllBrokersDown && covers {
            return;
        }
        *newest = Some(Fault { step: step_of(code, reason), text: plain(reason), at: Instant::now() });
    }

    /// Some broken connections are only logged, before "all brokers are down". A log line has no code, so it never
    /// covers a fault that has one.
    fn note_log(&self, text: &str) {
        let newest = self.newest();
        if newest.is_none_or(|fault| fault.step == Step::Connect) {
            self.note(RDKafkaErrorCode::BrokerTransportFailure, text);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The step that an error of librdkafka belongs to.
pub(super) fn step_of(code: RDKafkaErrorCode, reason: &str) -> Step {
    use RDKafkaErrorCode as Code;
    match code {
        Code::Resolve => Step::Resolve,
        Code::SSL => Step::Tls,
        Code::Authentication | Code::SaslAuthenticationFailed | Code::UnsupportedSASLMechanism => {
            Step::Authenticate
        }
        Code::TopicAuthorizationFailed
        | Code::GroupAuthorizationFailed
        | Code::ClusterAuthorizationFailed => Step::Permission,
        // It let us connect, but does not speak as a Kafka broker does.
        _ if reason.contains("ApiVersion") => Step::Version,
        Code::BrokerTransportFailure | Code::AllBrokersDown => Step::Connect,
        _ => Step::Read,
    }
}

/// Without the thread's name that librdkafka puts first.
fn plain(reason: &str) -> String {
    let rest = reason.strip_prefix('[').and_then(|r| r.split_once("]: ")).map_or(reason, |(_, rest)| rest);
    rest.trim().to_owned()
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, text: &str) {
        let broker = &*self.broker;
        if facility == "FAIL" {
            self.faults.note_log(text);
        }
        match level {
            // Failed connections are tried again every second or two, and the poller reports them once.
            _ if matches!(facility, "FAIL" | "ERROR") => {
                tracing::debug!(broker.id = broker, facility, "librdkafka: {text}");
            }
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error => tracing::warn!(broker.id = broker, facility, "librdkafka: {text}"),
            RDKafkaLogLevel::Warning | RDKafkaLogLevel::Notice => {
                tracing::info!(broker.id = broker, facility, "librdkafka: {text}");
            }
            RDKafkaLogLevel::Info | RDKafkaLogLevel::Debug => {
                tracing::debug!(broker.id = broker, facility, "librdkafka: {text}");
            }
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if let Some(code) = error.rdkafka_error_code() {
            self.faults.note(code, reason);
        }
        tracing::debug!(broker.id = &*self.broker, %error, "librdkafka: {reason}");
    }

    // Statistics are asked for by an option of the configuration; nothing here reads them.
    fn stats_raw(&self, _: &[u8]) {}
}

impl ConsumerContext for Context {}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn given_a_refused_password_when_all_brokers_are_down_then_the_password_is_what_is_said() {
        let faults = Faults::default();
        faults.note(
            RDKafkaErrorCode::Authentication,
            "[thrd:x:1/bootstrap]: x:1/bootstrap: SASL: bad password",
        );
        faults.note(RDKafkaErrorCode::AllBrokersDown, "1/1 brokers are down");
        let fault = faults.newest().unwrap();
        assert_eq!(
            (fault.step, fault.text.as_str()),
            (Step::Authenticate, "x:1/bootstrap: SASL: bad password")
        );
    }

    #[test]
    fn given_a_connection_that_breaks_in_silence_when_all_brokers_are_down_then_the_log_tells_why() {
        let faults = Faults::default();
        faults.note(RDKafkaErrorCode::AllBrokersDown, "1/1 brokers are down");
        faults
            .note_log("[thrd:x]: x:1/bootstrap: Disconnected while requesting ApiVersion: a SASL listener?");
        assert_eq!(faults.newest().unwrap().step, Step::Version);
        faults.note(RDKafkaErrorCode::Authentication, "bad password");
        faults.note_log("x:1/bootstrap: Connect failed");
        assert_eq!(faults.newest().unwrap().step, Step::Authenticate);
    }
}
