//! Which step on the way to the broker fails, found by taking the steps one by one.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use weir_model::Step;

use super::{client::CONNECT_TIMEOUT, settings::Settings};
use crate::brokers::{BrokerError, tls};

/// How to switch the management API on.
pub(super) const ENABLE_MANAGEMENT: &str =
    "enable it with: rabbitmq-plugins enable rabbitmq_management (or set management_url)";

/// A shorter wait for the second port, once the first has failed.
const SECOND_LOOK: Duration = Duration::from_secs(1);

/// Explains why the management API can't be reached.
pub(super) async fn unreachable(settings: &Settings, cause: reqwest::Error) -> BrokerError {
    let (host, port) = management_address(settings);
    let addresses = match resolve(&host, port).await {
        Ok(addresses) => addresses,
        Err(error) => return error,
    };
    if let Err(error) = connect(&addresses, CONNECT_TIMEOUT).await {
        let detail = if amqp_answers(settings).await {
            format!(
                "AMQP answers on {}:{}, but nothing answers on {host}:{port}, where the management API should be; \
                 {ENABLE_MANAGEMENT}",
                settings.host, settings.port
            )
        } else {
            format!("nothing answers on {host}:{port} ({error})")
        };
        return BrokerError::failed(Step::Connect, detail, cause);
    }
    if settings.management.starts_with("https://") {
        let why = match tls::explain(&cause, &host, &settings.files) {
            Some(why) => Some(why),
            None => tls::fault(&host, port, &settings.files).await,
        };
        let why = why.unwrap_or_else(|| innermost(&cause));
        let detail = format!("no TLS with the management API on {host}:{port}: {why}");
        return BrokerError::failed(Step::Tls, detail, cause);
    }
    let detail = format!("what listens on {host}:{port} does not answer by HTTP: {}", innermost(&cause));
    BrokerError::failed(Step::Connect, detail, cause)
}

/// Host and port of the management API.
pub(super) fn management_address(settings: &Settings) -> (String, u16) {
    let url = url::Url::parse(&settings.management).ok();
    let host = url.as_ref().and_then(url::Url::host_str).unwrap_or(&settings.host);
    let port = url.as_ref().and_then(url::Url::port_or_known_default).unwrap_or(15672);
    (host.trim_matches(['[', ']']).to_owned(), port)
}

/// Looks a host up.
pub(super) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, BrokerError> {
    let failed = |detail: String| BrokerError::failed_plainly(Step::Resolve, detail);
    match timeout(CONNECT_TIMEOUT, lookup_host((host, port))).await {
        Ok(Ok(found)) => {
            let addresses: Vec<SocketAddr> = found.collect();
            if addresses.is_empty() {
                Err(failed(format!("\"{host}\" has no address")))
            } else {
                Ok(addresses)
            }
        }
        Ok(Err(error)) => {
            Err(BrokerError::failed(Step::Resolve, format!("\"{host}\" can't be resolved: {error}"), error))
        }
        Err(_) => Err(failed(format!("\"{host}\" can't be resolved: no answer in time"))),
    }
}

/// Opens a TCP connection to the first address that takes one.
///
/// # Errors
/// Why the last address did not, in the system's words.
pub(super) async fn connect(addresses: &[SocketAddr], patience: Duration) -> Result<(), String> {
    let mut why = "no address".to_owned();
    for address in addresses {
        match timeout(patience, TcpStream::connect(address)).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => why = error.to_string(),
            Err(_) => why = "no answer in time".to_owned(),
        }
    }
    Err(why)
}

async fn amqp_answers(settings: &Settings) -> bool {
    match resolve(&settings.host, settings.port).await {
        Ok(addresses) => connect(&addresses, SECOND_LOOK).await.is_ok(),
        Err(_) => false,
    }
}

/// The last cause of an error: the one that says what happened.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
