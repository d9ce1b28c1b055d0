//! Saved views and the table as a file.

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use weir_tests::{clients, unique};

use super::house::House;

fn path_of(name: &str) -> String {
    format!("/api/v1/views/{}", name.replace(' ', "%20"))
}

async fn put(house: &House, name: &str, body: &Value) -> Result<Value> {
    let answer = house.weir.call(Method::PUT, &path_of(name), Some(body)).await?;
    ensure!(answer.status().is_success(), "{}", answer.text().await?);
    Ok(answer.json().await?)
}

async fn views(house: &House) -> Result<Vec<Value>> {
    Ok(house.weir.get("/api/v1/views").await?["items"].as_array().context("no items")?.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_view_when_saved_then_the_team_has_it_and_only_an_asked_for_overwrite_changes_it()
-> Result<()> {
    let house = House::shared().await?;
    let name = unique("Busy view");
    let query = json!({"q": "depth>1", "sort": "depth", "order": "asc", "columns": "name,depth"});
    let kept = put(house, &name, &json!({"query": query})).await?;
    ensure!(kept["query"]["q"] == "depth>1" && kept["saved_by"] == "local admin", "{kept}");
    ensure!(views(house).await?.contains(&kept), "it is not listed");
    let other = json!({"query": {"q": "depth>2"}});
    house.refused(Method::PUT, &path_of(&name.to_uppercase()), Some(&other), 409, None).await?;
    ensure!(views(house).await?.contains(&kept), "it was changed without being asked to");
    let changed = put(house, &name, &json!({"query": {"q": "depth>2"}, "overwrite": true})).await?;
    ensure!(changed["query"]["q"] == "depth>2" && changed["query"]["sort"].is_null(), "{changed}");
    let gone = house.weir.call(Method::DELETE, &path_of(&name), None).await?;
    ensure!(gone.status().as_u16() == 204, "{}", gone.status());
    house.refused(Method::DELETE, &path_of(&name), None, 404, None).await?;
    let actions = house.weir.get("/api/v1/actions?limit=1000").await?;
    let of_view = |verb: &str| {
        let items = actions["items"].as_array().into_iter().flatten();
        items.filter(|a| a["verb"] == verb && a["intent"].as_str().is_some_and(|i| i.contains(&name))).count()
    };
    // Refused before anything is meant leaves no row.
    ensure!((of_view("save_view"), of_view("delete_view")) == (2, 1), "{actions:#}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_what_the_table_would_refuse_when_saved_then_the_field_is_named() -> Result<()> {
    let house = House::shared().await?;
    let refused = |name: &str, query: Value, field: &'static str| {
        let (path, body) = (path_of(name), json!({"query": query}));
        async move { house.refused(Method::PUT, &path, Some(&body), 400, Some(field)).await.map(drop) }
    };
    refused("%20", json!({}), "name").await?;
    refused(&"x".repeat(61), json!({}), "name").await?;
    refused("a%0Ab", json!({}), "name").await?;
    refused("bad", json!({"q": "brokr:x"}), "q").await?;
    refused("bad", json!({"sort": "colour"}), "sort").await?;
    refused("bad", json!({"columns": "name,colour"}), "columns").await?;
    refused("bad", json!({"broker": "nobody"}), "broker").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_filter_when_the_table_is_taken_as_a_file_then_all_its_rows_are_in_it_in_order() -> Result<()>
{
    let house = House::shared().await?;
    let prefix = unique("=csv");
    let mut redis = house.redis().await?;
    for n in 1..=4 {
        clients::redis::push(&mut redis, &format!("{prefix}-{n}"), n).await?;
    }
    for n in 1..=4 {
        house.listed(&format!("{prefix}-{n}")).await?;
    }
    let query = format!("q=name~{}&sort=depth&order=asc", &prefix[1..]);
    let answer = house
        .weir
        .call(Method::GET, &format!("/api/v1/queues.csv?{query}&columns=name,depth,in"), None)
        .await?;
    let named = answer.headers()["content-disposition"].to_str()?.to_owned();
    ensure!(named.starts_with("attachment; filename*=UTF-8''queues-") && named.ends_with(".csv"), "{named}");
    let csv = answer.text().await?;
    let rows: Vec<&str> = csv.lines().collect();
    ensure!(rows[0] == "name,id,depth,in_rate,observed_at,unknown" && rows.len() == 5, "{csv}");
    for (n, row) in rows[1..].iter().enumerate() {
        let depth = n + 1;
        ensure!(
            row.starts_with(&format!("'{prefix}-{depth},")) && row.contains(&format!(",{depth},,")),
            "{row}"
        );
        ensure!(row.contains("in_rate: "), "the reason is missing: {row}");
    }
    let wrong = |query: &str| format!("/api/v1/queues.csv?{query}");
    house.refused(Method::GET, &wrong("columns=colour"), None, 400, Some("columns")).await?;
    house.refused(Method::GET, &wrong("limit=1"), None, 400, Some("limit")).await?;
    Ok(())
}
