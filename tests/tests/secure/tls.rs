//! TLS to each kind: who vouches for whom, and what is said where nobody does.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result, ensure};
use futures::future::try_join_all;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use weir::config::BrokerConfig;
use weir_model::{CheckStep, Step};

use crate::house::{self, HOST, Trust, cache, check, failed, log, plain, rabbit, trust};

/// One encrypted way to a broker.
struct Way {
    config: BrokerConfig,
    /// A port of the same broker without TLS.
    plain: u16,
    /// The way leads by the management API, and AMQP stands beside it unencrypted.
    management: bool,
}

impl Way {
    fn towards(&self, host: &str, port: Option<u16>) -> BrokerConfig {
        let mut config = self.config.clone();
        if self.management {
            let own = config.management_url.as_deref().and_then(|url| url.rsplit_once(':'));
            let port = port.map_or_else(|| own.map_or("", |(_, port)| port).to_owned(), |p| p.to_string());
            config.management_url = Some(format!("https://{host}:{port}"));
        } else {
            config.hosts = vec![(host.to_owned(), port.unwrap_or(config.hosts[0].1))];
        }
        config
    }
}

async fn ways() -> Result<Vec<Way>> {
    let (trust, rabbit, cache, log) = (trust()?, rabbit().await?, cache().await?, log().await?);
    let plain_kafka = log.kafka.bootstrap().rsplit_once(':').context("a port")?.1.parse()?;
    let amqps = BrokerConfig {
        management_url: Some(rabbit.node.management_url()),
        ..trust.config("amqps", rabbit.amqps)
    };
    let https = BrokerConfig {
        management_url: Some(format!("https://{HOST}:{}", rabbit.https)),
        ..trust.config("amqp", rabbit.node.amqp_port())
    };
    let way = |config, plain| Way { config, plain, management: false };
    Ok(vec![
        way(amqps, rabbit.node.amqp_port()),
        Way { management: true, ..way(https, rabbit.node.management_port()) },
        way(trust.config("rediss", cache.tls), cache.redis.port()),
        way(trust.config("kafka", log.ssl), plain_kafka),
    ])
}

/// What goes wrong, and a part of what is said.
fn faults(trust: &Trust, way: &Way, expired: u16) -> Result<Vec<(BrokerConfig, &'static str)>> {
    let right = way.towards(HOST, None);
    let stranger = trust.stranger.certify("stranger", &[])?;
    Ok(vec![
        (BrokerConfig { tls_ca_file: None, ..right.clone() }, "give that one's certificate in tls_ca_file"),
        (
            BrokerConfig { tls_ca_file: Some(trust.stranger.ca().to_owned()), ..right.clone() },
            "not signed by an authority in tls_ca_file",
        ),
        (way.towards("localhost", None), "is for 127.0.0.1, not for localhost"),
        (
            BrokerConfig { tls_cert_file: None, tls_key_file: None, ..right.clone() },
            "give Weir's own in tls_cert_file and tls_key_file",
        ),
        (
            BrokerConfig { tls_cert_file: Some(stranger.cert), tls_key_file: Some(stranger.key), ..right },
            "refuses Weir's certificate",
        ),
        (way.towards(HOST, Some(expired)), "has expired"),
        (way.towards(HOST, Some(way.plain)), "speak TLS"),
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_own_certificates_when_connected_then_every_step_passes_and_tls_is_one_of_them() -> Result<()> {
    let checks = ways().await?.into_iter().map(|way| async move {
        let steps = check(&way.config).await?;
        ensure!(steps.iter().all(|step| step.passed == Some(true)), "{steps:#?}");
        ensure!(steps.iter().any(|step| step.step == Step::Tls), "{steps:#?}");
        let seen = house::observe(&way.config).await?;
        ensure!(!seen.version.is_empty(), "{}: which version?", way.config.display_url());
        Ok(())
    });
    try_join_all(checks).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_certificates_that_do_not_fit_when_connected_then_tls_is_named_with_the_reason_and_the_way_out()
-> Result<()> {
    let trust = trust()?;
    let expired = listening_with_an_expired_certificate(trust).await?;
    for way in ways().await? {
        let tries = faults(trust, &way, expired)?.into_iter().map(|(config, said)| async move {
            let steps = check(&config).await?;
            told(&steps, said)
                .with_context(|| format!("{} {:?}", config.display_url(), config.management_url))
        });
        try_join_all(tries).await?;
    }
    Ok(())
}

fn told(steps: &[CheckStep], said: &str) -> Result<()> {
    let failed = failed(steps)?;
    ensure!(failed.step == Step::Tls && failed.detail.contains(said), "not \"{said}\": {steps:#?}");
    let later = steps.iter().skip_while(|step| step.step != Step::Tls).skip(1);
    ensure!(later.clone().count() > 0 && later.clone().all(|step| step.passed.is_none()), "{steps:#?}");
    Ok(())
}

/// The poller says the same as the connection test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_an_unknown_authority_when_observed_then_the_card_would_say_so() -> Result<()> {
    for way in ways().await?.into_iter().filter(|way| way.config.scheme != "amqps") {
        let config = BrokerConfig { tls_ca_file: None, ..way.config };
        let error = house::observe(&config).await.err().context("it was observed")?;
        ensure!(error.step() == Step::Tls && error.to_string().contains("tls_ca_file"), "{error:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_plain_address_of_a_tls_port_when_checked_then_the_step_fails_with_words() -> Result<()> {
    let (cache, log, rabbit) = (cache().await?, log().await?, rabbit().await?);
    let amqp =
        BrokerConfig { management_url: Some(rabbit.node.management_url()), ..plain("amqp", rabbit.amqps) };
    for config in [amqp, plain("redis", cache.tls), plain("kafka", log.ssl)] {
        let steps = check(&config).await?;
        ensure!(!failed(&steps)?.detail.is_empty(), "{steps:#?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_broken_certificate_when_weir_checks_then_it_prints_the_failing_step() -> Result<()> {
    let (trust, cache) = (trust()?, cache().await?);
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("weir.toml");
    let entry = |name: &str, ca: &Path| {
        format!(
            "[[brokers]]\nname = \"{name}\"\nurl = \"rediss://{HOST}:{}\"\ntls_ca_file = \"{}\"\n\
             tls_cert_file = \"{}\"\ntls_key_file = \"{}\"\n",
            cache.tls,
            ca.display(),
            trust.client.cert.display(),
            trust.client.key.display()
        )
    };
    std::fs::write(&file, entry("good", trust.authority.ca()) + &entry("bad", trust.stranger.ca()))?;
    let output = tokio::process::Command::new(weir_tests::weir::binary()?)
        .args(["check", "--config"])
        .arg(&file)
        .output()
        .await?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.code() == Some(1), "{text}");
    let (good, bad) = text.split_once("bad rediss://").context("two brokers")?;
    ensure!(good.contains("TLS           ok") && !good.contains("FAILED"), "{text}");
    ensure!(bad.contains("TLS           FAILED") && bad.contains("tls_ca_file"), "{text}");
    ensure!(bad.contains("authenticate  not tried"), "{text}");
    Ok(())
}

/// A server that gets no further than its handshake.
async fn listening_with_an_expired_certificate(trust: &Trust) -> Result<u16> {
    let expired = trust.authority.certify_expired("expired", &[HOST])?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(
        vec![CertificateDer::from_pem_file(&expired.cert)?],
        PrivateKeyDer::from_pem_file(&expired.key)?,
    )?;
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind((HOST, 0)).await?);
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move { acceptor.accept(stream).await.map(drop) });
        }
    });
    Ok(port)
}
