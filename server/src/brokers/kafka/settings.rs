//! From the configuration to librdkafka's settings.

use rdkafka::{ClientConfig, config::RDKafkaLogLevel, error::KafkaError};

use crate::{
    brokers::{BrokerError, tls},
    config::BrokerConfig,
};

const CA: &str = "ssl.ca.location";
const CERTIFICATE: &str = "ssl.certificate.location";
const KEY: &str = "ssl.key.location";
const MECHANISM: &str = "sasl.mechanism";

/// Settings that Weir's own promises rest on, with the reason why the configuration can't change them.
const OURS: [(&str, &str); 6] = [
    ("bootstrap.servers", "the hosts stand in url"),
    ("allow.auto.create.topics", "Weir never creates a topic"),
    ("enable.auto.commit", "Weir reads without leaving a group behind"),
    ("enable.auto.offset.store", "Weir reads without leaving a group behind"),
    ("enable.partition.eof", "Weir has to know where a partition ends"),
    ("transactional.id", "Weir writes no transactions"),
];

/// Ways to log in that need nothing but a user and a password.
const MECHANISMS: [&str; 3] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];

/// What a client is made from.
#[derive(Clone)]
pub(super) struct Settings {
    base: ClientConfig,
    pub(super) hosts: Vec<(String, u16)>,
    /// Connections are encrypted.
    pub(super) tls: bool,
    /// The certificates in use, wherever they are configured.
    pub(super) files: tls::Files,
    /// Who logs in by SASL, and how; `None` where nobody does.
    pub(super) sasl: Option<String>,
}

impl Settings {
    /// # Errors
    /// A setting that librdkafka does not know, or that can't be changed, by its name.
    pub(super) fn new(config: &BrokerConfig) -> Result<Self, BrokerError> {
        for (key, reason) in OURS {
            if config.options.contains_key(key) {
                return Err(option_error(key, format!("can't be set: {reason}")));
            }
        }
        let hosts: Vec<String> = config.hosts.iter().map(|(host, port)| format!("{host}:{port}")).collect();
        let mut base = ClientConfig::new();
        base.set("bootstrap.servers", hosts.join(","))
            .set("client.id", "weir")
            .set("allow.auto.create.topics", "false")
            // A broker that comes back is seen within one interval, not after librdkafka's ten seconds.
            .set("reconnect.backoff.max.ms", "2000")
            .set("socket.connection.setup.timeout.ms", "5000")
            .set("acks", "all")
            .set("message.timeout.ms", "10000")
            // How large a message may be is for the broker to say, topic by topic.
            .set("message.max.bytes", "100000000")
            .set_log_level(RDKafkaLogLevel::Info);
        set_security(&mut base, config);
        for (key, value) in &config.options {
            // librdkafka has two names for it, and which of them would win is left to chance.
            base.set(if key == "sasl.mechanisms" { MECHANISM } else { key }, value);
        }
        base.create_native_config().map_err(config_error)?;
        let protocol = base.get("security.protocol").unwrap_or("plaintext").to_ascii_lowercase();
        let sasl = protocol.contains("sasl").then(|| sasl(&base)).transpose()?;
        let file = |key| base.get(key).map(Into::into);
        let files = tls::Files { ca: file(CA), cert: file(CERTIFICATE), key: file(KEY) };
        Ok(Self { hosts: config.hosts.clone(), tls: protocol.contains("ssl"), files, sasl, base })
    }

    /// For the client that observes, publishes and purges.
    pub(super) fn producer(&self) -> ClientConfig {
        self.base.clone()
    }

    /// For a client that reads one page of messages and goes away again.
    ///
    /// librdkafka wants a group's name even where partitions are assigned by hand; since it neither joins nor
    /// commits, no group comes into being on the broker.
    pub(super) fn reader(&self, read_committed: bool) -> ClientConfig {
        let mut config = self.base.clone();
        config
            .set("group.id", "weir")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "error")
            .set("isolation.level", if read_committed { "read_committed" } else { "read_uncommitted" })
            .set("fetch.wait.max.ms", "50")
            .set("fetch.queue.backoff.ms", "1")
            .set("queued.max.messages.kbytes", "4096");
        // These belong to producers, and would only be warned about.
        for key in ["acks", "message.timeout.ms"] {
            config.remove(key);
        }
        config
    }
}

fn set_security(base: &mut ClientConfig, config: &BrokerConfig) {
    let mut protocol = None;
    let files =
        [(CA, &config.tls_ca_file), (CERTIFICATE, &config.tls_cert_file), (KEY, &config.tls_key_file)];
    for (key, file) in files {
        if let Some(file) = file {
            base.set(key, file.display().to_string());
            protocol = Some("ssl");
        }
    }
    if let Some(user) = &config.user {
        base.set("sasl.username", user)
            .set("sasl.password", config.password.reveal())
            .set(MECHANISM, "PLAIN");
        protocol = Some(if protocol.is_some() { "sasl_ssl" } else { "sasl_plaintext" });
    }
    if let Some(protocol) = protocol {
        base.set("security.protocol", protocol);
    }
}

