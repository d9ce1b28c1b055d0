//! Redis keys that are no text: the screen can only name them alike, and nothing may take one for the other.

use std::{collections::HashSet, time::Duration};

use anyhow::{Context as _, Result, ensure};
use redis::AsyncCommands as _;
use reqwest::Method;
use serde_json::{Value, json};
use weir_model::QueueId;
use weir_tests::unique;

use crate::house::House;

/// Three keys whose names are shown as the same letters.
fn keys() -> [Vec<u8>; 3] {
    let prefix = unique("bytes");
    let key = |end: &[u8]| [prefix.as_bytes(), end].concat();
    [key(b"\xff\xfe"), key(b"\xff\xfd"), key("\u{fffd}\u{fffd}".as_bytes())]
}

#[tokio::test]
async fn given_keys_that_are_no_text_when_acted_on_then_it_is_that_very_key_and_its_id_is_typed() -> Result<()>
{
    let house = House::shared().await?;
    let (keys, mut redis) = (keys(), house.redis().await?);
    for (n, key) in keys.iter().enumerate() {
        for _ in 0..=n {
            let _: u64 = redis.rpush(key, "a").await?;
        }
    }
    let ids = keys.each_ref().map(|key| QueueId::from_parts(&[b"0".as_slice(), b"list", key]));
    let path = |id: &QueueId| format!("/brokers/cache/queues/{id}");
    let rest = |id: &QueueId| format!("/api/v1{}", path(id));
    let mut names = HashSet::new();
    for (n, id) in ids.iter().enumerate() {
        let depth = |row: &Value| (row["depth"] == n + 1).then(|| row["name"].to_string());
        names.insert(house.weir.until("it is listed", Duration::from_secs(30), &rest(id), depth).await?);
        for tab in ["", "/messages", "/configuration", "/activity", "/publish", "/purge"] {
            let page = house.weir.call(Method::GET, &format!("{}{tab}", path(id)), None).await?;
            ensure!(page.status() == 200, "{id}{tab}: {}", page.status());
        }
    }
    ensure!(names.len() == 1, "they are told apart on the screen: {names:?}");
    each_line_has_a_name_of_its_own(house).await?;

    house.weir.post(&format!("{}/messages", rest(&ids[0])), &json!({"body": {"data": "b"}})).await?;
    let name: String = serde_json::from_str(names.iter().next().context("a name")?)?;
    let purge = format!("{}/purge", rest(&ids[1]));
    let shown = json!({"confirm": name});
    let problem = house.refused(Method::POST, &purge, Some(&shown), 409, Some("confirm")).await?;
    ensure!(problem["detail"].as_str().is_some_and(|told| told.contains(ids[1].as_str())));
    let receipt = house.weir.post(&purge, &json!({"confirm": ids[1], "seen_depth": 2})).await?;
    ensure!(receipt["removed"] == 2, "{receipt}");
    let mut left = Vec::new();
    for key in &keys {
        left.push(redis.llen::<_, usize>(key).await?);
    }
    ensure!(left == [2, 0, 3], "{left:?}");
    Ok(())
}

/// Prometheus takes only one of two lines with the same labels.
async fn each_line_has_a_name_of_its_own(house: &House) -> Result<()> {
    let text = house.weir.call(Method::GET, "/metrics", None).await?.text().await?;
    let mut seen = HashSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, _) = line.rsplit_once(' ').context("a value")?;
        ensure!(seen.insert(name), "twice: {name}");
    }
    Ok(())
}
