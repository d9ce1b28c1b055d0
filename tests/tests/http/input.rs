//! Bad input: each gets an answer that names the field and the way out, and nothing is lost.

use std::time::Duration;

use anyhow::{Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use redis::AsyncCommands as _;
use reqwest::Method;
use serde_json::{Value, json};
use weir_tests::{clients, unique, weir::queue_path};

use crate::house::House;

#[tokio::test]
async fn given_a_bad_parameter_when_reading_then_it_is_named_and_never_clamped() -> Result<()> {
    let house = House::shared().await?;
    let hello = queue_path("cache", &["0", "list", "hello"]);
    for (path, field) in [
        ("/api/v1/queues?limit=1000000", "limit"),
        ("/api/v1/queues?limit=0", "limit"),
        ("/api/v1/queues?limit=-1", "limit"),
        ("/api/v1/queues?limit=ten", "limit"),
        ("/api/v1/queues?limt=10", "limt"),
        ("/api/v1/queues?limit=1&limit=2", "limit"),
        ("/api/v1/queues?broker=nobody", "broker"),
        ("/api/v1/queues?kind=pipe", "kind"),
        ("/api/v1/queues?sort=colour", "sort"),
        ("/api/v1/queues?order=up", "order"),
        ("/api/v1/queues?cursor=x", "cursor"),
        ("/api/v1/queues?q=depth%3Emany", "q"),
        ("/api/v1/queues?q=dpth%3E1", "q"),
        ("/api/v1/queues?q=foo%3E%3E", "q"),
        ("/api/v1/queues?q=kind:banana", "q"),
        ("/api/v1/queues?q=broker:zzz", "q"),
        ("/api/v1/brokers?limit=0", "limit"),
        ("/api/v1/actions?limit=1001", "limit"),
        ("/api/v1/live?broker=nobody", "broker"),
        ("/api/v1/live?queue=0:list:hello", "queue"),
        ("/api/v1/brokers/cache/queues/a%20b", "id"),
        ("/api/v1/brokers/cache/queues/~61", "id"),
    ] {
        house.refused(Method::GET, path, None, 400, Some(field)).await?;
    }
    for (query, field) in [
        ("", "metric"),
        ("metric=mood", "metric"),
        ("metric=depth&points=0", "points"),
        ("metric=depth&points=1000000", "points"),
        ("metric=depth&from=yesterday", "from"),
        ("metric=depth&from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z", "from"),
        ("metric=depth&from=2020-01-01T00:00:00Z", "from"),
        ("metric=depth&partition=x", "partition"),
        ("metric=depth&partition=7", "partition"),
        ("metric=lag&group=nope", "group"),
        ("metric=depth&step=1", "step"),
    ] {
        house.refused(Method::GET, &format!("{hello}/series?{query}"), None, 400, Some(field)).await?;
    }
    for (query, field) in [
        ("from=middle", "from"),
        ("from=offset:x", "from"),
        ("from=time:noon", "from"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("read_committed=maybe", "read_committed"),
    ] {
        house.refused(Method::GET, &format!("{hello}/messages?{query}"), None, 400, Some(field)).await?;
    }
    house.refused(Method::GET, &format!("{hello}/charts/mood.svg"), None, 400, Some("metric")).await?;
    Ok(())
}

#[tokio::test]
async fn given_nothing_at_an_address_when_called_then_404_or_405_say_so() -> Result<()> {
    let house = House::shared().await?;
    for path in [
        "/api",
        "/api/v2/queues",
        "/api/v1/queue",
        "/api/v1/brokers/nobody/queues/0:list:hello",
        "/api/v1/brokers/cache/queues/0:list:nothing",
        "/api/v1/brokers/cache/queues/0:list:hello/charts/depth.png",
        "/api/v1/brokers/cache/queues/0:list:hello/peeks/none",
    ] {
        house.refused(Method::GET, path, None, 404, None).await?;
    }
    house.refused(Method::POST, "/api/v1/brokers/nobody/observe", None, 404, None).await?;
    for (method, path) in [
        (Method::DELETE, "/api/v1/queues"),
        (Method::GET, "/api/v1/brokers/cache/observe"),
        (Method::POST, "/healthz"),
    ] {
        let answer = house.weir.call(method.clone(), path, None).await?;
        ensure!(answer.headers().contains_key("allow"), "{method} {path}");
        house.refused(method, path, None, 405, None).await?;
    }
    Ok(())
}

#[tokio::test]
async fn given_a_bad_body_when_publishing_then_the_field_is_named_and_nothing_is_sent() -> Result<()> {
    let house = House::shared().await?;
    let (name, path) = house.list("bad-body", 1).await?;
    let messages = format!("{path}/messages");
    for (body, field) in [
        (json!({"bdy": {"data": "x"}}), "bdy"),
        (json!({"body": {"data": 1}}), "body.data"),
        (json!({"body": {"data": "x", "encoding": "latin-1"}}), "body.encoding"),
        (json!({"body": {"data": "x"}, "side": "top"}), "side"),
        (json!({"body": {"data": "x"}, "repeat": 0}), "repeat"),
        (json!({"body": {"data": "x"}, "repeat": 10_001}), "repeat"),
        (json!({"body": {"data": "%%", "encoding": "base64"}}), "body.data"),
        (json!({"body": {"data": "x"}, "partition": 1}), "partition"),
        (json!({"body": {"data": "x"}, "exchange": "e"}), "exchange"),
        (json!([]), "body"),
    ] {
        house.refused(Method::POST, &messages, Some(&body), 400, Some(field)).await?;
    }
    let post = || house.weir.client().post(format!("{}{messages}", house.weir.url()));
    let broken = post().header("content-type", "application/json").body("{\"body\": ").send().await?;
    ensure!(broken.status() == 400);
    let form = post().header("content-type", "text/plain").body("{}").send().await?;
    ensure!(form.status() == 415);
    ensure!(house.length(&name).await? == 1);
    Ok(())
}

#[tokio::test]
async fn given_a_body_of_twenty_megabytes_when_published_then_it_arrives_and_reads_back_exactly() -> Result<()>
{
    let house = House::shared().await?;
    let (name, path) = house.list("large", 1).await?;
    let bytes: Vec<u8> = (0..20_000_000u32).map(|n| (n % 251) as u8).collect();
    let body = json!({"body": {"data": STANDARD.encode(&bytes), "encoding": "base64"}, "side": "right"});
    let receipt = house.weir.post(&format!("{path}/messages"), &body).await?;
    ensure!(receipt["length"] == 2, "{receipt}");
    let stored: Vec<u8> = house.redis().await?.lindex(&name, -1).await?;
    ensure!(stored == bytes, "{} bytes arrived", stored.len());
    let page = house.weir.get(&format!("{path}/messages?from=right&limit=1")).await?;
    ensure!(page["items"][0]["body"]["truncated"] == true && page["items"][0]["size"] == 20_000_000);
    let position = page["items"][0]["position"].as_str().unwrap_or_default();
    let download = house.weir.call(Method::GET, &format!("{path}/messages/{position}/body"), None).await?;
    ensure!(download.headers()["content-disposition"].to_str()?.starts_with("attachment"));
    ensure!(download.headers()["x-content-type-options"] == "nosniff");
    ensure!(download.bytes().await? == bytes);
    Ok(())
}

#[tokio::test]
async fn given_a_body_beyond_the_limit_when_published_then_it_is_refused_as_too_large() -> Result<()> {
    let house = House::shared().await?;
    let (name, path) = house.list("too-large", 1).await?;
    let message = json!({"body": {"data": "x".repeat(21_000_000)}});
    house.refused(Method::POST, &format!("{path}/messages"), Some(&message), 413, None).await?;
    let body = json!({"body": {"data": "x".repeat(65_000_000)}});
    let answer = answer_to_too_much(&format!("{}{path}/messages", house.weir.url()), &body).await?;
    ensure!(answer.status() == 413, "{}", answer.status());
    ensure!(house.length(&name).await? == 1);
    Ok(())
}

/// The answer comes before the body is read and the connection is closed behind it, so that a client that is still
/// writing may see its pipe break instead: it asks again, on a connection that no other test shares.
async fn answer_to_too_much(url: &str, body: &Value) -> Result<reqwest::Response> {
    let mut last = None;
    for _ in 0..20 {
        match reqwest::Client::new().post(url).json(body).send().await {
            Ok(answer) => return Ok(answer),
            Err(broken) => last = Some(broken),
        }
    }
    anyhow::bail!("no answer in 20 tries: {last:?}")
}

#[tokio::test]
async fn given_odd_bodies_when_published_then_they_come_back_as_they_were() -> Result<()> {
    let house = House::shared().await?;
    let (_, path) = house.list("odd-body", 1).await?;
    let binary = STANDARD.encode([0u8, 255, 254, 10]);
    for (encoding, data) in [
        ("utf-8", "{not json"),
        ("utf-8", ""),
        ("utf-8", "<script>alert(1)</script>"),
        ("base64", binary.as_str()),
    ] {
        let body = json!({"body": {"data": data, "encoding": encoding}, "side": "right"});
        house.weir.post(&format!("{path}/messages"), &body).await?;
        let page = house.weir.get(&format!("{path}/messages?from=right&limit=1")).await?;
        let got = &page["items"][0]["body"];
        ensure!(got["data"] == data && got["encoding"] == encoding, "{got} instead of {data}");
    }
    Ok(())
}

#[tokio::test]
async fn given_odd_names_when_listed_then_each_has_its_address_in_the_interface_and_as_a_page() -> Result<()>
{
    let house = House::shared().await?;
    let names = [
        "a/b",
        "a:b c",
        "say \"hi\"",
        "<script>alert(1)</script>",
        "</title><script>alert(2)",
        "..",
        "ümlaut",
        "%2e~41",
        "?#&",
    ];
    let mut redis = house.redis().await?;
    for name in names {
        clients::redis::push(&mut redis, name, 1).await?;
    }
    for name in names {
        let path = house.listed(name).await?;
        let detail = house.weir.get(&path).await?;
        ensure!(detail["name"] == name && detail["depth"] == 1, "{detail}");
        let page = house.weir.call(Method::GET, path.trim_start_matches("/api/v1"), None).await?;
        ensure!(page.status() == 200, "the page of {name}: {}", page.status());
        ensure!(!page.text().await?.contains("<script>alert"), "{name} is not escaped");
    }
    Ok(())
}

#[tokio::test]
async fn given_a_wrong_name_when_purging_then_nothing_is_lost() -> Result<()> {
    let house = House::shared().await?;
    let (name, path) = house.list("keep", 5).await?;
    let purge = format!("{path}/purge");
    for (body, status) in [
        (json!({"confirm": "kep"}), 409),
        (json!({"confirm": name.to_uppercase()}), 409),
        (json!({"confirm": ""}), 409),
        (json!({"confirm": name, "seen_depth": 2}), 409),
        (json!({"confirm": name, "seen_depth": -1}), 400),
        (json!({}), 400),
        (json!({"confirm": name, "force": true}), 400),
    ] {
        house.refused(Method::POST, &purge, Some(&body), status, None).await?;
    }
    ensure!(house.length(&name).await? == 5);
    let done = house.weir.post(&purge, &json!({"confirm": name, "seen_depth": 5, "reason": "test"})).await?;
    ensure!(done["removed"] == 5 && done["left"] == 0, "{done}");
    ensure!(house.length(&name).await? == 0);
    let actions = house.weir.get(&format!("/api/v1/actions?broker=cache&queue=0:list:{name}")).await?;
    let last = &actions["items"][0];
    ensure!(last["verb"] == "purge" && last["outcome"] == "done" && last["reason"] == "test", "{actions}");
    Ok(())
}

#[tokio::test]
async fn given_a_queue_that_vanished_when_it_is_asked_for_then_it_is_said_and_kept() -> Result<()> {
    let house = House::shared().await?;
    let (name, path) = house.list("gone", 1).await?;
    let _: () = house.redis().await?.del(&name).await?;
    let seen = house.weir.until("it is seen to be gone", Duration::from_secs(20), &path, |detail: &Value| {
        (detail["vanished"] == true).then(|| detail.clone())
    });
    ensure!(seen.await?["depth"] == 0);
    let missing = queue_path("cache", &["0", "list", &unique("never")]);
    house
        .refused(
            Method::POST,
            &format!("{missing}/messages"),
            Some(&json!({"body": {"data": "x"}})),
            404,
            None,
        )
        .await?;
    Ok(())
}
