//! What goes wrong, for how long, and that Weir says so.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};
use tokio::time::{Instant, sleep, sleep_until};
use weir_tests::{crowd, proxy::Fault};

use crate::stage::{Kind, Stage};

/// How long a fault lasts after it has shown.
const LASTS: Duration = Duration::from_secs(5);
/// How long the clock is wrong: many looks.
const CLOCK_WRONG_FOR: Duration = Duration::from_secs(20);
/// How far, in milliseconds: farther than a window of five minutes.
const CLOCK_STEP_MS: i64 = 400_000;
/// In which a disk that takes nothing shows.
const SAID_WITHIN: Duration = Duration::from_secs(30);
const LOCKED_FOR: Duration = Duration::from_secs(20);
const QUEUES: usize = 1000;
const VHOSTS: usize = 300;
/// Nine or more vhosts are made in a second, and one look at them all takes a moment.
const LISTED_WITHIN: Duration = Duration::from_secs(60);

/// A fault of section 3 of the broken world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Trouble {
    Killed,
    Stopped,
    Network(&'static str, Fault),
    OtherVersion,
    NameGone,
    DiskFull,
    DatabaseLocked,
    ReadOnlyFolder,
    ClockForth,
    ClockBack,
    ManyQueues,
    ManyVhosts,
}

const ALL: [Trouble; 17] = [
    Trouble::Network("slow by 2 s", Fault::Delay(Duration::from_secs(2))),
    Trouble::Network("garbage", Fault::Garbage),
    Trouble::DiskFull,
    Trouble::Network("closing in mid-answer", Fault::CutAfter(100)),
    Trouble::Network("half-open", Fault::HalfOpen),
    Trouble::ClockForth,
    Trouble::Network("refusing", Fault::Refuse),
    Trouble::Network("frozen", Fault::Freeze),
    Trouble::DatabaseLocked,
    Trouble::Stopped,
    Trouble::OtherVersion,
    Trouble::NameGone,
    Trouble::ReadOnlyFolder,
    Trouble::ManyQueues,
    Trouble::ClockBack,
    Trouble::Killed,
    Trouble::ManyVhosts,
];

impl Trouble {
    /// Those of these names; all where there are none.
    ///
    /// # Errors
    /// A name is none.
    pub(crate) fn named(names: &[String]) -> Result<Vec<Self>> {
        if names.is_empty() {
            return Ok(ALL.to_vec());
        }
        let found = |name: &String| {
            let known = ALL.map(Self::name).join(", ");
            let trouble = ALL.into_iter().find(|trouble| trouble.name() == name);
            trouble.with_context(|| format!("no fault is called {name:?}; there are {known}"))
        };
        names.iter().map(found).collect()
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Stopped => "stopped",
            Self::Network(name, _) => name,
            Self::OtherVersion => "another version",
            Self::NameGone => "name gone",
            Self::DiskFull => "disk full",
            Self::DatabaseLocked => "database locked",
            Self::ReadOnlyFolder => "read-only folder",
            Self::ClockForth => "clock steps forth",
            Self::ClockBack => "clock steps back",
            Self::ManyQueues => "1,000 queues come and go",
            Self::ManyVhosts => "300 vhosts",
        }
    }

    /// Whom it strikes in a round: another one each time. `None` where it strikes Weir itself.
    pub(crate) fn victim(self, round: usize) -> Option<Kind> {
        let place = ALL.iter().position(|trouble| *trouble == self).unwrap_or_default();
        match self {
            Self::Killed | Self::Stopped | Self::Network(..) => Some(Kind::ALL[(round + place) % 3]),
            // The version stands as text in the answers of two kinds only; Kafka's clients are told where to go by its
            // address, not by its name.
            Self::OtherVersion | Self::NameGone => Some(Kind::ALL[(round + place) % 2]),
            Self::ManyQueues | Self::ManyVhosts => Some(Kind::RabbitMq),
            _ => None,
        }
    }

    /// Begins it, waits until Weir says so, and ends it.
    ///
    /// # Errors
    /// Weir does not say so.
    pub(crate) async fn happen(self, stage: &mut Stage, kind: Kind) -> Result<()> {
        match self {
            Self::Killed => killed(stage, kind).await,
            Self::Stopped => {
                stage.server(kind).pause()?;
                let shown = down(stage, kind).await;
                stage.server(kind).resume()?;
                shown
            }
            Self::Network(_, fault) => {
                stage.proxy(kind).set(fault);
                let shown = down(stage, kind).await;
                stage.proxy(kind).set(Fault::None);
                // Slow is not down.
                if matches!(fault, Fault::Delay(_)) { Ok(()) } else { shown }
            }
            Self::OtherVersion => other_version(stage, kind).await,
            Self::NameGone => {
                stage.names.set(false)?;
                stage.proxy(kind).cut().await;
                let shown = down(stage, kind).await;
                stage.names.set(true)?;
                shown
            }
            Self::DiskFull => {
                stage.disk.fill()?;
                let said = not_written(stage).await;
                // What is free inside of Weir's own files takes more than the fault lasts, after many queues.
                let written = said.is_err() && stage.is_written().await?;
                stage.disk.clear()?;
                if written { Ok(()) } else { said }
            }
            Self::ReadOnlyFolder => {
                stage.machine.set_read_only(true)?;
                let said = not_written(stage).await;
                stage.machine.set_read_only(false)?;
                said
            }
            Self::DatabaseLocked => locked(stage).await,
            Self::ClockForth => clock(stage, CLOCK_STEP_MS).await,
            Self::ClockBack => clock(stage, -CLOCK_STEP_MS).await,
            Self::ManyQueues => crowd::come_and_go(&stage.rabbitmq, QUEUES).await,
            Self::ManyVhosts => vhosts(stage).await,
        }
    }
}

