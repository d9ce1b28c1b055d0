//! The starters themselves: a broker lives, dies, comes back with its data, and never outlives the test process.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use weir_tests::{
    brokers::{BrokerServer, Kafka, RabbitMq, Redis},
    process::{Launch, Signal, Supervised},
    scratch::Scratch,
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
async fn given_a_supervisor_when_its_pipe_closes_then_the_child_is_gone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut child = Supervised::spawn(&sleeper(folder.path()))?;
    let process = PathBuf::from(format!("/proc/{}", child.pid()));
    ensure!(process.exists());
    child.abandon();
    let ended = || async { (!process.exists()).then_some(()) };
    wait::until("the child ends", Duration::from_secs(5), ended).await
}

#[tokio::test]
async fn given_a_folder_still_written_to_when_its_pipe_closes_then_it_is_gone() -> Result<()> {
    let mut scratch = Scratch::new("test")?;
    let folder = scratch.path().to_owned();
    scratch.abandon();
    // A broker that has been killed dies a little later, and may put a last file into a folder that it makes anew.
    let removed = || async { (!folder.exists()).then_some(()) };
    wait::until("the folder is removed", Duration::from_secs(5), removed).await?;
    std::fs::create_dir_all(folder.join("data"))?;
    wait::until("the folder is removed again", Duration::from_secs(5), removed).await
}

#[tokio::test]
async fn given_a_folder_when_dropped_then_it_and_its_guard_are_gone_at_once() -> Result<()> {
    let scratch = Scratch::new("test")?;
    let folder = scratch.path().to_owned();
    std::fs::write(folder.join("file"), "text")?;
    let began = Instant::now();
    drop(scratch);
    ensure!(!folder.exists() && began.elapsed() < Duration::from_millis(900));
    Ok(())
}

#[tokio::test]
async fn given_a_child_when_signalled_then_its_exit_code_is_told() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut child = Supervised::spawn(&sleeper(folder.path()))?;
    child.signal(Signal::Term)?;
    assert_eq!(child.ended(Duration::from_secs(5)).await?, 128 + 15);
    Ok(())
}

fn sleeper(folder: &Path) -> Launch {
    Launch {
        program: "sleep".into(),
        args: vec!["1000".into()],
        env: Vec::new(),
        folder: folder.to_owned(),
        name: "sleeper",
    }
}
