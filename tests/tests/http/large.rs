//! A body that is refused before it is read: the client sees why, however it sends.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::stream;
use reqwest::Body;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

use crate::house::House;

const TOO_LARGE: usize = 65_000_000;
const PUBLISH: &str = "/api/v1/brokers/cache/queues/0:list:hello/messages";

/// A connection of our own, with the head of a request sent.
async fn begun(house: &House, more: &str) -> Result<TcpStream> {
    let host = house.weir.url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await?;
    let head = format!(
        "POST {PUBLISH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {TOO_LARGE}\r\n{more}\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    Ok(stream)
}

/// The first part of the answer.
async fn answer(stream: &mut TcpStream, within: Duration) -> Result<String> {
    let mut part = vec![0; 4096];
    let count = timeout(within, stream.read(&mut part)).await.context("no answer")??;
    Ok(String::from_utf8_lossy(&part[..count]).into_owned())
}

fn is_refusal(text: &str) -> bool {
    text.starts_with("HTTP/1.1 413 ") && text.contains("application/problem+json") && text.contains("64 MB")
}

#[tokio::test]
async fn given_a_fast_client_when_its_body_is_too_large_then_it_sees_the_refusal_every_time() -> Result<()> {
    let house = House::shared().await?;
    for path in [PUBLISH, "/ui/publish", "/brokers/cache/queues/0:list:hello/publish"] {
        // Pages always tell the length of what they send to a server function.
        for chunked in [false, true].into_iter().filter(|chunked| !(*chunked && path == "/ui/publish")) {
            let body = if chunked {
                let chunk = vec![b'x'; 1_000_000];
                Body::wrap_stream(stream::iter((0..65).map(move |_| anyhow::Ok(chunk.clone()))))
            } else {
                Body::from(vec![b'x'; TOO_LARGE])
            };
            let form = "application/x-www-form-urlencoded";
            let kind = if path.starts_with("/brokers") { form } else { "application/json" };
            let request = house.weir.client().post(format!("{}{path}", house.weir.url()));
            let answer = request.header("content-type", kind).body(body).send().await;
            let answer = answer.with_context(|| format!("{path}, chunked {chunked}"))?;
            ensure!(answer.status() == 413, "{path}, chunked {chunked}: {}", answer.status());
        }
    }
    Ok(())
}

#[tokio::test]
async fn given_a_large_body_when_refused_for_another_reason_then_the_client_sees_that_reason() -> Result<()> {
    let house = House::shared().await?;
    for (path, kind, status) in [
        (PUBLISH, "text/plain", 415),
        ("/api/v1/none", "application/json", 404),
        ("/healthz", "text/plain", 405),
    ] {
        let request = house.weir.client().post(format!("{}{path}", house.weir.url()));
        let body = vec![b'x'; 30_000_000];
        let answer = request.header("content-type", kind).body(body).send().await.context(path)?;
        ensure!(answer.status() == status, "{path}: {}", answer.status());
    }
    Ok(())
}

#[tokio::test]
async fn given_a_slow_client_when_its_body_is_too_large_then_it_is_answered_while_it_writes() -> Result<()> {
    let house = House::shared().await?;
    let (mut stream, began) = (begun(house, "").await?, Instant::now());
    let (mut reader, mut writer) = stream.split();
    let write = async {
        while writer.write_all(&[b'x'; 1000]).await.is_ok() {
            sleep(Duration::from_millis(100)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut part = vec![0; 4096];
    let count = tokio::select! {
        () = write => 0,
        count = timeout(Duration::from_secs(20), reader.read(&mut part)) => count.context("no answer")??,
    };
    let text = String::from_utf8_lossy(&part[..count]);
    ensure!(is_refusal(&text), "{text}");
    ensure!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    Ok(())
}

#[tokio::test]
async fn given_a_client_that_asks_first_when_its_body_is_too_large_then_it_is_refused_at_once() -> Result<()>
{
    let house = House::shared().await?;
    let mut stream = begun(house, "Expect: 100-continue\r\n").await?;
    let text = answer(&mut stream, Duration::from_secs(5)).await?;
    ensure!(is_refusal(&text), "{text}");
    Ok(())
}
