//! The starters themselves: a broker lives, dies, comes back with its data, and never outlives the test process.

use std::time::Duration;

use anyhow::Result;
use weir_tests::{
    brokers::{BrokerServer, Kafka, RabbitMq, Redis},
    process::{Launch, Signal, Supervised},
    wait,
};

/// Pauses, kills and starts it again; each step must leave it answering.
async fn survives(broker: &mut dyn BrokerServer) -> Result<()> {
    broker.pause()?;
    assert!(
        tokio::time::timeout(Duration::from_secs(3), broker.ready()).await.is_err(),
        "it answers while paused"
    );
    broker.resume()?;
    broker.ready().await?;
    broker.kill9().await?;
    broker.start_again().await?;
    broker.stop().await?;
    broker.start_again().await?;
    Ok(())
}

#[tokio::test]
async fn given_rabbitmq_when_paused_killed_and_stopped_then_it_comes_back() -> Result<()> {
    let mut node = RabbitMq::start().await?;
    survives(&mut node).await?;
    assert!(node.ctl(&["list_vhosts"])?.contains('/'));
    Ok(())
}

#[tokio::test]
async fn given_redis_when_paused_killed_and_stopped_then_it_comes_back() -> Result<()> {
    survives(&mut Redis::start().await?).await
}

#[tokio::test]
async fn given_kafka_when_paused_killed_and_stopped_then_it_comes_back() -> Result<()> {
    survives(&mut Kafka::start().await?).await
}

#[tokio::test]
async fn given_a_broken_setting_when_started_then_the_error_shows_the_log() {
    let error = Redis::start_with(&["--no-such-setting", "1"]).await.err().map(|e| format!("{e:#}"));
    assert!(error.as_ref().is_some_and(|text| text.contains("no-such-setting")), "{error:?}");
}

#[tokio::test]
async fn given_a_supervisor_when_its_pipe_closes_then_child_and_folder_are_gone() -> Result<()> {
    let folder = tempfile::tempdir()?.keep();
    let sleeper = Launch {
        program: "sleep".into(),
        args: vec!["1000".into()],
        env: Vec::new(),
        folder: folder.clone(),
        name: "sleeper",
    };
    let mut child = Supervised::spawn(&sleeper)?;
    let pid = child.pid();
    assert!(std::path::Path::new(&format!("/proc/{pid}")).exists());
    child.abandon();
    wait::until("the child ends", Duration::from_secs(5), || async {
        (!std::path::Path::new(&format!("/proc/{pid}")).exists() && !folder.exists()).then_some(())
    })
    .await
}

#[tokio::test]
async fn given_a_child_when_signalled_then_its_exit_code_is_told() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let sleeper = Launch {
        program: "sleep".into(),
        args: vec!["1000".into()],
        env: Vec::new(),
        folder: folder.path().to_owned(),
        name: "sleeper",
    };
    let mut child = Supervised::spawn(&sleeper)?;
    child.signal(Signal::Term)?;
    assert_eq!(child.ended(Duration::from_secs(5)).await?, 128 + 15);
    Ok(())
}
