//! One RabbitMQ, one Redis and one Kafka, each behind TLS with the same authority, for all tests of this binary.

use std::{fmt::Write as _, path::Path, time::Duration};

use anyhow::{Context as _, Result, anyhow};
use tokio::sync::OnceCell;
use weir::{
    brokers::{self, BrokerError, ObserveContext},
    config::{BrokerConfig, Secret},
};
use weir_model::{CheckStep, Observation};
use weir_tests::{
    brokers::{Kafka, KafkaSetup, Listener, RabbitMq, Redis},
    certificates::{Authority, Certificate},
    ports,
    scratch::Scratch,
};

/// The one address that the servers' certificates are for.
pub(crate) const HOST: &str = "127.0.0.1";
/// A user of Kafka's who may do everything, by PLAIN and by SCRAM, and the password.
pub(crate) const ADA: (&str, &str) = ("ada", "ada-secret");
/// Users of Kafka's without a right, `user-0`, `user-1`, …
const USERS: usize = 60;

/// Who vouches for whom.
pub(crate) struct Trust {
    pub authority: Authority,
    /// Nobody's.
    pub stranger: Authority,
    pub server: Certificate,
    pub client: Certificate,
    _folder: Scratch,
}

pub(crate) fn trust() -> Result<&'static Trust> {
    static TRUST: std::sync::OnceLock<Result<Trust, String>> = std::sync::OnceLock::new();
    let make = || {
        // Nothing else installs one in this process; a second test is welcome to find it there.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = Scratch::new("trust")?;
        let authority = Authority::new(folder.path(), "house")?;
        Ok(Trust {
            stranger: Authority::new(folder.path(), "stranger")?,
            server: authority.certify("server", &[HOST])?,
            client: authority.certify("weir", &[])?,
            authority,
            _folder: folder,
        })
    };
    TRUST
        .get_or_init(|| make().map_err(|error: anyhow::Error| format!("{error:#}")))
        .as_ref()
        .map_err(|text| anyhow!("{text}"))
}

impl Trust {
    /// As an operator would write it: the authority, and Weir's own certificate.
    pub(crate) fn config(&self, scheme: &str, port: u16) -> BrokerConfig {
        BrokerConfig {
            tls_ca_file: Some(self.authority.ca().to_owned()),
            tls_cert_file: Some(self.client.cert.clone()),
            tls_key_file: Some(self.client.key.clone()),
            ..plain(scheme, port)
        }
    }
}

pub(crate) fn plain(scheme: &str, port: u16) -> BrokerConfig {
    BrokerConfig::new("guarded", scheme, vec![(HOST.to_owned(), port)])
}

/// The same broker as another user.
pub(crate) fn by(config: &BrokerConfig, user: &str, password: &str) -> BrokerConfig {
    BrokerConfig { user: Some(user.to_owned()), password: Secret::new(password), ..config.clone() }
}

/// A node that wants certificates of its clients, by AMQPS and by HTTPS.
pub(crate) struct Rabbit {
    pub node: RabbitMq,
    pub amqps: u16,
    pub https: u16,
}

pub(crate) async fn rabbit() -> Result<&'static Rabbit> {
    static RABBIT: OnceCell<Rabbit> = OnceCell::const_new();
    let start = || async {
        let [amqps, https] = ports::free()?;
        let trust = trust()?;
        let mut settings = format!("listeners.ssl.1 = {HOST}:{amqps}\n");
        writeln!(settings, "management.ssl.ip = {HOST}\nmanagement.ssl.port = {https}")?;
        for prefix in ["ssl_options", "management.ssl"] {
            let files = [
                ("cacertfile", trust.authority.ca()),
                ("certfile", &trust.server.cert),
                ("keyfile", &trust.server.key),
            ];
            for (name, file) in files {
                writeln!(settings, "{prefix}.{name} = {}", file.display())?;
            }
            writeln!(settings, "{prefix}.verify = verify_peer\n{prefix}.fail_if_no_peer_cert = true")?;
        }
        anyhow::Ok(Rabbit { node: RabbitMq::start_with(&settings).await?, amqps, https })
    };
    RABBIT.get_or_try_init(start).await
}

