//! Idempotency keys: whatever is sent twice, the broker gets once.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use lapin::{options::QueueDeclareOptions, types::FieldTable};
use redis::AsyncCommands as _;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use weir_tests::{
    brokers::{BrokerServer as _, RabbitMq, Redis},
    clients, unique,
    weir::{WeirProcess, queue_path},
};

use crate::house::House;

const SOON: Duration = Duration::from_secs(30);

/// A `POST` under a key: status and answer.
async fn post(weir: &WeirProcess, path: &str, key: &str, body: &Value) -> Result<(u16, Value)> {
    let request = weir.client().post(format!("{}{path}", weir.url())).header("Idempotency-Key", key);
    let answer = request.json(body).send().await?;
    let status = answer.status().as_u16();
    Ok((status, serde_json::from_str(&answer.text().await?)?))
}

fn message(text: &str) -> Value {
    json!({ "body": { "data": text } })
}

#[tokio::test]
async fn given_a_key_when_sent_again_then_the_first_answer_comes_and_nothing_is_published_twice() -> Result<()>
{
    let house = House::shared().await?;
    let (list, path) = house.list("once", 1).await?;
    let (path, key) = (format!("{path}/messages"), unique("key"));
    let first = post(&house.weir, &path, &key, &message("a")).await?;
    ensure!(first.0 == 200 && first.1["length"] == 2, "{first:?}");
    house.redis().await?.rpush::<_, _, ()>(&list, "another").await?;
    let again = post(&house.weir, &path, &key, &message("a")).await?;
    ensure!(again == first, "{again:?} instead of {first:?}");
    let other = post(&house.weir, &path, &key, &message("b")).await?;
    ensure!(other.0 == 422 && other.1["detail"].as_str().is_some_and(|d| d.contains("another request")));
    ensure!(house.length(&list).await? == 3);
    let actions = house.weir.get("/api/v1/actions?broker=cache&limit=1000").await?;
    let rows = actions["items"].as_array().context("items")?;
    ensure!(rows.iter().filter(|row| row["queue_name"] == list.as_str()).count() == 1, "{actions}");
    Ok(())
}

#[tokio::test]
async fn given_a_wrong_key_when_sent_then_it_is_named_and_nothing_is_done() -> Result<()> {
    let house = House::shared().await?;
    let (list, path) = house.list("wrong-key", 1).await?;
    for key in [" ", "a b", &"x".repeat(256)] {
        let (status, problem) = post(&house.weir, &format!("{path}/messages"), key, &message("a")).await?;
        ensure!(status == 400 && problem["errors"][0]["field"] == "Idempotency-Key", "{key}: {problem}");
    }
    ensure!(house.length(&list).await? == 1);
    Ok(())
}

#[tokio::test]
async fn given_a_purge_that_was_refused_when_corrected_then_its_key_serves_and_then_holds() -> Result<()> {
    let house = House::shared().await?;
    let (list, path) = house.list("purge-once", 3).await?;
    let (path, key) = (format!("{path}/purge"), unique("key"));
    let refused = post(&house.weir, &path, &key, &json!({ "confirm": "no" })).await?;
    ensure!(refused.0 == 409, "{refused:?}");
    let done = post(&house.weir, &path, &key, &json!({ "confirm": list })).await?;
    ensure!(done.0 == 200 && done.1["removed"] == 3, "{done:?}");
    clients::redis::push(&mut house.redis().await?, &list, 2).await?;
    let again = post(&house.weir, &path, &key, &json!({ "confirm": list })).await?;
    ensure!(again == done, "{again:?}");
    ensure!(house.length(&list).await? == 2, "purged twice");
    Ok(())
}

