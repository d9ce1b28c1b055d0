//! Brokers on this machine, looked for where none is configured.
//!
//! Each address is asked in the broker's own protocol, since an open port alone says little.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use weir_app::overview::api::Detection;

use super::{BrokerConfig, Secret};

/// An address on this machine answers at once, or not at all.
const ANSWER_WITHIN: Duration = Duration::from_millis(1500);
const HOST: &str = "127.0.0.1";

/// A broker that may be there.
struct Candidate {
    what: &'static str,
    name: &'static str,
    scheme: &'static str,
    port: u16,
    /// RabbitMQ's management port, asked beside the broker's own.
    management: Option<u16>,
    greeting: &'static [u8],
    /// What an answer to the greeting means; `None` = another software.
    understand: fn(&[u8]) -> Option<&'static str>,
}

const CANDIDATES: [Candidate; 3] = [
    Candidate {
        what: "RabbitMQ",
        name: "rabbitmq",
        scheme: "amqp",
        port: 5672,
        management: Some(15672),
        greeting: b"AMQP\0\0\x09\x01",
        understand: understand_amqp,
    },
    Candidate {
        what: "Redis",
        name: "redis",
        scheme: "redis",
        port: 6379,
        management: None,
        greeting: b"PING\r\n",
        understand: understand_redis,
    },
    Candidate {
        what: "Kafka",
        name: "kafka",
        scheme: "kafka",
        port: 9092,
        management: None,
        greeting: API_VERSIONS,
        understand: understand_kafka,
    },
];

/// Kafka's ApiVersions request, version 0: size, key 18, version, correlation id "weir", no client id.
const API_VERSIONS: &[u8] = b"\0\0\0\x0a\0\x12\0\0weir\xff\xff";

/// Looks at all addresses at the same time; gives the brokers found and what each address said.
pub async fn detect() -> (Vec<BrokerConfig>, Vec<Detection>) {
    let looks = CANDIDATES.iter().map(look);
    let mut brokers = Vec::new();
    let mut detections = Vec::new();
    for (candidate, answer) in CANDIDATES.iter().zip(futures::future::join_all(looks).await) {
        brokers.extend(answer.is_ok().then(|| configured(candidate)));
        detections.push(Detection {
            what: candidate.what.to_owned(),
            address: address(candidate),
            found: answer.is_ok(),
            detail: answer.unwrap_or_else(|reason| reason),
        });
    }
    (brokers, detections)
}

/// The demonstration that serves where nothing was found.
#[must_use]
pub fn demo() -> BrokerConfig {
    BrokerConfig::new("demo", "demo", Vec::new())
}

fn configured(candidate: &Candidate) -> BrokerConfig {
    let hosts = vec![(HOST.to_owned(), candidate.port)];
    let mut config = BrokerConfig::new(candidate.name, candidate.scheme, hosts);
    config.auto_detected = true;
    if let Some(port) = candidate.management {
        config.management_url = Some(format!("http://{HOST}:{port}"));
        (config.user, config.password) = (Some("guest".to_owned()), Secret::new("guest"));
    }
    if candidate.scheme == "redis" {
        config.databases = vec![0];
    }
    config
}

fn address(candidate: &Candidate) -> String {
    match candidate.management {
        Some(port) => format!("{HOST}:{} with management on {port}, as guest", candidate.port),
        None => format!("{HOST}:{}", candidate.port),
    }
}

/// What answered, or why nothing did.
async fn look(candidate: &Candidate) -> Result<String, String> {
    let silent = || format!("no answer within {} ms", ANSWER_WITHIN.as_millis());
    let greeted = timeout(ANSWER_WITHIN, greet(candidate)).await.map_err(|_| silent())??;
    let Some(port) = candidate.management else { return Ok(greeted.to_owned()) };
    let management = match timeout(ANSWER_WITHIN, ask_management(port)).await {
        Ok(answer) => answer,
        Err(_) => format!("management on {port} does not answer"),
    };
    Ok(format!("{greeted}; {management}"))
}

async fn greet(candidate: &Candidate) -> Result<&'static str, String> {
    let nothing = |error: std::io::Error| format!("nothing listens there: {error}");
    let mut stream = TcpStream::connect((HOST, candidate.port)).await.map_err(nothing)?;
    stream.write_all(candidate.greeting).await.map_err(|e| format!("it hung up: {e}"))?;
    let mut answer = [0; 64];
    let read = stream.read(&mut answer).await.map_err(|e| format!("it hung up: {e}"))?;
    (candidate.understand)(&answer[..read])
        .ok_or_else(|| format!("what listens there does not speak {}", candidate.what))
}

async fn ask_management(port: u16) -> String {
    let request = reqwest::Client::new()
        .get(format!("http://{HOST}:{port}/api/overview"))
        .basic_auth("guest", Some("guest"))
        .send()
        .await;
    match request.map(|answer| answer.status().as_u16()) {
        Ok(200) => "management answers guest".to_owned(),
        Ok(401) => "management refuses guest: configure the broker with an account".to_owned(),
        Ok(status) => format!("management on {port} answers {status}"),
        Err(_) => format!("management on {port} does not answer: enable the plugin rabbitmq_management"),
    }
}

/// The broker opens with a method frame (`Connection.Start`).
fn understand_amqp(answer: &[u8]) -> Option<&'static str> {
    (answer.first() == Some(&1)).then_some("speaks AMQP 0-9-1")
}

fn understand_redis(answer: &[u8]) -> Option<&'static str> {
    if answer.starts_with(b"+PONG") {
        return Some("answers PING");
    }
    // -NOAUTH, -DENIED: it is Redis, and the card will say what it wants.
    answer.starts_with(b"-").then_some("answers PING with an error: it may want a password")
}

/// The answer repeats the correlation id after its size.
fn understand_kafka(answer: &[u8]) -> Option<&'static str> {
    (answer.get(4..8) == Some(b"weir")).then_some("answers ApiVersions")
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A server that answers everything with `answer`.
    async fn server(answer: &'static [u8]) -> u16 {
        let listener = TcpListener::bind((HOST, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut greeting = [0; 64];
                let _ = stream.read(&mut greeting).await;
                let _ = stream.write_all(answer).await;
            }
        });
        port
    }

    async fn look_at(n: usize, answer: &'static [u8]) -> Result<String, String> {
        look(&Candidate { port: server(answer).await, management: None, ..CANDIDATES[n] }).await
    }

    #[tokio::test]
    async fn given_servers_when_looked_at_then_only_their_own_protocol_counts() {
        assert!(look_at(0, b"\x01\0\0").await.is_ok());
        assert!(look_at(0, b"AMQP\0\x01\0\0").await.is_err_and(|e| e.contains("does not speak RabbitMQ")));
        assert!(look_at(1, b"-NOAUTH Authentication required.\r\n").await.is_ok());
        assert!(look_at(1, b"HTTP/1.1 400 Bad Request\r\n").await.is_err());
        assert!(look_at(2, b"\0\0\0\x10weir\0\0").await.is_ok());
        assert!(look_at(2, b"").await.is_err());
    }

    #[tokio::test]
    async fn given_a_closed_port_when_looked_at_then_it_is_said() {
        let port = TcpListener::bind((HOST, 0)).await.and_then(|l| l.local_addr()).expect("a port").port();
        let said = look(&Candidate { port, ..CANDIDATES[1] }).await;
        assert!(said.is_err_and(|e| e.contains("nothing listens there")));
    }
}
