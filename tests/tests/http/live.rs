//! The stream of changes.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use weir_tests::clients;

use crate::house::House;

/// The stream of one list's broker, as text that grows.
struct Listening {
    answer: reqwest::Response,
    text: String,
}

impl Listening {
    async fn to(house: &House, query: &str, last: Option<&str>) -> Result<Self> {
        let url = format!("{}/api/v1/live?{query}", house.weir.url());
        let request = house.weir.client().get(url);
        let request = last.into_iter().fold(request, |request, id| request.header("last-event-id", id));
        let answer = request.send().await?;
        ensure!(answer.headers()["content-type"] == "text/event-stream");
        Ok(Self { answer, text: String::new() })
    }

    /// Reads on until the text is as wanted.
    async fn until(&mut self, wanted: impl Fn(&str) -> Result<bool>) -> Result<()> {
        let told = async {
            while !wanted(&self.text)? {
                let chunk = self.answer.chunk().await?.with_context(|| format!("it ended: {}", self.text))?;
                self.text.push_str(&String::from_utf8_lossy(&chunk));
            }
            Ok(())
        };
        tokio::time::timeout(WITHIN, told).await.context("not told in time")?
    }

    /// The id of the last whole event.
    fn last_id(&self) -> Option<&str> {
        let whole = &self.text[..self.text.rfind("\n\n")?];
        whole.lines().rev().find_map(|line| line.strip_prefix("id: "))
    }

    fn is_told_to_fetch_anew(&self) -> bool {
        self.text.contains("event: resync")
    }
}

/// What is told next is told within this time.
const WITHIN: Duration = Duration::from_secs(20);

/// The place that a page says it was written from.
async fn place_of_page(house: &House, path: &str) -> Result<String> {
    let html = house.weir.call(reqwest::Method::GET, path, None).await?.text().await?;
    let after = html.split("data-told=\"").nth(1).and_then(|rest| rest.split('"').next());
    after.map(str::to_owned).context("the page says no place")
}

fn told_depth(text: &str, name: &str, depth: i64) -> bool {
    observations(text).iter().any(|change| {
        let rows = change["changed"].as_array().map(Vec::as_slice).unwrap_or_default();
        rows.iter().any(|row| row["name"] == name && row["depth"] == depth)
    })
}

#[tokio::test]
async fn given_an_open_stream_when_a_list_grows_then_its_row_is_told_and_no_other() -> Result<()> {
    let house = House::shared().await?;
    let (name, _) = house.list("live", 1).await?;
    let mut live = Listening::to(house, &format!("broker=cache&queue=0:list:{name}"), None).await?;
    clients::redis::push(&mut house.redis().await?, &name, 41).await?;
    live.until(|text| {
        for change in observations(text) {
            let rows = change["changed"].as_array().context("rows")?;
            ensure!(rows.iter().all(|row| row["name"] == name.as_str()), "{change}");
        }
        Ok(told_depth(text, &name, 42))
    })
    .await
}

#[tokio::test]
async fn given_a_change_between_a_page_and_its_stream_when_connected_then_it_fetches_anew() -> Result<()> {
    let house = House::shared().await?;
    let (name, path) = house.list("between", 1).await?;
    let place = place_of_page(house, "/queues").await?;
    clients::redis::push(&mut house.redis().await?, &name, 1).await?;
    house.weir.post("/api/v1/brokers/cache/observe", &json!({})).await?;
    ensure!(house.weir.get(&path).await?["depth"] == 2);
    let mut live = Listening::to(house, &format!("after={place}"), None).await?;
    live.until(|text| Ok(text.contains("event: resync"))).await?;
    ensure!(live.last_id().is_some_and(|id| id != place), "{}", live.text);
    Ok(())
}

#[tokio::test]
async fn given_a_stream_that_broke_when_connected_again_then_it_fetches_anew_only_if_something_was_told()
-> Result<()> {
    let house = House::shared().await?;
    let (name, _) = house.list("again", 1).await?;
    // Observations come every two seconds: between two of them nothing is told.
    let mut nothing_lost = false;
    for _ in 0..10 {
        let mut live = Listening::to(house, "broker=cache", None).await?;
        live.until(|text| Ok(text.contains("event: broker") && text.ends_with("\n\n"))).await?;
        let heard = live.last_id().context("an id")?.to_owned();
        drop(live);
        let mut again = Listening::to(house, "broker=cache", Some(&heard)).await?;
        again.until(|text| Ok(text.contains("event: "))).await?;
        nothing_lost |= !again.is_told_to_fetch_anew();
        let mut later = Listening::to(house, "broker=cache", None).await?;
        clients::redis::push(&mut house.redis().await?, &name, 1).await?;
        later.until(|text| Ok(text.contains("event: observation"))).await?;
        let mut missed = Listening::to(house, "broker=cache", Some(&heard)).await?;
        missed.until(|text| Ok(text.contains("event: "))).await?;
        ensure!(missed.is_told_to_fetch_anew(), "{}", missed.text);
        if nothing_lost {
            return Ok(());
        }
    }
    anyhow::bail!("a stream without a loss was told to fetch anew, ten times")
}

#[tokio::test]
async fn given_the_id_of_another_run_when_connected_then_it_fetches_anew() -> Result<()> {
    let house = House::shared().await?;
    for id in ["1700000000000-7", "0-0", "nonsense"] {
        let mut live = Listening::to(house, "", Some(id)).await?;
        live.until(|text| Ok(text.contains("event: "))).await?;
        ensure!(live.is_told_to_fetch_anew(), "{id}: {}", live.text);
    }
    Ok(())
}

/// The whole `observation` events received so far.
fn observations(text: &str) -> Vec<Value> {
    text.split("\n\n")
        .filter(|event| event.contains("event: observation"))
        .filter_map(|event| event.lines().find_map(|line| line.strip_prefix("data: ")))
        .filter_map(|data| serde_json::from_str(data).ok())
        .collect()
}