/// Who logs in, and how.
fn sasl(base: &ClientConfig) -> Result<String, BrokerError> {
    let mechanism = base.get(MECHANISM).unwrap_or("GSSAPI");
    if !MECHANISMS.contains(&mechanism) {
        let known = MECHANISMS.join(", ");
        let message = format!(
            "Weir is built without {mechanism} (the default is GSSAPI, Kerberos): use one of {known}"
        );
        // What is no mechanism may be a password in the wrong place.
        let is_one = matches!(mechanism, "GSSAPI" | "OAUTHBEARER");
        let message = if is_one { message } else { format!("it is none of {known}") };
        return Err(option_error(MECHANISM, message));
    }
    match base.get("sasl.username") {
        Some(user) => Ok(format!("{mechanism} as {user}")),
        None => Err(BrokerError::field("url", "SASL needs a user: write kafka://user:password@host:port")),
    }
}

/// librdkafka's own words, at the option they are about. The value stays out: it may be a password.
pub(super) fn config_error(error: KafkaError) -> BrokerError {
    match error {
        KafkaError::ClientConfig(_, words, key, value) => {
            let words = if value.is_empty() { words } else { words.replace(&value, "the value given") };
            option_error(&key, words)
        }
        KafkaError::ClientCreation(words) => BrokerError::field("options", words),
        other => BrokerError::field("options", other.to_string()),
    }
}

fn option_error(key: &str, message: impl Into<String>) -> BrokerError {
    BrokerError::field(format!("options.\"{key}\""), message)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::config::Secret;

    fn config(options: &[(&str, &str)]) -> BrokerConfig {
        let mut config =
            BrokerConfig::new("log", "kafka", vec![("a".to_owned(), 9092), ("b".to_owned(), 9093)]);
        config.options = options.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        config
    }

    #[test]
    fn given_options_when_set_up_then_librdkafka_gets_them() {
        let settings = Settings::new(&config(&[("socket.timeout.ms", "1234")])).unwrap();
        let producer = settings.producer();
        assert_eq!(producer.get("socket.timeout.ms"), Some("1234"));
        assert_eq!(producer.get("bootstrap.servers"), Some("a:9092,b:9093"));
        assert_eq!(producer.get("allow.auto.create.topics"), Some("false"));
        assert_eq!((settings.tls, settings.sasl), (false, None));
    }

    #[test]
    fn given_an_unknown_option_when_set_up_then_the_error_names_it() {
        let error = Settings::new(&config(&[("scoket.timeout.ms", "1")])).err().unwrap().to_string();
        assert!(error.contains("options.\"scoket.timeout.ms\""), "{error}");
    }

    #[test]
    fn given_an_option_that_breaks_a_promise_when_set_up_then_it_is_refused_with_the_reason() {
        let error =
            Settings::new(&config(&[("allow.auto.create.topics", "true")])).err().unwrap().to_string();
        assert!(error.contains("never creates a topic"), "{error}");
    }

    #[test]
    fn given_a_bad_secret_when_refused_then_the_error_does_not_hold_it() {
        let options = [("sasl.mechanism", "hunter2"), ("security.protocol", "SASL_SSL")];
        let error = Settings::new(&config(&options)).err().unwrap().to_string();
        assert!(error.contains("options.\"sasl.mechanism\"") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn given_kerberos_or_no_user_when_set_up_then_the_way_out_is_named() {
        let refused = |options: &[_]| Settings::new(&config(options)).err().unwrap().to_string();
        let protocol = ("security.protocol", "sasl_plaintext");
        assert!(refused(&[protocol]).contains("use one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512"));
        assert!(refused(&[protocol, ("sasl.mechanism", "PLAIN")]).contains("kafka://user:password@host"));
    }

    #[test]
    fn given_either_name_of_the_mechanism_when_set_up_then_it_goes_over_the_default() {
        for name in ["sasl.mechanism", "sasl.mechanisms"] {
            let mut config = config(&[(name, "SCRAM-SHA-512")]);
            (config.user, config.password) = (Some("ada".to_owned()), Secret::new("s3cret"));
            assert_eq!(Settings::new(&config).unwrap().sasl.as_deref(), Some("SCRAM-SHA-512 as ada"));
        }
    }

    #[test]
    fn given_a_user_in_the_address_when_set_up_then_it_logs_in_by_sasl() {
        let mut config = config(&[]);
        config.user = Some("ada".to_owned());
        config.password = Secret::new("s3cret");
        let settings = Settings::new(&config).unwrap();
        assert_eq!(settings.sasl.as_deref(), Some("PLAIN as ada"));
        assert_eq!(settings.producer().get("security.protocol"), Some("sasl_plaintext"));
    }
}