#[tokio::test]
async fn given_twenty_equal_requests_at_once_when_published_then_rabbitmq_has_one_message() -> Result<()> {
    let node = RabbitMq::shared().await?;
    let name = unique("twenty");
    let amqp = clients::amqp::Amqp::connect(&node.amqp_url()).await?;
    amqp.declare(&name, &json!({})).await?;
    let weir = WeirProcess::start(&node.config("orders")).await?;
    let queue = queue_path("orders", &["/", &name]);
    weir.until("the queue is listed", SOON, &queue, |_| Some(())).await?;
    let (path, key, body) = (format!("{queue}/messages"), unique("key"), message("once"));
    let answers = futures::future::join_all((0..20).map(|_| post(&weir, &path, &key, &body))).await;
    let mut published = 0;
    for answer in answers {
        let (status, answer) = answer?;
        ensure!(
            status == 200
                || (status == 409 && answer["detail"].as_str().is_some_and(|d| d.contains("running"))),
            "{status} {answer}"
        );
        published += usize::from(status == 200);
    }
    ensure!(published >= 1);
    let (status, answer) = post(&weir, &path, &key, &body).await?;
    ensure!(status == 200 && answer["confirmed"] == true, "{answer}");
    let channel = amqp.channel().await?;
    let there = channel.queue_declare(
        name.as_str().into(),
        QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() },
        FieldTable::default(),
    );
    ensure!(there.await?.message_count() == 1, "published more than once");
    Ok(())
}

#[tokio::test]
async fn given_no_answer_or_a_kill_when_sent_again_then_the_outcome_is_unknown_and_nothing_is_repeated()
-> Result<()> {
    let redis = Redis::shared().await?;
    let mut client = clients::redis::connect(&redis.url()).await?;
    let list = unique("silent");
    clients::redis::push(&mut client, &list, 1).await?;
    let proxy = swallowing_answers_to_pushes(redis.port()).await?;
    let config = format!(
        "[[brokers]]\nname = \"cache\"\nurl = \"redis://127.0.0.1:{proxy}\"\ninclude = [\"list:{list}\"]\npoll_interval = \"2s\"\n"
    );
    let mut weir = WeirProcess::start(&config).await?;
    let queue = queue_path("cache", &["0", "list", &list]);
    weir.until("the list is listed", SOON, &queue, |_| Some(())).await?;
    let (path, key) = (format!("{queue}/messages"), unique("key"));
    let silent = post(&weir, &path, &key, &message("a")).await?;
    ensure!(silent.0 == 504 && silent.1["outcome"] == "unknown", "{silent:?}");
    let says_so = |(status, answer): &(u16, Value)| {
        *status == 504
            && answer["outcome"] == "unknown"
            && answer["detail"].as_str().is_some_and(|d| d.contains("not repeated"))
    };
    let again = post(&weir, &path, &key, &message("a")).await?;
    ensure!(says_so(&again), "{again:?}");

    // Killed while the broker has done it and Weir does not know.
    let killed = unique("key");
    let request = weir.client().post(format!("{}{path}", weir.url())).header("Idempotency-Key", &killed);
    let lost = tokio::spawn(request.json(&message("b")).send());
    while client.llen::<_, i64>(&list).await? < 3 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    weir.kill9().await?;
    ensure!(lost.await?.is_err(), "an answer came from a Weir that was killed");
    weir.start_again().await?;
    weir.until("the list is listed again", SOON, &queue, |_| Some(())).await?;
    for (key, text) in [(&key, "a"), (&killed, "b")] {
        let again = post(&weir, &path, key, &message(text)).await?;
        ensure!(says_so(&again), "{again:?}");
    }
    ensure!(client.llen::<_, i64>(&list).await? == 3, "something was pushed twice");
    Ok(())
}

/// A way to Redis on which pushes arrive and their answers, and all that follows on the connection, do not.
async fn swallowing_answers_to_pushes(redis: u16) -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(relay(client, redis));
        }
    });
    Ok(port)
}

async fn relay(mut client: TcpStream, redis: u16) -> Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", redis)).await?;
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    let mut silent = false;
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let text = &asked[..read?];
                if text.is_empty() { return Ok(()) }
                silent |= text.windows(5).any(|word| word == b"LPUSH" || word == b"RPUSH");
                server.write_all(text).await?;
            }
            read = server.read(&mut answered) => {
                let text = &answered[..read?];
                if text.is_empty() { return Ok(()) }
                if !silent { client.write_all(text).await?; }
            }
        }
    }
}
