//! Connections by AMQP, and what their failures mean.

use std::time::Duration;

use lapin::{
    Channel, Connection, ConnectionProperties, ErrorKind,
    protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError},
    tcp::{OwnedIdentity, OwnedTLSConfig},
    types::ShortString,
    uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo},
};
use tokio::time::timeout;
use weir_model::{Outcome, Step};

use super::{probe, settings::Settings};
use crate::brokers::{BrokerError, tls};

/// How long a connection may take to be open, TLS and login included.
const OPEN_TIMEOUT: Duration = Duration::from_secs(5);

/// How long one method may wait for its answer.
pub(super) const METHOD_TIMEOUT: Duration = Duration::from_secs(5);

/// How long closing may take; the broker closes by itself when the socket does.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The reply code of a normal end.
const OK: u16 = 200;

/// Opens connections to one broker.
#[derive(Debug)]
pub(super) struct Amqp {
    settings: Settings,
}

impl Amqp {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Opens a connection to a vhost; `purpose` is shown among the broker's connections.
    ///
    /// # Errors
    /// The step that failed.
    pub(super) async fn open(&self, vhost: &str, purpose: &str) -> Result<Connection, BrokerError> {
        let tls = self.tls().await?;
        let runtime = lapin::runtime::default_runtime()
            .map_err(|error| BrokerError::failed(Step::Connect, "AMQP can't start here", error))?;
        let properties =
            ConnectionProperties::default().with_connection_name(format!("weir: {purpose}").into());
        let connecting = Connection::connect_uri_with_config(self.uri(vhost), properties, tls, runtime);
        match timeout(OPEN_TIMEOUT, connecting).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(self.not_open(vhost, error).await),
            Err(_) => Err(BrokerError::Timeout {
                step: Step::Connect,
                outcome: Outcome::NotDone,
                detail: format!("{} accepts no AMQP connection in time", self.address()),
            }),
        }
    }

    fn address(&self) -> String {
        format!("{}:{}", self.settings.host, self.settings.port)
    }

    fn uri(&self, vhost: &str) -> AMQPUri {
        AMQPUri {
            scheme: if self.settings.tls { AMQPScheme::AMQPS } else { AMQPScheme::AMQP },
            authority: AMQPAuthority {
                userinfo: AMQPUserInfo {
                    username: self.settings.user.clone(),
                    password: self.settings.password.reveal().to_owned(),
                },
                host: self.settings.host.clone(),
                port: self.settings.port,
            },
            vhost: vhost.to_owned(),
            query: AMQPQueryString::default(),
        }
    }

    async fn tls(&self) -> Result<OwnedTLSConfig, BrokerError> {
        let unreadable = |error| BrokerError::failed(Step::Tls, "tls_ca_file is not PEM text", error);
        let cert_chain = match self.settings.files.ca_pem().await? {
            Some(pem) => Some(String::from_utf8(pem).map_err(unreadable)?),
            None => None,
        };
        let identity =
            self.settings.files.identity_pem().await?.map(|(pem, key)| OwnedIdentity::PKCS8 { pem, key });
        Ok(OwnedTLSConfig { identity, cert_chain })
    }

    /// Explains why a connection did not open.
    async fn not_open(&self, vhost: &str, error: lapin::Error) -> BrokerError {
        let user = &self.settings.user;
        let (step, detail) = match error.kind() {
            ErrorKind::ProtocolError(amqp) => match amqp.kind() {
                AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) => (
                    Step::Authenticate,
                    format!("RabbitMQ refuses user \"{user}\" by AMQP: {}", words(&error)),
                ),
                AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED) => (
                    Step::Permission,
                    format!("user \"{user}\" can't use vhost \"{vhost}\": {}", words(&error)),
                ),
                _ => (Step::Connect, format!("RabbitMQ closed the AMQP connection: {}", words(&error))),
            },
            _ => match probe::resolve(&self.settings.host, self.settings.port).await {
                Err(unresolved) => return unresolved,
                Ok(found) => match probe::connect(&found, Duration::from_secs(1)).await {
                    Err(why) => {
                        (Step::Connect, format!("nothing answers by AMQP on {}: {why}", self.address()))
                    }
                    Ok(()) if self.settings.tls => {
                        let Settings { host, port, files, .. } = &self.settings;
                        let why = match tls::explain(&error, host, files) {
                            Some(why) => Some(why),
                            None => tls::fault(host, *port, files).await,
                        };
                        let why = why.unwrap_or_else(|| words(&error));
                        (Step::Tls, format!("no TLS with {}: {why}", self.address()))
                    }
                    Ok(()) => {
                        (Step::Connect, format!("{} does not speak AMQP: {}", self.address(), words(&error)))
                    }
                },
            },
        };
        BrokerError::failed(step, detail, error)
    }
}

