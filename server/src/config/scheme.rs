//! What each URL scheme stands for: which settings it takes, which port it means.

use super::error::Fault;

/// A scheme of `url`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scheme {
    pub name: &'static str,
    /// Used where the URL names none; `None` where there is no server to reach.
    pub port: Option<u16>,
    /// Several hosts may be given, with commas.
    pub many_hosts: bool,
    /// Something may stand behind the host: a vhost, a database.
    pub path: bool,
    /// Settings that only some schemes take.
    pub takes: &'static [&'static str],
}

/// Settings that not every scheme takes; the others are taken by all.
pub(super) const PARTICULAR: [&str; 8] = [
    "management_url",
    "databases",
    "include",
    "options",
    "password_file",
    "tls_ca_file",
    "tls_cert_file",
    "tls_key_file",
];

const AMQP: &[&str] = &["management_url", "password_file", "tls_ca_file", "tls_cert_file", "tls_key_file"];
const REDIS: &[&str] = &["databases", "include", "password_file"];
const REDIS_TLS: &[&str] =
    &["databases", "include", "password_file", "tls_ca_file", "tls_cert_file", "tls_key_file"];
const KAFKA: &[&str] =
    &["options", "include", "password_file", "tls_ca_file", "tls_cert_file", "tls_key_file"];

const SCHEMES: [Scheme; 8] = [
    scheme("amqp", Some(5672), AMQP),
    scheme("amqps", Some(5671), AMQP),
    scheme("redis", Some(6379), REDIS),
    scheme("rediss", Some(6379), REDIS_TLS),
    scheme("valkey", Some(6379), REDIS),
    scheme("valkeys", Some(6379), REDIS_TLS),
    Scheme { many_hosts: true, path: false, ..scheme("kafka", Some(9092), KAFKA) },
    Scheme { path: false, ..scheme("demo", None, &[]) },
];

const fn scheme(name: &'static str, port: Option<u16>, takes: &'static [&'static str]) -> Scheme {
    Scheme { name, port, many_hosts: false, path: true, takes }
}

/// The scheme of that name.
pub(super) fn find(name: &str) -> Result<&'static Scheme, Fault> {
    if let Some(found) = SCHEMES.iter().find(|s| s.name == name) {
        return Ok(found);
    }
    let names = SCHEMES.map(|s| s.name).join(", ");
    // A text that is no scheme at all may be a password: it is not repeated.
    let is_word = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'));
    let shown = if is_word { format!("\"{name}\"") } else { "what stands before ://".to_owned() };
    Err(Fault::new(format!("{shown} is no scheme that Weir speaks"), format!("use one of {names}")))
}
