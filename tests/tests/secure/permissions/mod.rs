//! `docs/permissions.md` is what these tests run: each row of its tables, and its commands.

mod attempt;
mod document;
mod kafka;
mod rabbitmq;
mod redis;

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use tokio::time::{Instant, sleep};
use weir::config::BrokerConfig;
use weir_model::QueueObservation;
use weir_tests::wait;

use self::{
    attempt::attempt,
    document::{Row, Section},
};

/// Rights that were just given reach every part of a broker shortly after.
const GRANTED: Duration = Duration::from_secs(15);
/// Accounts that are tried at a time.
const AT_ONCE: usize = 4;

/// What one trial is made on.
pub(crate) struct Goods {
    /// Fresh, with messages in them.
    queues: Vec<QueueObservation>,
    /// What `QUEUE` and `EXCHANGE` stand for in the rights.
    queue: String,
    exchange: Option<String>,
}

impl Goods {
    fn fill_in(&self, right: &str) -> String {
        let exchange = self.exchange.as_deref().unwrap_or("EXCHANGE");
        right.replace("QUEUE", &self.queue).replace("EXCHANGE", exchange)
    }
}

/// A kind of broker whose accounts are tried.
#[async_trait]
pub(crate) trait Guarded: Sync {
    /// The heading of its part of the document.
    const SECTION: &'static str;
    /// The features that its table has to have.
    const FEATURES: &'static [&'static str];
    /// Those of them that the document's accounts do not have: it says why.
    const NOT_GIVEN: &'static [&'static str] = &[];

    /// A new account with these rights alone.
    async fn account(&self, rights: &BTreeSet<String>) -> Result<BrokerConfig>;

    /// What a feature is tried on.
    async fn goods(&self, feature: &str) -> Result<Goods>;

    /// True where everything that was there still is.
    async fn untouched(&self, goods: &Goods) -> Result<bool>;

    /// What has to be said where a right is missing.
    fn name_of(&self, right: &str) -> String;

    /// Runs a command of the document, with this password in it.
    async fn run(&self, command: &[String]) -> Result<()>;

    /// The account that the document's commands have made.
    fn documented(&self, user: &str) -> BrokerConfig;
}

/// The password of the document's accounts.
pub(crate) const SECRET: &str = "SECRET";

/// Every row does what it says, and without any of its rights it is told which one is missing.
async fn every_row_holds<G: Guarded>(guarded: &G) -> Result<()> {
    let section = Section::read(G::SECTION)?;
    let features: Vec<&str> = section.rows.iter().map(|row| row.feature.as_str()).collect();
    ensure!(features == G::FEATURES, "the table of {} has the rows {features:?}", G::SECTION);
    let base = &section.rows[0].rights;
    let mut trials: Vec<(&Row, Option<&String>)> = Vec::new();
    for row in &section.rows {
        trials.push((row, None));
        trials.extend(row.rights.iter().map(|right| (row, Some(right))));
    }
    futures::stream::iter(trials)
        .map(|(row, without)| trial(guarded, base, row, without))
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<()>>()
        .await
        .map(drop)
}

async fn trial<G: Guarded>(guarded: &G, base: &[String], row: &Row, without: Option<&String>) -> Result<()> {
    let what = format!("{}: {} without {without:?}", G::SECTION, row.feature);
    let goods = guarded.goods(&row.feature).await?;
    let all = base.iter().chain(&row.rights).filter(|right| Some(*right) != without);
    let rights: BTreeSet<String> = all.map(|right| goods.fill_in(right)).collect();
    let config = guarded.account(&rights).await?;
    let deadline = Instant::now() + GRANTED;
    loop {
        let outcome = attempt(&config, &row.feature, &goods).await;
        if as_wanted(&outcome, without.map(|right| guarded.name_of(right)).as_deref()) {
            break;
        }
        ensure!(Instant::now() < deadline, "{what}: {outcome:#?}, with {rights:?}");
        sleep(wait::STEP).await;
    }
    let lost = without.is_some() && row.feature.starts_with("purge") && !guarded.untouched(&goods).await?;
    ensure!(!lost, "{what}: something was removed");
    Ok(())
}

fn as_wanted(outcome: &Result<(), String>, named: Option<&str>) -> bool {
    match (outcome, named) {
        (Ok(()), None) => true,
        (Err(said), Some(named)) => said.to_lowercase().contains(&named.to_lowercase()),
        _ => false,
    }
}

/// The account that only looks looks, and may not act; the operators' may do all there is.
async fn commands_work<G: Guarded>(guarded: &G) -> Result<()> {
    let section = Section::read(G::SECTION)?;
    ensure!(section.commands.len() > 1, "{} has no commands", G::SECTION);
    for command in &section.commands {
        guarded.run(command).await.with_context(|| command.join(" "))?;
    }
    for feature in G::FEATURES {
        let (looks, given) = (matches!(*feature, "observe" | "describe"), !G::NOT_GIVEN.contains(feature));
        for (user, may) in [("weir-monitor", looks), ("weir-operator", given)] {
            let goods = guarded.goods(feature).await?;
            let deadline = Instant::now() + GRANTED;
            loop {
                let outcome = attempt(&guarded.documented(user), feature, &goods).await;
                if outcome.is_ok() == may {
                    break;
                }
                ensure!(Instant::now() < deadline, "{user}, {feature}: {outcome:#?}");
                sleep(wait::STEP).await;
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_each_row_for_rabbitmq_when_tried_then_it_is_enough_and_what_is_missing_is_named() -> Result<()>
{
    every_row_holds(&rabbitmq::Accounts::open().await?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_each_row_for_redis_when_tried_then_it_is_enough_and_what_is_missing_is_named() -> Result<()> {
    every_row_holds(&redis::Accounts::open().await?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_each_row_for_kafka_when_tried_then_it_is_enough_and_what_is_missing_is_named() -> Result<()> {
    every_row_holds(&kafka::Accounts::open().await?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_the_documents_commands_for_rabbitmq_when_run_then_both_accounts_can_what_they_should()
-> Result<()> {
    commands_work(&rabbitmq::Accounts::open().await?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_the_documents_commands_for_redis_when_run_then_both_accounts_can_what_they_should()
-> Result<()> {
    commands_work(&redis::Accounts::open().await?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_the_documents_commands_for_kafka_when_run_then_both_accounts_can_what_they_should()
-> Result<()> {
    commands_work(&kafka::Accounts::open().await?).await
}