/// In which a fault shows: once the look ends that it spoils, which may have to use up its budget.
async fn shows_within(stage: &Stage, kind: Kind) -> Result<Duration> {
    let interval =
        stage.card(kind.broker()).await?["poll_interval_seconds"].as_f64().context("no interval")?;
    Ok(Duration::from_secs_f64(interval + interval.max(5.0) + 5.0))
}

async fn down(stage: &Stage, kind: Kind) -> Result<()> {
    let within = shows_within(stage, kind).await?;
    let card = stage.card_when(kind.broker(), "is down", within, |card| card["status"] == "down").await?;
    sleep(LASTS).await;
    ensure!(
        card["error"]["detail"].as_str().is_some_and(|detail| detail.len() > 10),
        "{} is down without a reason: {card:#}",
        kind.broker()
    );
    Ok(())
}

async fn killed(stage: &mut Stage, kind: Kind) -> Result<()> {
    stage.server(kind).kill9().await?;
    let shown = down(stage, kind).await;
    stage.server(kind).start_again().await?;
    shown
}

async fn other_version(stage: &Stage, kind: Kind) -> Result<()> {
    let version = stage.card(kind.broker()).await?["version"].as_str().context("no version")?.to_owned();
    let number = version.split_whitespace().last().context("an empty version")?;
    let next = format!("9{}", &number[1..]);
    let within = shows_within(stage, kind).await?;
    stage.proxy(kind).set(Fault::Say(number.to_owned().leak(), next.clone().leak()));
    stage.proxy(kind).cut().await;
    let says = |card: &Value| card["version"].as_str().is_some_and(|version| version.ends_with(&next));
    let shown = stage.card_when(kind.broker(), "is of another version", within, says).await;
    sleep(LASTS).await;
    stage.proxy(kind).set(Fault::None);
    stage.proxy(kind).cut().await;
    shown.map(drop)
}

/// What is observed finds no place on the disk.
pub(crate) fn says_not_written(card: &Value) -> bool {
    let facts = card["health"].as_array();
    facts.is_some_and(|facts| facts.iter().any(|fact| fact["code"] == "history_not_written"))
}

async fn not_written(stage: &Stage) -> Result<()> {
    for kind in Kind::ALL {
        let broker = kind.broker();
        stage.card_when(broker, "says that history is not written", SAID_WITHIN, says_not_written).await?;
    }
    sleep(LASTS).await;
    Ok(())
}

async fn locked(stage: &Stage) -> Result<()> {
    let file = format!("sqlite://{}", stage.disk.data().join("weir.db").display());
    let mut other = SqliteConnection::connect(&file).await?;
    // The writer may be at work just now.
    sqlx::query("pragma busy_timeout = 5000").execute(&mut other).await?;
    sqlx::query("begin exclusive").execute(&mut other).await?;
    let until = Instant::now() + LOCKED_FOR;
    let said = not_written(stage).await;
    sleep_until(until).await;
    sqlx::query("rollback").execute(&mut other).await?;
    other.close().await?;
    said
}

/// Every broker is observed on, on both sides of both steps.
async fn clock(stage: &Stage, ahead_ms: i64) -> Result<()> {
    let wrong = step(stage, ahead_ms).await;
    let right = step(stage, 0).await;
    wrong.and(right)
}

async fn step(stage: &Stage, ahead_ms: i64) -> Result<()> {
    let mut before = Vec::new();
    for kind in Kind::ALL {
        before.push(stage.card(kind.broker()).await?["observed_at"].clone());
    }
    stage.machine.set_clock_ahead(ahead_ms)?;
    for (kind, before) in Kind::ALL.into_iter().zip(&before) {
        let within = shows_within(stage, kind).await?;
        let moved = |card: &Value| card["status"] == "up" && card["observed_at"] != *before;
        stage.card_when(kind.broker(), "is observed after the step", within, moved).await?;
    }
    sleep(CLOCK_WRONG_FOR).await;
    Ok(())
}

async fn vhosts(stage: &Stage) -> Result<()> {
    crowd::make_vhosts(&stage.rabbitmq, VHOSTS).await?;
    let listed = |page: &Value| (page["total"].as_i64() >= Some(VHOSTS as i64 / 10)).then_some(());
    let path = "/api/v1/queues?limit=1&broker=orders&q=scope~v-";
    let listed = stage.weir.until("a queue in each tenth vhost is listed", LISTED_WITHIN, path, listed).await;
    crowd::delete_vhosts(&stage.rabbitmq, VHOSTS).await?;
    if let Err(error) = listed {
        bail!("{error:#}");
    }
    Ok(())
}
