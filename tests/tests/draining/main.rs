//! Purges with a copy on real brokers, with Weir killed in the middle of them: what is on the broker and what is in
//! the file are all there was, whenever the kill came.

mod held;

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use weir_tests::{
    brokers::{BrokerServer as _, Kafka, RabbitMq, Redis},
    clients, unique,
    weir::WeirProcess,
};

use crate::held::{Held, List, Queue, Stream, Topic};

const SOON: Duration = Duration::from_secs(60);
/// Enough that a purge takes longer than the shortest of the delays.
const MESSAGES: usize = 5000;
/// Milliseconds from the request to the kill.
const KILLED_AFTER: [u64; 5] = [10, 40, 90, 180, 400];

/// Bodies of all messages in all copies.
fn copied(weir: &WeirProcess) -> Result<BTreeSet<String>> {
    let mut bodies = BTreeSet::new();
    let Ok(files) = std::fs::read_dir(weir.data_dir().join("copies")) else { return Ok(bodies) };
    for file in files {
        let text = std::fs::read_to_string(file?.path())?;
        // The last line of a file that was being written may be cut.
        let lines = text.lines().skip(1).filter_map(|line| serde_json::from_str::<Value>(line).ok());
        bodies.extend(lines.filter_map(|line| line["body"]["data"].as_str().map(str::to_owned)));
    }
    Ok(bodies)
}

