//! Connecting, and failing to.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::net::TcpListener;
use weir::{
    brokers::{BrokerError, ObserveContext},
    config::BrokerConfig,
};
use weir_model::Step;
use weir_tests::ports;

use crate::subject::{Subject, adapter};

const BUDGET: Duration = Duration::from_secs(4);

async fn refused(config: &BrokerConfig) -> Result<BrokerError> {
    let broker = adapter(config)?;
    let started = Instant::now();
    let cx = ObserveContext { known: vec![], budget: BUDGET };
    let answer = tokio::time::timeout(BUDGET * 3, broker.observe(&cx)).await;
    ensure!(answer.is_ok(), "observe is still at it after {:?}", started.elapsed());
    match answer? {
        Err(error) => Ok(error),
        Ok(seen) => anyhow::bail!("it was observed: {seen:?}"),
    }
}

fn elsewhere(mut config: BrokerConfig, port: u16) -> BrokerConfig {
    config.hosts = vec![("127.0.0.1".to_owned(), port)];
    config.management_url = config.management_url.map(|_| format!("http://127.0.0.1:{port}"));
    config
}

pub async fn given_a_good_config_when_checked_then_every_step_passes<S: Subject>(s: &S) -> Result<()> {
    let steps = adapter(&s.config())?.check().await;
    ensure!(!steps.is_empty() && steps.iter().all(|step| step.passed == Some(true)), "{steps:#?}");
    Ok(())
}

pub async fn given_a_wrong_password_when_observed_then_authentication_is_named<S: Subject>(
    s: &S,
) -> Result<()> {
    let Some(config) = s.wrong_password() else { return Ok(()) };
    let error = refused(&config).await?;
    ensure!(error.step() == Step::Authenticate, "{error:?}");
    ensure!(!error.to_string().contains("wrong-secret"), "the password is shown: {error}");
    let steps = adapter(&config)?.check().await;
    let failed: Vec<Step> = steps.iter().filter(|s| s.passed == Some(false)).map(|s| s.step).collect();
    ensure!(failed == [Step::Authenticate], "{steps:#?}");
    Ok(())
}

pub async fn given_nothing_that_listens_when_observed_then_connecting_is_named<S: Subject>(
    s: &S,
) -> Result<()> {
    let [port] = ports::free()?;
    let error = refused(&elsewhere(s.config(), port)).await?;
    ensure!(error.step() == Step::Connect, "{error:?}");
    ensure!(error.to_string().contains(&port.to_string()), "which address? {error}");
    Ok(())
}

pub async fn given_a_server_that_never_answers_when_observed_then_it_ends_in_time<S: Subject>(
    s: &S,
) -> Result<()> {
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let port = silent.local_addr()?.port();
    let holding = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = silent.accept().await {
            open.push(stream);
        }
    });
    let error = refused(&elsewhere(s.config(), port)).await;
    holding.abort();
    ensure!(!error?.to_string().is_empty(), "an error without words");
    Ok(())
}