/// A server that wants certificates of its clients at its TLS port, and tells of commands on lists.
pub(crate) struct Cache {
    pub redis: Redis,
    pub tls: u16,
}

pub(crate) async fn cache() -> Result<&'static Cache> {
    static CACHE: OnceCell<Cache> = OnceCell::const_new();
    let start = || async {
        let [tls] = ports::free()?;
        let trust = trust()?;
        let text = |path: &Path| path.display().to_string();
        let (port, ca) = (tls.to_string(), text(trust.authority.ca()));
        let (cert, key) = (text(&trust.server.cert), text(&trust.server.key));
        let settings = ["--tls-port", &port, "--tls-ca-cert-file", &ca];
        let own = ["--tls-cert-file", &cert, "--tls-key-file", &key];
        let events = ["--notify-keyspace-events", "Kl"];
        let all = [settings.as_slice(), &own, &events].concat();
        anyhow::Ok(Cache { redis: Redis::start_with(&all).await?, tls })
    };
    CACHE.get_or_try_init(start).await
}

/// A broker that asks everybody but those at its plain port for their rights.
pub(crate) struct Log {
    pub kafka: Kafka,
    pub ssl: u16,
    pub sasl: u16,
    pub sasl_ssl: u16,
}

pub(crate) async fn log() -> Result<&'static Log> {
    static LOG: OnceCell<Log> = OnceCell::const_new();
    let start = || async {
        let [ssl, sasl, sasl_ssl] = ports::free()?;
        let listener = |name: &'static str, port| Listener { name, protocol: name, port, advertised: port };
        let setup = KafkaSetup {
            listeners: vec![
                listener("SSL", ssl),
                listener("SASL_PLAINTEXT", sasl),
                listener("SASL_SSL", sasl_ssl),
            ],
            settings: kafka_settings(trust()?)?,
            scram: scram(),
        };
        anyhow::Ok(Log { kafka: Kafka::start_as(&setup).await?, ssl, sasl, sasl_ssl })
    };
    LOG.get_or_try_init(start).await
}

fn kafka_settings(trust: &Trust) -> Result<String> {
    let mut text = format!(
        "ssl.keystore.type=PEM\nssl.keystore.location={}\nssl.truststore.type=PEM\nssl.truststore.location={}\n\
         listener.name.ssl.ssl.client.auth=required\n\
         sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512\n\
         listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512\n\
         authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n\
         super.users=User:ANONYMOUS;User:CN=weir;User:{}\n",
        trust.server.both.display(),
        trust.authority.ca().display(),
        ADA.0
    );
    let modules = "org.apache.kafka.common.security";
    for listener in ["sasl_plaintext", "sasl_ssl"] {
        writeln!(
            text,
            "listener.name.{listener}.plain.sasl.jaas.config={modules}.plain.PlainLoginModule required user_{}=\"{}\";",
            ADA.0, ADA.1
        )?;
        for mechanism in ["scram-sha-256", "scram-sha-512"] {
            writeln!(
                text,
                "listener.name.{listener}.{mechanism}.sasl.jaas.config={modules}.scram.ScramLoginModule required;"
            )?;
        }
    }
    Ok(text)
}

fn scram() -> Vec<String> {
    let ada = ["SCRAM-SHA-256", "SCRAM-SHA-512"]
        .map(|mechanism| format!("{mechanism}=[name={},password={}]", ADA.0, ADA.1));
    let users = (0..USERS).map(|n| format!("SCRAM-SHA-256=[name=user-{n},password=secret]"));
    ada.into_iter().chain(users).collect()
}

/// One look, within a few seconds.
pub(crate) async fn observe(config: &BrokerConfig) -> Result<Observation, BrokerError> {
    let cx = ObserveContext { known: Vec::new(), budget: Duration::from_secs(5) };
    brokers::connect(config)?.observe(&cx).await
}

/// The steps of a connection test.
pub(crate) async fn check(config: &BrokerConfig) -> Result<Vec<CheckStep>> {
    Ok(brokers::connect(config)?.check().await)
}

/// The step that failed.
pub(crate) fn failed(steps: &[CheckStep]) -> Result<&CheckStep> {
    steps.iter().find(|step| step.passed == Some(false)).with_context(|| format!("all passed: {steps:#?}"))
}
