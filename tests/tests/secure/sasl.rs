//! Kafka's ways to log in.

use anyhow::{Context as _, Result, ensure};
use futures::future::try_join_all;
use weir::config::BrokerConfig;
use weir_model::Step;

use crate::house::{ADA, by, check, failed, log, observe, plain, trust};

fn option(mut config: BrokerConfig, name: &str, value: &str) -> BrokerConfig {
    config.options.insert(name.to_owned(), value.to_owned());
    config
}

/// By user and password, at the plain listener and at the encrypted one.
async fn doors() -> Result<[BrokerConfig; 2]> {
    let (trust, log) = (trust()?, log().await?);
    let encrypted =
        BrokerConfig { tls_ca_file: Some(trust.authority.ca().to_owned()), ..plain("kafka", log.sasl_ssl) };
    Ok([plain("kafka", log.sasl), encrypted].map(|config| by(&config, ADA.0, ADA.1)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_each_mechanism_when_connected_then_every_step_passes_and_says_who() -> Result<()> {
    let [open, encrypted] = doors().await?;
    let ways = [
        (open.clone(), "PLAIN"),
        (option(open.clone(), "sasl.mechanism", "SCRAM-SHA-256"), "SCRAM-SHA-256"),
        (option(open, "sasl.mechanisms", "SCRAM-SHA-512"), "SCRAM-SHA-512"),
        (encrypted.clone(), "PLAIN"),
        (option(encrypted, "sasl.mechanism", "SCRAM-SHA-512"), "SCRAM-SHA-512"),
    ];
    let checks = ways.into_iter().map(|(config, mechanism)| async move {
        let steps = check(&config).await?;
        ensure!(steps.iter().all(|step| step.passed == Some(true)), "{mechanism}: {steps:#?}");
        let login = steps.iter().find(|step| step.step == Step::Authenticate).context("a step")?;
        ensure!(login.detail == format!("{mechanism} as ada"), "{login:?}");
        observe(&config).await?;
        Ok(())
    });
    try_join_all(checks).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_login_that_fails_when_connected_then_authentication_is_named_and_no_password_is_shown()
-> Result<()> {
    let [open, encrypted] = doors().await?;
    let scram = |config: BrokerConfig| option(config, "sasl.mechanism", "SCRAM-SHA-512");
    let wrong = |config: &BrokerConfig| by(config, ADA.0, "wrong-secret");
    let tries = [
        (wrong(&open), "check user, password"),
        (scram(wrong(&open)), "check user, password"),
        (scram(wrong(&encrypted)), "check user, password"),
        (scram(by(&open, "nobody", "wrong-secret")), "as nobody"),
        (option(encrypted, "sasl.mechanism", "SCRAM-SHA-256"), "sasl.mechanism"),
    ];
    let checks = tries.into_iter().map(|(config, said)| async move {
        let steps = check(&config).await?;
        let failed = failed(&steps)?;
        ensure!(failed.step == Step::Authenticate && failed.detail.contains(said), "{said}: {steps:#?}");
        ensure!(!failed.detail.contains("wrong-secret"), "{failed:?}");
        let error = observe(&config).await.err().context("it was observed")?;
        ensure!(error.step() == Step::Authenticate && error.to_string().contains(said), "{error:?}");
        Ok(())
    });
    try_join_all(checks).await.map(drop)
}
