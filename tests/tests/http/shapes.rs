//! Answers are as the OpenAPI document and docs/api.md say.

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use weir_tests::weir::queue_path;

use crate::{house::House, schema::matches};

#[tokio::test]
async fn given_real_answers_when_held_against_the_document_then_they_fit() -> Result<()> {
    let house = House::shared().await?;
    let weir = &house.weir;
    let document = weir.get("/api/v1/openapi.json").await?;
    let (list, stream) =
        (queue_path("cache", &["0", "list", "hello"]), queue_path("cache", &["0", "stream", "events"]));
    for (path, schema) in [
        ("/api/v1/brokers".to_owned(), "BrokerPage"),
        ("/api/v1/queues".to_owned(), "QueuePage"),
        ("/api/v1/actions".to_owned(), "ActionList"),
        (list.clone(), "QueueDetail"),
        (stream.clone(), "QueueDetail"),
        (format!("{list}/series?metric=depth&points=10"), "Series"),
        (format!("{stream}/series?metric=lag&group=shop"), "Series"),
        (format!("{list}/messages?limit=2"), "MessagePage"),
        (format!("{stream}/messages?limit=2"), "MessagePage"),
    ] {
        let answer = weir.get(&path).await?;
        matches(&document, schema, &answer).with_context(|| format!("{path}: {answer:#}"))?;
    }
    let card = weir.post("/api/v1/brokers/cache/observe", &json!({})).await?;
    matches(&document, "BrokerCard", &card)?;
    let (_, path) = house.list("shape", 1).await?;
    let receipt = weir.post(&format!("{path}/messages"), &json!({"body": {"data": "x"}})).await?;
    matches(&document, "PublishReceipt", &receipt)?;
    let problem = house.refused(Method::GET, "/api/v1/queues?x=1", None, 400, Some("x")).await?;
    matches(&document, "ProblemBody", &problem)
}

#[tokio::test]
async fn given_pages_of_queues_when_followed_then_each_queue_comes_once() -> Result<()> {
    let house = House::shared().await?;
    for n in 0..3 {
        house.list(&format!("page-{n}"), 1).await?;
    }
    let mut seen: Vec<String> = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = house.weir.get(&format!("/api/v1/queues?q=name~page-&sort=name&limit=2{cursor}")).await?;
        let items = page["items"].as_array().context("items")?;
        seen.extend(items.iter().filter_map(|row| row["name"].as_str().map(str::to_owned)));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    ensure!(once == seen && once.len() >= 3, "{seen:?}");
    Ok(())
}

#[tokio::test]
async fn given_unknown_figures_when_listed_then_each_null_has_its_reason() -> Result<()> {
    let house = House::shared().await?;
    let page = house.weir.get("/api/v1/queues?limit=1000").await?;
    let figures = [
        "depth",
        "backlog",
        "unacknowledged",
        "lag",
        "in_rate",
        "delivered_rate",
        "out_rate",
        "ack_rate",
        "consumers",
    ];
    for row in page["items"].as_array().context("items")? {
        for figure in figures.into_iter().filter(|figure| row[figure].is_null()) {
            let reason = &row["unknown"][figure];
            ensure!(reason["code"].is_string() && reason["detail"].is_string(), "{figure} of {row:#}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn given_the_demands_of_prometheus_when_scraped_then_every_line_is_well_formed() -> Result<()> {
    let house = House::shared().await?;
    let text = house.weir.call(Method::GET, "/metrics", None).await?.text().await?;
    ensure!(text.contains("weir_broker_up{broker=\"cache\"} 1"), "{text}");
    ensure!(text.contains("weir_queue_depth_messages{broker=\"cache\",queue=\"hello\""), "{text}");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').context("a value")?;
        ensure!(value.parse::<f64>().is_ok() && name.starts_with(|c: char| c.is_ascii_lowercase()), "{line}");
    }
    Ok(())
}

#[tokio::test]
async fn given_a_chart_when_asked_for_then_it_is_a_drawing_that_runs_nothing() -> Result<()> {
    let house = House::shared().await?;
    let path = format!("{}/charts/depth.svg", queue_path("cache", &["0", "list", "hello"]));
    let answer = house.weir.call(Method::GET, &path, None).await?;
    ensure!(answer.headers()["content-type"] == "image/svg+xml");
    let policy = answer.headers()["content-security-policy"].to_str()?.to_owned();
    ensure!(policy.contains("default-src 'none'") && policy.contains("style-src 'sha256-"), "{policy}");
    let svg = answer.text().await?;
    ensure!(svg.starts_with("<svg") && !svg.contains("<script"), "{svg}");
    Ok(())
}

#[tokio::test]
async fn given_the_probes_when_asked_then_weir_is_alive_and_ready() -> Result<()> {
    let house = House::shared().await?;
    for (path, said) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        ensure!(house.weir.call(Method::GET, path, None).await?.text().await? == said, "{path}");
    }
    let brokers: Value = house.weir.get("/api/v1/brokers").await?;
    ensure!(brokers["total"] == 1 && brokers["next"].is_null() && brokers["items"][0]["status"] == "up");
    Ok(())
}