async fn killed_at_any_point(held: &dyn Held) -> Result<()> {
    held.fill("first", 1).await?;
    let mut weir = WeirProcess::start(&held.config()).await?;
    weir.until("the queue is listed", SOON, &held.path(), |_| Some(())).await?;
    let (mut cut, mut done) = (0, 0);
    for delay in KILLED_AFTER {
        held.take_all().await?;
        let all = held.fill(&format!("after {delay} ms"), MESSAGES).await?;
        let url = format!("{}{}/purge", weir.url(), held.path());
        let request = weir.client().post(url).json(&json!({ "confirm": held.name(), "copy": true }));
        let purging = tokio::spawn(request.send());
        tokio::time::sleep(Duration::from_millis(delay)).await;
        weir.kill9().await?;
        match purging.await? {
            Ok(answer) if answer.status().is_success() => done += 1,
            _ => cut += 1,
        }
        let mut found = held.take_all().await?;
        found.extend(copied(&weir)?);
        let lost: Vec<&String> = all.iter().filter(|body| !found.contains(*body)).collect();
        ensure!(
            lost.is_empty(),
            "killed after {delay} ms: {} of {} are lost: {:?}",
            lost.len(),
            all.len(),
            lost.first()
        );
        weir.start_again().await?;
        weir.until("the queue is listed again", SOON, &held.path(), |_| Some(())).await?;
    }
    ensure!(cut > 0, "no purge was cut short ({done} ended before the kill)");

    // And where nothing comes between, all of it is in the file and none on the broker.
    held.take_all().await?;
    let all = held.fill("whole", 300).await?;
    let receipt = weir
        .post(&format!("{}/purge", held.path()), &json!({ "confirm": held.name(), "copy": true }))
        .await?;
    ensure!(receipt["removed"] == 300 && receipt["copy"]["messages"] == 300, "{receipt}");
    ensure!(all.is_subset(&copied(&weir)?), "not all of it is in the copy");
    ensure!(held.take_all().await?.is_empty(), "something was left");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_list_when_weir_is_killed_while_draining_then_nothing_is_lost() -> Result<()> {
    let redis = Redis::shared().await?;
    killed_at_any_point(&List { redis, name: unique("list") }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_redis_stream_when_weir_is_killed_while_draining_then_nothing_is_lost() -> Result<()> {
    let redis = Redis::shared().await?;
    killed_at_any_point(&Stream { redis, name: unique("stream") }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_classic_queue_when_weir_is_killed_while_draining_then_nothing_is_lost() -> Result<()> {
    killed_at_any_point(&Queue::new(RabbitMq::shared().await?, "classic").await?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_quorum_queue_when_weir_is_killed_while_draining_then_nothing_is_lost() -> Result<()> {
    killed_at_any_point(&Queue::new(RabbitMq::shared().await?, "quorum").await?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_topic_when_weir_is_killed_while_draining_then_nothing_is_lost() -> Result<()> {
    killed_at_any_point(&Topic::new(Kafka::shared().await?).await?).await
}

/// A list that a killed Weir left aside is said on the broker's card, blocks a second drain, and is given back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_list_left_aside_when_weir_starts_then_it_is_said_and_can_be_given_back() -> Result<()> {
    let redis = Redis::shared().await?;
    let list = List { redis, name: unique("left") };
    let all = list.fill("aside", 7).await?;
    let aside = format!("weir:aside:{}", list.name);
    redis.cli(&["RENAME", &list.name, &aside])?;
    redis.cli(&["RPUSH", &list.name, "new"])?;
    let config = format!("{}include = [\"list:{}\"]\n", redis.config("cache"), list.name);
    let weir = WeirProcess::start(&config).await?;
    weir.until("the card says so", SOON, "/api/v1/brokers", |page| {
        let facts = page["items"][0]["health"].as_array()?;
        facts.iter().find(|fact| fact["code"] == "set_aside").map(drop)
    })
    .await?;
    let request = json!({ "confirm": list.name, "copy": true });
    let path = list.path();
    let (status, problem) =
        weir.answer(reqwest::Method::POST, &format!("{path}/purge"), Some(&request)).await?;
    ensure!(status == 409 && problem["detail"].as_str().is_some_and(|d| d.contains(&aside)), "{problem}");
    let restore = || async {
        let request = weir.client().post(format!("{}{path}/restore", weir.url()));
        let answer = request.header("Idempotency-Key", "give-back").send().await?;
        anyhow::Ok((answer.status().as_u16(), answer.json::<Value>().await?))
    };
    let back = restore().await.context("giving back")?;
    ensure!(back.0 == 200 && back.1["removed"] == 7, "{back:?}");
    ensure!(restore().await? == back, "the same key gets the same answer");
    let elements = redis.cli(&["LRANGE", &list.name, "0", "-1"])?;
    let elements: Vec<&str> = elements.lines().collect();
    ensure!(elements.len() == 8 && elements[0] == "new" && elements[1] == "aside 0", "{elements:?}");
    ensure!(list.take_all().await?.is_superset(&all));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_copy_when_downloaded_then_it_is_what_was_removed_and_a_bad_folder_removes_nothing()
-> Result<()> {
    let redis = Redis::shared().await?;
    let list = List { redis, name: unique("download") };
    let mut client = clients::redis::connect(&redis.url()).await?;
    redis::cmd("RPUSH").arg(&list.name).arg(b"\xff\x00".as_slice()).arg("ü").exec_async(&mut client).await?;
    let weir = WeirProcess::start(&list.config()).await?;
    let path = list.path();
    weir.until("the list is listed", SOON, &path, |_| Some(())).await?;

    let folder = weir.data_dir().join("copies");
    std::fs::write(&folder, "in the way")?;
    let request = json!({ "confirm": list.name, "copy": true });
    let (status, problem) =
        weir.answer(reqwest::Method::POST, &format!("{path}/purge"), Some(&request)).await?;
    ensure!(
        status == 503 && problem["detail"].as_str().is_some_and(|d| d.contains("nothing was removed")),
        "{problem}"
    );
    ensure!(redis.cli(&["LLEN", &list.name])?.trim() == "2", "something was removed");
    std::fs::remove_file(&folder)?;

    let receipt = weir.post(&format!("{path}/purge"), &request).await?;
    let actions = weir.get("/api/v1/actions?broker=cache&limit=1").await?;
    let action = &actions["items"][0];
    ensure!(action["copy"] == receipt["copy"]["file"], "{action}");
    ensure!(
        action["detail"].as_str().is_some_and(|d| d.contains("2 messages") && d.contains("bytes")),
        "{action}"
    );
    let answer =
        weir.call(reqwest::Method::GET, &format!("/api/v1/actions/{}/copy", action["id"]), None).await?;
    let header =
        |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    ensure!(header("content-disposition").starts_with("attachment"));
    ensure!(header("x-content-type-options") == "nosniff");
    let text = answer.text().await?;
    ensure!(text.len() as u64 == receipt["copy"]["bytes"].as_u64().context("bytes")?);
    let lines: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(lines.len() == 3 && lines[0]["name"] == list.name.as_str(), "{text}");
    ensure!(lines[1]["body"]["encoding"] == "base64" && lines[1]["body"]["data"] == "/wA=", "{text}");
    ensure!(lines[2]["body"]["data"] == "ü", "{text}");
    let (status, _) = weir.answer(reqwest::Method::GET, "/api/v1/actions/999999/copy", None).await?;
    ensure!(status == 404);
    Ok(())
}