/// Opens a channel.
pub(super) async fn channel(connection: &Connection) -> Result<Channel, BrokerError> {
    answered(Step::Connect, "opening a channel", connection.create_channel()).await
}

/// Waits for the answer to a method that changes nothing, and explains the broker's refusal.
pub(super) async fn answered<T>(
    step: Step,
    what: &str,
    answer: impl Future<Output = lapin::Result<T>>,
) -> Result<T, BrokerError> {
    match timeout(METHOD_TIMEOUT, answer).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(refusal(step, what, error)),
        Err(_) => {
            let detail = format!("RabbitMQ did not answer in time: {what}");
            Err(BrokerError::Timeout { step, outcome: Outcome::NotDone, detail })
        }
    }
}

/// The broker's refusal of a method, or the end of the connection.
pub(super) fn refusal(step: Step, what: &str, error: lapin::Error) -> BrokerError {
    let ErrorKind::ProtocolError(amqp) = error.kind() else {
        return BrokerError::failed(step, format!("the AMQP connection broke ({what}): {error}"), error);
    };
    let text = format!("RabbitMQ refused ({what}): {}", words(&error));
    match amqp.kind() {
        AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND) => BrokerError::NotFound(text),
        AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) => {
            let detail = format!("{text}; {}", missing_permission(&text));
            BrokerError::failed(Step::Permission, detail, error)
        }
        AMQPErrorKind::Soft(_) => BrokerError::Refused(text),
        AMQPErrorKind::Hard(
            AMQPHardError::NOTALLOWED | AMQPHardError::NOTIMPLEMENTED | AMQPHardError::COMMANDINVALID,
        ) => BrokerError::Refused(text),
        AMQPErrorKind::Hard(_) => BrokerError::failed(step, text, error),
    }
}

/// Before 3.12 RabbitMQ does not say which of its three permissions is missing: Weir reads queues and writes to
/// exchanges, and configures nothing.
fn missing_permission(words: &str) -> &'static str {
    if words.contains("exchange '") {
        "the account needs the write permission on that exchange"
    } else {
        "the account needs the read permission on that queue"
    }
}

/// RabbitMQ's own words, as `NOT_FOUND - no exchange 'x' in vhost '/'`.
pub(super) fn words(error: &lapin::Error) -> String {
    match error.kind() {
        ErrorKind::ProtocolError(amqp) => amqp.get_message().to_string(),
        _ => error.to_string(),
    }
}

/// A text that AMQP limits to 255 bytes.
pub(super) fn short(field: &str, text: &str) -> Result<ShortString, BrokerError> {
    ShortString::try_new(text).map_err(|_| {
        BrokerError::field(field, format!("it has {} bytes, and AMQP takes at most 255", text.len()))
    })
}

/// Closes a channel: what is unacknowledged on it goes back to the queue, in order.
pub(super) async fn close_channel(channel: &Channel) {
    let closing = channel.close(OK, ShortString::from("done"));
    drop(timeout(CLOSE_TIMEOUT, closing).await);
}

/// Closes a connection; failing to do so politely changes nothing.
pub(super) async fn close(connection: &Connection) {
    let closing = connection.close(OK, ShortString::from("done"));
    drop(timeout(CLOSE_TIMEOUT, closing).await);
}
