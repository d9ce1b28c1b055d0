//! What a person reads on the overview of brokers that can't be used as they are set up.

use std::time::Duration;

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use weir_tests::{clients::amqp::Amqp, unique, weir::WeirProcess};

use crate::house::{ADA, cache, log, rabbit};

/// Name of the broker, the line of its config, and what its card has to say.
async fn misfits() -> Result<Vec<(&'static str, String, &'static str)>> {
    let (rabbit, cache, log) = (rabbit().await?, cache().await?, log().await?);
    let looker = unique("looker");
    rabbit.node.ctl(&["add_user", &looker, "secret"])?;
    rabbit.node.ctl(&["set_user_tags", &looker, "monitoring"])?;
    Amqp::connect(&rabbit.node.amqp_url()).await?.declare(&unique("unseen"), &json!({})).await?;
    let (amqp, api) = (rabbit.node.amqp_port(), rabbit.node.management_url());
    let mq = |user: &str, password: &str| {
        format!("url = \"amqp://{user}:{password}@127.0.0.1:{amqp}\"\nmanagement_url = \"{api}\"")
    };
    let url = |url: &str| format!("url = \"{url}\"");
    let (redis, kafka) = (cache.redis.port(), log.sasl);
    Ok(vec![
        ("mq-password", mq("guest", "wrong-secret"), "authenticate failed: "),
        ("mq-vhost", mq(&looker, "secret"), "not visible to this account"),
        (
            "cache-password",
            url(&format!("redis://ada:wrong-secret@127.0.0.1:{redis}")),
            "authenticate failed: ",
        ),
        (
            "log-password",
            url(&format!("kafka://{}:wrong-secret@127.0.0.1:{kafka}", ADA.0)),
            "authenticate failed: ",
        ),
        ("no-port", url("redis://127.0.0.1:1"), "connect failed: "),
        ("no-host", url("kafka://no-such-host.invalid:9092"), "resolve failed: "),
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_brokers_that_can_not_be_used_when_the_overview_opens_then_each_card_says_why() -> Result<()> {
    let misfits = misfits().await?;
    let config: String =
        misfits.iter().map(|(name, lines, _)| format!("[[brokers]]\nname = \"{name}\"\n{lines}\n")).collect();
    let weir = WeirProcess::start(&config).await?;
    let looked = |cards: &Value| {
        let cards = cards["items"].as_array()?;
        cards.iter().all(|card| card["error"].is_object() || card["status"] == "up").then(|| cards.clone())
    };
    let cards = weir.until("all were looked at", Duration::from_secs(30), "/api/v1/brokers", looked).await?;
    let of_vhost = &cards[1]["totals"];
    ensure!(of_vhost["backlog"].is_null(), "what can't be seen is not zero: {of_vhost:#}");
    ensure!(of_vhost["unknown"]["backlog"]["code"] == "no_permission", "{of_vhost:#}");
    let page = weir.call(Method::GET, "/", None).await?.text().await?;
    for (name, _, said) in &misfits {
        let card =
            page.split("data-testid=\"broker-").find_map(|card| card.strip_prefix(&format!("{name}\"")));
        let card = card.and_then(|card| card.split("</article>").next());
        ensure!(card.is_some_and(|card| card.contains(said)), "{name} does not say {said}: {card:?}");
    }
    ensure!(!page.contains("wrong-secret"), "a password is shown");
    Ok(())
}
