//! What the machine does to Weir itself: the disk is full, the folder can't be written, somebody else holds the
//! database.

use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};
use tokio::time::{Instant, sleep};
use weir_model::Timestamp;
use weir_tests::{
    brokers::{BrokerServer as _, Redis},
    clients::redis as cache,
    machine::Machine,
    namespace::{self, Own},
    wait,
    weir::{WeirProcess, queue_path},
};

use crate::{house::card_when, onlooker::Onlooker, truth::points};

const UP_WITHIN: Duration = Duration::from_secs(20);
/// A lock is waited for twice at most: by a write, and by reading the ledger again.
const WRITES_AGAIN_WITHIN: Duration = Duration::from_secs(25);

/// A Redis that is observed as two brokers.
async fn watched() -> Result<(Redis, String)> {
    let redis = Redis::start().await?;
    cache::push(&mut cache::connect(&redis.url()).await?, "held", 5).await?;
    let config = ["a", "b"].map(|name| format!("{}poll_interval = \"2s\"\n", redis.config(name))).concat();
    Ok((redis, config))
}

async fn up(weir: &WeirProcess) -> Result<()> {
    for broker in ["a", "b"] {
        card_when(weir, broker, "is up", UP_WITHIN, |card| card["status"] == "up").await?;
    }
    Ok(())
}

fn pages() -> Vec<String> {
    ["/", "/queues", "/brokers/a/queues/0:list:held"].map(str::to_owned).to_vec()
}

fn says_not_written(card: &Value) -> bool {
    let facts = card["health"].as_array();
    facts.is_some_and(|facts| facts.iter().any(|fact| fact["code"] == "history_not_written"))
}

/// The card says that the charts may have a hole, while figures go on; then all is written again.
async fn hole_is_said(weir: &WeirProcess) -> Result<()> {
    for broker in ["a", "b"] {
        card_when(weir, broker, "says that history is not written", UP_WITHIN, says_not_written).await?;
    }
    let page = weir.call(Method::GET, "/", None).await?.text().await?;
    ensure!(page.contains("the charts may have a hole"), "the overview does not say it: {page}");
    let (status, _) = weir.answer(Method::GET, "/readyz", None).await?;
    ensure!(status == 503, "ready without history: {status}");
    Ok(())
}

