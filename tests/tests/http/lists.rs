//! The page of a Redis list: what nobody counts, and how to have it counted.

use anyhow::{Result, ensure};
use reqwest::Method;
use weir_tests::weir::queue_path;

use crate::house::House;

#[tokio::test]
async fn given_keyspace_events_that_are_off_when_a_list_is_opened_then_the_page_has_the_command_and_its_cost()
-> Result<()> {
    let house = House::shared().await?;
    let row = house.weir.get(&queue_path("cache", &["0", "list", "hello"])).await?;
    ensure!(row["push_commands_rate"].is_null() && row["in_rate"].is_null(), "{row:#}");
    ensure!(row["unknown"]["push_commands_rate"]["code"] == "statistics_off", "{row:#}");
    let page = house.weir.call(Method::GET, "/brokers/cache/queues/0:list:hello", None).await?.text().await?;
    let notes = page.split("data-testid=\"queue-notes\"").nth(1).unwrap_or_default();
    let notes = notes.split("</ul>").next().unwrap_or_default();
    ensure!(notes.contains("CONFIG SET notify-keyspace-events Kl"), "{notes}");
    ensure!(notes.contains("a microsecond more"), "{notes}");
    Ok(())
}
