//! TLS: the server's certificate, Weir's own, and what is said when either is wrong.

use std::{path::Path, process::Command, time::Duration};

use anyhow::{Context as _, Result, ensure};
use weir::{
    brokers::{self, ObserveContext},
    config::BrokerConfig,
};
use weir_model::Step;
use weir_tests::{brokers::Redis, ports};

use crate::config;

/// Makes a key and a certificate that signs itself, for 127.0.0.1, as server, as client and as authority.
fn certificate(folder: &Path, name: &str) -> Result<(String, String)> {
    let [cert, key] =
        ["cert", "key"].map(|kind| folder.join(format!("{name}.{kind}.pem")).display().to_string());
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=weir-tests", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", &key, "-out", &cert])
        .output()
        .context("openssl")?;
    ensure!(made.status.success(), "openssl: {}", String::from_utf8_lossy(&made.stderr));
    Ok((cert, key))
}

async fn step(config: &BrokerConfig) -> Result<Option<Step>> {
    let cx = ObserveContext { known: Vec::new(), budget: Duration::from_secs(3) };
    Ok(brokers::connect(config)?.observe(&cx).await.err().map(|error| error.step()))
}

#[tokio::test]
async fn given_a_server_with_tls_when_observed_then_certificates_decide() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (cert, key) = certificate(folder.path(), "server")?;
    let (stranger, _) = certificate(folder.path(), "stranger")?;
    let [port] = ports::free()?;
    let port_text = port.to_string();
    let settings = [
        "--tls-port",
        &port_text,
        "--tls-cert-file",
        &cert,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &cert,
    ];
    let _server = Redis::start_with(&settings).await?;
    let mut config = config(port);
    config.scheme = "rediss".to_owned();
    assert_eq!(step(&config).await?, Some(Step::Tls), "nobody vouches for this certificate");
    config.tls_ca_file = Some(stranger.into());
    assert_eq!(step(&config).await?, Some(Step::Tls), "another certificate vouches");
    config.tls_ca_file = Some(cert.clone().into());
    assert_eq!(step(&config).await?, Some(Step::Connect), "the server wants a certificate of ours");
    (config.tls_cert_file, config.tls_key_file) = (Some(cert.into()), Some(key.into()));
    assert_eq!(step(&config).await?, None);
    let checked = brokers::connect(&config)?.check().await;
    assert!(checked.iter().all(|step| step.passed == Some(true)), "{checked:?}");
    assert!(checked.iter().any(|step| step.step == Step::Tls), "{checked:?}");
    config.scheme = "redis".to_owned();
    assert!(step(&config).await?.is_some(), "without TLS nobody answers");
    Ok(())
}
