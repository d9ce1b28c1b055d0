//! The management API over HTTP: requests, what they cost, and what their failures mean.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::Duration,
};

use bytes::Bytes;
use reqwest::{Certificate, Client, Identity, Response, StatusCode, redirect::Policy};
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use weir_model::{Outcome, Step};

use super::{
    probe,
    settings::Settings,
    wire::{Alarm, AlarmCheck, Failure},
};
use crate::brokers::BrokerError;

/// How long the TCP and TLS handshakes may take.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// How long one request may take where its caller sets no tighter limit.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// What a series of requests cost.
#[derive(Debug, Default)]
pub(super) struct Tally {
    requests: AtomicU32,
    bytes: AtomicU64,
}

impl Tally {
    pub(super) fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Bytes of answers received.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// A client of one broker's management API.
pub(super) struct Management {
    settings: Settings,
    /// Made when first needed, since certificates are read from files.
    client: OnceCell<Client>,
}

impl Management {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, client: OnceCell::new() }
    }

    /// Asks for `path` (below `/api/`, already encoded) and reads the JSON.
    ///
    /// # Errors
    /// `NotFound` for a 404, else the step that failed.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str, tally: &Tally) -> Result<T, BrokerError> {
        let (status, body) = self.fetch(path, tally).await?;
        match status {
            StatusCode::OK => self.read(path, &body),
            _ => Err(self.failure(path, status, &body, tally).await),
        }
    }

    /// The alarms in effect, which a health check answers with 503.
    ///
    /// # Errors
    /// As [`Management::get`]; `NotFound` before RabbitMQ 3.8.10.
    pub(super) async fn alarms(&self, tally: &Tally) -> Result<Vec<Alarm>, BrokerError> {
        let path = "health/checks/alarms";
        let (status, body) = self.fetch(path, tally).await?;
        match status {
            StatusCode::OK => Ok(Vec::new()),
            StatusCode::SERVICE_UNAVAILABLE => self.read::<AlarmCheck>(path, &body).map(|check| check.alarms),
            _ => Err(self.failure(path, status, &body, tally).await),
        }
    }

    async fn fetch(&self, path: &str, tally: &Tally) -> Result<(StatusCode, Bytes), BrokerError> {
        let response = self.send(path, tally).await?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| read_error(path, error))?;
        tally.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
        Ok((status, body))
    }

    fn read<T: DeserializeOwned>(&self, path: &str, body: &[u8]) -> Result<T, BrokerError> {
        serde_json::from_slice(body).map_err(|error| {
            let what = format!("{} does not answer as RabbitMQ's management API does", self.url(path));
            BrokerError::failed(Step::Read, what, error)
        })
    }

    async fn failure(&self, path: &str, status: StatusCode, body: &[u8], tally: &Tally) -> BrokerError {
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => self.refusal(path, body, tally).await,
            StatusCode::NOT_FOUND => {
                BrokerError::NotFound(format!("RabbitMQ has nothing at {}", self.url(path)))
            }
            _ => BrokerError::failed_plainly(
                Step::Read,
                format!("{} answered {status}: {}", self.url(path), reason(body)),
            ),
        }
    }

    async fn send(&self, path: &str, tally: &Tally) -> Result<Response, BrokerError> {
        let client = self.client.get_or_try_init(|| client(&self.settings)).await?;
        tally.requests.fetch_add(1, Ordering::Relaxed);
        let request =
            client.get(self.url(path)).basic_auth(&self.settings.user, Some(self.settings.password.reveal()));
        match request.send().await {
            Ok(response) => Ok(response),
            Err(error) if error.is_timeout() && !error.is_connect() => Err(read_error(path, error)),
            Err(error) => Err(probe::unreachable(&self.settings, error.without_url()).await),
        }
    }

    /// Tells a wrong password from a missing permission: both answer 401.
    async fn refusal(&self, path: &str, body: &[u8], tally: &Tally) -> BrokerError {
        let user = &self.settings.user;
        let who = if path == "whoami" {
            Err(reason(body))
        } else {
            match self.send("whoami", tally).await {
                Ok(response) if response.status().is_success() => Ok(()),
                Ok(response) => Err(reason(&response.bytes().await.unwrap_or_default())),
                Err(error) => return error,
            }
        };
        match who {
            Ok(()) => BrokerError::failed_plainly(
                Step::Permission,
                format!("user \"{user}\" may not see {}: {}", self.url(path), reason(body)),
            ),
            Err(reason) if reason.contains("management user") => BrokerError::failed_plainly(
                Step::Permission,
                format!(
                    "user \"{user}\" may not use the management API ({reason}); give it the tag: \
                     rabbitmqctl set_user_tags {user} monitoring"
                ),
            ),
            Err(reason) => BrokerError::failed_plainly(
                Step::Authenticate,
                format!("RabbitMQ refuses user \"{user}\": {reason} (check user and password)"),
            ),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/{path}", self.settings.management)
    }
}

async fn client(settings: &Settings) -> Result<Client, BrokerError> {
    let broken =
        |error: reqwest::Error| BrokerError::failed(Step::Tls, "the certificate files can't be used", error);
    let mut builder = Client::builder()
        .user_agent(concat!("weir/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        // A redirect could carry the password to another host; AMQP knows no proxies either.
        .redirect(Policy::none())
        .no_proxy();
    builder = match settings.files.ca_pem().await? {
        Some(ca) => builder.tls_certs_only(Certificate::from_pem_bundle(&ca).map_err(broken)?),
        // Without TLS the system's certificates must not matter: a small host may have none.
        None if settings.management.starts_with("http://") => builder.tls_certs_only([]),
        None => builder,
    };
    if let Some((cert, key)) = settings.files.identity_pem().await? {
        let pem = [cert.as_slice(), b"\n", key.as_slice()].concat();
        builder = builder.identity(Identity::from_pem(&pem).map_err(broken)?);
    }
    builder.build().map_err(broken)
}

fn read_error(path: &str, error: reqwest::Error) -> BrokerError {
    let error = error.without_url();
    if error.is_timeout() {
        let detail = format!("the management API did not answer GET /api/{path} in time");
        return BrokerError::Timeout { step: Step::Read, outcome: Outcome::NotDone, detail };
    }
    BrokerError::failed(Step::Read, format!("the answer to GET /api/{path} broke off"), error)
}

/// RabbitMQ's own words in the body of an error.
fn reason(body: &[u8]) -> String {
    let failure: Failure = serde_json::from_slice(body).unwrap_or_default();
    match failure.reason {
        Some(serde_json::Value::String(text)) => text,
        Some(other) => other.to_string(),
        None => "no reason given".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_the_body_of_an_error_when_read_then_the_brokers_words_come_out() {
        assert_eq!(reason(br#"{"error":"not_authorised","reason":"Not monitor user"}"#), "Not monitor user");
        assert_eq!(reason(b"<html>"), "no reason given");
    }
}
