//! How the process starts and stops.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use weir_tests::weir::{WeirProcess, binary};

fn weir(args: &[&str]) -> Result<Output> {
    Ok(Command::new(binary()?).args(args).env_clear().env("HOME", "/nonexistent").output()?)
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn given_a_bad_command_line_or_config_when_started_then_it_exits_with_2_and_the_way_out() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("weir.toml");
    std::fs::write(&config, "[[brokers]]\nname = \"a\"\nurl = \"redis://h\"\npol_interval = \"5s\"\n")?;
    let config = config.display().to_string();
    for (args, part) in [
        (vec!["serve", "--bogus"], "--bogus"),
        (vec!["serve", "--listen", "0.0.0.0:9347"], "ssh -L"),
        (vec!["serve", "--listen", "nowhere"], "127.0.0.1:9347"),
        (vec!["serve", "--config", "/nonexistent/weir.toml"], "can't be read"),
        (vec!["serve", "--config", &config], "did you mean poll_interval"),
        (vec!["check", "--config", &config], "weir.toml:4"),
        (vec!["demo", "--listen", "10.0.0.1:1"], "loopback"),
    ] {
        let output = weir(&args)?;
        ensure!(output.status.code() == Some(2), "{args:?}: {:?} {}", output.status, stderr(&output));
        ensure!(stderr(&output).contains(part), "{args:?}: {}", stderr(&output));
        ensure!(output.stdout.is_empty(), "{args:?}");
    }
    Ok(())
}

#[test]
fn given_help_or_version_when_asked_then_it_exits_with_0() -> Result<()> {
    for args in [["--help"], ["--version"]] {
        let output = weir(&args)?;
        ensure!(output.status.success() && !output.stdout.is_empty(), "{args:?}");
    }
    Ok(())
}

#[test]
fn given_a_broker_that_is_not_there_when_checked_then_the_step_is_named_and_the_code_is_1() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("weir.toml");
    std::fs::write(&config, "[[brokers]]\nname = \"a\"\nurl = \"redis://127.0.0.1:1\"\n")?;
    let output = weir(&["check", "--config", &config.display().to_string()])?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.code() == Some(1), "{said}");
    ensure!(said.lines().any(|line| line.contains("connect") && line.contains("FAILED")), "{said}");
    Ok(())
}

#[tokio::test]
async fn given_an_open_stream_when_told_to_stop_then_it_stops_cleanly_within_ten_seconds() -> Result<()> {
    let mut weir = WeirProcess::start("[[brokers]]\nname = \"a\"\nurl = \"redis://127.0.0.1:1\"\n").await?;
    let stream = weir.client().get(format!("{}/api/v1/live", weir.url())).send().await?;
    let began = Instant::now();
    ensure!(weir.stop().await? == 0, "{}", weir.log()?);
    ensure!(began.elapsed() < Duration::from_secs(10));
    let end = tokio::time::timeout(Duration::from_secs(1), stream.bytes()).await?;
    ensure!(end.is_ok(), "the stream was cut, not ended");
    Ok(())
}

#[tokio::test]
async fn given_a_data_folder_in_use_when_a_second_starts_then_it_is_refused_and_the_first_goes_on()
-> Result<()> {
    let mut first = WeirProcess::start("[[brokers]]\nname = \"a\"\nurl = \"redis://127.0.0.1:1\"\n").await?;
    let data = first.data_dir().display().to_string();
    let config = first.data_dir().with_file_name("weir.toml").display().to_string();
    let second = weir(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data, "--config", &config])?;
    ensure!(
        second.status.code() == Some(1) && stderr(&second).contains("another weir"),
        "{}",
        stderr(&second)
    );
    first.get("/api/v1/brokers").await?;
    ensure!(first.stop().await? == 0);
    first.start_again().await?;
    ensure!(first.stop().await? == 0);
    Ok(())
}

#[tokio::test]
async fn given_a_secret_in_the_config_when_served_then_no_answer_and_no_log_holds_it() -> Result<()> {
    let config = "[[brokers]]\nname = \"a\"\nurl = \"redis://ana:hunter2@127.0.0.1:1\"\n\
                  [[brokers]]\nname = \"b\"\nurl = \"amqp://ana:hunter2@127.0.0.1:1\"\n";
    let mut weir = WeirProcess::start(config).await?;
    for path in ["/", "/settings", "/api/v1/brokers", "/metrics"] {
        let text = weir.call(reqwest::Method::GET, path, None).await?.text().await?;
        ensure!(!text.contains("hunter2"), "{path}");
    }
    weir.stop().await?;
    ensure!(!weir.log()?.contains("hunter2"), "{}", weir.log()?);
    Ok(())
}

#[tokio::test]
async fn given_a_demonstration_when_it_ends_then_nothing_of_it_is_left() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut process = Command::new(binary()?)
        .args(["demo", "--listen", "127.0.0.1:0"])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(process.stdout.take().context("standard output")?).read_line(&mut line)?;
    let said: Value = serde_json::from_str(&line)?;
    let url = said["url"].as_str().context("an address")?;
    let brokers: Value = reqwest::get(format!("{url}/api/v1/brokers")).await?.json().await?;
    ensure!(brokers["items"][0]["simulated"] == true, "{brokers}");
    ensure!(folder.path().read_dir()?.count() == 1);
    Command::new("kill").arg(process.id().to_string()).status()?;
    ensure!(process.wait()?.success());
    ensure!(folder.path().read_dir()?.count() == 0, "its data folder is still there");
    Ok(())
}