async fn heals(weir: &WeirProcess) -> Result<()> {
    let ended = Instant::now();
    for broker in ["a", "b"] {
        card_when(weir, broker, "is written again", WRITES_AGAIN_WITHIN, |card| !says_not_written(card))
            .await?;
    }
    eprintln!("broken: history is written again after {:?}", ended.elapsed());
    // It tells once more of what was lost.
    wait::until("it is ready", Duration::from_secs(5), || async {
        weir.call(Method::GET, "/readyz", None).await.ok().filter(|answer| answer.status() == 200)
    })
    .await?;
    let from = Timestamp(Timestamp::now().0 - 600_000);
    let points = points(weir, &queue_path("a", &["0", "list", "held"]), "depth", from).await?;
    ensure!(
        points.iter().rev().take(4).any(|point| point["last"].is_number()),
        "no points since: {points:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_database_that_another_process_holds_when_observed_then_figures_go_on_and_the_hole_is_said()
-> Result<()> {
    let (redis, config) = watched().await?;
    let mut weir = WeirProcess::start(&config).await?;
    up(&weir).await?;
    sleep(Duration::from_secs(4)).await;
    let file = format!("sqlite://{}", weir.data_dir().join("weir.db").display());
    let mut other = SqliteConnection::connect(&file).await?;
    sqlx::query("begin exclusive").execute(&mut other).await?;
    let onlooker = Onlooker::start(weir.url(), &["a", "b"], pages());
    let locked = Instant::now();
    hole_is_said(&weir).await?;
    cache::push(&mut cache::connect(&redis.url()).await?, "held", 2).await?;
    let seen = |row: &Value| (row["depth"] == 7).then_some(());
    let path = queue_path("b", &["0", "list", "held"]);
    weir.until("a change is seen", Duration::from_secs(6), &path, seen).await?;
    tokio::time::sleep_until(locked + Duration::from_secs(20)).await;
    sqlx::query("rollback").execute(&mut other).await?;
    onlooker.ensure_undisturbed("a locked database").await?;
    heals(&weir).await?;
    ensure!(weir.stop().await? == 0, "{}", weir.log()?);
    Ok(())
}

#[test]
fn given_a_disk_that_is_full_when_observed_then_figures_go_on_and_the_hole_is_said() -> Result<()> {
    let test = "machine::given_a_disk_that_is_full_when_observed_then_figures_go_on_and_the_hole_is_said";
    namespace::with(Own::Mounts, test, async {
        let disk = tempfile::tempdir()?;
        run("mount", &["-t", "tmpfs", "-o", "size=8m", "tmpfs"], disk.path())?;
        let (_redis, config) = watched().await?;
        let mut weir = WeirProcess::start_in(&disk.path().join("data"), &config).await?;
        up(&weir).await?;
        sleep(Duration::from_secs(4)).await;
        let filler = disk.path().join("filler");
        let full = fs::write(&filler, vec![0; 9 << 20]).is_err();
        ensure!(full, "the disk takes more than 8 MB");
        let onlooker = Onlooker::start(weir.url(), &["a", "b"], pages());
        hole_is_said(&weir).await?;
        noted_or_not_done(&weir).await?;
        sleep(Duration::from_secs(4)).await;
        onlooker.ensure_undisturbed("a full disk").await?;
        fs::remove_file(&filler)?;
        heals(&weir).await?;
        weir.kill9().await?;
        weir.start_again().await?;
        up(&weir).await?;
        ensure!(weir.stop().await? == 0, "{}", weir.log()?);
        Ok(())
    })
}

/// A small row may still find room. Where it does not, nothing may have been done.
async fn noted_or_not_done(weir: &WeirProcess) -> Result<()> {
    let queue = queue_path("a", &["0", "list", "held"]);
    let body = json!({"body": {"data": "x"}});
    let (status, answer) = weir.answer(Method::POST, &format!("{queue}/messages"), Some(&body)).await?;
    let depth = match status {
        200 => 6,
        503 => 5,
        _ => anyhow::bail!("{status} {answer}"),
    };
    sleep(Duration::from_secs(4)).await;
    let row = weir.get(&queue).await?;
    ensure!(row["depth"] == depth, "{status} {answer}, and then {row:#}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_folder_that_becomes_read_only_when_observed_then_figures_go_on_and_the_hole_is_said()
-> Result<()> {
    let (redis, config) = watched().await?;
    let (machine, folder) = (Machine::new()?, tempfile::tempdir()?);
    let mut weir = WeirProcess::start_on(&machine, &folder.path().join("data"), &config).await?;
    up(&weir).await?;
    let onlooker = Onlooker::start(weir.url(), &["a", "b"], pages());
    machine.set_read_only(true)?;
    hole_is_said(&weir).await?;
    cache::push(&mut cache::connect(&redis.url()).await?, "held", 2).await?;
    let seen = |row: &Value| (row["depth"] == 7).then_some(());
    let path = queue_path("b", &["0", "list", "held"]);
    weir.until("a change is seen", Duration::from_secs(6), &path, seen).await?;
    machine.set_read_only(false)?;
    onlooker.ensure_undisturbed("a read-only folder").await?;
    heals(&weir).await?;
    ensure!(weir.stop().await? == 0, "{}", weir.log()?);
    Ok(())
}

#[test]
fn given_a_folder_that_can_not_be_written_when_started_then_it_is_refused_in_words() -> Result<()> {
    let test = "machine::given_a_folder_that_can_not_be_written_when_started_then_it_is_refused_in_words";
    namespace::with(Own::Mounts, test, async {
        let folder = tempfile::tempdir()?;
        let (path, config) = (folder.path(), "[[brokers]]\nname = \"demo\"\nurl = \"demo://\"\n");
        let mut weir = WeirProcess::start_in(path, config).await?;
        ensure!(weir.stop().await? == 0, "{}", weir.log()?);
        run("mount", &["--bind", &path.display().to_string()], path)?;
        run("mount", &["-o", "remount,bind,ro"], path)?;
        refused(path, config, &["can't be written", "Read-only", "--data-dir"]).await?;
        // Nothing there yet, and nothing can be made.
        refused(&path.join("data"), config, &["can't be made", "--data-dir"]).await
    })
}

#[tokio::test]
async fn given_a_folder_in_use_or_of_a_newer_version_when_started_then_it_is_refused_in_words() -> Result<()>
{
    let config = "[[brokers]]\nname = \"demo\"\nurl = \"demo://\"\n";
    let mut weir = WeirProcess::start(config).await?;
    let folder = weir.data_dir();
    refused(&folder, config, &["another weir serves from it", "--data-dir"]).await?;
    ensure!(weir.stop().await? == 0, "{}", weir.log()?);
    let mut file =
        SqliteConnection::connect(&format!("sqlite://{}", folder.join("weir.db").display())).await?;
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (900, 'of tomorrow', true, x'00', 1)";
    sqlx::query(newer).execute(&mut file).await?;
    file.close().await?;
    refused(&folder, config, &["newer version of Weir", "--data-dir"]).await
}

/// It must end with code 1, and say what is wrong and the way out.
async fn refused(folder: &Path, config: &str, words: &[&str]) -> Result<()> {
    let error = WeirProcess::start_in(folder, config).await.err().context("it serves")?;
    let said = format!("{error:#}");
    ensure!(said.contains("exit code Some(1)"), "{said}");
    for word in words {
        ensure!(said.contains(word), "no word of {word:?}: {said}");
    }
    ensure!(!said.contains("panicked"), "{said}");
    Ok(())
}

fn run(program: &str, args: &[&str], path: &Path) -> Result<()> {
    let done = Command::new(program).args(args).arg(path).output()?;
    ensure!(done.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}
